"""The pages of code sets in both themes and two widths: axe-core, no CSP report, no sideways scroll."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date

import pytest

from code_sets import selectors
from code_sets.models import EditTableRelease, ReleaseUpload
from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.models import CodeAssignment
from tests import cast
from tests.browser.harness import Desk, Opener
from tests.browser.looks import looks

CHARTS = "/work/code-sets/charts/?client={slug}&why=invalid"
NOTE = "Holds part f1 only, of the 4 that CMS publishes: other edits are not checked."


@pytest.fixture
def lead(desk: Desk) -> Iterator[User]:
    """An administrator; a chart with a code no release holds; an old release; files sent, one being read."""
    found = cast.person("Ada Minster", (desk.here, Role.VENDOR_ADMIN))
    with cast.opened(desk.here):
        chart = cast.encounter(desk.here)
        CodeAssignment.objects.create(
            client_id=chart.client_id,
            encounter=chart,
            kind="dx",
            system="ICD-10-CM",
            code="Z9999",
            position=1,
            created_by=desk.user,
        )
    EditTableRelease.objects.create(
        system="NCCI-PTP-PRACTITIONER",
        release="2026q3",
        title="NCCI PTP edits 2026q3",
        published_from=date(2026, 7, 1),
        published_through=date(2026, 9, 30),
        effective_from=date(1996, 1, 1),
        source="medicare-ncci-2026q3-practitioner-ptp-edits-ccipra-v322r0-f1.zip",
        sha256="ab12cd34ef567890" * 4,
        row_count=1_669_820,
        data=b"x",
        note=NOTE,
    )
    for status, message in (
        ("reading", ""),
        ("refused", "Nothing was loaded. ccipra-v322r0-f1.txt, line 14: …"),
    ):
        ReleaseUpload.objects.create(
            system="NCCI-PTP-PRACTITIONER",
            file_name="ccipra-v322r0-f1.txt",
            data=b"",
            status=status,
            step="building",
            done_count=4,
            total_count=10,
            message=message,
            sent_by=found,
        )
    selectors.forget_releases()
    yield found
    selectors.forget_releases()


@looks
def test_the_code_set_pages_are_accessible(
    desk: Desk, lead: User, browse: Opener, theme: str, phone: bool
) -> None:
    watched = browse(lead, theme=theme, phone=phone)
    found = {}
    for page in ("/work/code-sets/", CHARTS.format(slug=desk.here.client.slug)):
        watched.open(page)
        if folder := os.environ.get("KEEP_PICTURES"):
            name = f"{'charts' if 'charts' in page else 'sets'}-{theme}-{'390' if phone else '1440'}.png"
            watched.page.screenshot(path=f"{folder}/{name}", full_page=True)
        violations = watched.axe()
        if watched.scrolls_sideways():
            violations.append("the page scrolls sideways")
        if violations:
            found[page] = violations
    assert found == {}


def test_a_lead_reaches_the_charts_by_keyboard(desk: Desk, lead: User, browse: Opener) -> None:
    watched = browse(lead)
    watched.open("/work/code-sets/")
    link = watched.page.get_by_role("link", name=desk.here.client.name).last
    link.focus()
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url("**/work/code-sets/charts/**")
    assert "Z99.99" in watched.page.locator("main").inner_text()
