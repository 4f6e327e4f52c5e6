"""A file of stays is grouped as each stay alone is, whatever the number of workers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from code_sets.drg_bulk import BulkGrouper, group_line, share_out
from code_sets.drg_commands import drg
from coding_ops.core.errors import InvalidInput


def stay(number: int, principal: str = "I5023", **more: Any) -> dict[str, Any]:
    return {
        "id": f"S{number}",
        "discharge_on": "2026-05-01",
        "age": 40 + number,
        "sex": "F",
        "discharge_status": "01",
        "principal": principal,
        "principal_poa": "Y",
        "secondary": [{"code": "J9601", "poa": "Y"}],
        "procedures": [],
    } | more


STAYS = [
    stay(1),
    stay(2, "J189", secondary=[]),
    stay(3, "E1122", procedures=["0SRC0J9"]),
    stay(4, "N179", discharge_on="2025-05-01"),
    stay(5, "A419", secondary=[{"code": "R6521", "poa": "N"}]),
]


def written(folder: Path, lines: list[str]) -> Path:
    path = folder / "stays.ndjson"
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
    return path


@pytest.mark.parametrize("processes", [1, 2, 7])
def test_each_stay_has_the_group_it_has_alone(tmp_path: Path, processes: int) -> None:
    """Seven workers and five stays: some workers have nothing to do."""
    source = written(tmp_path, [json.dumps(one) for one in STAYS])
    with BulkGrouper(processes) as bulk:
        outcome = bulk.group_file(source, tmp_path / "groups.ndjson")
    answers = [json.loads(line) for line in (tmp_path / "groups.ndjson").read_text().splitlines()]
    assert (outcome.grouped, outcome.refused) == (5, 0)
    assert [one["id"] for one in answers] == ["S1", "S2", "S3", "S4", "S5"]
    for answer, one in zip(answers, STAYS, strict=True):
        alone = drg(one)
        assert {name: alone[name] for name in ("drg", "mdc", "initial_drg", "return_code", "version")} == {
            name: answer[name] for name in ("drg", "mdc", "initial_drg", "return_code", "version")
        }


def test_a_line_that_is_no_stay_is_answered_in_its_place(tmp_path: Path) -> None:
    lines = [json.dumps(stay(1)), "{not json", "[]", "", json.dumps(stay(2, sex="X")), json.dumps(stay(3))]
    with BulkGrouper(1) as bulk:
        outcome = bulk.group_file(written(tmp_path, lines), tmp_path / "out")
    answers = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert (outcome.grouped, outcome.refused) == (2, 3)
    assert [one["id"] for one in answers] == ["S1", None, None, "S2", "S3"]
    assert answers[3]["error"]["path"] == "sex"


def test_a_stay_without_a_grouper_is_refused_not_guessed() -> None:
    answer = group_line(json.dumps(stay(1, discharge_on="2019-01-01")).encode())
    assert answer["error"]["code"] == "drg.no_version"


@given(st.lists(st.text("ab", max_size=9), max_size=30), st.integers(1, 9))
def test_shares_hold_every_line_once_and_whole(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], count: int
) -> None:
    path = written(tmp_path_factory.mktemp("shares"), lines)
    shares = share_out(path, count)
    data = path.read_bytes()
    parts = [data[start:stop] for start, stop in shares]
    assert b"".join(parts) == data
    assert all(part.endswith(b"\n") for part in parts if part)
    assert len(shares) == count


def test_no_workers_is_refused() -> None:
    with pytest.raises(InvalidInput):
        BulkGrouper(0)


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = written(tmp_path, [json.dumps(stay(1)), "{"])
    call_command("group_stays", str(source), str(tmp_path / "out"), "--processes", "1")
    assert capsys.readouterr().out == "1 stays grouped, 1 lines refused.\n"
