"""Queries of the pages of gaps and of a look at a chart: recorded, and the same for few gaps as for many."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cdi_queries.actions.triggers import look_at
from cdi_queries.models import TriggerHit
from encounters.models import Encounter
from tests import cast
from tests.cdi_queries.scene import Desk, desk
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("trigger_query_counts.json")
BASE = "/c/cypress-ridge/queries/opportunities/"
LABS = "Na 124, K 2.8, Hgb 7.1, lactate 4.4.\n\nAssessment:\nFatigue.\n"


def look(crew: Desk, made: Encounter) -> int:
    """Messages to the database for one look at a chart that is new."""
    client = crew.place.client
    with CaptureQueriesContext(connection) as queries:
        look_at(actor=cast.SYSTEM, client=client, encounter=made, off=frozenset(), now=timezone.now())
    return len(queries)


@pytest.mark.django_db(transaction=True)
def test_pages_of_gaps_make_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    crew = desk(cast.cypress())
    with cast.opened(crew.place):
        first = cast.encounter(crew.place, note=LABS)
        look(crew, first)
        hit = TriggerHit.objects.filter(encounter=first)[0]
    pages = {"gaps": "", "gaps, filtered": "?family=finding&age=0", "gap": f"{hit.pk}/", "rules": "rules/"}
    few = {name: count(crew.cdi, BASE + path) for name, path in pages.items()}
    with cast.opened(crew.place):
        for _ in range(3):
            look(crew, cast.encounter(crew.place, note=LABS))
        again = look(crew, first)
        quiet = look(crew, cast.encounter(crew.place, note="Assessment:\nFatigue.\n"))
    many = {name: count(crew.cdi, BASE + path) for name, path in pages.items()}
    assert many == few, "the number of rows shows in the number of queries"
    counts = many | {"look at a chart that has not changed": again, "look at a chart without gaps": quiet}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    assert counts == json.loads(BASELINE.read_text(encoding="utf-8"))
