"""Reads of the training room: topics with their counts, findings of a topic, assignments, recurrence."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from coding_ops.tenancy.models import VENDOR_ROLES, Membership, Role
from qa_audit.models import (
    FindingTopic,
    Review,
    RoundResult,
    TrainingAssignment,
    TrainingFinding,
    TrainingRound,
)
from qa_audit.models.training import OPEN_STATES
from qa_audit.rules.recurrence import ChartSums

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class Found:
    """Settled findings of one topic since a moment, and how many coders made them."""

    findings: int = 0
    coders: int = 0


@dataclass(frozen=True, slots=True)
class Decided:
    """Re-audits of one topic that were decided: rounds, and charts of them."""

    rounds: int = 0
    rounds_again: int = 0
    charts: ChartSums = field(default_factory=ChartSums)


def _members(client_id: int, roles: Iterable[Role]) -> dict[int, str]:
    today = timezone.localdate()
    rows = (
        Membership.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=today),
            client_id=client_id,
            role__in=list(roles),
            revoked_at__isnull=True,
            user__is_active=True,
        )
        .order_by("user__full_name", "user_id")
        .values_list("user_id", "user__full_name")
    )
    return dict(rows)


def coders_of(client_id: int) -> dict[int, str]:
    """Who codes for the client today: account id to name, by name."""
    return _members(client_id, [Role.CODER])


def colleagues_of(client_id: int) -> dict[int, str]:
    """The vendor's people who work for the client today: account id to name, by name."""
    return _members(client_id, VENDOR_ROLES)


def counting(client_id: int) -> QuerySet[FindingTopic]:
    """Topics of findings that are settled and did not fall."""
    found: QuerySet[FindingTopic] = FindingTopic.objects.filter(
        client_id=client_id, settled_at__isnull=False, fallen_at__isnull=True
    )
    return found


def found_by_topic(client_id: int, since: datetime) -> dict[str, Found]:
    """Settled findings and their coders by topic."""
    rows = (
        counting(client_id)
        .filter(settled_at__gte=since)
        .values_list("topic")
        .annotate(findings=Count("pk"), coders=Count("coder", distinct=True))
    )
    return {topic: Found(findings, coders) for topic, findings, coders in rows}


def open_by_topic(client_id: int) -> dict[str, int]:
    """Open assignments by topic."""
    rows = (
        TrainingAssignment.objects.filter(client_id=client_id, state__in=OPEN_STATES)
        .values_list("topic")
        .annotate(count=Count("pk"))
    )
    return dict(rows)


def decided_by_topic(client_id: int, topic: str = "") -> dict[str, Decided]:
    """Decided re-audits by topic, of all time; of one topic alone if one is named."""
    rounds = TrainingRound.objects.filter(client_id=client_id).exclude(result="")
    if topic:
        rounds = rounds.filter(assignment__topic=topic)
    rows = rounds.values_list("assignment__topic").annotate(
        rounds=Count("pk"),
        again=Count("pk", filter=Q(result=RoundResult.AGAIN)),
        charts_again=Sum("again_count"),
        charts=Sum("chart_count"),
        again_squared=Sum(F("again_count") * F("again_count")),
        again_by_charts=Sum(F("again_count") * F("chart_count")),
        charts_squared=Sum(F("chart_count") * F("chart_count")),
    )
    return {name: Decided(decided, again, ChartSums(decided, *sums)) for name, decided, again, *sums in rows}


def findings_of_topic(client_id: int, topic: str, reviews: QuerySet[Review]) -> QuerySet[FindingTopic]:
    """Findings of these reviews that have the topic, settled or not yet, newest first, with its chart."""
    found: QuerySet[FindingTopic] = (
        FindingTopic.objects.filter(
            client_id=client_id,
            topic=topic,
            fallen_at__isnull=True,
            line__review__in=reviews.values("pk"),
        )
        .select_related("line__review__encounter", "coder")
        .order_by("-given_at", "-pk")
    )
    return found


def trained_lines(client_id: int, lines: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Those of these findings that a training has been about."""
    rows = TrainingFinding.objects.filter(client_id=client_id, line_id__in=list(lines))
    return frozenset(rows.values_list("line_id", flat=True))


@dataclass(frozen=True, slots=True)
class AskedTrainings:
    """What a list of assignments shows: open ones, those to do, in re-audit, over, or ``all``."""

    show: str = ""
    topic: str = ""
    coder_id: int | None = None


SHOWN_STATES = {
    "": OPEN_STATES,
    "assigned": ["assigned"],
    "reaudit": ["waiting", "reaudit"],
    "closed": ["closed", "ended"],
}


def trainings_in(within: QuerySet[TrainingAssignment], asked: AskedTrainings) -> QuerySet[TrainingAssignment]:
    """Assignments by what is due first; those that are over newest first."""
    if asked.show in SHOWN_STATES:
        within = within.filter(state__in=SHOWN_STATES[asked.show])
    if asked.topic:
        within = within.filter(topic=asked.topic)
    if asked.coder_id is not None:
        within = within.filter(coder_id=asked.coder_id)
    order = ("-closed_at", "due_on", "pk") if asked.show in ("closed", "all") else ("due_on", "pk")
    return within.select_related("coder").order_by(*order)


def untrained_findings(client_id: int, coder_id: int, topic: str) -> list[uuid.UUID]:
    """Lines of a coder's settled findings of a topic that no training has been about, oldest first."""
    trained = TrainingFinding.objects.filter(client_id=client_id, line_id=OuterRef("line_id"))
    return list(
        counting(client_id)
        .filter(~Exists(trained), coder_id=coder_id, topic=topic)
        .order_by("settled_at", "pk")
        .values_list("line_id", flat=True)
    )
