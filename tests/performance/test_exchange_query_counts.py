"""Queries of the set-up and the API of queries: recorded, and the same for few rows as for many."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from django.utils import timezone

from cdi_queries.models import CdiQuery, OutboundMessage, QueryPolicy
from tests import cast
from tests.cdi_queries import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("exchange_query_counts.json")
SETUP = "/c/cypress-ridge/queries/setup/"
API = "/api/v1/clients/cypress-ridge/queries/"
FEW, MANY = 2, 6


def grow(of: scene.Desk, first: int, last: int) -> CdiQuery:
    """Sent queries, each with a message that failed; one of them answered."""
    now = timezone.now()
    with cast.opened(of.place):
        for number in range(first, last):
            query = scene.sent(of, scene.chart(of), hold=False)
            OutboundMessage.objects.create(
                client_id=query.client_id,
                query=query,
                asked_at=query.asked_at,
                kind="hl7_oru",
                address="mllps://inbox.example.org:2576",
                control_id=f"Q{number}",
                sha256=b"1" * 32,
                byte_count=1,
                state="failed",
                result="AR",
                created_at=now,
                ended_at=now,
            )
        scene.answered(of, query)
    return query


@pytest.mark.django_db(transaction=True)
def test_set_up_and_api_make_as_many_queries_as_recorded_whatever_the_number_of_rows() -> None:
    of = scene.desk(cast.cypress())
    with cast.opened(of.place):
        QueryPolicy.objects.create(client_id=of.place.client.pk, advisor=of.manager)
    query = grow(of, 0, FEW)
    pages = {
        "set-up": (of.cdi, SETUP),
        "messages": (of.cdi, f"{SETUP}messages/"),
        "retention": (of.cdi, f"{SETUP}retention/"),
        "API list": (of.cdi, API),
        "API query": (of.cdi, f"{API}{query.pk}/"),
        "API FHIR": (of.cdi, f"{API}{query.pk}/fhir/"),
    }
    few = {name: count(*page) for name, page in pages.items()}
    grow(of, FEW, MANY)
    many = {name: count(*page) for name, page in pages.items()}
    assert many == few, "the number of rows shows in the number of queries"
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2) + "\n", encoding="utf-8")
    assert many == json.loads(BASELINE.read_text(encoding="utf-8"))
