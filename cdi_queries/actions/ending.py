"""The ends of a query: closed with what it changed, cancelled, run out; and one more try after that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cdi_queries.access.queries import AUTHORS, STEWARDS
from cdi_queries.actions.answers import return_chart
from cdi_queries.actions.delivery import ask_delivery
from cdi_queries.actions.sending import CLOCK, put_on_hold, require_addressee, start_clock
from cdi_queries.actions.steps import add_step, locked_query, record_in_chart
from cdi_queries.models import CancelReason, CdiQuery, QueryStatus, StepKind
from cdi_queries.rules.query_states import QueryVerb, step
from cdi_queries.selectors.effects import derived_shift
from coding_ops.audit.models import Verb
from coding_ops.core.errors import NotAllowed, Refused
from coding_ops.tenancy.actor import Actor, system_actor
from encounters.actions.changes import code_set
from encounters.models import CodeRevision, Encounter, EncounterStatus

MOST_AT_ONCE = 500


@transaction.atomic
def cancel_query(*, actor: Actor, query: CdiQuery, reason: CancelReason, note: str = "") -> CdiQuery:
    """Takes a query back; its chart returns to the coders.  An answer that came meanwhile stands.

    Raises:
        NotAllowed: neither its author nor who keeps queries.
        Conflict: it is answered or has ended.
    """
    locked = locked_query(query)
    _require_owner(actor, locked)
    now = timezone.now()
    locked.state = step(locked.state, QueryVerb.CANCEL).value
    locked.cancel_reason, locked.ended_at = reason, now
    locked.save(update_fields=["state", "cancel_reason", "ended_at"])
    _end_links(locked, now)
    add_step(
        actor=actor, query=locked, kind=StepKind.CANCELLED, at=now, note=note, facts={"reason": str(reason)}
    )
    record_in_chart(actor=actor, verb=Verb.QUERY_CANCELLED, query=locked, facts={"reason": str(reason)})
    return_chart(actor=actor, query=locked, at=now, word="The query was cancelled")
    return locked


@transaction.atomic
def close_query(*, actor: Actor, query: CdiQuery) -> CdiQuery:
    """Ends an answered query: the codes as they are now, and what the answer changed.

    Raises:
        NotAllowed: neither its author nor who keeps queries.
        Refused: its chart is being coded: closing follows when it is final.
        Conflict: it is not answered, or has ended.
    """
    locked = locked_query(query)
    _require_owner(actor, locked)
    if locked.encounter.status not in (EncounterStatus.FINAL, EncounterStatus.CANCELLED):
        raise Refused(
            "The chart is not final yet: the query closes by itself when it is.", code="query.chart_open"
        )
    return _close(actor, locked, code_set(locked.encounter), timezone.now())


def chart_is_final(*, actor: Actor, encounter: Encounter, revision: CodeRevision) -> None:
    """Hears that codes became final: answered queries close with them, and none may wait still.

    A query that was sent about final codes does not stand in the way of later ones.

    Raises:
        Refused: a query about this chart waits for its answer; the codes stay as they were.
    """
    standing = list(
        CdiQuery.objects.select_for_update(of=("self",))
        .filter(
            client_id=encounter.client_id,
            encounter=encounter,
            state__in=[QueryStatus.SENT, QueryStatus.ANSWERED],
        )
        .select_related("encounter")
    )
    if any(one.state == QueryStatus.SENT and not one.is_retrospective for one in standing):
        raise Refused(
            "A query about this chart waits for its answer. Hold the chart until then, or cancel the query.",
            code="query.waiting",
        )
    now = timezone.now()
    for query in standing:
        if query.state == QueryStatus.ANSWERED:
            _close(actor, query, revision.codes, now)


def expire_queries(*, client_id: int, now: datetime) -> int:
    """Ends the queries of a client whose time is over; their charts return.  Returns how many."""
    due = list(
        CdiQuery.objects.filter(client_id=client_id, state=QueryStatus.SENT, expires_at__lte=now).order_by(
            "expires_at"
        )[:MOST_AT_ONCE]
    )
    return sum(_expire(query, now) for query in due)


@transaction.atomic
def renew_query(*, actor: Actor, query: CdiQuery) -> CdiQuery:
    """Asks once more what ran out without an answer: the same words, a new clock.

    Raises:
        NotAllowed: neither its author nor who keeps queries.
        Refused: the provider has left, or the visit is cancelled.
        Conflict: it did not run out.
    """
    locked = locked_query(query)
    _require_owner(actor, locked)
    now = timezone.now()
    locked.state = step(locked.state, QueryVerb.RENEW).value
    require_addressee(locked, now)
    if locked.encounter.status == EncounterStatus.CANCELLED:
        raise Refused("The visit is cancelled: there is nothing to ask about.", code="query.cancelled_visit")
    start_clock(locked, now)
    locked.ended_at = None
    locked.save(update_fields=["state", "ended_at", *CLOCK])
    add_step(actor=actor, query=locked, kind=StepKind.RENEWED, at=now, provider=locked.provider)
    record_in_chart(actor=actor, verb=Verb.QUERY_RENEWED, query=locked)
    if locked.encounter.status != EncounterStatus.FINAL:
        put_on_hold(actor=actor, query=locked, fence=None, at=now)
    ask_delivery(locked)
    return locked


def _expire(query: CdiQuery, now: datetime) -> int:
    with_lock = locked_query(query)
    if with_lock.state != QueryStatus.SENT or with_lock.expires_at is None or with_lock.expires_at > now:
        return 0
    actor = system_actor("queries that ran out")
    with_lock.state = step(with_lock.state, QueryVerb.EXPIRE).value
    with_lock.ended_at = now
    with_lock.save(update_fields=["state", "ended_at"])
    _end_links(with_lock, now)
    add_step(actor=actor, query=with_lock, kind=StepKind.EXPIRED, at=now, provider=with_lock.provider)
    record_in_chart(actor=actor, verb=Verb.QUERY_EXPIRED, query=with_lock)
    return_chart(actor=actor, query=with_lock, at=now, word="The query ran out without an answer")
    return 1


def _close(actor: Actor, query: CdiQuery, codes: Sequence[dict[str, Any]], now: datetime) -> CdiQuery:
    query.state = step(query.state, QueryVerb.CLOSE).value
    query.codes_after = list(codes)
    shift = derived_shift(query.encounter, query.codes_before or (), codes)
    query.shift = shift.to_json()
    query.ended_at = now
    query.save(update_fields=["state", "codes_after", "shift", "ended_at"])
    add_step(actor=actor, query=query, kind=StepKind.CLOSED, at=now)
    record_in_chart(
        actor=actor,
        verb=Verb.QUERY_CLOSED,
        query=query,
        facts={
            "outcome": query.outcome,
            "reasons": [one.value for one in shift.reasons],
            "before": [one["code"] for one in query.codes_before or ()],
            "after": [one["code"] for one in codes],
        },
    )
    return query


def _end_links(query: CdiQuery, now: datetime) -> None:
    query.links.filter(client_id=query.client_id, used_at__isnull=True, revoked_at__isnull=True).update(
        revoked_at=now
    )


def _require_owner(actor: Actor, query: CdiQuery) -> None:
    if actor.role in STEWARDS or (actor.role in AUTHORS and actor.user_id == query.author_id):
        return
    raise NotAllowed("Only its author, a CDI specialist or a manager does this.", code="query.not_yours")
