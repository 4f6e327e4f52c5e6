"""Where an error keeps being made, and what is being done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, QuerySet

from coding_ops.tenancy.models import Client
from qa_audit.models import FindingTopic, RootCause
from qa_audit.selectors.training import Found, counting
from qa_audit.topic_tables import topic_map


@dataclass(frozen=True, slots=True)
class Systemic:
    """A topic whose findings ask for their cause: how many, by how many coders, in which days."""

    topic: str
    found: Found
    window_from: date
    window_through: date


def systemic_topics(client: Client, today: date) -> dict[str, Systemic]:
    """Topics with as many settled findings in the window as the data asks for, and no analysis open.

    Findings from before a topic's last analysis was closed were looked into then, and do not count again.
    """
    numbers = topic_map().numbers
    open_now = RootCause.objects.filter(client_id=client.pk, closed_at__isnull=True).values("topic")
    closed = dict(
        RootCause.objects.filter(client_id=client.pk, closed_at__isnull=False)
        .values_list("topic")
        .annotate(last=Max("closed_at"))
    )
    first = today - timedelta(days=numbers.window_days - 1)
    begin = start_of(client, first)
    found: dict[str, Systemic] = {}
    rows = (
        counting(client.pk)
        .filter(settled_at__gte=begin)
        .exclude(topic__in=open_now)
        .values_list("topic")
        .annotate(findings=Count("pk"), coders=Count("coder", distinct=True))
        .filter(findings__gte=numbers.systemic_findings)
    )
    for topic, findings, coders in rows:
        since, counted = first, Found(findings, coders)
        if topic in closed and closed[topic] > begin:
            since = closed[topic].astimezone(ZoneInfo(client.timezone)).date()
            counted = _since(client, topic, closed[topic])
        if counted.findings >= numbers.systemic_findings:
            found[topic] = Systemic(topic, counted, since, today)
    return found


def _since(client: Client, topic: str, begin: datetime) -> Found:
    row = (
        counting(client.pk)
        .filter(topic=topic, settled_at__gt=begin)
        .aggregate(findings=Count("pk"), coders=Count("coder", distinct=True))
    )
    return Found(row["findings"], row["coders"])


def start_of(client: Client, day: date) -> datetime:
    """Midnight of a day at the client's."""
    return datetime.combine(day, time.min, ZoneInfo(client.timezone))


def findings_behind(client: Client, cause: RootCause) -> QuerySet[FindingTopic]:
    """The findings an analysis is about, newest first, with line and chart."""
    found: QuerySet[FindingTopic] = (
        counting(client.pk)
        .filter(
            topic=cause.topic,
            settled_at__gte=start_of(client, cause.window_from),
            settled_at__lt=start_of(client, cause.window_through + timedelta(days=1)),
        )
        .select_related("line__review__encounter", "coder")
        .order_by("-settled_at", "-pk")
    )
    return found


def open_causes(client_id: int) -> QuerySet[RootCause]:
    """Analyses under way: at most one of each topic."""
    found: QuerySet[RootCause] = RootCause.objects.filter(client_id=client_id, closed_at__isnull=True)
    return found


def root_causes(client_id: int) -> QuerySet[RootCause]:
    """All analyses, the open ones first, then the newest."""
    found: QuerySet[RootCause] = (
        RootCause.objects.filter(client_id=client_id)
        .select_related("owner")
        .order_by(F("closed_at").desc(nulls_first=True), "-opened_at")
    )
    return found
