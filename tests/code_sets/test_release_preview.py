"""`load_release --dry-run`: what a release would change is told, and nothing is kept."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from code_sets import edit_store
from code_sets.actions.edit_tables import load_edit_table, publish
from code_sets.actions.releases import load_release_file
from code_sets.models import CodeSetRelease, EditTableRelease
from code_sets.rules.release_diff import compare_tables
from tests.rules.code_sets.edit_files import MUE_ROWS, PTP_ROWS, load, mce_file, mue_file, ptp_file, unwatched
from tests.rules.code_sets.hcc_files import rxhcc_folder
from tests.rules.code_sets.small_release import ORDER_ROWS, order_file

pytestmark = pytest.mark.django_db
PRACTITIONER = "NCCI-PTP-PRACTITIONER"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    yield


def told(*arguments: str | Path) -> list[str]:
    out = io.StringIO()
    call_command("load_release", *(str(one) for one in arguments), "--dry-run", stdout=out)
    return out.getvalue().splitlines()


def everything(folder: Path) -> tuple[int, object, list[Path]]:
    return (
        EditTableRelease.objects.count(),
        edit_store.read_catalog(),
        sorted((folder / "indexes").iterdir()),
    )


def load_ptp(folder: Path, rows: Sequence[Sequence[str]] = PTP_ROWS) -> None:
    load_edit_table(system=PRACTITIONER, path=ptp_file(folder, rows), release=None, progress=unwatched)
    publish()


def next_quarter(folder: Path) -> Path:
    """One pair ends, one begins, one changes its indicator, one is deleted and comes again the same."""
    rows = [list(row) for row in PTP_ROWS]
    rows[0][3] = "20260930"
    rows[2][3] = "20260930"
    rows += [
        ["45385", "45378", "20261001", "*", "1", "x"],
        ["97530", "97112", "20261001", "*", "1", "x"],
    ]
    return ptp_file(folder, rows, "ccipra-v323r0-f1.txt")


def test_a_quarter_of_edits_is_compared_as_it_is_in_force(tmp_path: Path) -> None:
    load_ptp(tmp_path)
    before = everything(tmp_path)
    lines = told(PRACTITIONER, next_quarter(tmp_path))
    first = "Nothing was loaded. NCCI-PTP-PRACTITIONER 2026q4 would be loaded:"
    assert lines == [
        f"{first} 9 entries, published for 2026-10-01 to 2026-12-31.",
        "Against 2026q3: 1 added, 1 ended, 1 revised.",
        "  added: 97530/97112",
        "  ended: 20610/99213",
        "  revised: 45385/45378",
    ]
    assert everything(tmp_path) == before


def test_a_first_release_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    assert told(PRACTITIONER, ptp_file(tmp_path))[1] == "No earlier release is loaded to compare it with."
    assert EditTableRelease.objects.count() == 0


def test_a_file_that_would_be_refused_is_refused(tmp_path: Path) -> None:
    load_ptp(tmp_path)
    with pytest.raises(CommandError, match=r"Nothing was loaded.*line 14"):
        bad = [*PTP_ROWS, ("1", "2", "3", "4", "5", "6")]
        told(PRACTITIONER, ptp_file(tmp_path, bad, "ccipra-v323r0-f1.txt"))
    with pytest.raises(CommandError, match="looks cut"):
        told(PRACTITIONER, ptp_file(tmp_path, PTP_ROWS[:3], "ccipra-v323r0-f1.txt"))
    with pytest.raises(CommandError, match="a release never changes"):
        told(PRACTITIONER, ptp_file(tmp_path, [*PTP_ROWS, ("97530", "97112", "20260101", "*", "1", "x")]))
    with pytest.raises(CommandError, match="needs a FILE"):
        call_command("load_release", "ICD-10-CM", "--bundled", "--dry-run")


def test_a_year_of_diagnoses_is_compared_by_code_and_title(tmp_path: Path) -> None:
    load_release_file(system="ICD-10-CM", path=order_file(tmp_path), release=None, progress=unwatched)
    rows = [(code, billable, title) for code, billable, title in ORDER_ROWS if code != "I159"]
    rows[0] = ("I10", True, "High blood pressure")
    rows.insert(3, ("I158", True, "Other secondary hypertension"))
    path = order_file(tmp_path, tuple(rows)).rename(tmp_path / "icd10cm_order_2028.txt")
    lines = told("ICD-10-CM", path)
    assert lines[1:] == [
        "Against 2027: 1 added, 1 ended, 1 revised.",
        "  added: I158",
        "  ended: I159",
        "  revised: I10",
    ]
    assert CodeSetRelease.objects.count() == 1


def test_several_parts_are_loaded_from_one_command(tmp_path: Path) -> None:
    files = [
        ptp_file(tmp_path, [(f"2061{at}", "99213", "20130401", "*", "1", "x")], f"ccipra-v322r0-f{at}.txt")
        for at in (1, 2)
    ]
    out = io.StringIO()
    call_command("load_release", PRACTITIONER, *(str(file) for file in files), stdout=out)
    assert "2026q3: 2 entries" in out.getvalue()
    assert "part f1, f2 only" in EditTableRelease.objects.get().note


def test_a_family_finds_the_table_the_file_is_of(tmp_path: Path) -> None:
    package = rxhcc_folder(tmp_path)
    for expected in ("Loaded RXHCC-X 2026", "Already loaded: RXHCC-X 2026"):
        out = io.StringIO()
        call_command("load_release", "RXHCC", str(package), stdout=out)
        assert out.getvalue().startswith(expected)
    assert [one.system for one in EditTableRelease.objects.all()] == ["RXHCC-X"]


def test_tables_of_other_kinds_are_compared_by_what_they_say(tmp_path: Path) -> None:
    before = load("NCCI-MUE-PRACTITIONER", mue_file(tmp_path)).data
    rows = [*MUE_ROWS[1:], ("99999", "1", "1 Line Edit", "x")]
    rows[0] = ("36415", "5", "3 Date of Service Edit: Clinical", "x")
    changes = compare_tables(before, load("NCCI-MUE-PRACTITIONER", mue_file(tmp_path, rows)).data, 0, 0)
    assert changes is not None and (changes.added, changes.ended, changes.revised) == (1, 1, 1)
    marks = load("MCE", mce_file(tmp_path)).data
    later = compare_tables(marks, marks, 20220901, 20221001)
    assert later is not None and later.examples["ended"] == ["F0280"]
    assert compare_tables(before, marks, 0, 0) is None
