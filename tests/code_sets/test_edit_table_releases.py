"""Tables of edits in the database: loaded whole or not at all, immutable, one in force a day, as files."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, transaction

from code_sets import edit_store, edit_tables, selectors
from code_sets.actions.edit_tables import load_edit_table, publish
from code_sets.actions.releases import load_release_file
from code_sets.loaders.base import LoadError
from code_sets.models import EditTableRelease
from code_sets.rules.edits.icd_table import NO_LIST, IcdTable
from code_sets.rules.edits.ptp import PtpTable
from tests.rules.code_sets.edit_files import PTP_ROWS, ptp_file, unwatched
from tests.rules.code_sets.small_release import TABULAR, order_file, tabular_file

pytestmark = pytest.mark.django_db
SYSTEM = "NCCI-PTP-PRACTITIONER"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    yield


def load(path: Path, release: str | None = None) -> EditTableRelease:
    release_of = load_edit_table(system=SYSTEM, path=path, release=release, progress=unwatched).release
    publish()  # the test's own transaction never commits
    return release_of


def test_a_loaded_table_is_mapped_from_a_file_the_catalog_names(tmp_path: Path) -> None:
    load(ptp_file(tmp_path))
    (entry,) = edit_store.read_catalog()
    table = edit_store.open_table(PtpTable, entry.file)
    assert (entry.system, entry.release, entry.published_through) == (SYSTEM, "2026q3", "2026-09-30")
    assert table.pairs(["45378", "99213", "45385"]) == [(0, 2)]


def test_the_first_release_answers_for_the_years_before_and_a_later_one_follows(tmp_path: Path) -> None:
    """NCCI files are cumulative: each edit has its own dates."""
    load(ptp_file(tmp_path))
    load(
        ptp_file(
            tmp_path, (*PTP_ROWS[:-1], ("97530", "97112", "20261001", "*", "1", "x")), "ccipra-v323r0-f1.txt"
        )
    )
    first, second = EditTableRelease.objects.order_by("published_from")
    assert (first.effective_from, first.effective_to) == (date(1996, 1, 1), date(2026, 9, 30))
    assert (second.effective_from, second.effective_to) == (date(2026, 10, 1), None)


def test_a_missing_file_is_written_again_from_the_database(tmp_path: Path) -> None:
    load(ptp_file(tmp_path))
    (entry,) = edit_store.read_catalog()
    (tmp_path / "indexes" / entry.file).unlink()
    publish()
    assert edit_store.has_table(entry.file)


def test_a_refused_file_leaves_nothing(tmp_path: Path) -> None:
    load(ptp_file(tmp_path))
    before = (
        EditTableRelease.objects.count(),
        edit_store.read_catalog(),
        sorted((tmp_path / "indexes").iterdir()),
    )
    bad = ptp_file(tmp_path, [*PTP_ROWS, ("1", "2", "3", "4", "5", "6")], "ccipra-v323r0-f1.txt")
    cut = ptp_file(tmp_path, PTP_ROWS[:4], "ccipra-v330r0-f1.txt")
    for path, reason in ((bad, "line 14"), (cut, "looks cut")):
        with pytest.raises(LoadError, match=reason), transaction.atomic():
            load(path)
    assert before == (
        EditTableRelease.objects.count(),
        edit_store.read_catalog(),
        sorted((tmp_path / "indexes").iterdir()),
    )


def test_a_release_never_changes_and_the_same_file_is_no_error(tmp_path: Path) -> None:
    first = load(ptp_file(tmp_path))
    assert load_edit_table(
        system=SYSTEM, path=ptp_file(tmp_path), release=None, progress=unwatched
    ).already_loaded
    with pytest.raises(LoadError, match="a release never changes"):
        load(ptp_file(tmp_path, [*PTP_ROWS, ("97530", "97112", "20260101", "*", "1", "x")]))
    assert EditTableRelease.objects.get().sha256 == first.sha256


def test_the_application_can_neither_change_nor_delete_a_table(tmp_path: Path) -> None:
    release = load(ptp_file(tmp_path))
    with pytest.raises(ProgrammingError), transaction.atomic():
        EditTableRelease.objects.filter(pk=release.pk).update(row_count=1)
    with pytest.raises(ProgrammingError), transaction.atomic():
        EditTableRelease.objects.filter(pk=release.pk).delete()


def test_the_command_loads_a_table_and_refuses_with_the_line(tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("load_release", SYSTEM, str(ptp_file(tmp_path)), stdout=out)
    assert out.getvalue().startswith(
        "Loaded NCCI-PTP-PRACTITIONER 2026q3: 7 entries, in force from 1996-01-01"
    )
    with pytest.raises(CommandError, match=r"Nothing was loaded.*line 14"):
        call_command(
            "load_release",
            SYSTEM,
            str(ptp_file(tmp_path, [*PTP_ROWS, ("x", "y", "z", "", "", "")], "ccipra-v323r0-f1.txt")),
        )


def test_loading_diagnoses_writes_their_edits_and_a_code_list_borrows_the_notes(tmp_path: Path) -> None:
    notes = tabular_file(tmp_path, TABULAR.replace("(O10-O11)", "(S52.-)"))
    for path in (notes, order_file(tmp_path)):
        outcome = load_release_file(system="ICD-10-CM", path=path, release=None, progress=unwatched)
        name = edit_tables.icd_file(selectors.index_name_of(outcome.release))
        table = edit_store.open_table(IcdTable, name)
        facts = table.facts("I10")
        assert table.meta["release"] == outcome.release.release
        assert facts is not None
        assert facts.excludes != NO_LIST
