"""Escalation by the client's policy: the provider is reminded, then a named advisor is told.

What is due is read from the queries themselves, so a run that was lost is made up for by the next, and a
second run finds nothing.  Raising and mailing are two transactions: a mail that did not go out leaves no
step, and the next run sends it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from cdi_queries.access.queries import STEWARDS
from cdi_queries.actions.delivery import mail_advisor, remind
from cdi_queries.actions.steps import add_step, locked_query
from cdi_queries.models import CdiQuery, QueryPolicy, QueryStatus, QueryStep, StepKind
from cdi_queries.rules.escalation import Level, level_due
from cdi_queries.selectors.policy import policy_of
from coding_ops.accounts.models import User
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor, system_actor
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.tasks import enqueue

MOST_AT_ONCE = 500


def escalate_due(*, client_id: int, now: datetime) -> int:
    """Raises each waiting query to the level that the policy has come to; returns how many were raised.

    Mails that are owed, of earlier runs too, are asked for.
    """
    policy = policy_of(client_id)
    raised = sum(_raise(query, policy, now) for query in _overdue(client_id, policy, now))
    if _not_reminded(client_id).exists() or _not_told(client_id).exists():
        enqueue("cdi_queries.remind_late", client_id=client_id)
    return raised


def send_reminders(*, client_id: int, now: datetime) -> int:
    """Mails the providers of escalated queries, and each advisor once for all of theirs; returns how many
    mails went out."""
    actor = system_actor("escalation")
    late = list(_not_reminded(client_id)[:MOST_AT_ONCE])
    sent = sum(remind(actor=actor, query=query, now=now) for query in late)
    client = Client.objects.get(pk=client_id)
    owed = _not_told(client_id)
    for advisor in User.objects.filter(pk__in=owed.order_by().values("advisor_id")):
        theirs = list(owed.filter(advisor=advisor)[:MOST_AT_ONCE])
        if mail_advisor(client=client, advisor=advisor, count=len(theirs)):
            sent += 1
            for query in theirs:
                add_step(
                    actor=actor, query=query, kind=StepKind.ESCALATED, at=now, facts={"told": advisor.pk}
                )
    return sent


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
    enqueue("cdi_queries.remind_late", client_id=locked.client_id)
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


def _escalated(client_id: int, level: Level) -> QuerySet[CdiQuery]:
    """Queries at this level or above that wait still, the longest wait first."""
    rows: QuerySet[CdiQuery] = CdiQuery.objects.filter(
        client_id=client_id, state=QueryStatus.SENT, escalation_level__gte=level
    )
    return rows.order_by("asked_at", "pk")


def _not_reminded(client_id: int) -> QuerySet[CdiQuery]:
    """Escalated queries whose provider was not mailed since then."""
    mailed = _steps_since_escalated(client_id).filter(kind=StepKind.REMINDED)
    return _escalated(client_id, Level.REMINDED).filter(~Exists(mailed))


def _not_told(client_id: int) -> QuerySet[CdiQuery]:
    """Queries that have gone to an advisor who was not mailed since then."""
    mailed = _steps_since_escalated(client_id).filter(kind=StepKind.ESCALATED, facts__has_key="told")
    return _escalated(client_id, Level.ADVISOR).filter(~Exists(mailed), advisor__isnull=False)


def _steps_since_escalated(client_id: int) -> QuerySet[QueryStep]:
    steps: QuerySet[QueryStep] = QueryStep.objects.filter(
        client_id=client_id, query_id=OuterRef("pk"), at__gte=OuterRef("escalated_at")
    )
    return steps.order_by()
