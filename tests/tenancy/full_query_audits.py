"""A chart that was read without a question, and an audit: one of its queries finished, one that waits."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from cdi_queries.actions.audits import Drawing, draw_audit, save_audited
from cdi_queries.actions.reviews import mark_reviewed
from cdi_queries.models import AuditedQuery
from cdi_queries.rules.query_audit import Judged, Judgement
from cdi_queries.terms.audits import edition_named
from coding_ops.tenancy.actor import Actor
from encounters.models import Encounter
from tests import cast


def fill_query_audits(cdi: Actor, manager: Actor, chart: Encounter) -> tuple[AuditedQuery, AuditedQuery]:
    """The drawn query that waits for an auditor and the one that the manager finished; both by the CDI
    specialist.  ``chart``: read, with nothing to ask."""
    client, today, now = chart.client, cast.today(), timezone.now()
    mark_reviewed(actor=cdi, encounter=chart, day=today, now=now)
    audit = draw_audit(
        actor=manager,
        client_id=client.pk,
        zone=client.timezone,
        drawing=Drawing(today - timedelta(days=30), today, 2, 7),
        today=today,
        now=now,
    )
    finished, waiting = AuditedQuery.objects.filter(client_id=client.pk, audit=audit).order_by("position")
    learned = Judgement(Judged.TRAINING, f"Ask {chart.patient.family_name} less at once.")
    given = dict.fromkeys(edition_named(audit.edition).keys, learned)
    finished = save_audited(
        actor=manager, audited=finished, given=given, summary=learned.note, finish=True, now=now
    )
    return waiting, finished
