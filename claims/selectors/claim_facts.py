"""What the measures of claims are computed from: sent claims and denials as instants.

No sealed column is read.  Each condition has an index of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Min, Q, QuerySet

from claims.models import Appeal, Claim, Denial
from claims.rules.claim_states import OUT, ClaimState
from claims.rules.denial_states import DenialState
from claims.rules.first_pass import First
from claims.rules.measures import ClaimKeys, DenialFact, SentClaim

_COLUMNS = (
    "id", "submitted_at", "accepted_at", "first_response_at", "first_response", "first_categories",
    "total_charge_amount", "encounter__facility_id", "specialty__code", "coder_id",
)  # fmt: skip
_DENIAL_COLUMNS = (
    "id", "category", "received_on", "ended_at", "state", "recovered_amount", "denied_amount",
    "claim__encounter__facility_id", "claim__specialty__code",
)  # fmt: skip
_ENDED = (ClaimState.REPLACED.value, ClaimState.VOIDED.value)


def originals(client_id: int) -> QuerySet[Claim]:
    """Claims that went out and correct no other."""
    # A correction of a rejected claim goes out as an original, too: the payer never had the first.  The
    # frequency is named beside it for the index of windows.
    rows: QuerySet[Claim] = Claim.objects.filter(
        client_id=client_id, frequency_code="1", replaces__isnull=True, submitted_at__isnull=False
    )
    return rows


def sent_claims(claims: QuerySet[Claim], since: datetime) -> list[SentClaim]:
    """Those of ``claims`` sent or answered at or after ``since``, or that wait for an answer.

    A claim that was replaced before anybody answered it waits for nothing and is not among them.
    """
    touched = claims.filter(
        Q(submitted_at__gte=since)
        | Q(first_response_at__gte=since)
        | Q(first_response_at__isnull=True, state__in=[one.value for one in OUT])
    ).exclude(first_response_at__isnull=True, state__in=_ENDED)
    return [_claim(row) for row in touched.order_by().values_list(*_COLUMNS)]


def denial_facts(client_id: int, since: datetime, zone: ZoneInfo) -> list[DenialFact]:
    """Denials that ended, or about which an appeal was sent, at or after ``since``."""
    lately = Appeal.objects.filter(client_id=client_id, sent_at__gte=since).values("denial_id")
    rows = (
        Denial.objects.filter(client_id=client_id)
        .filter(Q(ended_at__gte=since) | Q(pk__in=lately))
        .order_by()
        .values_list(*_DENIAL_COLUMNS)
    )
    denials = list(rows)
    first = dict(
        Appeal.objects.filter(client_id=client_id, denial_id__in=[row[0] for row in denials])
        .order_by("denial_id")
        .values_list("denial_id")
        .annotate(at=Min("sent_at"))
    )
    return [
        DenialFact(
            id=key,
            category=category,
            received_at=datetime.combine(received_on, time(), tzinfo=zone),
            ended_at=ended_at,
            is_overturned=state == DenialState.OVERTURNED or recovered > 0,
            appealed_at=first.get(key),
            denied_amount=denied,
            keys=ClaimKeys(_text(facility), _text(specialty)),
        )
        for key, category, received_on, ended_at, state, recovered, denied, facility, specialty in denials
    ]


def _claim(row: Iterable[Any]) -> SentClaim:
    key, sent_at, accepted_at, answered_at, first, categories, charge, facility, specialty, coder = row
    return SentClaim(
        id=key,
        sent_at=sent_at,
        accepted_at=accepted_at,
        answered_at=answered_at if first else None,
        first=First(first) if first else None,
        categories=tuple(categories),
        charge_amount=charge,
        keys=ClaimKeys(_text(facility), _text(specialty), _text(coder)),
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)
