"""Reads of query audits: the frame, the audits and how far they are, and their results."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet, Sum

from cdi_queries.models import AuditAnswer, AuditedQuery, CdiQuery, QueryAudit, QueryStatus
from cdi_queries.rules.audit_sample import draw, frame_hash, unpack_frame
from cdi_queries.rules.query_audit import Judged, Judgement
from coding_ops.core.errors import InvalidInput
from coding_ops.core.statistics import Clusters

NONE: Final = Clusters(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an audit or an author is: drawn, finished, and the criteria of what is finished, a query a
    cluster."""

    drawn: int = 0
    criteria: Clusters = NONE

    @property
    def finished(self) -> int:
        """How many are finished."""
        return self.criteria.count


@dataclass(frozen=True, slots=True)
class AuthorStanding:
    """One author with finished audits of their queries."""

    author_id: int
    name: str
    standing: Standing


def auditable_queries(
    client_id: int, zone: str, first: date, last: date, author_id: int | None
) -> QuerySet[CdiQuery]:
    """The queries that were sent on these days of the client's and not cancelled; one author's if asked."""
    there = ZoneInfo(zone)
    sent: QuerySet[CdiQuery] = CdiQuery.objects.filter(
        client_id=client_id,
        sent_at__gte=datetime.combine(first, time(), there),
        sent_at__lt=datetime.combine(last + timedelta(days=1), time(), there),
    ).exclude(state=QueryStatus.CANCELLED)
    return sent if author_id is None else sent.filter(author_id=author_id)


def authors_of(client_id: int) -> list[tuple[int, str]]:
    """Who has sent queries here, by name."""
    rows: QuerySet[Any] = CdiQuery.objects.filter(client_id=client_id, sent_at__isnull=False)
    return list(rows.order_by("author__full_name").values_list("author_id", "author__full_name").distinct())


def audits_of(client_id: int) -> QuerySet[QueryAudit]:
    """The client's audits, newest first, without the frames they were drawn from."""
    found: QuerySet[QueryAudit] = QueryAudit.objects.filter(client_id=client_id)
    return found.select_related("author", "drawn_by").defer("frame").order_by("-drawn_at", "-id")


def standings_of(client_id: int, audit_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """How far each audit is, in one query."""
    rows: QuerySet[Any] = AuditedQuery.objects.filter(client_id=client_id, audit__in=audit_ids)
    counted = rows.order_by().values("audit_id").annotate(**_COUNTS)
    return {row["audit_id"]: _standing(row) for row in counted}


def author_standings(client_id: int) -> list[AuthorStanding]:
    """Every author with a finished audit, by name: no ranking."""
    rows: QuerySet[Any] = AuditedQuery.objects.filter(client_id=client_id, finished_at__isnull=False)
    counted = rows.order_by("author__full_name").values("author_id", "author__full_name").annotate(**_COUNTS)
    return [AuthorStanding(row["author_id"], row["author__full_name"], _standing(row)) for row in counted]


def standing_of_author(client_id: int, author_id: int) -> Standing:
    """How one author's queries fare in the audits of them that are finished."""
    rows = AuditedQuery.objects.filter(client_id=client_id, author_id=author_id, finished_at__isnull=False)
    return _standing(rows.aggregate(**_COUNTS))


def verdict_counts(client_id: int, audited: QuerySet[AuditedQuery]) -> dict[tuple[str, str], int]:
    """(question, verdict) to how many finished audits say so."""
    finished = audited.filter(finished_at__isnull=False).order_by()
    rows: QuerySet[Any] = AuditAnswer.objects.filter(client_id=client_id, audited__in=finished.values("pk"))
    counted = rows.order_by().values_list("question", "verdict").annotate(Count("pk"))
    return {(question, verdict): count for question, verdict, count in counted}


def answers_of(client_id: int, audited_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, Judgement]]:
    """The answers of each drawn query, by question."""
    found: dict[uuid.UUID, dict[str, Judgement]] = {key: {} for key in audited_ids}
    for one in AuditAnswer.objects.filter(client_id=client_id, audited__in=audited_ids):
        found[one.audited_id][one.question] = Judgement(Judged(one.verdict), one.note or "")
    return found


def verdicts_of(client_id: int, audited_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    """The verdicts alone, no sealed note opened: for lists and files."""
    found: dict[uuid.UUID, dict[str, str]] = {key: {} for key in audited_ids}
    rows = AuditAnswer.objects.filter(client_id=client_id, audited__in=audited_ids)
    for key, question, verdict in rows.values_list("audited_id", "question", "verdict"):
        found[key][question] = verdict
    return found


def repeats(audit: QueryAudit) -> bool:
    """Whether the stored frame still gives its hash, and with the seed the same queries in the same order."""
    try:
        frame = unpack_frame(bytes(audit.frame))
    except InvalidInput:
        return False
    if frame_hash(frame) != audit.frame_sha256:
        return False
    drawn = AuditedQuery.objects.filter(client_id=audit.client_id, audit=audit).order_by("position")
    return draw(frame, audit.sample_count, audit.seed) == tuple(
        str(key) for key in drawn.values_list("query_id", flat=True)
    )


_FINISHED: Final = Q(finished_at__isnull=False)
_MET: Final = F("met_count")
_APPLIED: Final = F("met_count") + F("training_count")
_COUNTS = {
    "drawn": Count("pk"),
    "count": Count("pk", filter=_FINISHED),
    "hits": Sum(_MET, filter=_FINISHED, default=0),
    "trials": Sum(_APPLIED, filter=_FINISHED, default=0),
    "hits_hits": Sum(_MET * _MET, filter=_FINISHED, default=0),
    "hits_trials": Sum(_MET * _APPLIED, filter=_FINISHED, default=0),
    "trials_trials": Sum(_APPLIED * _APPLIED, filter=_FINISHED, default=0),
}


def _standing(row: dict[str, Any]) -> Standing:
    return Standing(row["drawn"], Clusters(**{one.name: row[one.name] for one in fields(Clusters)}))


def author_of(client_id: int, author_id: int) -> str | None:
    """The name of somebody who has sent a query here; None for anybody else."""
    rows: QuerySet[Any] = CdiQuery.objects.filter(client_id=client_id, author_id=author_id)
    name: str | None = rows.annotate(name=F("author__full_name")).values_list("name", flat=True).first()
    return name
