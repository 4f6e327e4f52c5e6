"""Each page in both themes and two widths: axe-core, no CSP report, no sideways scroll; the byte budget."""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Response

from coding_ops.tenancy.models import Role
from encounters.actions.coding import Words, assign_code
from encounters.actions.intake.reading import receive_file
from encounters.actions.leases import take_chart
from encounters.models import Encounter, QuarantineItem
from encounters.rules.intake.incoming import SourceFormat
from tests import cast
from tests.browser.harness import Desk, Opener
from tests.browser.looks import looks
from tests.rules.encounters.intake_samples import csv_file

BUDGET = 40 * 1024
ROOT = Path(__file__).resolve().parents[2]
PAGES = ("work/", "chart", "chart/pend/", "chart/history/", "chart/code/", "preferences/", "nowhere/")


@pytest.fixture
def coded(desk: Desk) -> tuple[Desk, Encounter]:
    """Three codes, two of them cited, in hand; others in line."""
    with cast.opened(desk.here):
        made = cast.encounter(desk.here)
        for _ in range(13):
            cast.encounter(desk.here)
        actor = cast.actor_for(desk.user, Role.CODER)
        fence = take_chart(actor=actor, item=cast.item_of(made), now=timezone.now()).fence
        version = made.documents.get().versions.get()
        for system, code, quote in (
            ("ICD-10-CM", "E1122", "Type 2 diabetes with diabetic chronic kidney disease"),
            ("ICD-10-CM", "I10", "Hypertension, above goal"),
            ("CPT", "99213", ""),
        ):
            start = version.text.index(quote)
            words = [Words(version.pk, start, start + len(quote))] if quote else []
            assign_code(actor=actor, encounter=made, fence=fence, system=system, code=code, evidence=words)
    return desk, made


def _address(desk: Desk, made: Encounter, page: str) -> str:
    chart = f"/c/{desk.here.client.slug}/encounters/{made.pk}/"
    if page == "chart/code/":
        with cast.opened(desk.here):
            return f"{chart}codes/{made.assignments.get(kind='px').pk}/"
    return f"/{page}" if not page.startswith("chart") else chart + page.removeprefix("chart").lstrip("/")


@looks
def test_page_is_accessible_and_never_scrolls_sideways(
    coded: tuple[Desk, Encounter], browse: Opener, theme: str, phone: bool
) -> None:
    desk, made = coded
    watched = browse(desk.user, theme=theme, phone=phone)
    found = {}
    for page in PAGES:
        watched.open(_address(desk, made, page))
        violations = watched.axe()
        if watched.scrolls_sideways():
            violations.append("the page scrolls sideways")
        if violations:
            found[page] = violations
    assert found == {}


@looks
def test_pages_of_files_and_of_nobody_are_accessible(
    desk: Desk, browse: Opener, theme: str, phone: bool
) -> None:
    """A client's files with one that could not be read, sign-in, and the page of who has no client."""
    home = f"/c/{desk.here.client.slug}/"
    stored = receive_file(
        actor=cast.SYSTEM,
        client=desk.here.client,
        connection_id=desk.here.connection.pk,
        filename="visits.csv",
        content=io.BytesIO(csv_file({"note_text": "x"}, {"encounter_id": "V-2", "mrn": ""})),
        source_format=SourceFormat.CSV,
    )
    with cast.opened(desk.here):
        item = QuarantineItem.objects.earliest("pk")
    files = f"{home}intake/"
    manager = cast.person("Marguerite Lowell", (desk.here, Role.MANAGER))
    found = {}
    for user, pages in (
        (manager, (files, f"{files}{stored.raw_file_id}/", f"{files}items/{item.pk}/dismiss/")),
        (cast.person("Ines Calderon"), ("/",)),
        (None, ("/accounts/login/",)),
    ):
        watched = browse(user, theme=theme, phone=phone)
        for page in pages:
            watched.open(page)
            violations = watched.axe()
            if watched.scrolls_sideways():
                violations.append("the page scrolls sideways")
            if violations:
                found[page] = violations
    assert found == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_open_states_are_accessible(coded: tuple[Desk, Encounter], browse: Opener, theme: str) -> None:
    desk, made = coded
    watched = browse(desk.user, theme=theme)
    page = watched.open(_address(desk, made, "chart"))
    found = {}
    for name, keys in {
        "evidence": ["1"],
        "find": ["/", "h", "y", "p"],
        "results": ["Enter"],
        "panel": ["Escape", "Escape", "1", "m"],
        "blockers": ["Escape", "Control+Enter"],
        "dialog": ["o"],
        "palette": ["Escape", "Control+k"],
        "keys": ["Escape", "?"],
    }.items():
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(150)
        violations = watched.axe()
        if violations:
            found[name] = violations
    assert found == {}


def test_sign_in_page_is_accessible_and_needs_no_script(desk: Desk, browse: Opener) -> None:
    desk.user.set_password(cast.PASSWORD)
    desk.user.save()
    watched = browse()
    page = watched.open("/accounts/login/?next=/work/")
    assert watched.axe() == []
    page.locator("#username").fill(desk.user.email)
    page.locator("#password").fill("wrong")
    page.keyboard.press("Enter")
    page.locator("#summary").wait_for()
    page.locator("#password").fill(cast.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/work/")


def test_workbench_loads_cold_within_its_byte_budget_with_the_chart_in_the_first_response(
    coded: tuple[Desk, Encounter], browse: Opener
) -> None:
    """Every response of a cold load but the fonts, as gzip -6 of its body (WhiteNoise sends it so)."""
    desk, made = coded
    watched = browse(desk.user)
    responses: list[Response] = []
    watched.page.on("response", lambda response: responses.append(response))
    watched.open(_address(desk, made, "chart"))
    assert responses[0].url.endswith(f"{made.pk}/")
    # Bodies are read afterwards: reading one lets the next response be heard in between.
    sizes = {
        urlsplit(response.url).path: len(gzip.compress(response.body(), 6))
        for response in responses
        if not response.url.endswith(".woff2")
    }
    assert watched.page.request.get(watched.page.url).text().count('class="ln') > 4
    assert sum(sizes.values()) <= BUDGET, sizes


def test_no_template_carries_inline_style_or_script() -> None:
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text()
        assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:|hx-on", text), template
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), template
