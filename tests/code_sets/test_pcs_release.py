"""ICD-10-PCS tables as releases in the database: by date of discharge, one a fiscal year, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from code_sets.actions.edit_tables import load_edit_table, publish
from code_sets.models import EditTableRelease
from code_sets.pcs_tables import pcs_tables_on
from code_sets.rules.pcs import build, is_valid
from tests.rules.code_sets.pcs_files import TABLES, json_file, xml_file, xml_text
from tests.shared_data import shared_path

pytestmark = pytest.mark.django_db
SYSTEM = "ICD-10-PCS-TABLES"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    yield


def load(path: Path, release: str | None = None) -> EditTableRelease:
    found = load_edit_table(system=SYSTEM, path=path, release=release, progress=lambda *_: None).release
    publish()  # the test's own transaction never commits
    return found


def test_the_day_of_discharge_chooses_the_tables() -> None:
    load(shared_path("reference/icd10/icd10pcs_tables_fy2024.json.gz"))
    newer = load(shared_path("reference/icd10/icd10pcs_tables_fy2027_derived.json.gz"), "2027")
    assert (newer.release, newer.row_count, newer.published_from) == ("2027", 79_256, date(2026, 10, 1))
    assert newer.note == "322 values come without their label."
    old_entry, old = pcs_tables_on(date(2024, 9, 30))
    new_entry, new = pcs_tables_on(date(2026, 11, 23))
    assert (old_entry.release, new_entry.release) == ("2024", "2027")
    # Table 071 came after FY 2024.
    assert build(old, "071").refused == "1" and build(new, "071").refused == ""
    assert pcs_tables_on(date(2026, 11, 23), "2024")[0].release == "2024"
    assert is_valid(old, "0SR9039") and is_valid(new, "0SR9039")


def test_the_command_loads_tables_and_refuses_a_damaged_file_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = xml_file(tmp_path, xml_text(TABLES[:3])[:-200], "icd10pcs_tables_2028.xml")
    with pytest.raises(CommandError, match="Nothing was loaded"):
        call_command("load_release", SYSTEM, str(cut))
    assert not EditTableRelease.objects.exists()
    call_command("load_release", SYSTEM, str(json_file(tmp_path)))
    assert "ICD-10-PCS-TABLES 2027" in capsys.readouterr().out
    assert EditTableRelease.objects.get().row_count == 31
