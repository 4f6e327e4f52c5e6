"""Reads of one assignment's page: its rounds, their reviews, its findings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from qa_audit.models import (
    FindingTopic,
    ReauditDraw,
    ReauditReview,
    Review,
    TrainingAssignment,
    TrainingFinding,
    TrainingRound,
)


@dataclass(frozen=True, slots=True)
class RoundRead:
    """A round with its draws and its reviews in the order they were asked for."""

    round: TrainingRound
    draws: tuple[ReauditDraw, ...]
    reviews: tuple[Review, ...]


def rounds_of(assignment: TrainingAssignment) -> list[RoundRead]:
    """Every round, newest first."""
    client_id = assignment.client_id
    rounds = TrainingRound.objects.filter(client_id=client_id, assignment=assignment).order_by("-number")
    draws: dict[UUID, list[ReauditDraw]] = defaultdict(list)
    for drawn in ReauditDraw.objects.filter(client_id=client_id, round__assignment=assignment).defer("frame"):
        draws[drawn.round_id].append(drawn)
    reviews: dict[UUID, list[Review]] = defaultdict(list)
    links = (
        ReauditReview.objects.filter(client_id=client_id, draw__round__assignment=assignment)
        .select_related("review__encounter", "draw")
        .order_by("review__created_at", "review_id")
    )
    for link in links:
        reviews[link.draw.round_id].append(link.review)
    return [RoundRead(one, tuple(draws[one.pk]), tuple(reviews[one.pk])) for one in rounds]


def found_again(assignment: TrainingAssignment) -> frozenset[UUID]:
    """Reviews of this assignment with a settled finding of its topic."""
    links = ReauditReview.objects.filter(client_id=assignment.client_id, draw__round__assignment=assignment)
    rows = FindingTopic.objects.filter(
        client_id=assignment.client_id,
        line__review__in=links.values("review_id"),
        topic=assignment.topic,
        settled_at__isnull=False,
        fallen_at__isnull=True,
    )
    return frozenset(rows.values_list("line__review_id", flat=True))


def findings_of(assignment: TrainingAssignment, reviews: QuerySet[Review]) -> list[tuple[int, FindingTopic]]:
    """Round and finding of what the assignment is about, newest round first; of these reviews only."""
    rounds = dict(
        TrainingFinding.objects.filter(client_id=assignment.client_id, assignment=assignment).values_list(
            "line_id", "round_number"
        )
    )
    found = FindingTopic.objects.filter(
        client_id=assignment.client_id,
        line_id__in=list(rounds),
        line__review__in=reviews.values("pk"),
    ).select_related("line__review__encounter", "coder")
    return sorted(
        ((rounds[one.line_id], one) for one in found), key=lambda pair: (-pair[0], pair[1].given_at)
    )
