"""Lists of reviews: a client's, filtered and paged, and what waits for one reviewer across clients."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery

from coding_ops.accounts.models import Specialty, User
from coding_ops.tenancy.actor import Actor
from qa_audit.models import AuditLine, Review, ReviewScore
from qa_audit.models.reviews import HIDDEN_ORIGINS
from qa_audit.rules.plan_terms import Gate, Mode
from qa_audit.rules.review_states import LineState, ReviewState

PAGE_ROWS = 50
UNSEEN = Q(mode=Mode.BLIND.value, state__in=[ReviewState.WAITING.value, ReviewState.CODING.value])
"""Blind reviews whose coder nobody who reviews may know yet."""
DELIVERED = (ReviewState.ANSWERING.value, ReviewState.CLOSED.value)
MOST_CHOICES = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters of a list of reviews; empty takes all.  ``origins``: the stored ones behind a shown one.

    ``closed_from`` and ``closed_before`` are moments; ``clean`` and ``is_client_run`` of None take both.
    """

    state: str = ""
    draw: uuid.UUID | None = None
    coder: int | None = None
    reviewer: int | None = None
    origins: tuple[str, ...] | None = None
    specialty: str = ""
    verdict: str = ""
    closed_from: datetime | None = None
    closed_before: datetime | None = None
    clean: bool | None = None
    is_client_run: bool | None = None


def filtered(reviews: QuerySet[Review], asked: Asked, *, sees_coders: bool) -> QuerySet[Review]:
    """The reviews that a filter takes, newest first, with their findings counted and their newest score.

    ``reviews`` are those in the person's reach.  ``sees_coders``: without it a filter by coder passes over
    blind reviews whose coder is not to be known, and a filter by verdict over what was not delivered.
    """
    if asked.state:
        reviews = reviews.filter(state=asked.state)
    if asked.draw is not None:
        reviews = reviews.filter(draw_id=asked.draw)
    if asked.coder is not None:
        reviews = reviews.filter(coder_id=asked.coder)
        reviews = reviews if sees_coders else reviews.exclude(UNSEEN)
    if asked.reviewer is not None:
        reviews = reviews.filter(reviewer_id=asked.reviewer)
    if asked.origins is not None:
        reviews = reviews.filter(origin__in=asked.origins)
    if asked.specialty:
        reviews = reviews.filter(encounter__specialty__code=asked.specialty)
    if asked.verdict:
        lines = AuditLine.objects.filter(
            client_id=OuterRef("client_id"), review_id=OuterRef("pk"), verdict=asked.verdict
        )
        reviews = reviews.filter(Exists(lines), state__in=DELIVERED)
    return _of_closed(_told(reviews), asked).order_by("-created_at", "-pk")


def _of_closed(reviews: QuerySet[Review], asked: Asked) -> QuerySet[Review]:
    """Cut to when they were closed and how they ended; either takes closed ones alone."""
    if asked.is_client_run is not None:
        reviews = reviews.filter(is_client_run=asked.is_client_run)
    if asked.closed_from is not None:
        reviews = reviews.filter(state=ReviewState.CLOSED, closed_at__gte=asked.closed_from)
    if asked.closed_before is not None:
        reviews = reviews.filter(state=ReviewState.CLOSED, closed_at__lt=asked.closed_before)
    if asked.clean is not None:
        newest = ReviewScore.objects.filter(
            client_id=OuterRef("client_id"), review_id=OuterRef("pk")
        ).order_by("-number")
        reviews = reviews.annotate(is_clean=Subquery(newest.values("is_clean")[:1])).filter(
            state=ReviewState.CLOSED, is_clean=asked.clean
        )
    return reviews


def _told(reviews: QuerySet[Review]) -> QuerySet[Review]:
    of_review = {"client_id": OuterRef("client_id"), "review_id": OuterRef("pk")}
    newest = ReviewScore.objects.filter(**of_review).order_by("-number")
    found = (
        AuditLine.objects.filter(**of_review)
        .exclude(state=LineState.DRAFT)
        .order_by()
        .values("review_id")
        .annotate(n=Count("pk"))
    )
    return reviews.select_related("encounter__specialty", "coder", "reviewer").annotate(
        numerator=Subquery(newest.values("numerator")[:1]),
        denominator=Subquery(newest.values("denominator")[:1]),
        is_provisional=Subquery(newest.values("is_provisional")[:1]),
        found=Subquery(found.values("n")[:1]),
    )


def people_of(reviews: QuerySet[Review], field: str) -> list[User]:
    """Coders or reviewers of these reviews, for a filter."""
    ids = reviews.order_by().values(f"{field}_id").distinct()
    return list(User.objects.filter(pk__in=ids).order_by("full_name")[:MOST_CHOICES])


def specialties_of(reviews: QuerySet[Review]) -> list[Specialty]:
    """Specialties of these reviews' charts, for a filter."""
    ids = reviews.order_by().values("encounter__specialty_id").distinct()
    return list(Specialty.objects.filter(pk__in=ids).order_by("name")[:MOST_CHOICES])


# --- across clients ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits at one client for this reviewer."""

    client_id: int
    count: int
    prebill: int
    oldest: datetime


def waiting_for(actor: Actor, client_ids: Sequence[int]) -> list[Waiting]:
    """Reviews that this person may take, by client, the longest wait first: one query."""
    rows = (
        Review.objects.filter(client_id__in=client_ids, state=ReviewState.WAITING, is_client_run=False)
        .filter(Q(assigned_to__isnull=True) | Q(assigned_to_id=actor.user_id))
        .exclude(coder_id=actor.user_id)
        .exclude(Q(origin__in=HIDDEN_ORIGINS) & Q(assigned_to__isnull=True))
        .order_by()
        .values("client_id")
        .annotate(
            count=Count("pk"), prebill=Count("pk", filter=Q(gate=Gate.PREBILL)), oldest=Min("created_at")
        )
    )
    found = [Waiting(row["client_id"], row["count"], row["prebill"], row["oldest"]) for row in rows]
    return sorted(found, key=lambda one: (one.prebill == 0, one.oldest))


def in_hand(actor: Actor, client_ids: Sequence[int]) -> list[Review]:
    """The reviews that this person has begun, longest in hand first."""
    under_way = [ReviewState.CODING.value, ReviewState.COMPARING.value]
    rows = Review.objects.filter(
        client_id__in=client_ids, reviewer_id=actor.user_id, state__in=under_way
    ).select_related("encounter")
    return list(rows.order_by("taken_at", "pk")[:PAGE_ROWS])


def rebutted(actor: Actor, client_ids: Sequence[int]) -> list[Review]:
    """Delivered reviews of this person with a rebuttal to answer, and how many (``waiting``)."""
    rows = Review.objects.filter(
        client_id__in=client_ids, reviewer_id=actor.user_id, state=ReviewState.ANSWERING
    ).select_related("encounter")
    counted = rows.annotate(waiting=Count("lines", filter=Q(lines__state=LineState.REBUTTED)))
    return list(counted.filter(waiting__gt=0).order_by("respond_by", "pk")[:PAGE_ROWS])
