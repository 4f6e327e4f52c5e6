"""Queries of the pages of denials: recorded, and the same for few rows as for many."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.utils import timezone

from claims.models import Denial, ReasonRule
from tests import cast
from tests.claims import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("claim_denial_query_counts.json")
BASE = "/c/cypress-ridge/claims/"
FEW, MANY = 1, 4


def grow(of: scene.Desk, first: int, last: int) -> Denial:
    """Denials of one claim of one chart, with readings of their reason."""
    with cast.opened(of.place):
        made = scene.claim(of, scene.final_chart(of), state="denied")
        for number in range(first, last):
            found = scene.denial(of, made, owner=of.coder)
            ReasonRule.objects.create(
                client=of.place.client, payer=of.payer, carc=str(300 + number), category="benefit",
                starts_on=cast.today(), reason="Contract 4.2", made_by=of.manager, made_at=timezone.now(),
            )  # fmt: skip
    return found


@pytest.mark.django_db(transaction=True)
def test_pages_of_denials_make_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    place = cast.cypress()
    with cast.opened(place):
        of = scene.desk(place)
    first = grow(of, 0, FEW)

    def counts(denial: Denial) -> dict[str, int]:
        pages = {
            "worklist": (of.coder, f"{BASE}denials/"),
            "denial": (of.manager, f"{BASE}denials/{denial.pk}/"),
            "board": (of.manager, f"{BASE}board/"),
            "reasons": (of.manager, f"{BASE}reasons/"),
        }
        return {name: count(*page) for name, page in pages.items()}

    few = counts(first)
    many = counts(grow(of, FEW, MANY))
    assert many == few, "the number of rows shows in the number of queries"
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(BASELINE.read_text(encoding="utf-8"))
