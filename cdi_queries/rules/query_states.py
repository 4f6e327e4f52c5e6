"""The life of a query, as one table of steps.

    draft → sent → answered → closed
A query that is sent can be cancelled with a reason, or run out; one that ran out can be renewed once more.
Passing it on to another provider, reminding and escalating are steps of a sent query that leave it sent.
"""

from __future__ import annotations

from enum import StrEnum

from coding_ops.core.errors import Conflict


class QueryState(StrEnum):
    """Where a query stands; the values are those of the database column."""

    DRAFT = "draft"
    SENT = "sent"
    ANSWERED = "answered"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class QueryVerb(StrEnum):
    """What moves it."""

    SEND = "send"
    ANSWER = "answer"
    CLOSE = "close"
    CANCEL = "cancel"
    EXPIRE = "expire"
    RENEW = "renew"


STEPS: dict[tuple[QueryState, QueryVerb], QueryState] = {
    (QueryState.DRAFT, QueryVerb.SEND): QueryState.SENT,
    (QueryState.DRAFT, QueryVerb.CANCEL): QueryState.CANCELLED,
    (QueryState.SENT, QueryVerb.ANSWER): QueryState.ANSWERED,
    (QueryState.SENT, QueryVerb.CANCEL): QueryState.CANCELLED,
    (QueryState.SENT, QueryVerb.EXPIRE): QueryState.EXPIRED,
    (QueryState.EXPIRED, QueryVerb.RENEW): QueryState.SENT,
    (QueryState.EXPIRED, QueryVerb.CANCEL): QueryState.CANCELLED,
    (QueryState.ANSWERED, QueryVerb.CLOSE): QueryState.CLOSED,
}

_WORDS = {
    QueryState.DRAFT: "is a draft",
    QueryState.SENT: "waits for its answer",
    QueryState.ANSWERED: "is answered",
    QueryState.CLOSED: "is closed",
    QueryState.CANCELLED: "is cancelled",
    QueryState.EXPIRED: "has run out",
}


def step(state: QueryState | str, verb: QueryVerb) -> QueryState:
    """The state after a verb.

    Raises:
        Conflict: ``query.step``: the query does not stand where this can be done; says where it stands.
    """
    before = QueryState(state)
    after = STEPS.get((before, verb))
    if after is None:
        raise Conflict(
            f"The query {_WORDS[before]}; it cannot be {_DONE[verb]} now.",
            code="query.step",
            details={"state": before.value, "verb": verb.value},
        )
    return after


_DONE = {
    QueryVerb.SEND: "sent",
    QueryVerb.ANSWER: "answered",
    QueryVerb.CLOSE: "closed",
    QueryVerb.CANCEL: "cancelled",
    QueryVerb.EXPIRE: "ended",
    QueryVerb.RENEW: "renewed",
}


def allowed_pairs() -> tuple[tuple[QueryState, QueryState], ...]:
    """Distinct ``(before, after)`` in a fixed order, for the database's guard trigger."""
    return tuple(sorted({(before, after) for (before, _), after in STEPS.items()}))
