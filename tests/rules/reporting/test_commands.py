"""The statistics by name, with the JSON that others rely on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coding_ops.core.errors import InvalidInput
from reporting import commands

CHARTS = {"numerator": 29, "denominator": 30, "method": "clopper-pearson", "confidence": "0.95"}
SAMPLE = {"population": 1000, "expected_error": "0.05", "precision": "0.05", "confidence": "0.90"}


def test_the_interval_is_published_with_six_decimals() -> None:
    answer = commands.interval(CHARTS)
    assert {name: answer[name] for name in ("rate", "low", "high")} == {
        "rate": "0.966667",
        "low": "0.827831",
        "high": "0.999156",
    }
    assert answer["trace"][0]["rule"] == "stats.clopper-pearson"
    assert json.loads(json.dumps(answer)) == answer


def test_wilson_is_the_method_when_none_is_named() -> None:
    answer = commands.interval({"numerator": 95, "denominator": 100, "confidence": "0.95"})
    assert (answer["low"], answer["high"]) == ("0.888250", "0.978456")


@pytest.mark.parametrize(("population", "n"), [(1000, 49), (None, 52)])
def test_the_sample_size_is_published(population: int | None, n: int) -> None:
    assert commands.sample_size(SAMPLE | {"population": population})["n"] == n


BAD = [
    ("interval", CHARTS | {"numerator": "29"}, "numerator"),
    ("interval", CHARTS | {"numerator": True}, "numerator"),
    ("interval", CHARTS | {"denominator": 0}, "denominator"),
    ("interval", CHARTS | {"numerator": 31}, "numerator"),
    ("interval", CHARTS | {"method": "wald"}, "method"),
    ("interval", CHARTS | {"method": ["wilson"]}, "method"),
    ("interval", CHARTS | {"confidence": "95%"}, "confidence"),
    ("interval", CHARTS | {"confidence": "1.5"}, "confidence"),
    ("interval", CHARTS | {"confidence": "NaN"}, "confidence"),
    ("interval", {}, "numerator"),
    ("sample_size", SAMPLE | {"population": 0}, "population"),
    ("sample_size", SAMPLE | {"population": 10.5}, "population"),
    ("sample_size", SAMPLE | {"precision": None}, "precision"),
    ("sample_size", SAMPLE | {"expected_error": "0"}, "expected_error"),
    ("sample_size", SAMPLE | {"expected_error": {}}, "expected_error"),
]


@pytest.mark.parametrize(("name", "payload", "path"), BAD)
def test_bad_input_names_the_culprit(name: str, payload: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        getattr(commands, name)(payload)
    assert refusal.value.details["path"] == path
