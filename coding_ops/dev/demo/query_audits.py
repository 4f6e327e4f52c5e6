"""An audit of the demo's queries at each client that has some: most judged, the rest waiting."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cdi_queries.actions.audits import Drawing, draw_audit, save_audited
from cdi_queries.models import AuditedQuery
from cdi_queries.rules.query_audit import Judged, Judgement
from cdi_queries.selectors.audits import auditable_queries
from cdi_queries.terms.audits import edition_named
from coding_ops.dev.demo.clock import at
from coding_ops.dev.demo.sitting import Day
from coding_ops.tenancy.models import Client, Role
from coding_ops.tenancy.scope import client_transaction

DAYS, DRAWN, LEFT, SEED = 28, 8, 2, 20261101
DRAWN_BEFORE = timedelta(days=1)
#: What there is to learn, by question: one query in three has one of them.
LEARNED = (
    ("clear", "Two questions in one: ask about the type first."),
    ("balance", "The normal chest film of the same day speaks against it and was left out."),
    ("options", "Name both chronic and acute on chronic; the note allows either."),
)


def audit_queries(day: Day, now: datetime) -> None:
    """The QA reviewer draws what was sent in the last weeks and judges all but the last few."""
    for slug, place in day.places.items():
        with client_transaction([place.client.pk]), at(now - DRAWN_BEFORE):
            _audit(day, slug, place.client, now - DRAWN_BEFORE)


def _audit(day: Day, slug: str, client: Client, moment: datetime) -> None:
    today = moment.astimezone(ZoneInfo(client.timezone)).date()
    first = today - timedelta(days=DAYS)
    if not auditable_queries(client.pk, client.timezone, first, today, None).exists():
        return
    actor = day.someone(Role.QA_REVIEWER, slug)
    audit = draw_audit(
        actor=actor,
        client_id=client.pk,
        zone=client.timezone,
        drawing=Drawing(first, today, DRAWN, SEED),
        today=today,
        now=moment,
    )
    keys = edition_named(audit.edition).keys
    drawn = list(AuditedQuery.objects.filter(client_id=client.pk, audit=audit).order_by("position"))
    for turn, one in enumerate(drawn[: max(1, len(drawn) - LEFT)]):
        given = {key: Judgement(Judged.MET) for key in keys}
        given["prior"] = Judgement(Judged.NOT_APPLICABLE)
        if turn % 3 == 1:
            key, words = LEARNED[turn // 3 % len(LEARNED)]
            given[key] = Judgement(Judged.TRAINING, words)
        save_audited(actor=actor, audited=one, given=given, summary="", finish=True, now=moment)
