"""The doors to the measures and to the audits of queries."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from cdi_queries.access.queries import AUTHORS, CLIENT_READERS, LEADERS, STEWARDS
from cdi_queries.models import AuditedQuery, ChartReview, QueryAudit
from coding_ops.core.errors import NotAllowed, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.closed import closed_charts
from coding_ops.tenancy.models import Role

AUDITORS = STEWARDS | {Role.QA_REVIEWER}
"""Who judges other people's queries; never their own."""
MEASURE_READERS = AUDITORS | CLIENT_READERS


def require_measure_reader(actor: Actor) -> None:
    """Who may see how queries fare.

    Raises:
        NotFound: a role for which the page does not exist.
    """
    if actor.role not in MEASURE_READERS:
        raise NotFound


def marks_in_reach(actor: Actor, client_id: int) -> QuerySet[ChartReview]:
    """The marks of charts that this person may open; the scope must be open."""
    marks: QuerySet[ChartReview] = ChartReview.objects.filter(client_id=client_id)
    if actor.role in CLIENT_READERS:
        return marks
    return marks.exclude(encounter_id__in=closed_charts(actor, client_id))


def may_mark_reviewed(actor: Actor) -> bool:
    """Whether the person reads charts for what to ask, and so marks those without a question."""
    return actor.role in STEWARDS


def require_marker(actor: Actor) -> None:
    """Who may mark a chart as reviewed.

    Raises:
        NotAllowed: another role.
    """
    if not may_mark_reviewed(actor):
        raise NotAllowed(
            "Only CDI specialists and managers mark charts as reviewed.", code="query.not_a_reviewer"
        )


def require_auditor(actor: Actor) -> None:
    """Who may see the audits of everybody's queries.

    Raises:
        NotFound: a role for which the page does not exist.
    """
    if actor.role not in AUDITORS:
        raise NotFound


def require_drawer(actor: Actor) -> None:
    """Who may draw a sample.

    Raises:
        NotFound: a role without audits.
        NotAllowed: it may judge only.
    """
    require_auditor(actor)
    if actor.role not in LEADERS | {Role.QA_REVIEWER}:
        raise NotAllowed("Only managers and QA reviewers draw an audit.", code="query_audit.not_a_drawer")


def may_draw(actor: Actor) -> bool:
    """Whether the person may draw a sample."""
    return actor.role in LEADERS | {Role.QA_REVIEWER}


def require_author_page(actor: Actor, author_id: int) -> None:
    """An author's own results are for themselves and for who leads them.

    Raises:
        NotFound: anybody else: that the author was audited is not told.
    """
    mine = actor.role in AUTHORS and actor.user_id == author_id
    if not mine and actor.role not in LEADERS:
        raise NotFound


def find_audit(*, actor: Actor, client_id: int, audit_id: uuid.UUID) -> QueryAudit:
    """An audit of an open client.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    require_auditor(actor)
    found: QueryAudit | None = (
        QueryAudit.objects.filter(client_id=client_id, pk=audit_id)
        .select_related("author", "drawn_by")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def audited_in_reach(actor: Actor, client_id: int) -> QuerySet[AuditedQuery]:
    """The drawn queries this person may see: all for who audits; an author's own once they are judged."""
    drawn: QuerySet[AuditedQuery] = AuditedQuery.objects.filter(client_id=client_id)
    if actor.role in AUDITORS:
        return drawn.exclude(query__encounter_id__in=closed_charts(actor, client_id))
    if actor.role in AUTHORS:
        return drawn.filter(author_id=actor.person_id, finished_at__isnull=False)
    return drawn.none()


def find_audited(*, actor: Actor, client_id: int, audited_id: uuid.UUID) -> AuditedQuery:
    """One drawn query with its audit; its words are not shown by this.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    found: AuditedQuery | None = (
        audited_in_reach(actor, client_id)
        .filter(pk=audited_id)
        .select_related("audit", "author", "auditor", "query__encounter", "query__provider", "query__author")
        .first()
    )
    if found is None:
        raise NotFound
    return found
