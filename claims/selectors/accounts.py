"""Accounts as instants: what of a client's visits was not billed at some time since a moment.

A client without a billing profile has none: nobody said that its claims are followed here.  No sealed column
is read.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from claims.models import BillingProfile, Claim, ClaimStep, ClaimStepKind
from claims.rules.account_board import BilledLater
from claims.rules.billing_days import Account, Cause, Gross, Stop
from claims.selectors.due import billed_to_a_payer
from coding_ops.audit.models import AuditEvent, Verb
from encounters.models import (
    CodeRevision,
    Encounter,
    EncounterKind,
    EncounterStatus,
    Pend,
    PendReason,
    ReleaseHold,
)
from encounters.rules.deadlines import Party
from encounters.rules.final_spans import final_spans

AT_ONCE = 5_000
"""Ids named in one statement."""
_COLUMNS = (
    "id",
    "service_on",
    "discharge_on",
    "available_at",
    "status",
    "kind",
    "facility_id",
    "specialty__code",
    "charge_amount",
)
_UNBLOCKED = (ClaimStepKind.CLEARED, ClaimStepKind.SUBMITTED, ClaimStepKind.READ, ClaimStepKind.WITHDRAWN)
_CAUSES = {
    PendReason.QUERY: Cause.QUERY,
    PendReason.MISSING_NOTE: Cause.DOCUMENTS,
    PendReason.UNSIGNED_NOTE: Cause.DOCUMENTS,
    PendReason.MISSING_RESULT: Cause.DOCUMENTS,
}


@dataclass(frozen=True, slots=True)
class Billed:
    """The first claim of a visit: when it went out and was answered, and what it charges."""

    sent_at: datetime | None
    answered_at: datetime | None
    charge_amount: Decimal


def billing_profile(client_id: int) -> BillingProfile | None:
    """What the client bills as and the terms it is judged by; ``None``: its claims are not followed here."""
    found: BillingProfile | None = BillingProfile.objects.filter(client_id=client_id).first()
    return found


def accounts_of(profile: BillingProfile, since: datetime) -> list[Account]:
    """Every account not billed at some time since ``since``, cancelled ones too, in no order.

    Visits served before the client's claims came here are not among them.  Two statements and some per
    5,000 accounts; the scope must be open.
    """
    client_id = profile.client_id
    cancelled = {key: at[-1] for key, at in _told(client_id, Verb.ENCOUNTER_CANCELLED, since=since).items()}
    ids = [*_unbilled(profile, since), *cancelled]
    found: list[Account] = []
    for part in _parts(ids):
        rows = Encounter.objects.filter(client_id=client_id, pk__in=part).values_list(*_COLUMNS)
        found += _accounts(client_id, list(rows), cancelled, is_self_billed=profile.is_self_billed)
    return found


def accounts_by_id(profile: BillingProfile, ids: Sequence[uuid.UUID]) -> list[Account]:
    """These visits as accounts."""
    client_id = profile.client_id
    cancelled = {key: at[-1] for key, at in _told(client_id, Verb.ENCOUNTER_CANCELLED, ids=ids).items()}
    rows = Encounter.objects.filter(client_id=client_id, pk__in=ids).values_list(*_COLUMNS)
    return _accounts(client_id, list(rows), cancelled, is_self_billed=profile.is_self_billed)


def gross_charges(client_id: int, first: date, last: date) -> list[Gross]:
    """Gross charges of original claims by last day of service, both days included."""
    rows = (
        Claim.objects.filter(
            client_id=client_id,
            replaces__isnull=True,
            service_through_on__gte=first,
            service_through_on__lte=last,
        )
        .exclude(state="withdrawn")
        .order_by("service_through_on")
        .values_list("service_through_on", "encounter__facility_id", "specialty__code")
        .annotate(total=Sum("total_charge_amount"))
    )
    return [Gross(day, total, _text(facility), _text(specialty)) for day, facility, specialty, total in rows]


def billed_later(client_id: int, since: datetime, zone: ZoneInfo) -> list[BilledLater]:
    """Original claims that went out at or after ``since``, summed by day of service and day sent."""
    rows = (
        Claim.objects.filter(
            client_id=client_id, frequency_code="1", replaces__isnull=True, submitted_at__gte=since
        )
        .filter(encounter__isnull=False)
        .order_by()
        .annotate(sent_on=TruncDate("submitted_at", tzinfo=zone))
        .values_list("service_through_on", "sent_on")
        .annotate(count=Count("id"), total=Sum("total_charge_amount"))
    )
    return [BilledLater(served, sent, count, total) for served, sent, count, total in rows]


def _unbilled(profile: BillingProfile, since: datetime) -> list[uuid.UUID]:
    """Visits not cancelled, owed by a payer, whose first claim has not gone out, or went out since."""
    sent = Claim.objects.filter(
        client_id=profile.client_id,
        replaces__isnull=True,
        submitted_at__lt=since,
        encounter__isnull=False,
    )
    served = Encounter.objects.filter(client_id=profile.client_id).exclude(status=EncounterStatus.CANCELLED)
    if profile.bills_from_on is not None:
        served = served.filter(service_on__gte=profile.bills_from_on)
    # One set less the other: an anti-join becomes a loop in a loop where the planner knows a table badly.
    owed = billed_to_a_payer(profile.client_id, served)
    ids = owed.values_list("pk", flat=True).difference(sent.values_list("encounter_id", flat=True))
    return list(ids)


def _accounts(
    client_id: int,
    rows: Sequence[tuple[Any, ...]],
    cancelled: Mapping[uuid.UUID, datetime],
    *,
    is_self_billed: bool,
) -> list[Account]:
    ids = [row[0] for row in rows]
    finals, billed = _finals(client_id, ids), _billed(client_id, ids)
    once = {row[0] for row in rows if row[4] == EncounterStatus.FINAL and len(finals.get(row[0], ())) == 1}
    reopened = _told(client_id, Verb.ENCOUNTER_REOPENED, ids=finals.keys() - once)
    holds, reviews, blocks = _holds(client_id, ids), _reviews(client_id, ids), _blocks(client_id, ids)
    found = []
    for key, service_on, discharge_on, available_at, status, kind, facility, specialty, charge in rows:
        claim = billed.get(key)
        in_house = kind == EncounterKind.INPATIENT and discharge_on is None
        found.append(
            Account(
                id=key,
                served_on=None if in_house else discharge_on or service_on,
                available_at=available_at,
                coded=final_spans(
                    finals.get(key, ()), reopened.get(key, ()), is_final=status == EncounterStatus.FINAL
                ),
                holds=tuple(holds.get(key, ())),
                reviews=tuple(reviews.get(key, ())),
                blocks=tuple(blocks.get(key, ())),
                billed_at=claim.sent_at if claim else None,
                answered_at=claim.answered_at if claim else None,
                cancelled_at=cancelled.get(key) if status == EncounterStatus.CANCELLED else None,
                is_self_billed=is_self_billed,
                charge_amount=(claim.charge_amount if claim and claim.charge_amount else None) or charge,
                facility=_text(facility),
                specialty=_text(specialty),
            )
        )
    return found


def _finals(client_id: int, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[datetime]]:
    found: dict[uuid.UUID, list[datetime]] = defaultdict(list)
    rows = CodeRevision.objects.filter(client_id=client_id, encounter_id__in=ids).order_by("number")
    for key, at in rows.values_list("encounter_id", "finalized_at"):
        found[key].append(at)
    return found


def _billed(client_id: int, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Billed]:
    """The first claim that went out, else the newest made; none of those that were taken back."""
    rows = (
        Claim.objects.filter(client_id=client_id, encounter_id__in=ids, replaces__isnull=True)
        .exclude(state="withdrawn")
        .order_by("submitted_at", "-made_at")
    )
    found: dict[uuid.UUID, Billed] = {}
    for key, sent_at, answered_at, charge in rows.values_list(
        "encounter_id", "submitted_at", "first_response_at", "total_charge_amount"
    ):
        found.setdefault(key, Billed(sent_at, answered_at, charge))
    return found


def _holds(client_id: int, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Stop]]:
    found: dict[uuid.UUID, list[Stop]] = defaultdict(list)
    rows = Pend.objects.filter(client_id=client_id, encounter_id__in=ids).order_by("opened_at")
    for key, party, reason, start, end in rows.values_list(
        "encounter_id", "owner_party", "reason", "opened_at", "closed_at"
    ):
        found[key].append(Stop(start, end, Party(party), _CAUSES.get(PendReason(reason), Cause.HOLD)))
    return found


def _reviews(client_id: int, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Stop]]:
    found: dict[uuid.UUID, list[Stop]] = defaultdict(list)
    rows = ReleaseHold.objects.filter(client_id=client_id, encounter_id__in=ids).order_by("held_at")
    for key, start, end in rows.values_list("encounter_id", "held_at", "lifted_at"):
        found[key].append(Stop(start, end, Party.VENDOR, Cause.REVIEW))
    return found


def _blocks(client_id: int, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Stop]]:
    """From each step that found the claim wanting to the next that did not."""
    rows = ClaimStep.objects.filter(
        client_id=client_id,
        claim__encounter_id__in=ids,
        claim__replaces__isnull=True,
        kind__in=(ClaimStepKind.BLOCKED, *_UNBLOCKED),
    ).order_by("at", "id")
    steps: dict[uuid.UUID, list[tuple[datetime, str, Party]]] = defaultdict(list)
    charts: dict[uuid.UUID, uuid.UUID] = {}
    for chart, claim, kind, at, facts in rows.values_list(
        "claim__encounter_id", "claim_id", "kind", "at", "facts"
    ):
        charts[claim] = chart
        steps[claim].append((at, kind, _party(facts)))
    found: dict[uuid.UUID, list[Stop]] = defaultdict(list)
    for claim, told in steps.items():
        for position, (at, kind, party) in enumerate(told):
            if kind == ClaimStepKind.BLOCKED:
                end = told[position + 1][0] if position + 1 < len(told) else None
                found[charts[claim]].append(Stop(at, end, party, Cause.BLOCKED))
    return found


def _party(facts: Mapping[str, Any]) -> Party:
    """Who can mend a blocked claim; the vendor's, where nobody was named."""
    named = facts.get("party", "")
    return Party(named) if named in set(Party) else Party.VENDOR


def _told(
    client_id: int, verb: Verb, *, since: datetime | None = None, ids: Iterable[uuid.UUID] | None = None
) -> dict[uuid.UUID, list[datetime]]:
    """When the ledger says this was done, by visit, oldest first."""
    events = AuditEvent.objects.filter(client_id=client_id, verb=verb)
    if since is not None:
        events = events.filter(occurred_at__gte=since)
    if ids is not None:
        events = events.filter(subject_id__in=[str(key) for key in ids])
    found: dict[uuid.UUID, list[datetime]] = defaultdict(list)
    for subject_id, at in events.order_by("seq").values_list("subject_id", "occurred_at"):
        found[uuid.UUID(subject_id)].append(at)
    return found


def _parts(ids: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


def _text(value: Any) -> str:
    return "" if value is None else str(value)
