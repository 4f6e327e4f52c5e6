"""Original claims summed up by month sent, payer and first answer; and the rows behind each sum.

No sealed column is read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Case, Count, F, Max, Q, QuerySet, Value, When
from django.db.models.functions import TruncMonth

from claims.models import Claim
from claims.rules.claim_states import ClaimState
from claims.rules.classify import CATEGORIES, CODING
from claims.rules.cohorts import Group
from claims.rules.first_pass import First
from claims.rules.measures import (
    ACCEPTED,
    CLEAN,
    DENIED,
    OTHER,
    PAID,
    PASSED,
    REFUSED,
    REJECTED,
    UNMAPPED,
    UNPAID,
)

SENT, WAITING, ANSWERED, DECIDED = "sent", "waiting", "answered", "decided"
_REFUSALS: Final = (First.DENIED.value, First.REJECTED.value)
_REFUSED: Final = Q(first_response__in=_REFUSALS) | Q(first_categories__len__gt=0)
_ANSWERED: Final = ~Q(first_response="")
_CODING: Final = Q(first_categories__contains=[CODING])
_UNMAPPED: Final = Q(first_categories__contains=[UNMAPPED])
_ACCEPTED: Final = (
    Q(accepted_at__isnull=False)
    & ~Q(first_response=First.REJECTED.value)
    & (Q(first_response_at__isnull=True) | Q(first_response_at__gte=F("accepted_at")))
)
PARTS: Final = {
    SENT: Q(),
    WAITING: Q(first_response=""),
    ANSWERED: _ANSWERED,
    PASSED: _ANSWERED & ~_REFUSED,
    OTHER: _ANSWERED & _REFUSED & ~_CODING & ~_UNMAPPED,
    UNMAPPED: _UNMAPPED & ~_CODING,
    CODING: _CODING,
    CLEAN: _ANSWERED & ~_REFUSED,
    REFUSED: _ANSWERED & _REFUSED,
    ACCEPTED: _ACCEPTED,
    REJECTED: Q(first_response=First.REJECTED.value),
    DECIDED: Q(first_response__in=[First.PAID.value, First.DENIED.value, First.UNPAID.value]),
    PAID: Q(first_response=First.PAID.value),
    DENIED: Q(first_response=First.DENIED.value),
    UNPAID: Q(first_response=First.UNPAID.value),
    **{f"category-{one}": Q(first_categories__contains=[one]) for one in CATEGORIES},
}
"""The claims of each part; the pure rule of the same name decides which, a test holds both together."""


def sent_between(claims: QuerySet[Claim], start: datetime, end: datetime) -> QuerySet[Claim]:
    """Originals of ``claims`` that went out from ``start`` until before ``end``.

    One that was replaced before anybody answered it was never tried, and is not among them.
    """
    return claims.filter(
        frequency_code="1", replaces__isnull=True, submitted_at__gte=start, submitted_at__lt=end
    ).exclude(first_response="", state__in=[ClaimState.REPLACED.value, ClaimState.VOIDED.value])


def groups_of(claims: QuerySet[Claim], zone: ZoneInfo) -> tuple[Group, ...]:
    """These claims summed up by month sent, payer and first answer, in one statement."""
    rows = (
        claims.order_by()
        .annotate(
            month=TruncMonth("submitted_at", tzinfo=zone),
            was_accepted=Case(
                When(_ACCEPTED, then=Value(True)), default=Value(False), output_field=BooleanField()
            ),
        )
        .values_list("month", "payer__name", "first_response", "first_categories", "was_accepted")
        .annotate(claims=Count("id"), last=Max("submitted_at"))
    )
    return tuple(
        Group(
            month=month.date(),
            payer=payer or "",
            first=First(first) if first else None,
            categories=tuple(categories),
            is_accepted=accepted,
            count=count,
            last_sent_on=last.astimezone(zone).date(),
        )
        for month, payer, first, categories, accepted, count, last in rows
    )
