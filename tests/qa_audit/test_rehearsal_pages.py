"""The pages of audit rehearsals, as a manager and a reviewer use them without a script."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from code_sets import selectors
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from encounters.models import DocumentVersion, Encounter
from qa_audit.actions.reviews import ask_review, take_review
from qa_audit.models import (
    OverpaymentClock,
    Rehearsal,
    RehearsalItem,
    RehearsalTerms,
    RehearsalUnit,
    ReviewOrigin,
)
from qa_audit.rules.frame import pack_frame, unpack_frame
from qa_audit.rules.plan_terms import PlanTerms
from tests import cast
from tests.qa_audit.scene import Team, final_chart, team

pytestmark = pytest.mark.django_db
DIABETES = (("E1122", "Type 2 diabetes"), ("N1831", "stage 3a"))
DESIGN = {
    "kind": "radv",
    "name": "RADV 2026",
    "contract_name": "H1234",
    "first_on": "01/01/2026",
    "last_on": "10/31/2026",
    "model": "CMS-HCC V28",
    "strata": "1",
    "count": "2",
}


@pytest.fixture(autouse=True)
def _plain(settings: Any) -> Iterator[None]:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Team:
    crew = team(cast.cypress())
    with cast.opened(crew.place):
        for _ in range(2):
            final_chart(crew, codes=DIABETES)
    return crew


def browser(user: User) -> Browser:
    made = Browser()
    made.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
    return made


def base(crew: Team) -> str:
    return f"/c/{crew.place.client.slug}/quality/rehearsals/"


def drawn(crew: Team) -> Rehearsal:
    answer = browser(crew.manager).post(f"{base(crew)}new/", DESIGN | {"do": "draw"})
    assert answer.status_code == 303, answer.content.decode()
    with cast.opened(crew.place):
        return Rehearsal.objects.get()


def test_a_design_is_looked_at_then_drawn(crew: Team) -> None:
    manager = browser(crew.manager)
    looked = manager.post(f"{base(crew)}new/", DESIGN | {"do": "look"})
    assert looked.status_code == 200
    assert "It would draw 2 members of 2" in looked.content.decode()
    assert "Auditors draw 35 to 200 units; this sample has 2." in looked.content.decode()
    wrong = manager.post(f"{base(crew)}new/", DESIGN | {"count": "many", "first_on": "soon"})
    assert wrong.status_code == 422
    assert "Units: give a whole number above zero." in wrong.content.decode()
    with cast.opened(crew.place):
        assert not Rehearsal.objects.exists()
    assert browser(crew.reviewer).post(f"{base(crew)}new/", DESIGN).status_code == 403
    made = drawn(crew)
    page = manager.get(f"{base(crew)}{made.pk}/?again=1").content.decode()
    assert "the same list in the same order" in page
    assert "not verified" in page and "vacated that rule" in page
    assert "2 members still to judge" in page
    assert "Theriot" not in page  # no name on the list of drawn members


def test_a_frame_that_was_changed_after_the_draw_is_told(crew: Team) -> None:
    made = drawn(crew)
    with cast.opened(crew.place):
        rows = unpack_frame(bytes(made.frame))
        Rehearsal.objects.filter(pk=made.pk).update(frame=pack_frame(rows[:1]))
    page = browser(crew.manager).get(f"{base(crew)}{made.pk}/?again=1").content.decode()
    assert "the list differs" in page


def test_the_reviewer_cites_lines_and_enters_a_verdict(crew: Team) -> None:
    made = drawn(crew)
    with cast.opened(crew.place):
        unit = RehearsalUnit.objects.get(rehearsal=made, number=1)
        item = RehearsalItem.objects.get(unit=unit, hcc=37)
        version = DocumentVersion.objects.get(document__encounter__patient_id=unit.patient_id)
    address = f"{base(crew)}{made.pk}/units/{unit.pk}/"
    reviewer = browser(crew.reviewer)
    page = reviewer.get(address).content.decode()
    assert "Theriot" in page and "HCC 37" in page and "E1122" in page
    cited = {"do": "cite", "item": str(item.pk), "version": str(version.pk), "first": "4", "last": "4"}
    seen = {"signature": "yes", "credential": "yes", "note_date": "yes"}
    refused = reviewer.post(address, cited | {"first": "400"})
    assert refused.status_code == 422
    assert "no such lines" in refused.content.decode()
    assert reviewer.post(address, cited | seen).status_code == 303
    assert (
        "Type 2 diabetes with diabetic chronic kidney disease, stage 3a."
        in reviewer.get(address).content.decode()
    )
    judged = {"do": "judge", "item": str(item.pk), "verdict": "not_supported", "reason": "No record."}
    assert "proves it is on the list" in reviewer.post(address, judged).content.decode()
    assert reviewer.post(address, judged | {"verdict": "supported", "amount": "lots"}).status_code == 422
    assert reviewer.post(address, judged | {"verdict": "supported"}).status_code == 303
    assert "The record to send" in reviewer.get(address).content.decode()
    with cast.opened(crew.place):
        assert RehearsalItem.objects.get(pk=item.pk).verdict == "supported"


def test_a_manager_prices_dates_and_ends_a_rehearsal(crew: Team) -> None:
    made, manager = drawn(crew), browser(crew.manager)
    address = f"{base(crew)}{made.pk}/"
    with cast.opened(crew.place):
        units = list(RehearsalUnit.objects.filter(rehearsal=made))
        items = {unit: list(RehearsalItem.objects.filter(unit=unit)) for unit in units}
    for unit, ones in items.items():
        for item in ones:
            sent = {"do": "judge", "item": str(item.pk), "verdict": "not_supported", "reason": "No record."}
            assert manager.post(f"{address}units/{unit.pk}/", sent).status_code == 303
    terms = {
        "do": "terms",
        "seen": "1",
        "confidence": "95",
        "rates": "37 1000\n329 500.50",
        "reason": "Rates came",
    }
    assert "say where they come from" in manager.post(address, terms).content.decode()
    terms["rates_source"] = "Plan's rate book"
    assert manager.post(address, terms | {"rates": "37 lots"}).status_code == 422
    assert manager.post(address, terms).status_code == 303
    assert "Somebody changed the terms" in manager.post(address, terms).content.decode()
    assert manager.post(address, {"do": "days", "notice_on": "11/02/2026"}).status_code == 303
    page = manager.get(address).content.decode()
    assert "$3,001.00" in page  # two members, 1000 + 500.50 each
    assert "04/01/2027" in page  # 150 days from the notice
    ends = {"do": "close", "confirmed": "yes", "program": "medicare_advantage", "reason": "Confirmed."}
    assert manager.post(address, ends).status_code == 422  # no day
    assert manager.post(address, ends | {"identified_on": f"{cast.today():%m/%d/%Y}"}).status_code == 303
    with cast.opened(crew.place):
        clock = OverpaymentClock.objects.get()
        assert RehearsalTerms.objects.filter(rehearsal=made).count() == 2
    last = f"{cast.today() + timedelta(days=60):%m/%d/%Y}"
    shown = manager.get(f"{base(crew)}clocks/{clock.pk}/").content.decode()
    assert last in shown and "42 CFR 422.326" in shown
    listed = manager.get(base(crew)).content.decode()
    assert "H1234" in listed and "$3,001.00 in 1 overpayment" in listed
    assert "Closed" in listed


def test_an_overpayment_is_recorded_and_moved_on_its_page(crew: Team) -> None:
    manager, reviewer = browser(crew.manager), browser(crew.reviewer)
    begun = cast.today() - timedelta(days=20)
    sent = {
        "title": "Office visits a level high",
        "contract_name": "Medicare",
        "program": "medicare_ab",
        "identified_on": f"{begun:%m/%d/%Y}",
        "reason": "Found in a focused review.",
    }
    assert manager.post(f"{base(crew)}clocks/new/", sent | {"amount": "x"}).status_code == 422
    assert manager.post(f"{base(crew)}clocks/new/", sent | {"title": ""}).status_code == 422
    assert reviewer.post(f"{base(crew)}clocks/new/", sent).status_code == 403
    assert manager.post(f"{base(crew)}clocks/new/", sent).status_code == 303
    with cast.opened(crew.place):
        clock = OverpaymentClock.objects.get()
    address = f"{base(crew)}clocks/{clock.pk}/"
    step = {
        "verb": "investigate",
        "on": f"{begun + timedelta(days=15):%m/%d/%Y}",
        "reason": "Looking for more.",
    }
    assert manager.post(address, {"verb": "", "on": ""}).status_code == 422
    assert reviewer.post(address, step).status_code == 403
    assert manager.post(address, step).status_code == 303
    page = reviewer.get(address).content.decode()
    # 15 of 60 days used, suspended to day 180, 45 days left: day 225.
    assert f"{begun + timedelta(days=225):%m/%d/%Y}" in page
    assert "suspended" in page and "Record a decision" not in page


def test_opening_a_member_is_noted_and_closed_to_who_codes_its_chart_blind(crew: Team) -> None:
    made = drawn(crew)
    with cast.opened(crew.place):
        unit = RehearsalUnit.objects.get(rehearsal=made, number=1)
        chart = Encounter.objects.get(patient_id=unit.patient_id)
    address = f"{base(crew)}{made.pk}/units/{unit.pk}/"
    assert browser(crew.reviewer).get(address).status_code == 200
    with cast.opened(crew.place):
        reads = AuditEvent.objects.filter(actor=crew.reviewer)
        read = reads.get(verb=Verb.CHART_VIEWED)
        assert (read.subject_id, read.facts["encounters"]) == (str(unit.patient_id), [str(chart.pk)])
        review = ask_review(
            actor=crew.actor(crew.manager),
            encounter=chart,
            terms=PlanTerms(),
            origin=ReviewOrigin.FOCUSED,
            reason="Asked for.",
        )
        take_review(actor=crew.actor(crew.reviewer), review=review)
    closed = browser(crew.reviewer).get(address)
    assert (closed.status_code, b"Theriot" in closed.content) == (403, False)
    assert browser(crew.second).get(address).status_code == 200


def test_a_design_by_precision_draws_what_the_formula_asks(crew: Team) -> None:
    """Two members, 5% expected, 5 points at 90%: n0 = 51.4, n = 51.4 / (1 + 50.4 / 2) = 1.96, so both."""
    sent = DESIGN | {"count": "", "precision": "5", "do": "look"}
    page = browser(crew.manager).post(f"{base(crew)}new/", sent).content.decode()
    assert "It would draw 2 members of 2" in page
    one = browser(crew.manager).post(f"{base(crew)}new/", DESIGN | {"count": "1", "do": "look"})
    assert "It would draw 2 members of 2" in one.content.decode()  # one of two would show no spread
    both = browser(crew.manager).post(f"{base(crew)}new/", DESIGN | {"precision": "5"})
    assert both.status_code == 422
    assert "give a number, or a precision in its place" in both.content.decode()
