"""Queries of the pages of drift: recorded, and the same for few claims as for many."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from claims.models import Claim
from tests import cast
from tests.claims import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("claim_drift_query_counts.json")


@pytest.mark.django_db(transaction=True)
def test_pages_of_drift_make_as_many_queries_as_recorded_whatever_they_show() -> None:
    place = cast.cypress()
    with cast.opened(place):
        of = scene.desk(place)
        chart = scene.final_chart(of)
    base = f"/c/{place.client.slug}/claims/drift/"
    measured: dict[str, set[int]] = {}
    for number in (1, 3):
        with cast.opened(place):
            for at in range(number):
                kinds = ("code_changed", "units", "modifiers")[: at + 1]
                drift = [{"kind": one, "where": "Service 1", "ours": "1", "theirs": "2"} for one in kinds]
                made: Claim = scene.claim(
                    of,
                    chart,
                    state="submitted",
                    is_billed_by_client=True,
                    drift=drift,
                    drift_count=len(drift),
                )
        for name, path in {"list": "", "filtered": "?kind=units", "claim": f"{made.pk}/"}.items():
            measured.setdefault(name, set()).add(count(of.manager, f"{base}{path}"))
    growing = {name: counts for name, counts in measured.items() if len(counts) > 1}
    assert not growing, f"what is shown shows in the number of queries: {growing}"
    counts = {name: found.pop() for name, found in measured.items()}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    assert counts == json.loads(BASELINE.read_text(encoding="utf-8"))
