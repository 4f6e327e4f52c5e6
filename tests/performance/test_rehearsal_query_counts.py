"""Queries of the pages of rehearsals and overpayments: recorded, and the same for few rows as for many."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

from encounters.models import DocumentVersion, Encounter
from qa_audit.actions.overpayments import Identified, start_clock
from qa_audit.actions.rehearsal_records import Cited, cite_record
from qa_audit.actions.rehearsals import Design, draw_rehearsal, set_days
from qa_audit.models import OverpaymentClock, Rehearsal, RehearsalItem, RehearsalUnit
from qa_audit.rules.rehearsal import RehearsalKind
from qa_audit.selectors.rehearsal_frame import Population
from tests import cast
from tests.performance.test_query_counts import count
from tests.qa_audit.scene import Team, final_chart, team

BASELINE = Path(__file__).with_name("rehearsal_query_counts.json")
BASE = "/c/cypress-ridge/quality/rehearsals/"
FEW, MANY = 2, 5
DIABETES = (("E1122", "Type 2 diabetes"), ("N1831", "stage 3a"))


def drawn(crew: Team, number: int) -> Rehearsal:
    """A rehearsal of every member, of a contract of its own."""
    population = Population(RehearsalKind.RADV, date(2026, 1, 1), date(2026, 10, 31), model="CMS-HCC V28")
    design = Design(f"Rehearsal {number}", f"H{number}", population, strata=1, count=1000)
    planner = crew.actor(crew.manager)
    made = draw_rehearsal(actor=planner, client=crew.place.client, design=design, seed=number)
    return set_days(actor=planner, rehearsal=made, notice_on=date(2026, 11, 2), report_on=None)


def grow(crew: Team, first: int, last: int) -> Rehearsal:
    """More members, charts and records of the first of them, rehearsals, and overpayments."""
    reviewer, planner = crew.actor(crew.reviewer), crew.actor(crew.manager)
    with cast.opened(crew.place):
        for number in range(first, last):
            final_chart(crew, codes=DIABETES)
            drawn(crew, number)
            found = Identified(f"Found {number}", f"H{number}", "medicare_ab", cast.today())
            start_clock(actor=planner, client=crew.place.client, found=found, reason="Found by us.")
        newest = drawn(crew, last * 100)
        unit = RehearsalUnit.objects.select_related("rehearsal").get(rehearsal=newest, number=1)
        for number in range(last):
            chart = cast.encounter(crew.place, patient=unit.patient, service_on=date(2026, 3, 1 + number))
            version = DocumentVersion.objects.get(document__encounter=chart)
            for item in RehearsalItem.objects.filter(unit=unit):
                cite_record(actor=reviewer, unit=unit, item_id=item.pk, cited=Cited(version.pk, 0, 15))
    return newest


def counts(crew: Team, newest: Rehearsal) -> dict[str, int]:
    with cast.opened(crew.place):
        unit = RehearsalUnit.objects.get(rehearsal=newest, number=1)
        clock = OverpaymentClock.objects.latest("pk")
        assert Encounter.objects.filter(patient=unit.patient).count() > FEW
    pages = {
        "rehearsals": BASE,
        "rehearsal": f"{BASE}{newest.pk}/",
        "member of a rehearsal": f"{BASE}{newest.pk}/units/{unit.pk}/",
        "overpayment": f"{BASE}clocks/{clock.pk}/",
    }
    return {name: count(crew.manager, path) for name, path in pages.items()}


@pytest.mark.django_db(transaction=True)
def test_pages_of_rehearsals_make_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    crew = team(cast.cypress())
    few = counts(crew, grow(crew, 0, FEW))
    many = counts(crew, grow(crew, FEW, MANY))
    assert many == few, "the number of rows shows in the number of queries"
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(BASELINE.read_text(encoding="utf-8"))
