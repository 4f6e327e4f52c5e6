"""Queries of the pages of measures and audits: recorded, and the same for few rows as for many."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from cdi_queries.actions.audits import Drawing, draw_audit, save_audited
from cdi_queries.actions.reviews import mark_reviewed
from cdi_queries.models import AuditedQuery, QueryAudit
from cdi_queries.rules.query_audit import Judged, Judgement
from cdi_queries.terms.audits import editions
from tests import cast
from tests.cdi_queries import scene
from tests.performance.test_query_counts import count

BASELINE = Path(__file__).with_name("query_audit_counts.json")
BASE = "/c/cypress-ridge/queries/"
FEW, MANY = 2, 6


def grow(of: scene.Desk, first: int, last: int) -> QueryAudit:
    """More queries, marks and providers; the newest audit of all of them, half of it finished."""
    now, today = timezone.now(), timezone.localdate()
    for number in range(first, last):
        at = now - timedelta(days=4)
        asked = scene.sent(of, scene.chart(of, specialty=cast.specialty(f"S{number}")), now=at, hold=False)
        scene.answered(of, asked, now=at + timedelta(hours=number + 1))
        mark_reviewed(actor=of.actor(of.cdi), encounter=scene.chart(of), day=today, now=now)
    audit = draw_audit(
        actor=of.actor(of.manager),
        client_id=of.place.client.pk,
        zone=of.place.client.timezone,
        drawing=Drawing(today - timedelta(days=9), today, last, last),
        today=today,
        now=now,
    )
    given = {key: Judgement(Judged.TRAINING, "Shorter, please") for key in editions()[-1].keys}
    for one in AuditedQuery.objects.filter(audit=audit)[: last // 2]:
        save_audited(actor=of.actor(of.manager), audited=one, given=given, summary="", finish=True, now=now)
    return audit


def counts(of: scene.Desk, audit: QueryAudit) -> dict[str, int]:
    today = timezone.localdate()
    days = f"from={today - timedelta(days=30)}&through={today}"
    with cast.opened(of.place):
        open_one = AuditedQuery.objects.filter(audit=audit, finished_at__isnull=True)[0]
    pages = {
        "measures": "measures/",
        "charts behind a measure": f"measures/rows/?measure=rate&{days}",
        "queries behind a measure": f"measures/rows/?measure=in_time&{days}",
        "audits": "audits/",
        "audit": f"audits/{audit.pk}/",
        "audit as a file": f"audits/{audit.pk}/csv/",
        "audited query": f"audits/queries/{open_one.pk}/",
        "audits of an author": f"audits/authors/{of.cdi.pk}/",
        "new audit": "audits/new/",
    }
    return {name: count(of.manager, BASE + path) for name, path in pages.items()}


@pytest.mark.django_db
def test_the_pages_of_measures_and_audits_make_as_many_queries_as_recorded_whatever_they_show() -> None:
    of = scene.desk(cast.cypress())
    with cast.opened(of.place):
        audit = grow(of, 0, FEW)
    few = counts(of, audit)
    with cast.opened(of.place):
        audit = grow(of, FEW, MANY)
    many = counts(of, audit)
    assert few == many
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2) + "\n", "utf-8")
    assert many == json.loads(BASELINE.read_text("utf-8"))
