"""Queries of the pages of claim measures and accounts: recorded, and the same for few rows as for many."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from claims.models import ClaimStatus
from encounters.models import Encounter
from tests import cast
from tests.claims import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("claim_measure_query_counts.json")
BASE = "/c/cypress-ridge/claims/"
FEW, MANY = 1, 4


def grow(of: scene.Desk, first: int, last: int) -> Encounter:
    """Claims denied and waiting, and visits that are not billed; the newest of these."""
    at = timezone.now() - timedelta(days=9)
    with cast.opened(of.place):
        for _ in range(first, last):
            scene.claim(of, state=ClaimStatus.SUBMITTED, submitted_at=at)
            scene.claim(
                of, state=ClaimStatus.DENIED, submitted_at=at, first_response="denied",
                first_response_at=at + timedelta(days=1), first_categories=["coding"],
            )  # fmt: skip
            day = cast.today() - timedelta(days=9)
            made = cast.encounter(of.place, note=None, queued=False, service_on=day)
    return made


@pytest.mark.django_db(transaction=True)
def test_measures_and_accounts_make_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    place = cast.cypress()
    with cast.opened(place):
        of = scene.desk(place)
    chart = grow(of, 0, FEW)
    days = f"from={cast.today() - timedelta(days=30)}&through={cast.today()}"
    pages = {
        "measures": (of.manager, f"{BASE}measures/"),
        "claims of a measure": (of.administrator, f"{BASE}measures/claims/?part=coding&{days}"),
        "accounts": (of.manager, f"{BASE}accounts/"),
        "account": (of.administrator, f"{BASE}accounts/{chart.pk}/"),
    }
    few = {name: count(*page) for name, page in pages.items()}
    grow(of, FEW, MANY)
    many = {name: count(*page) for name, page in pages.items()}
    assert many == few, "the number of rows shows in the number of queries"
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(BASELINE.read_text(encoding="utf-8"))
