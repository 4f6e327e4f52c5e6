"""Taking messages to the client's inbox: tried, tried again, and left to mail if it fails.

While a message is tried no transaction is open; what became of it is written afterwards.  Its body goes when
it is over, because the query holds the words and the link to the answer must not linger.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils import timezone

from cdi_queries.actions.steps import add_step
from cdi_queries.carriers import Parcel, carry
from cdi_queries.models import CdiQuery, OutboundMessage, OutboxState, QueryStatus, StepKind
from cdi_queries.rules.outbound.outbox_states import MessageState, Result, after_try
from cdi_queries.rules.outbound.ways import Format, Way, parse_way
from cdi_queries.selectors.outbound import due_messages, route_of
from cdi_queries.terms.outbox import outbox_terms
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.scope import client_transaction
from coding_ops.tenancy.tasks import enqueue

LOST = Result(False, "lost")
WITHDRAWN = Result(False, "withdrawn", is_final=True)
OTHER_WAY = Result(False, "other_way", is_final=True)


def send_message(*, client_id: int, message_id: uuid.UUID, now: datetime) -> Result | None:
    """Tries one message; no scope may be open.  None when there was nothing to try."""
    with client_transaction([client_id]):
        parcel = _claim(client_id, message_id, now)
    if parcel is None:
        return None
    result = carry(parcel, outbox_terms().limits)
    with client_transaction([client_id]):
        message = _locked(client_id, message_id)
        if message is not None and message.state == OutboxState.SENT:
            _write_down(message, result, timezone.now())
    return result


def send_waiting(*, client_id: int, now: datetime) -> int:
    """Tries what is due; returns how many were accepted.  A receiver that does not answer ends the round."""
    terms = outbox_terms()
    with client_transaction([client_id]):
        waiting = due_messages(client_id, now, now - terms.silent, terms.round)
    accepted = 0
    for message_id in waiting:
        result = send_message(client_id=client_id, message_id=message_id, now=now)
        accepted += bool(result and result.is_accepted)
        if result is not None and not result.is_accepted and not result.is_final:
            break
    return accepted


def _claim(client_id: int, message_id: uuid.UUID, now: datetime) -> Parcel | None:
    """Takes the message for one try; None when another worker has it, it is too soon, or it is over."""
    message = _locked(client_id, message_id)
    if message is None:
        return None
    taken, due = message.sent_at, message.next_try_at
    if message.state == OutboxState.SENT and taken and taken < now - outbox_terms().silent:
        _write_down(message, LOST, now)
        due = message.next_try_at
    if message.state != OutboxState.QUEUED or due is None or due > now:
        return None
    if message.query is not None and not _waits(message, message.query):
        _write_down(message, WITHDRAWN, now)
        return None
    route, way = route_of(client_id), _way_of(message)
    is_same = (route.kind, route.address) == (message.kind, message.address)
    if way is None or not is_same or (message.query is not None and not route.is_on):
        _write_down(message, OTHER_WAY, now)
        return None
    message.tries += 1
    message.state, message.sent_at, message.next_try_at = OutboxState.SENT, now, None
    message.save(update_fields=["state", "tries", "sent_at", "next_try_at"])
    return Parcel(way, message.body, message.control_id, message.client.slug, route.token or "")


def _write_down(message: OutboundMessage, result: Result, now: datetime) -> None:
    """What became of a try: the message's state, the query's trail, or the mail that takes its place."""
    state, again_at = after_try(result, tries=message.tries, waits=outbox_terms().waits, now=now)
    if result is LOST and state is MessageState.QUEUED:
        again_at = now
    message.state, message.next_try_at, message.result = state.value, again_at, result.code
    fields = ["state", "next_try_at", "result"]
    if state is not MessageState.QUEUED:
        message.ended_at, message.body = now, None
        fields += ["ended_at", "body"]
    message.save(update_fields=fields)
    if message.query is None:
        return
    facts = {"route": message.kind, "message": message.control_id, "answer": result.code}
    actor = system_actor("outbox")
    if state is MessageState.ACCEPTED:
        add_step(
            actor=actor,
            query=message.query,
            kind=StepKind.DELIVERED,
            at=now,
            provider=message.query.provider,
            facts=facts,
        )
        record_event(actor=actor, verb=Verb.QUERY_DELIVERED, subject=message.query, facts=facts)
    elif state is MessageState.FAILED and _waits(message, message.query):
        record_event(actor=actor, verb=Verb.QUERY_UNDELIVERED, subject=message.query, facts=facts)
        enqueue("cdi_queries.deliver_query", client_id=message.client_id, query_id=str(message.query_id))


def _waits(message: OutboundMessage, query: CdiQuery) -> bool:
    """Whether the question still waits for an answer to this asking."""
    return query.state == QueryStatus.SENT and query.asked_at == message.asked_at


def _way_of(message: OutboundMessage) -> Way | None:
    """Judged again: what was an address when it was set may be none under today's rules."""
    try:
        return parse_way(Format(message.kind), message.address)
    except InvalidInput:
        return None


def _locked(client_id: int, message_id: uuid.UUID) -> OutboundMessage | None:
    return (
        OutboundMessage.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(client_id=client_id, pk=message_id)
        .select_related("query__provider", "client")
        .first()
    )
