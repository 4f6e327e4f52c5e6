"""Whole official files in the database: what one load gives, all or nothing, and what can be assigned."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from code_sets import edit_store, selectors
from code_sets.actions.edit_tables import publish
from code_sets.actions.official import Loaded, load_official
from code_sets.commands import search as search_rule
from code_sets.loaders.base import LoadError
from code_sets.models import Code, CodeSetRelease, EditTableRelease
from coding_ops.core.errors import Refused
from tests.rules.code_sets.official_samples import (
    ADDENDA,
    CPT_TAB,
    EINDEX,
    HCPCS_FIXED,
    PCS_DATED,
    PCS_INDEX,
    pcs_order,
    zipped,
)
from tests.rules.code_sets.small_release import order_text, tabular_file
from tests.shared_data import shared_path

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 1)


def unwatched(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    selectors.forget_releases()
    yield
    selectors.forget_releases()


def load(folder: Path, system: str, name: str, data: str | bytes, release: str | None = None) -> list[Loaded]:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    loaded = load_official(system=system, path=path, release=release, progress=unwatched)
    selectors.forget_releases()
    return loaded


def state() -> tuple[int, int, int]:
    return CodeSetRelease.objects.count(), Code.objects.count(), EditTableRelease.objects.count()


def test_one_hcpcs_file_is_the_codes_to_choose_from_and_the_table_of_the_edits(tmp_path: Path) -> None:
    loaded = load(tmp_path, "HCPCS", "HCPC2026_JUL_ANWEB.txt", HCPCS_FIXED)
    publish()
    assert [(str(one.release), one.entries) for one in loaded] == [("HCPCS 2026q3", 5), ("HCPCS 2026q3", 8)]
    assert [entry.system for entry in edit_store.read_catalog()] == ["HCPCS"]
    again = load(tmp_path, "HCPCS", "HCPC2026_JUL_ANWEB.txt", HCPCS_FIXED)
    assert [one.already_loaded for one in again] == [True, True]


def test_a_hcpcs_code_is_assignable_on_its_days_and_says_when_it_ends(tmp_path: Path) -> None:
    load(tmp_path, "HCPCS", "HCPC2026_JUL_ANWEB.txt", HCPCS_FIXED)
    near = selectors.check_assignable("HCPCS", "j0001", date(2026, 8, 15))
    assert (near.ok, near.valid_until, near.title) == (
        True,
        date(2026, 8, 31),
        "Injection, made up drug, 1 mg",
    )
    after = selectors.check_assignable("HCPCS", "J0001", date(2026, 9, 1))
    assert (after.ok, after.reason) == (
        False, "J0001 was valid until 08/31/2026; the day is 09/01/2026.",
    )  # fmt: skip
    before = selectors.check_assignable("HCPCS", "J0001", date(2019, 12, 31))
    assert before.reason == "J0001 is valid from 01/01/2020; the day is 12/31/2019."
    assert selectors.check_assignable("HCPCS", "A4206", DAY).valid_until is None
    assert not selectors.check_assignable("HCPCS", "A9999", DAY).ok
    assert selectors.check_assignable("CPT", "99213", DAY).ok


def test_cpt_is_checked_by_its_form_on_days_that_no_file_answers_for(tmp_path: Path) -> None:
    load(tmp_path, "CPT", "LONGULT_2026.txt", CPT_TAB)
    known = selectors.check_assignable("CPT", "99213", date(2026, 3, 1))
    assert (known.ok, known.title) == (True, "Licensed text 1")
    assert not selectors.check_assignable("CPT", "99215", date(2026, 3, 1)).ok
    assert selectors.check_assignable("CPT", "99215", date(2025, 3, 1)).ok


def test_a_zip_of_pcs_is_loaded_whole_and_found_by_the_words_of_its_index(tmp_path: Path) -> None:
    data = zipped({"a/icd10pcs_order_2027.txt": pcs_order(), "a/icd10pcs_index_2027.xml": PCS_INDEX})
    loaded = load(tmp_path, "ICD-10-PCS", "2027-tables-and-index.zip", data)
    assert [str(one.release) for one in loaded] == ["ICD-10-PCS-INDEX 2027", "ICD-10-PCS 2027"]
    assert selectors.search_codes("ICD-10-PCS", DAY, "veklury", 3)[0].code == "XW033E5"
    assert selectors.check_assignable("ICD-10-PCS", "0DTJ4ZZ", DAY).ok
    heading = selectors.check_assignable("ICD-10-PCS", "0DTJ4ZZ".replace("J4ZZ", "J9ZZ"), DAY)
    assert not heading.ok


def test_nothing_of_a_zip_is_kept_when_one_part_of_it_is_refused(tmp_path: Path) -> None:
    data = zipped({"icd10pcs_order_2027.txt": pcs_order()[:-1], "icd10pcs_index_2027.xml": PCS_INDEX})
    path = tmp_path / "pcs.zip"
    path.write_bytes(data)
    with pytest.raises(CommandError, match=r"Nothing was loaded\. icd10pcs_order_2027\.txt, line 8: .*cut"):
        call_command("load_release", "ICD-10-PCS", str(path))
    assert state() == (0, 0, 0)


def test_a_pcs_list_without_tables_takes_them_from_the_order_file(tmp_path: Path) -> None:
    load(tmp_path, "ICD-10-PCS", "icd10pcs_order_2026.txt", pcs_order())
    load(tmp_path, "ICD-10-PCS", "codes.csv", PCS_DATED.replace("20250930", "20270331"), "2027")
    placed = Code.objects.get(release__release="2027", code="0DTJ4ZZ")
    assert placed.parent_code == "0DT"
    assert Code.objects.get(release__release="2027", code="0DT").parent_code == "0"


def test_addenda_need_the_release_they_change(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="changes ICD-10-CM 2027: load that release first"):
        load(tmp_path, "ICD-10-CM", "icd10cm_order_addenda_2028.txt", ADDENDA)
    load(tmp_path, "ICD-10-CM", "icd10cm_order_2027.txt", order_text())
    before = state()
    with pytest.raises(LoadError, match="is to be changed and is not in"):
        wrong = ADDENDA.replace("1 I159 ", "1 I158 ").replace("0 I159 ", "0 I158 ")
        load(tmp_path, "ICD-10-CM", "icd10cm_order_addenda_2028.txt", wrong)
    assert state() == before
    (loaded,) = load(tmp_path, "ICD-10-CM", "icd10cm_order_addenda_2028.txt", ADDENDA)
    assert isinstance(loaded.release, CodeSetRelease)
    assert (loaded.release.release, loaded.release.effective_from) == ("2028", date(2027, 10, 1))
    assert selectors.check_assignable("ICD-10-CM", "I1590", date(2027, 11, 1)).ok


def test_a_code_that_the_next_release_keeps_has_no_end_and_one_that_it_drops_has(tmp_path: Path) -> None:
    load(tmp_path, "ICD-10-CM", "icd10cm_order_2027.txt", order_text())
    load(tmp_path, "ICD-10-CM", "icd10cm_order_addenda_2028.txt", ADDENDA)
    near = date(2027, 9, 20)
    assert selectors.check_assignable("ICD-10-CM", "I159", near).valid_until == date(2027, 9, 30)
    assert selectors.check_assignable("ICD-10-CM", "I10", near).valid_until == date(2028, 9, 30)


def test_an_index_loaded_later_adds_its_words_to_what_is_there(tmp_path: Path) -> None:
    load_official(system="ICD-10-CM", path=tabular_file(tmp_path), release=None, progress=unwatched)
    selectors.forget_releases()
    assert selectors.search_codes("ICD-10-CM", DAY, "boat", 3) == []
    index = EINDEX.replace("V94.9-", "S52.501")
    (loaded,) = load(tmp_path, "ICD-10-CM", "icd10cm-eindex-2027.xml", index)
    assert str(loaded.release) == "ICD-10-CM-EINDEX 2027"
    assert selectors.search_codes("ICD-10-CM", DAY, "boat", 3)[0].code == "S52501A"


def test_a_file_of_another_system_is_refused(tmp_path: Path) -> None:
    for system, text in (("ICD-10-PCS", order_text()), ("HCPCS", pcs_order()), ("CPT", HCPCS_FIXED)):
        with pytest.raises(LoadError):
            load(tmp_path, system, "list_2027.txt", text, "2027" if system != "HCPCS" else "2026q3")
    assert state() == (0, 0, 0)


def test_one_box_searches_the_systems_that_are_loaded(tmp_path: Path) -> None:
    load_official(system="ICD-10-CM", path=tabular_file(tmp_path), release=None, progress=unwatched)
    load(tmp_path, "HCPCS", "HCPC2026_JUL_ANWEB.txt", HCPCS_FIXED)
    systems = ("ICD-10-CM", "HCPCS", "CPT")
    found = selectors.search_box(systems, DAY, "hearing screening", 12)
    assert (found[0].system, found[0].code) == ("HCPCS", "V5008")
    assert selectors.search_box(systems, DAY, "hypertension", 12)[0].system == "ICD-10-CM"
    with pytest.raises(Refused, match="No release of CPT is loaded"):
        selectors.search_box(("CPT",), DAY, "visit", 12)


@pytest.mark.django_db(transaction=True)
def test_the_rule_searches_what_the_command_has_loaded(tmp_path: Path) -> None:
    path = tmp_path / "HCPC2026_JUL_ANWEB.txt"
    path.write_text(HCPCS_FIXED)
    call_command("load_release", "HCPCS", str(path))
    asked = {"system": "HCPCS", "on": "2026-08-15", "text": "made up drug"}
    answer = search_rule(asked)
    assert [one["code"] for one in answer["results"]] == ["J0001"]
    assert answer["trace"]["release"] == "2026q3"
    assert search_rule(asked | {"on": "2026-09-15"})["results"] == []
    with pytest.raises(Refused, match="No release of CPT is in force"):
        search_rule(asked | {"system": "CPT"})


def test_what_stands_below_a_heading_is_listed_in_order(tmp_path: Path) -> None:
    load_official(system="ICD-10-CM", path=tabular_file(tmp_path), release=None, progress=unwatched)
    selectors.forget_releases()
    found = selectors.children_of("ICD-10-CM", "S52.501", DAY)
    assert [(one.code, one.billable) for one in found] == [("S52501A", True), ("S52501D", True)]
    assert selectors.children_of("ICD-10-CM", "I10", DAY) == []


def test_the_published_files_of_fy2024_lead_to_fy2025_in_the_database(tmp_path: Path) -> None:
    old = shared_path("reference/icd10/icd10cm_fy2024.csv.gz")
    load_official(system="ICD-10-CM", path=old, release="2024", progress=unwatched)
    file = shared_path("reference/icd10/icd10cm_order_addenda_2025.txt")
    load_official(system="ICD-10-CM", path=file, release=None, progress=unwatched)
    selectors.forget_releases()
    assert Code.objects.filter(release__release="2025", is_billable=True).count() == 74_260
    assert selectors.check_assignable("ICD-10-CM", "Z860100", date(2024, 11, 1)).ok
    assert not selectors.check_assignable("ICD-10-CM", "Z860100", date(2024, 9, 1)).ok
    ended = selectors.check_assignable("ICD-10-CM", "C8339", date(2024, 9, 20))
    assert (ended.ok, ended.valid_until) == (True, date(2024, 9, 30))
