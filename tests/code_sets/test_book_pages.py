"""The code book through the real middleware: a code in its place, its notes, search, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser

from code_sets import book, selectors
from code_sets.actions.official import load_official
from tests import cast
from tests.rules.code_sets.official_samples import HCPCS_FIXED, pcs_order
from tests.rules.code_sets.small_release import order_text, tabular_file

pytestmark = pytest.mark.django_db


def unwatched(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    selectors.forget_releases()
    yield
    selectors.forget_releases()


@pytest.fixture
def reader(tmp_path: Path) -> Browser:
    """A coder with ICD-10-CM, PCS and HCPCS loaded."""
    load_official(system="ICD-10-CM", path=tabular_file(tmp_path), release=None, progress=unwatched)
    for system, name, text in (
        ("ICD-10-PCS", "icd10pcs_order_2026.txt", pcs_order()),
        ("HCPCS", "HCPC2026_JUL_ANWEB.txt", HCPCS_FIXED),
    ):
        (tmp_path / name).write_text(text)
        load_official(system=system, path=tmp_path / name, release=None, progress=unwatched)
    selectors.forget_releases()
    browser = Browser()
    browser.force_login(cast.coder("Nora Quick", cast.cypress()))
    return browser


def page(reader: Browser, address: str) -> str:
    answer = reader.get(address)
    assert answer.status_code == 200, answer.content.decode()[:400]
    return answer.content.decode()


def test_a_code_stands_below_its_headings_with_their_notes(reader: Browser) -> None:
    shown = page(reader, "/code-sets/ICD-10-CM/I10/?on=2026-01-15")
    assert "Essential (primary) hypertension" in shown
    assert "Code to assign" in shown
    for place in ("/code-sets/ICD-10-CM/9/?on=2026-01-15", "/code-sets/ICD-10-CM/I10-I1A/?on=2026-01-15"):
        assert f'href="{place}"' in shown
    assert "Excludes1" in shown and "from I10-I1A" in shown
    assert "Valid from 10/01/2025 until 09/30/2026" in shown
    assert "I.C.9.a" in shown and "Official Guidelines FY2025" in shown


def test_a_heading_lists_what_stands_below_it_with_its_seventh_characters(reader: Browser) -> None:
    shown = page(reader, "/code-sets/ICD-10-CM/S52.501/?on=2026-01-15")
    assert "7th characters" in shown
    assert 'href="/code-sets/ICD-10-CM/S52501A/?on=2026-01-15"' in shown
    assert "Heading: choose a code below" in shown
    block = page(reader, "/code-sets/ICD-10-CM/I10-I1A/?on=2026-01-15")
    assert "2 below" in block and "I15" in block


def test_the_top_lists_chapters_or_sections(reader: Browser) -> None:
    assert "Diseases of the circulatory system" in page(reader, "/code-sets/ICD-10-CM/?on=2026-01-15")
    assert "New Technology" in page(reader, "/code-sets/ICD-10-PCS/?on=2026-01-15")
    assert "Orthotics and prosthetics" not in page(reader, "/code-sets/HCPCS/?on=2026-08-01")
    assert "Vision, hearing and speech" in page(reader, "/code-sets/HCPCS/?on=2026-08-01")


def test_words_are_posted_and_stand_in_no_address(reader: Browser) -> None:
    answer = reader.post("/code-sets/ICD-10-CM/", {"q": "high blood pressure", "on": "2026-01-15"})
    shown = answer.content.decode()
    assert 'href="/code-sets/ICD-10-CM/I10/?on=2026-01-15"' in shown
    assert "pressure" not in "".join(part.split('"')[0] for part in shown.split('href="')[1:])
    nothing = reader.post("/code-sets/ICD-10-CM/", {"q": "qqqqqq", "on": "2026-01-15"}).content.decode()
    assert "Nothing found" in nothing


def test_an_ended_code_says_so_in_the_list(reader: Browser) -> None:
    assert "ended 08/31/2026" in page(reader, "/code-sets/HCPCS/J/?on=2026-11-01")
    assert "ended" not in page(reader, "/code-sets/HCPCS/J/?on=2026-08-01")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/code-sets/ICD-10-CM/E11.9/?on=2026-01-15", "E11.9 is not in ICD-10-CM 2026"),
        ("/code-sets/ICD-10-CM/I10/?on=2015-01-15", "No release of ICD-10-CM is in force on 2015-01-15"),
        ("/code-sets/CPT/", "No release of CPT is loaded"),
        ("/code-sets/SNOMED/", ""),
    ],
)
def test_what_there_is_not_answers_404_in_words(reader: Browser, address: str, words: str) -> None:
    answer = reader.get(address)
    assert answer.status_code == 404
    assert words in answer.content.decode()


def test_a_bare_list_shows_the_chapters_and_notes_of_the_nearest_tabular_list(
    reader: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "icd10cm_order_2027.txt"
    path.write_text(order_text())
    load_official(system="ICD-10-CM", path=path, release=None, progress=unwatched)
    selectors.forget_releases()
    shown = page(reader, "/code-sets/ICD-10-CM/I10/?on=2026-11-01")
    assert "Notes of ICD-10-CM 2026" in shown and "from I10-I1A" in shown
    assert "Valid from 10/01/2025 until 09/30/2027" in shown
    assert "Diseases of the circulatory system" in page(reader, "/code-sets/ICD-10-CM/?on=2026-11-01")
    assert "S52" in page(reader, "/code-sets/ICD-10-CM/S50-S59/?on=2026-11-01")


def test_a_long_list_is_turned_page_by_page(reader: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "PAGE_SIZE", 1)
    first = page(reader, "/code-sets/ICD-10-CM/S52.501/?on=2026-01-15")
    assert "S52.501A" in first and "S52.501D" not in first
    assert "?on=2026-01-15&amp;page=2" in first
    second = page(reader, "/code-sets/ICD-10-CM/S52.501/?on=2026-01-15&page=2")
    assert "S52.501D" in second and 'rel="prev"' in second


def test_a_page_of_the_book_asks_few_questions(reader: Browser, django_assert_max_num_queries: Any) -> None:
    page(reader, "/code-sets/ICD-10-CM/S52501A/?on=2026-01-15")
    with django_assert_max_num_queries(20):
        page(reader, "/code-sets/ICD-10-CM/S52501A/?on=2026-01-15")


def test_every_guideline_names_codes_of_the_bundled_release() -> None:
    notes = book.guidelines()
    assert len(notes["ICD-10-CM"]) >= 40
    assert all(one.section.startswith("I.C.") and one.text.endswith(".") for one in notes["ICD-10-CM"])
    assert [one.section for one in notes["ICD-10-CM"] if one.is_about("I130")] == ["I.C.9.a.3"]
    assert {one.section for one in notes["ICD-10-PCS"] if one.is_about("0DB68ZX")} == {"B3.8", "B3.4a"}


def test_the_days_of_a_code_run_through_all_releases_that_have_it(reader: Browser) -> None:
    found = book.page_of("ICD-10-CM", "I10", date(2026, 1, 15))
    assert (found.first, found.last) == (date(2025, 10, 1), date(2026, 9, 30))
    assert book.page_of("HCPCS", "J0001", date(2026, 8, 1)).last == date(2026, 8, 31)
