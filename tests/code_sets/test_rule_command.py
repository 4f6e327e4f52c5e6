"""`manage.py rule NAME`: JSON in, the decision with its trace out, errors by code, message and path."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from code_sets import index_store
from code_sets.rules.index_build import build_index
from tests.rules.code_sets.small_release import tabular_file

Answer = Callable[[str, str], tuple[list[dict[str, Any]], int]]


@pytest.fixture
def catalog(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A folder with one small release, as load_release leaves it; no database is touched."""
    from code_sets.loaders.base import SourceFile
    from code_sets.loaders.icd10cm import load

    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    parsed = load(SourceFile.read(tabular_file(tmp_path)), None, lambda *_: None)
    index_store.ensure_index("small.idx", lambda: build_index(parsed.entries, index_store.prior()))
    index_store.write_catalog(
        [index_store.CatalogEntry("ICD-10-CM", "2026", "2025-10-01", "2026-09-30", "small.idx")]
    )
    yield settings.CODE_INDEX_DIR


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Answer:
    def ask(name: str, stdin: str) -> tuple[list[dict[str, Any]], int]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        status = 0
        try:
            call_command("rule", name)
        except SystemExit as error:
            status = int(error.code or 0)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()], status

    return ask


def request(**changes: Any) -> str:
    body = {"system": "ICD-10-CM", "on": "2026-01-15", "text": "hypertension", "limit": 3} | changes
    return json.dumps(body)


def test_a_search_answers_with_results_and_trace(catalog: Path, answer: Answer) -> None:
    (found,), status = answer("codes.search", request())
    assert status == 0
    assert found["results"][0] == {
        "code": "I10",
        "title": "Essential (primary) hypertension",
        "billable": True,
        "score": found["results"][0]["score"],
    }
    assert found["trace"]["release"] == "2026"


def test_json_lines_are_answered_line_by_line(catalog: Path, answer: Answer) -> None:
    found, status = answer("codes.search", f"{request()}\n\n{request(text='I15.9', limit=1)}\n")
    assert status == 0
    assert [one["results"][0]["code"] for one in found] == ["I10", "I159"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"on": "2026-13-01"}, "on"),
        ({"on": None}, "on"),
        ({"text": 5}, "text"),
        ({"system": None}, "system"),
        ({"limit": 0}, "limit"),
        ({"limit": True}, "limit"),
        ({"limit": "3"}, "limit"),
        ({"limit": 101}, "limit"),
    ],
)
def test_a_wrong_field_is_named_by_its_path(
    catalog: Path, answer: Answer, changes: dict[str, Any], path: str
) -> None:
    (found,), status = answer("codes.search", request(**changes))
    assert status == 1
    assert set(found) == {"error"}
    assert found["error"]["path"] == path
    assert found["error"]["message"]


@pytest.mark.parametrize(
    ("stdin", "path"),
    [("", ""), ("[]", ""), ("7", ""), ("{", "line 1"), (f"{request()}\nnot json", "line 2")],
)
def test_input_that_is_no_json_object_is_refused_whole(
    catalog: Path, answer: Answer, stdin: str, path: str
) -> None:
    found, status = answer("codes.search", stdin)
    assert status == 1
    assert [one["error"]["code"] for one in found] == ["invalid_json"]
    assert found[0]["error"]["path"] == path


def test_one_refused_line_does_not_silence_the_others(catalog: Path, answer: Answer) -> None:
    found, status = answer("codes.search", f"{request(on='2019-01-01')}\n{request()}")
    assert status == 1
    assert found[0]["error"]["code"] == "code_set.no_release"
    assert found[1]["results"]


def test_an_unknown_rule_names_those_there_are(answer: Answer) -> None:
    (found,), status = answer("codes.guess", "{}")
    assert status == 1
    assert found["error"]["code"] == "rule.unknown"
    assert "codes.search" in found["error"]["message"]


def test_a_day_outside_the_loaded_releases_has_none(catalog: Path, answer: Answer) -> None:
    assert index_store.entry_in_force("ICD-10-CM", date(2026, 9, 30)) is not None
    (found,), status = answer("codes.search", request(on="2026-10-01"))
    assert (status, found["error"]["code"]) == (1, "code_set.no_release")
