"""Claims that wait for a file, and the files that were written."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum

from claims.models import Claim, ClaimStatus, Submission, SubmissionState, SubmittedClaim
from claims.rules.content import Frequency
from encounters.models import EncounterStatus


@dataclass(frozen=True, slots=True)
class Waiting:
    """Claims ready for one receiver and form."""

    receiver_id: str
    receiver_name: str
    form: str
    count: int
    amount: Decimal
    oldest_on: date
    payers: tuple[str, ...]


_UP_TO_DATE = Q(encounter__isnull=True) | (
    # A void says what was sent, whatever is coded now.
    (Q(frequency_code=Frequency.VOID.value) | ~Q(revision_number__lt=F("encounter__revision_count")))
    & Q(encounter__status=EncounterStatus.FINAL)
)
"""The chart is not open again, and not final with newer codes that a review still keeps back."""


def waiting_claims(client_id: int) -> QuerySet[Claim]:
    """Claims of ours that can go out: ready, in no file that waits to be sent, and up to date."""
    in_file = SubmittedClaim.objects.filter(
        client_id=client_id, claim_id=OuterRef("pk"), submission__state=SubmissionState.READY
    )
    claims: QuerySet[Claim] = Claim.objects.filter(
        _UP_TO_DATE,
        ~Exists(in_file),
        client_id=client_id,
        state=ClaimStatus.READY,
        is_billed_by_client=False,
        payer__isnull=False,
        content__isnull=False,
    )
    return claims


def waiting_for(client_id: int, receiver_id: str, form: str) -> QuerySet[Claim]:
    """Those for one file, oldest visit first."""
    claims = waiting_claims(client_id).filter(payer__receiver_id=receiver_id, form=form)
    return claims.order_by("service_from_on", "pk")


def waiting_groups(client_id: int) -> tuple[Waiting, ...]:
    """What could be written now, a row a receiver and form: two queries."""
    groups = (
        waiting_claims(client_id)
        .order_by()
        .values("payer__receiver_id", "form")
        .annotate(
            name=Max("payer__receiver_name"),
            count=Count("pk"),
            amount=Sum("total_charge_amount"),
            oldest=Min("service_from_on"),
        )
        .order_by("payer__receiver_id", "form")
    )
    names: dict[tuple[str, str], list[str]] = {}
    pairs = waiting_claims(client_id).order_by("payer__name")
    for receiver, form, name in pairs.values_list("payer__receiver_id", "form", "payer__name").distinct():
        names.setdefault((receiver, form), []).append(name)
    return tuple(
        Waiting(
            receiver_id=one["payer__receiver_id"],
            receiver_name=one["name"],
            form=one["form"],
            count=one["count"],
            amount=one["amount"],
            oldest_on=one["oldest"],
            payers=tuple(names.get((one["payer__receiver_id"], one["form"]), ())),
        )
        for one in groups
    )


def blocked_count(client_id: int) -> int:
    """Claims of ours that lack something."""
    found: int = Claim.objects.filter(
        client_id=client_id, state=ClaimStatus.BLOCKED, is_billed_by_client=False
    ).count()
    return found


def left_over(client_id: int, now: datetime, *, quiet: timedelta) -> list[uuid.UUID]:
    """Files that were asked for and that nobody seems to write: their message or their worker was lost."""
    files = Submission.objects.filter(
        client_id=client_id, state=SubmissionState.BUILDING, asked_at__lt=now - quiet
    )
    return list(files.order_by("asked_at").values_list("pk", flat=True))


def claims_of(submission: Submission) -> QuerySet[Claim]:
    """The claims that lie in a file, in its order; without their content."""
    claims: QuerySet[Claim] = Claim.objects.filter(
        client_id=submission.client_id,
        pk__in=SubmittedClaim.objects.filter(
            client_id=submission.client_id, submission=submission
        ).values_list("claim_id", flat=True),
    ).defer("content")
    return claims


def changed_since(submission: Submission, ids: Sequence[uuid.UUID]) -> int:
    """How many of a written file's claims can no longer go out as they stand in it."""
    ready = Claim.objects.filter(
        _UP_TO_DATE,
        client_id=submission.client_id,
        pk__in=ids,
        state=ClaimStatus.READY,
    ).count()
    return len(ids) - ready
