"""Findings that were delivered: lists by who is awaited, and how often a reviewer's findings fall."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from coding_ops.tenancy.models import Membership, Role
from qa_audit.models import AuditLine, LineStep, Review
from qa_audit.rules.exchange import STATES_OF, Fallen, Turn, fallen, turn_of
from qa_audit.rules.review_states import LineState, ReviewState

PAGE_ROWS = 50
ANSWERERS = (Role.CODER, Role.QA_REVIEWER, Role.MANAGER, Role.VENDOR_ADMIN, Role.CLIENT_ADMIN)


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters of a list of findings; empty takes all."""

    turn: str = ""
    state: str = ""
    verdict: str = ""
    cause: str = ""
    coder: int | None = None
    reviewer: int | None = None


def findings_in(reviews: QuerySet[Review], client_ids: Sequence[int], asked: Asked) -> QuerySet[AuditLine]:
    """Delivered findings of these reviews: of a turn those due first, else the newest first.

    ``reviews`` are those in the person's reach: what they may not open is in no list.
    """
    lines = (
        AuditLine.objects.filter(
            client_id__in=client_ids, review__in=reviews, review__delivered_at__isnull=False
        )
        .exclude(state=LineState.DRAFT)
        .select_related("review__encounter", "review__coder", "review__reviewer", "client")
        .annotate(due=Coalesce(F("answer_by"), F("review__respond_by")))
    )
    if asked.turn in STATES_OF and asked.turn != Turn.NOBODY:
        lines = lines.filter(
            review__state=ReviewState.ANSWERING,
            state__in=[state.value for state in STATES_OF[Turn(asked.turn)]],
        )
    if asked.state:
        lines = lines.filter(state=asked.state)
    if asked.verdict:
        lines = lines.filter(verdict=asked.verdict)
    if asked.cause:
        lines = lines.filter(cause=asked.cause)
    if asked.coder is not None:
        lines = lines.filter(review__coder_id=asked.coder)
    if asked.reviewer is not None:
        lines = lines.filter(review__reviewer_id=asked.reviewer)
    if asked.turn:
        return lines.order_by("due", "review_id", "number")
    # Ids are in the order of time: the newest come off the end of one index, and nothing is sorted.
    return lines.order_by("-pk")


def has_left(review: Review, line: AuditLine) -> bool:
    """Whether the coder or reviewer who is awaited on a finding works for the client no longer."""
    turn = turn_of(line.state)
    awaited = {Turn.CODER: review.coder_id, Turn.REVIEWER: review.reviewer_id}.get(turn)
    return awaited is not None and awaited not in standing(review.client_id, [awaited])


def standing(client_id: int, user_ids: Iterable[int]) -> frozenset[int]:
    """Those of the people who can still answer at a client: an active account and a standing role."""
    today = timezone.localdate()
    rows = Membership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        client_id=client_id,
        user_id__in=list(user_ids),
        user__is_active=True,
        revoked_at__isnull=True,
        role__in=ANSWERERS,
    )
    return frozenset(rows.values_list("user_id", flat=True))


@dataclass(frozen=True, slots=True)
class ReviewerRow:
    """One reviewer's settled findings of a period."""

    user_id: int
    name: str
    fallen: Fallen


def reviewers_of(
    reviews: QuerySet[Review], client_id: int, *, since: datetime, confidence: Decimal
) -> tuple[ReviewerRow, ...]:
    """How often findings fell, by reviewer, of reviews closed since; in the order of names, no ranking."""
    counts = (
        AuditLine.objects.filter(
            client_id=client_id,
            review__in=reviews.filter(state=ReviewState.CLOSED, closed_at__gte=since),
        )
        .exclude(state=LineState.DRAFT)
        .values_list("review__reviewer_id", "review__reviewer__full_name", "state")
        .annotate(count=Count("pk"))
        .order_by("review__reviewer__full_name", "review__reviewer_id")
    )
    by_reviewer: dict[tuple[int, str], list[tuple[str, int]]] = defaultdict(list)
    for reviewer_id, name, state, count in counts:
        by_reviewer[reviewer_id, name].append((state, count))
    return tuple(
        ReviewerRow(user_id, name, fallen(states, confidence=confidence))
        for (user_id, name), states in by_reviewer.items()
    )


def is_late(line: AuditLine, today: date) -> bool:
    """Whether the coder's last day has passed; ``findings_in`` put it beside the line."""
    due: date | None = line.due  # type: ignore[attr-defined]
    return due is not None and due < today and turn_of(line.state) is Turn.CODER


def lines_of(review: Review) -> list[AuditLine]:
    """Every line of a review with what was said of it: three queries."""
    lines = (
        AuditLine.objects.filter(client_id=review.client_id, review=review)
        .select_related("review")
        .prefetch_related(Prefetch("steps", LineStep.objects.select_related("said_by")))
        .order_by("number")
    )
    return list(lines)
