"""The code book in a browser: accessible in both themes and widths, by keyboard, and without script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.urls import resolve

from code_sets import selectors
from code_sets.actions.official import load_official
from tests.browser.harness import Desk, Opener
from tests.browser.looks import looks
from tests.rules.code_sets.official_samples import HCPCS_FIXED


def unwatched(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def loaded(desk: Desk, tmp_path: Path) -> Iterator[Desk]:
    """HCPCS beside the small ICD-10-CM of the cast."""
    (tmp_path / "HCPC2026_JUL_ANWEB.txt").write_text(HCPCS_FIXED)
    path = tmp_path / "HCPC2026_JUL_ANWEB.txt"
    load_official(system="HCPCS", path=path, release=None, progress=unwatched)
    selectors.forget_releases()
    resolve("/code-sets/HCPCS/")  # imports all views before a page waits for them
    for system, code in (("ICD-10-CM", "I10"), ("HCPCS", "A4206")):
        selectors.check_assignable(system, code, date(2026, 8, 1))  # builds the index before a page waits
    yield desk
    selectors.forget_releases()


PAGES = (
    "/code-sets/ICD-10-CM/?on=2026-01-15",
    "/code-sets/ICD-10-CM/E11/?on=2026-01-15",
    "/code-sets/ICD-10-CM/E1122/?on=2026-01-15",
    "/code-sets/HCPCS/J/?on=2026-11-15",
    "/code-sets/CPT/?on=2026-01-15",
)


@looks
def test_the_code_book_is_accessible_and_never_scrolls_sideways(
    loaded: Desk, browse: Opener, theme: str, phone: bool
) -> None:
    watched = browse(loaded.user, theme=theme, phone=phone)
    found = {}
    for page in PAGES:
        watched.open(page)
        violations = watched.axe()
        if watched.scrolls_sideways():
            violations.append("the page scrolls sideways")
        if violations:
            found[page] = violations
    assert found == {}


def test_rows_are_walked_and_opened_by_keyboard_and_words_are_searched(loaded: Desk, browse: Opener) -> None:
    page = browse(loaded.user).open("/code-sets/ICD-10-CM/E11/?on=2026-01-15")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/code-sets/ICD-10-CM/E1122/**")
    page.fill("#q", "hypertension")
    page.keyboard.press("Enter")
    page.wait_for_selector("a.rowlk")
    assert "I10" in page.inner_text(".entries")
    assert "hypertension" not in page.url
