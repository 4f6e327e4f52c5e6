"""Queries of the pages of drift: recorded, and the same for few coders and weeks as for many."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from encounters.models import Encounter
from qa_audit.actions.drift import look_for_signals
from qa_audit.actions.drift_decisions import Choice, decide
from qa_audit.models import DecisionKind, DriftSignal
from tests import cast
from tests.performance.test_query_counts import count
from tests.qa_audit.drift_scene import STEADY, reviewed_weeks
from tests.qa_audit.scene import Team, final_chart, team

BASELINE = Path(__file__).with_name("drift_query_counts.json")
BASE = "/c/cypress-ridge/quality/drift/"
FEW, MANY = 2, 5


def grow(crew: Team, chart: Encounter, first: int, last: int) -> None:
    """Coders and specialties of their own with a week that stands out; every second is decided."""
    with cast.opened(crew.place):
        for number in range(first, last):
            coder = cast.coder(f"Coder Number{number}", crew.place)
            specialty = cast.specialty(f"S{number}").code
            reviewed_weeks(crew, chart, *STEADY, (10, 6), coder=coder, specialty=specialty)
        look_for_signals(actor=cast.SYSTEM, client=crew.place.client, now=timezone.now())
        for number in range(first, last, 2):
            signal = DriftSignal.objects.get(specialty__code=f"S{number}", kind="above")
            choice = Choice(DecisionKind.WIDEN, "More to look at", Decimal(2), timezone.localdate())
            decide(actor=crew.actor(crew.manager), signal=signal, choice=choice)


@pytest.mark.django_db(transaction=True)
def test_drift_pages_make_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    crew = team(cast.cypress())
    with cast.opened(crew.place):
        chart = final_chart(crew)
    grow(crew, chart, 0, FEW)
    with cast.opened(crew.place):
        signal = DriftSignal.objects.filter(coder__isnull=False).order_by("pk")[0]
    pages = {
        "drift": "",
        "charts of a coder": f"coders/{signal.coder_id}/",
        "charts of a specialty": "specialties/?code=S0",
        "signals": "signals/",
        "signal": f"signals/{signal.pk}/",
        "why the rate changed": "change/",
    }
    few = {name: count(crew.manager, BASE + path) for name, path in pages.items()}
    grow(crew, chart, FEW, MANY)
    many = {name: count(crew.manager, BASE + path) for name, path in pages.items()}
    assert many == few, "the number of rows shows in the number of queries"
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(BASELINE.read_text(encoding="utf-8"))
