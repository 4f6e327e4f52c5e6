"""`manage.py rule` answers with the worked figures of the house's measures."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    def answer(name: str, **body: Any) -> dict[str, Any]:
        monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(body)))
        call_command("rule", name)
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    return answer


#: Clopper-Pearson at 95%, in percent with one decimal.
EXACT = [
    (29, 30, "82.8", "99.9"),
    (57, 60, "86.1", "99.0"),
    (95, 100, "88.7", "98.4"),
    (285, 300, "91.9", "97.2"),
    (380, 400, "92.4", "96.9"),
]


@pytest.mark.parametrize(("hits", "charts", "low", "high"), EXACT)
def test_exact_intervals(ask: Ask, hits: int, charts: int, low: str, high: str) -> None:
    found = ask(
        "stats.interval", numerator=hits, denominator=charts, method="clopper-pearson", confidence="0.95"
    )
    assert [f"{float(found[name]) * 100:.1f}" for name in ("low", "high")] == [low, high]


#: Population, precision in points, charts: expected error 5%, confidence 90%.
SIZES = [(1000, "0.05", 49), (1000, "0.03", 126), (5000, "0.02", 302)]


@pytest.mark.parametrize(("population", "precision", "charts"), SIZES)
def test_sample_sizes(ask: Ask, population: int, precision: str, charts: int) -> None:
    found = ask(
        "stats.sample_size",
        population=population,
        expected_error="0.05",
        precision=precision,
        confidence="0.90",
    )
    assert found["n"] == charts


def test_the_three_denominators(ask: Ask) -> None:
    """Coder {A,B,C,D}, auditor {A,B,E,F,G}, C paired with E."""

    def side(letters: str) -> list[dict[str, Any]]:
        return [{"kind": "dx", "code": code, "position": at} for at, code in enumerate(letters, 1)]

    found = ask(
        "qa.score", method="agree-over-lines", coder=side("ABCD"), auditor=side("ABEFG"), pairs=[[2, 2]]
    )
    scores = found["scores"]
    assert scores["counts"] == {"AG": 2, "WC": 1, "UN": 1, "MS": 2}
    assert [scores[name]["rate"] for name in ("code_level", "auditor_denominator", "coder_denominator")] == [
        "0.333333",
        "0.400000",
        "0.500000",
    ]
    assert scores["net"] == {"added": 1, "removed": 0}


def test_twenty_percent_of_a_hundred_is_twenty_and_the_seed_decides_which(ask: Ask) -> None:
    frame = [{"id": f"c{number:03}", "stratum": "all"} for number in range(100)]
    body = {"frame": frame, "plan": {"method": "percent", "value": 20}}
    first, again = (ask("qa.sample", seed=20261101, **body) for _ in range(2))
    assert first == again
    assert len({one["id"] for one in first["sample"]}) == 20
    assert {one["weight"] for one in first["sample"]} == {"5.000000"}
    listed = "all\n" + "\n".join(one["id"] for one in frame) + "\n\n"
    assert first["frame_sha256"] == hashlib.sha256(listed.encode()).hexdigest()
    assert ask("qa.sample", seed=20261102, **body)["sample"] != first["sample"]
