"""Queries of the pages where CDI queries stand: recorded, and the same for few rows as for many."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from cdi_queries.actions.ending import expire_queries
from cdi_queries.models import CdiQuery
from tests import cast
from tests.cdi_queries import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("cdi_life_query_counts.json")
BASE = "/c/cypress-ridge/queries/"
FEW, MANY = 1, 3


def grow(of: scene.Desk, first: int, last: int) -> CdiQuery:
    """Queries in each state, by each author; the newest answered one."""
    now = timezone.now()
    with cast.opened(of.place):
        for _ in range(first, last):
            scene.sent(of, scene.chart(of), now=now - timedelta(days=15))
            expire_queries(client_id=of.place.client.pk, now=now)
            for author in (of.coder, of.cdi):
                scene.draft(of, scene.chart(of), by=author)
                scene.sent(of, scene.chart(of), by=author)
                query = scene.sent(of, scene.chart(of), by=author)
                scene.answered(of, query)
    return query


@pytest.mark.django_db(transaction=True)
def test_pages_of_queries_make_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    of = scene.desk(cast.cypress())
    query = grow(of, 0, FEW)
    pages = {
        "queue": (of.cdi, "/work/queries/"),
        "queue of a coder": (of.coder, "/work/queries/"),
        "list": (of.cdi, BASE),
        "list of a coder": (of.coder, BASE),
        "trail": (of.cdi, f"{BASE}{query.pk}/"),
    }
    few = {name: count(*page) for name, page in pages.items()}
    grow(of, FEW, MANY)
    many = {name: count(*page) for name, page in pages.items()}
    assert many == few, "the number of rows shows in the number of queries"
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(BASELINE.read_text(encoding="utf-8"))
