"""Queries of the composer and of its lint: recorded, whatever the indicators, answers and earlier queries."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from cdi_queries.actions.ending import cancel_query
from cdi_queries.models import CancelReason
from tests import cast
from tests.cdi_queries import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("compose_query_counts.json")


@pytest.mark.django_db(transaction=True)
def test_the_composer_makes_as_many_queries_as_recorded_whatever_it_shows() -> None:
    of = scene.desk(cast.cypress())
    measured: dict[str, set[int]] = {}
    for number in (2, 5):
        with cast.opened(of.place):
            made = scene.chart(of)
            for _ in range(number):
                query = scene.draft(of, made)
                cancel_query(actor=of.actor(of.cdi), query=query, reason=CancelReason.DUPLICATE)
                scene.chart(of, patient=made.patient)
            whole = scene.content(made)
            indicators = tuple(
                replace(scene.indicator(made, quote, place), id=f"i{place}")
                for place, quote in enumerate(scene.NOTE.split()[:number], start=1)
            )
            draft = scene.draft(of, made, indicators=indicators, options=whole.options)
        href = f"/c/{of.place.client.slug}/encounters/{made.pk}/query/"
        measured.setdefault("composer", set()).add(count(of.cdi, href))
        browser = Browser()
        browser.force_login(of.cdi)
        form = {"kind": "open", "title": "Clarification", "body": "Please clarify the heart failure."}
        with CaptureQueriesContext(connection) as seen:
            answer = browser.post(f"{href}{draft.pk}/lint/", form, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        measured.setdefault("lint as one types", set()).add(len(seen))
    growing = {name: counts for name, counts in measured.items() if len(counts) > 1}
    assert not growing, f"what is shown shows in the number of queries: {growing}"
    counts = {name: counts.pop() for name, counts in measured.items()}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    assert counts == json.loads(BASELINE.read_text(encoding="utf-8"))
