"""Queries of the pages of plans, draws and held charts: recorded, and the same for few rows as for many."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from qa_audit.actions.draws import draw_sample
from qa_audit.actions.plans import create_plan, revise_plan
from qa_audit.models import Draw
from tests import cast
from tests.performance.test_query_counts import count
from tests.qa_audit.scene import Team, final_chart, team

BASELINE = Path(__file__).with_name("plan_query_counts.json")
BASE = "/c/cypress-ridge/quality/"
FEW, MANY = 2, 5
TERMS = {"value": 50, "strata": ["coder", "specialty"], "gate": "prebill", "schedule": "daily"}


def grow(crew: Team, first: int, last: int) -> Draw:
    """More charts, coders, plans, versions, draws and holds; the newest draw of all charts."""
    today, manager = cast.today(), crew.actor(crew.manager)
    days = {"first": today - timedelta(days=9), "last": today - timedelta(days=1)}
    with cast.opened(crew.place):
        for number in range(first, last):
            final_chart(crew, coder=cast.coder(f"Coder Number {number}", crew.place))
            plan = create_plan(actor=manager, client=crew.place.client, name=f"Plan {number}", terms=TERMS)
            draw_sample(actor=manager, plan=plan, **days, seed=number)
            final_chart(crew, days_ago=0)
        for number in range(1, last):
            if plan.version_count == number:
                revise_plan(
                    actor=manager,
                    plan=plan,
                    seen_version=number,
                    terms={**TERMS, "value": 50 + number},
                    reason="More of them",
                )
                plan.refresh_from_db()
        return draw_sample(actor=manager, plan=plan, **days, seed=last * 100)


def counts(crew: Team, newest: Draw) -> dict[str, int]:
    pages = {
        "plans": f"{BASE}plans/",
        "plan": f"{BASE}plans/{newest.version.plan_id}/",
        "draws": f"{BASE}draws/",
        "draw": f"{BASE}draws/{newest.pk}/",
        "draw again": f"{BASE}draws/{newest.pk}/again/",
        "held charts": f"{BASE}held/",
    }
    return {name: count(crew.manager, path) for name, path in pages.items()}


@pytest.mark.django_db(transaction=True)
def test_pages_of_plans_make_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    crew = team(cast.cypress())
    few = counts(crew, grow(crew, 0, FEW))
    many = counts(crew, grow(crew, FEW, MANY))
    assert many == few, "the number of rows shows in the number of queries"
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(BASELINE.read_text(encoding="utf-8"))
