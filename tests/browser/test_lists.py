"""A client's lists in Chromium: accessible in both themes and widths, and answered without a script."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.actions.coding import Words, assign_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from encounters.actions.pends import Hold, pend_encounter
from encounters.models import Encounter, EncounterStatus, OwnerParty, Pend, PendReason
from tests import cast
from tests.browser.harness import Desk, Opener
from tests.browser.looks import looks

PICTURES = os.environ.get("LIST_PICTURES", "")
PEOPLE = (("Odile", "Boudreaux"), ("Étienne", "O’Malley-Fontenot"), ("Marguerite", "Theriot"))


def _finish(desk: Desk, chart: Encounter) -> None:
    actor = cast.actor_for(desk.user, Role.CODER)
    fence = take_chart(actor=actor, item=cast.item_of(chart), now=timezone.now()).fence
    version = chart.documents.get().versions.get()
    for code, quote in (
        ("E1122", "Type 2 diabetes with diabetic chronic kidney disease"),
        ("N1831", "stage 3a"),
        ("I129", "Hypertension, above goal"),
        ("Z794", "Long-term use of insulin glargine"),
    ):
        start = version.text.index(quote)
        assign_code(
            actor=actor,
            encounter=chart,
            fence=fence,
            system="ICD-10-CM",
            code=code,
            evidence=[Words(version.pk, start, start + len(quote))],
        )
    finalize(actor=actor, encounter=chart, fence=fence)


def _hold(desk: Desk, chart: Encounter, days: int, owner: OwnerParty, reason: PendReason, note: str) -> None:
    actor = cast.actor_for(desk.user, Role.CODER)
    fence = take_chart(actor=actor, item=cast.item_of(chart), now=timezone.now()).fence
    due_on = timezone.localdate() + timedelta(days=3)
    pend_encounter(actor=actor, encounter=chart, fence=fence, hold=Hold(reason, owner, due_on, note))
    opened_at = timezone.now() - timedelta(days=days)
    due_on += timedelta(days=-days)
    Pend.objects.filter(encounter=chart).update(opened_at=opened_at, due_on=due_on)


@pytest.fixture
def listed(desk: Desk) -> tuple[Desk, dict[str, Encounter], User]:
    """Fifty-odd visits, some final, some on hold; and the client's administrator."""
    with cast.opened(desk.here):
        who = [cast.patient(desk.here, family=family, given=given) for given, family in PEOPLE]
        charts = [
            cast.encounter(
                desk.here, patient=who[number % 3], service_on=date(2026, 9, 1) + timedelta(days=number)
            )
            for number in range(54)
        ]
        _finish(desk, charts[53])
        _finish(desk, charts[50])
        note = "The visit of 09/15 is signed by nobody; please sign it or send the signed copy."
        _hold(desk, charts[52], 6, OwnerParty.CLIENT, PendReason.UNSIGNED_NOTE, note)
        _hold(desk, charts[51], 2, OwnerParty.PROVIDER, PendReason.CLARIFICATION, "")
        _hold(desk, charts[49], 1, OwnerParty.VENDOR, PendReason.SECOND_OPINION, "")
        cast.encounter(
            desk.here, note=None, status=EncounterStatus.RECEIVED, available_at=None,
            service_on=date(2026, 11, 2), patient=who[0],
        )  # fmt: skip
    admin = cast.person("Paul Whitaker", (desk.here, Role.CLIENT_ADMIN))
    return desk, {"final": charts[53], "held": charts[52]}, admin


@looks
def test_lists_are_accessible_and_never_scroll_sideways(
    listed: tuple[Desk, dict[str, Encounter], User], browse: Opener, theme: str, phone: bool
) -> None:
    desk, charts, admin = listed
    base = f"/c/{desk.here.client.slug}/"
    manager = cast.person("Marguerite Lowell", (desk.here, Role.MANAGER))
    found = {}
    for user, pages in (
        (
            admin,
            {
                "list": "encounters/",
                "wrong-days": "encounters/?from=soon",
                "nothing": "encounters/?status=cancelled",
                "holds": "holds/",
                "answered": "holds/?show=closed",
                "documents": "documents/",
                "chart": f"encounters/{charts['final'].pk}/",
                "chart-held": f"encounters/{charts['held'].pk}/",
                "answer": f"encounters/{charts['held'].pk}/resume/",
            },
        ),
        (manager, {"list-vendor": "encounters/", "holds-vendor": "holds/"}),
    ):
        watched = browse(user, theme=theme, phone=phone)
        for name, page in pages.items():
            watched.open(base + page)
            violations = watched.axe()
            if watched.scrolls_sideways():
                violations.append("the page scrolls sideways")
            if violations:
                found[name] = violations
            if PICTURES:
                shot = Path(PICTURES) / f"{name}-{theme}-{390 if phone else 1440}.png"
                watched.page.screenshot(path=str(shot), full_page=name.startswith("holds"))
    assert found == {}


def test_hold_is_found_answered_and_gone_without_a_script(
    listed: tuple[Desk, dict[str, Encounter], User], browse: Opener
) -> None:
    desk, charts, admin = listed
    watched = browse(admin, script=False)
    page = watched.open(f"/c/{desk.here.client.slug}/holds/")
    page.get_by_role("link", name=f"Answer visit {charts['held'].external_id}").click()
    page.get_by_role("button", name="Close the hold").click()
    assert "There is a problem" in page.content()
    page.get_by_label("What has changed").fill("Dr. Okafor has signed it; the new copy is in the EHR.")
    page.get_by_role("button", name="Close the hold").click()
    page.goto(f"{watched.base}/c/{desk.here.client.slug}/holds/")
    assert page.locator("tr.row").count() == 1
    with cast.opened(desk.here):
        assert Encounter.objects.get(pk=charts["held"].pk).status == EncounterStatus.READY


def test_record_number_finds_its_patient_and_stands_in_no_address(
    listed: tuple[Desk, dict[str, Encounter], User], browse: Opener
) -> None:
    desk, charts, admin = listed
    with cast.opened(desk.here):
        number = Encounter.objects.get(pk=charts["final"].pk).patient.mrn
    watched = browse(admin)
    page = watched.open(f"/c/{desk.here.client.slug}/encounters/")
    page.get_by_label("Medical record number").fill(number)
    page.get_by_role("button", name="Find").click()
    page.wait_for_load_state("networkidle")
    assert page.locator("tr.row").count() == 18
    assert number not in page.url
    assert number not in page.title()
