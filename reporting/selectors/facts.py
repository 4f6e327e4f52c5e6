"""One client's facts for a stretch of time: a fixed number of queries, whatever the number of encounters.

Instants that no column holds, when a final chart was reopened and when an encounter was cancelled, come from
the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from cdi_queries.models import CdiQuery, ChartReview
from cdi_queries.selectors.measures import review_marks, sent_queries
from claims.selectors.accounts import accounts_of, billing_profile, gross_charges
from claims.selectors.claim_facts import denial_facts, originals, sent_claims
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import Client
from encounters.models import CodeRevision, Encounter, EncounterKind, EncounterStatus, Pend, WorkSession
from encounters.rules.deadlines import Hold, Party
from encounters.rules.final_spans import final_spans
from reporting.rules.clock import Span
from reporting.rules.dnfb import REVENUE_DAYS
from reporting.rules.facts import DUE_WITHIN, Billing, EncounterFact, Facts, Keys, WorkFact

_OPEN = [
    EncounterStatus.RECEIVED,
    EncounterStatus.READY,
    EncounterStatus.PENDED,
    EncounterStatus.REOPENED,
]
_COLUMNS = (
    "id",
    "service_on",
    "discharge_on",
    "available_at",
    "due_at",
    "status",
    "kind",
    "facility_id",
    "specialty__code",
    "assigned_coder_id",
)


def facts_of(client: Client, since: datetime) -> Facts:
    """Everything that can count in a window that starts at or after ``since``; the scope must be open.

    That is every encounter not final now, final at some time since, or cancelled since: whoever waited at a
    census of that stretch is among them.
    """
    cancelled = _instants(client, Verb.ENCOUNTER_CANCELLED, since=since)
    chosen = Encounter.objects.filter(client_id=client.pk).filter(
        Q(status__in=_OPEN) | Q(final_at__gte=since) | Q(pk__in=list(cancelled))
    )
    return Facts(
        encounters=_encounter_facts(client, chosen, {key: times[-1] for key, times in cancelled.items()}),
        work=_work_facts(client, chosen, since),
        queries=sent_queries(CdiQuery.objects.filter(client_id=client.pk), since - DUE_WITHIN),
        reviews=review_marks(ChartReview.objects.filter(client_id=client.pk), since),
        billing=_billing(client, since),
    )


def _billing(client: Client, since: datetime) -> Billing | None:
    """What claims and accounts say, or ``None`` for a client whose claims are not followed here."""
    profile = billing_profile(client.pk)
    if profile is None:
        return None
    zone = ZoneInfo(client.timezone)
    first = since.astimezone(zone).date()
    return Billing(
        bill_hold_days=profile.bill_hold_days,
        maturity_days=profile.maturity_days,
        claims=sent_claims(originals(client.pk), since - timedelta(days=profile.maturity_days)),
        denials=denial_facts(client.pk, since, zone),
        accounts=accounts_of(profile, since),
        gross=gross_charges(client.pk, first - timedelta(days=REVENUE_DAYS), date.max),
    )


def _encounter_facts(
    client: Client, chosen: QuerySet[Encounter], cancelled: Mapping[UUID, datetime]
) -> list[EncounterFact]:
    rows = list(chosen.values_list(*_COLUMNS))
    revisions, holds = _revisions(client, chosen), _holds(client, chosen)
    # Few charts are ever reopened; only theirs need the ledger.
    once = {row[0] for row in rows if row[5] == EncounterStatus.FINAL and len(revisions.get(row[0], ())) == 1}
    reopened = _instants(client, Verb.ENCOUNTER_REOPENED, ids=revisions.keys() - once)
    agreed = Decimal(client.turnaround_hours)
    facts = []
    for key, service_on, discharge_on, available_at, due_at, status, kind, facility, specialty, coder in rows:
        finals = revisions.get(key, [])
        is_final = status == EncounterStatus.FINAL
        finalized_by = finals[0][1] if finals else coder
        in_house = kind == EncounterKind.INPATIENT and discharge_on is None
        facts.append(
            EncounterFact(
                id=key,
                service_on=None if in_house else discharge_on or service_on,
                available_at=available_at,
                due_at=due_at,
                sla_hours=agreed,
                coded=coded_spans([at for at, _ in finals], reopened.get(key, []), is_final=is_final),
                holds=tuple(holds.get(key, ())),
                cancelled_at=cancelled.get(key) if status == EncounterStatus.CANCELLED else None,
                keys=Keys(_text(facility), _text(specialty), _text(finalized_by)),
            )
        )
    return facts


def coded_spans(finals: list[datetime], reopened: list[datetime], *, is_final: bool) -> tuple[Span, ...]:
    """When an encounter stood final: each finalize until the reopening before the next.

    Args:
        finals: of its revisions, oldest first.
        reopened: instants of the ledger, in any order.
        is_final: whether it stands final now; the last span is open then.
    """
    return tuple(Span(*span) for span in final_spans(finals, reopened, is_final=is_final))


def _revisions(client: Client, chosen: QuerySet[Encounter]) -> dict[UUID, list[tuple[datetime, int]]]:
    found: dict[UUID, list[tuple[datetime, int]]] = defaultdict(list)
    rows = CodeRevision.objects.filter(client_id=client.pk, encounter__in=chosen.values("pk"))
    for key, at, by in rows.order_by("number").values_list("encounter_id", "finalized_at", "finalized_by_id"):
        found[key].append((at, by))
    return dict(found)


def _holds(client: Client, chosen: QuerySet[Encounter]) -> dict[UUID, list[Hold]]:
    found: dict[UUID, list[Hold]] = defaultdict(list)
    rows = Pend.objects.filter(client_id=client.pk, encounter__in=chosen.values("pk"))
    for key, party, opened_at, closed_at in rows.order_by("opened_at").values_list(
        "encounter_id", "owner_party", "opened_at", "closed_at"
    ):
        found[key].append(Hold(opened_at, closed_at, Party(party)))
    return dict(found)


def _work_facts(client: Client, chosen: QuerySet[Encounter], since: datetime) -> list[WorkFact]:
    """Sittings that have ended: those since, and earlier ones on charts that count."""
    rows: QuerySet[Any] = WorkSession.objects.filter(client_id=client.pk, ended_at__isnull=False).filter(
        Q(ended_at__gte=since) | Q(encounter__in=chosen.values("pk"))
    )
    return [
        WorkFact(
            encounter_id=key,
            started_at=started_at,
            ended_at=ended_at,
            productive=timedelta(seconds=seconds),
            keys=Keys(_text(facility), _text(specialty), _text(user)),
        )
        for key, started_at, ended_at, seconds, user, facility, specialty in rows.order_by(
            "started_at"
        ).values_list(
            "encounter_id",
            "started_at",
            "ended_at",
            "active_seconds",
            "user_id",
            "encounter__facility_id",
            "encounter__specialty__code",
        )
    ]


def _instants(
    client: Client, verb: Verb, *, since: datetime | None = None, ids: Iterable[UUID] | None = None
) -> dict[UUID, list[datetime]]:
    """When the ledger says this was done, by encounter, oldest first."""
    events = AuditEvent.objects.filter(client_id=client.pk, verb=verb)
    if since is not None:
        events = events.filter(occurred_at__gte=since)
    if ids is not None:
        events = events.filter(subject_id__in=[str(key) for key in ids])
    found: dict[UUID, list[datetime]] = defaultdict(list)
    for subject_id, at in events.order_by("seq").values_list("subject_id", "occurred_at"):
        found[UUID(subject_id)].append(at)
    return dict(found)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
