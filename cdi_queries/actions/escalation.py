"""Escalation by the client's policy: the provider is reminded, then a named advisor is told.

What is due is read from the queries themselves, so a run that was lost is made up for by the next, and a
second run finds nothing.  A mail that did not go out leaves no step ``reminded``: the next run asks for it
again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from cdi_queries.access import STEWARDS
from cdi_queries.actions.steps import add_step, locked_query
from cdi_queries.models import CdiQuery, QueryPolicy, QueryStatus, QueryStep, StepKind
from cdi_queries.rules.escalation import Level, level_due
from cdi_queries.selectors.policy import policy_of
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor, system_actor
from coding_ops.tenancy.tasks import enqueue

MOST_AT_ONCE = 500
PROVIDER, ADVISOR = "provider", "advisor"
"""Whom a reminder went to, as its step says it."""


def escalate_due(*, client_id: int, now: datetime) -> int:
    """Raises each waiting query to the level that the policy has come to; returns how many were raised.

    Mails of earlier runs that did not go out are asked for again.
    """
    policy = policy_of(client_id)
    raised = sum(_raise(query, policy, now) for query in _overdue(client_id, policy, now))
    for query in _not_told(client_id, PROVIDER):
        _ask_reminder(query)
    for query in _not_told(client_id, ADVISOR).filter(advisor__isnull=False):
        _ask_advisor(query)
    return raised


@transaction.atomic
def escalate_query(*, actor: Actor, query: CdiQuery, note: str = "", now: datetime | None = None) -> CdiQuery:
    """Tells the client's advisor at once, before the clock does.

    Raises:
        NotAllowed: neither its author nor who keeps queries.
        Conflict: it does not wait for an answer, or the advisor has it already.
        Refused: the client has named no advisor.
    """
    locked = locked_query(query)
    if actor.role not in STEWARDS and actor.user_id != locked.author_id:
        raise NotAllowed("Only its author and CDI specialists escalate a query.", code="query.not_yours")
    if locked.state != QueryStatus.SENT:
        raise Conflict(
            f"The query is {locked.get_state_display().lower()}; only a waiting one is escalated.",
            code="query.not_waiting",
        )
    if locked.escalation_level >= Level.ADVISOR and locked.advisor_id is not None:
        raise Conflict("The advisor has this query already.", code="query.escalated")
    policy = policy_of(locked.client_id)
    if policy.advisor_id is None:
        raise Refused(
            "This client has named no advisor. Name one in the queries' set-up.", code="query.no_advisor"
        )
    _to_level(actor, locked, Level.ADVISOR, policy, now or timezone.now(), note)
    return locked


def _overdue(client_id: int, policy: QueryPolicy, now: datetime) -> list[CdiQuery]:
    """Waiting queries below the level of their age: the oldest first, by the index of what waits."""
    waiting = CdiQuery.objects.filter(client_id=client_id, state=QueryStatus.SENT).order_by("asked_at", "pk")
    first, second = (
        now - timedelta(hours=hours)
        for hours in (policy.first_escalation_hours, policy.second_escalation_hours)
    )
    late = waiting.filter(asked_at__lte=second, escalation_level__lt=Level.ADVISOR)
    soon = waiting.filter(asked_at__lte=first, asked_at__gt=second, escalation_level__lt=Level.REMINDED)
    return [*late[:MOST_AT_ONCE], *soon[:MOST_AT_ONCE]]


@transaction.atomic
def _raise(query: CdiQuery, policy: QueryPolicy, now: datetime) -> int:
    """One query; it may have been answered, passed on or raised since it was read."""
    locked = locked_query(query)
    if locked.state != QueryStatus.SENT or locked.asked_at is None:
        return 0
    level = level_due(
        locked.asked_at,
        now,
        first_hours=policy.first_escalation_hours,
        second_hours=policy.second_escalation_hours,
    )
    if level <= locked.escalation_level:
        return 0
    _to_level(system_actor("escalation"), locked, level, policy, now, "")
    return 1


def _to_level(
    actor: Actor, locked: CdiQuery, level: Level, policy: QueryPolicy, now: datetime, note: str
) -> None:
    locked.escalation_level, locked.escalated_at = level.value, now
    if level is Level.ADVISOR:
        locked.advisor_id = policy.advisor_id
    locked.save(update_fields=["escalation_level", "escalated_at", "advisor"])
    facts = {"level": level.value, "advisor": locked.advisor_id}
    add_step(
        actor=actor,
        query=locked,
        kind=StepKind.ESCALATED,
        at=now,
        provider=locked.provider,
        note=note,
        facts=facts,
    )
    record_event(actor=actor, verb=Verb.QUERY_ESCALATED, subject=locked, facts=facts)
    _ask_reminder(locked)
    if locked.advisor_id is not None:
        _ask_advisor(locked)


def _not_told(client_id: int, whom: str) -> QuerySet[CdiQuery]:
    """Escalated queries that still wait, without the step that says that ``whom`` was mailed since then."""
    told = QueryStep.objects.filter(
        client_id=client_id,
        query_id=OuterRef("pk"),
        kind=StepKind.REMINDED,
        at__gte=OuterRef("escalated_at"),
        facts__to=whom,
    )
    level = Level.REMINDED if whom == PROVIDER else Level.ADVISOR
    rows: QuerySet[CdiQuery] = CdiQuery.objects.filter(
        ~Exists(told), client_id=client_id, state=QueryStatus.SENT, escalation_level__gte=level
    ).order_by("asked_at", "pk")
    return rows


def _ask_reminder(query: CdiQuery) -> None:
    enqueue("cdi_queries.remind_provider", client_id=query.client_id, query_id=str(query.pk))


def _ask_advisor(query: CdiQuery) -> None:
    enqueue("cdi_queries.tell_advisor", client_id=query.client_id, query_id=str(query.pk))
