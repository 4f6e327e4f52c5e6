"""The pages of numbers in Chromium: accessible in both themes and widths, and from a number to its rows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from tests import cast
from tests.browser.harness import Opener
from tests.browser.looks import looks
from tests.reporting.furnished import Office, furnish

PAGES = ("", "dashboard/?span=7d", "dashboard/rows/?kpi=dnfc.days", "dashboard/drill/?specialty=IM")


@pytest.fixture
def office(transactional_db: None) -> Office:
    return furnish(cast.cypress(), charts=36)


def leader(office: Office) -> User:
    return cast.person("Marguerite Lowell", (office.here, Role.MANAGER))


def keep_picture(watched: object, name: str) -> None:
    """For the person who runs it with ``PICTURES`` set to a folder."""
    folder = os.environ.get("PICTURES")
    if folder:
        watched.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)  # type: ignore[attr-defined]


@looks
def test_pages_of_numbers_are_accessible_and_never_scroll_sideways(
    office: Office, browse: Opener, theme: str, phone: bool
) -> None:
    found = {}
    viewer = cast.person("Nora Vance", (office.here, Role.CLIENT_VIEWER))
    for user, pages in ((leader(office), (*PAGES, "/work/dashboard/")), (viewer, ("",))):
        watched = browse(user, theme=theme, phone=phone)
        for page in pages:
            watched.open(page if page.startswith("/") else office.href + page)
            name = f"{user.full_name.split()[0]}-{page or 'home'}-{theme}-{'390' if phone else '1440'}"
            keep_picture(watched, "".join(c if c.isalnum() or c == "-" else "_" for c in name))
            violations = watched.axe()
            if watched.scrolls_sideways():
                violations.append("the page scrolls sideways")
            if violations:
                found[name] = violations
    assert found == {}


def test_from_a_number_to_its_rows_to_the_chart_in_two_clicks(office: Office, browse: Opener) -> None:
    watched = browse(leader(office))
    page = watched.open(office.href)
    page.get_by_role("link", name="Not final coded", exact=True).click()
    page.wait_for_load_state("networkidle")
    said = int(page.locator("#counted").inner_text().split(" ")[-2])
    assert page.locator("tr.row").count() == said
    first = page.locator("a.rowlk").first
    visit = first.inner_text()
    first.click()
    page.wait_for_load_state("networkidle")
    assert f"No. {visit}" in page.locator("body").inner_text()


def test_the_drill_opens_in_place_and_says_who_is_waited_for(office: Office, browse: Opener) -> None:
    watched = browse(leader(office))
    page = watched.open(office.href)
    row = page.locator("a.rowlk[data-drill]").first
    row.click()
    drill = page.locator(f"#{row.get_attribute('data-drill')}")
    drill.get_by_text("All of them").wait_for()
    assert drill.is_visible()
    assert drill.locator("tbody tr").count() == 5
    assert page.url.endswith(office.href)


def test_the_numbers_work_without_script(office: Office, browse: Opener) -> None:
    watched = browse(leader(office), script=False)
    watched.page.goto(watched.base + office.href)
    watched.page.locator("a.rowlk[data-drill]").first.click()
    watched.page.get_by_text("All of them").click()
    assert watched.page.locator("#counted").inner_text().endswith("accounts")
