"""The charts of a re-audit: what was final after the training, what its reviews say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from encounters.models import CodeRevision, Encounter, EncounterStatus
from qa_audit.models import (
    AuditLine,
    FindingTopic,
    PlanVersion,
    ReauditReview,
    Review,
    SamplingPlan,
    TrainingAssignment,
    TrainingRound,
)
from qa_audit.rules.plan_terms import PlanTerms, parse_terms
from qa_audit.rules.review_states import ReviewState
from qa_audit.rules.training_states import TrainingState
from qa_audit.topic_tables import topic_map

SHOWS, OTHER = "shows", "other"
"""Strata of a re-audit: charts on which the error can be made, and the rest."""


@dataclass(frozen=True, slots=True)
class AfterTraining:
    """A chart first final after a training, with its newest revision."""

    encounter_id: str
    revision_id: UUID
    stratum: str


def charts_after(assignment: TrainingAssignment, current: TrainingRound) -> QuerySet[Encounter]:
    """Charts the coder finished for the first time after the training, and nobody reviews right now.

    A chart that was final before and is final again shows what was taught on it, not what was learned.
    """
    if current.completed_at is None:
        return Encounter.objects.none()
    after = Since(assignment.coder_id, current.completed_at, current.pk)
    return _charts_since(assignment.client_id, after, after)


@dataclass(frozen=True, slots=True)
class Since:
    """A coder, the moment a training was done, and its round: values, or references to an outer row."""

    coder: Any
    done: Any
    round: Any


def _charts_since(client_id: int, here: Since, inside: Since) -> QuerySet[Encounter]:
    """``inside``: the same as seen from a query within the query."""
    final_before = CodeRevision.objects.filter(
        client_id=client_id, encounter_id=OuterRef("pk"), finalized_at__lte=inside.done
    )
    reviewed_now = Review.objects.filter(client_id=client_id, encounter_id=OuterRef("pk")).exclude(
        state__in=[ReviewState.CLOSED, ReviewState.CANCELLED]
    )
    of_this_round = ReauditReview.objects.filter(
        client_id=client_id, draw__round_id=inside.round, review__encounter_id=OuterRef("pk")
    )
    found: QuerySet[Encounter] = Encounter.objects.filter(
        ~Exists(final_before),
        ~Exists(reviewed_now),
        ~Exists(of_this_round),
        client_id=client_id,
        assigned_coder_id=here.coder,
        status=EncounterStatus.FINAL,
        final_at__gt=here.done,
    )
    return found


def frame_after(assignment: TrainingAssignment, current: TrainingRound) -> list[AfterTraining]:
    """``charts_after`` with what a draw needs, in the order of their ids."""
    rows = (
        CodeRevision.objects.filter(
            client_id=assignment.client_id,
            encounter_id__in=charts_after(assignment, current).values("pk"),
        )
        .order_by("encounter_id", "-number")
        .distinct("encounter_id")
        .values_list("encounter_id", "pk", "codes", "finalized_by_id")
    )
    table = topic_map()
    return [
        AfterTraining(
            str(encounter_id),
            revision_id,
            SHOWS if table.can_show(assignment.topic, codes) else OTHER,
        )
        for encounter_id, revision_id, codes, finalized_by in rows
        if finalized_by == assignment.coder_id
    ]


def reviews_of_round(current: TrainingRound) -> QuerySet[Review]:
    """Every review that was asked for after this round's training, in the order they were asked for."""
    asked = ReauditReview.objects.filter(client_id=current.client_id, draw__round=current)
    found: QuerySet[Review] = Review.objects.filter(
        client_id=current.client_id, pk__in=asked.values("review_id")
    ).order_by("created_at", "pk")
    return found


def standing_topics(client_id: int, reviews: Sequence[Review], topic: str) -> QuerySet[FindingTopic]:
    """Settled findings of the topic in these reviews."""
    found: QuerySet[FindingTopic] = FindingTopic.objects.filter(
        client_id=client_id,
        line__review__in=[one.pk for one in reviews],
        topic=topic,
        settled_at__isnull=False,
        fallen_at__isnull=True,
    ).select_related("line")
    return found


def charts_that_could_show(client_id: int, reviews: Sequence[Review], topic: str) -> int:
    """How many of these reviews have a code, on either side, that the topic is about."""
    codes: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    lines = AuditLine.objects.filter(client_id=client_id, review__in=[one.pk for one in reviews])
    for review_id, ours, theirs in lines.values_list("review_id", "coder_line", "reviewer_line"):
        codes[review_id] += [line for line in (ours, theirs) if line is not None]
    table = topic_map()
    return sum(1 for one in reviews if table.can_show(topic, codes[one.pk]))


@dataclass(frozen=True, slots=True)
class Proof:
    """What the closed reviews of a round say: the topic's findings, and charts that could have shown it."""

    closed: tuple[Review, ...]
    found: tuple[FindingTopic, ...]
    could_show: int
    lacking: int
    """Charts on which the error could have been made that a clean re-audit still lacks."""


def proof_of(assignment: TrainingAssignment, current: TrainingRound) -> Proof:
    """The closed reviews of a round, read together."""
    closed = list(reviews_of_round(current).filter(state=ReviewState.CLOSED))
    could_show = charts_that_could_show(assignment.client_id, closed, assignment.topic)
    needed = min(assignment.reaudit_count, topic_map().numbers.shows_charts)
    return Proof(
        closed=tuple(closed),
        found=tuple(standing_topics(assignment.client_id, closed, assignment.topic)),
        could_show=could_show,
        lacking=max(0, needed - could_show),
    )


def contract_terms(client_id: int) -> PlanTerms:
    """The terms of the vendor's newest plan in use, for the re-audits; else the defaults."""
    plan = (
        SamplingPlan.objects.filter(client_id=client_id, is_active=True, is_client_run=False)
        .order_by("-created_at")
        .first()
    )
    if plan is None:
        return PlanTerms()
    version = PlanVersion.objects.get(client_id=client_id, plan=plan, number=plan.version_count)
    return parse_terms(version.terms)


@dataclass(frozen=True, slots=True)
class Progress:
    """Of an assignment's newest round: charts final since the training; its reviews, and those closed."""

    final: int = 0
    closed: int = 0
    asked: int = 0


def progress_of(client_id: int, assignments: Sequence[TrainingAssignment]) -> dict[UUID, Progress]:
    """How far those are that wait for charts or for their reviews."""
    waiting = [one.pk for one in assignments if one.state == TrainingState.WAITING]
    audited = [one.pk for one in assignments if one.state == TrainingState.REAUDIT]
    names = ("assignment__coder_id", "completed_at", "pk")
    charts = _charts_since(
        client_id,
        Since(*(OuterRef(name) for name in names)),
        Since(*(OuterRef(OuterRef(name)) for name in names)),
    )
    counted = charts.order_by().values("client_id").annotate(count=Count("pk")).values("count")
    rounds = TrainingRound.objects.filter(
        client_id=client_id,
        assignment_id__in=waiting,
        number=F("assignment__round_count"),
    ).annotate(final=Coalesce(Subquery(counted), 0))
    found = {pk: Progress(final=final) for pk, final in rounds.values_list("assignment_id", "final")}
    reviews = (
        ReauditReview.objects.filter(
            client_id=client_id,
            draw__round__assignment_id__in=audited,
            draw__round__number=F("draw__round__assignment__round_count"),
        )
        .exclude(review__state=ReviewState.CANCELLED)
        .values_list("draw__round__assignment_id")
        .annotate(closed=Count("pk", filter=Q(review__state=ReviewState.CLOSED)), asked=Count("pk"))
    )
    return found | {pk: Progress(closed=closed, asked=asked) for pk, closed, asked in reviews}
