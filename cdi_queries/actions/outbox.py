"""Queries put in line for the client's inbox, and the test message that tries the way.

A message is one asking of one query; `actions/carrying.py` takes it there.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cdi_queries.actions.links import link_href, make_link, public_address
from cdi_queries.models import (
    CdiQuery,
    DeliveryRoute,
    MessageFormat,
    OutboundMessage,
    OutboxState,
    QueryStatus,
)
from cdi_queries.rules.outbound.fhir import transaction_bundle
from cdi_queries.rules.outbound.hl7v2 import mdm_t02, oru_r01
from cdi_queries.rules.outbound.message import OutboundQuery
from cdi_queries.rules.outbound.ways import Format
from cdi_queries.selectors.outbound import outbound_of, receiver_of, route_of, trial_message
from cdi_queries.terms.outbox import outbox_terms
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import NotAllowed, NotFound, Refused
from coding_ops.tenancy.actor import Actor, system_actor
from coding_ops.tenancy.models import Client, Role
from coding_ops.tenancy.tasks import enqueue

logger = logging.getLogger(__name__)


@transaction.atomic
def send_out(*, query: CdiQuery) -> bool:
    """Whether this asking of the query goes through the client's inbox; the caller holds the query's lock.

    True: its message is in line, on its way, or has arrived.  False: the client has no such way, or the
    message failed: it goes by mail.  Asked again about the same asking it makes no second message.
    """
    if query.state != QueryStatus.SENT or query.asked_at is None:
        return False
    standing = OutboundMessage.objects.filter(
        client_id=query.client_id, query=query, asked_at=query.asked_at
    ).first()
    if standing is not None:
        return standing.state != OutboxState.FAILED
    route = route_of(query.client_id)
    if not route.is_on or route.kind == MessageFormat.MAIL:
        return False
    actor, now = system_actor("outbox"), timezone.now()
    link = make_link(actor=actor, query=query, now=now)
    try:
        message = outbound_of(
            query,
            receiver=receiver_of(route),
            control_id=_new_control_id(),
            answer_url=public_address(link_href(link)),
            now=now,
        )
        body = written(Format(route.kind), message)
    except ValueError:
        # What a definition refuses is a fault of ours: the question goes by mail and we hear of it.
        logger.exception("message not written", extra={"query_id": str(query.pk)})
        return False
    _queue(route, message, body, query, now)
    return True


@transaction.atomic
def try_way(*, actor: Actor, client: Client) -> OutboundMessage:
    """Puts a test message in line, about nobody; what became of it is shown where it was asked for.

    Raises:
        NotAllowed: not a vendor administrator.
        Refused: queries go by mail, or a test was sent just now.
    """
    require_way_keeper(actor)
    route = route_of(client.pk)
    if route.kind == MessageFormat.MAIL:
        raise Refused("Queries go by mail here: there is no way to try.", code="way.mail")
    now = timezone.now()
    newest = (
        OutboundMessage.objects.filter(client_id=client.pk, query__isnull=True)
        .order_by("-created_at")
        .values_list("created_at", flat=True)
        .first()
    )
    if newest is not None and now - newest < outbox_terms().test_wait:
        raise Refused("A test message was sent just now. Wait a moment.", code="way.test_again")
    message = trial_message(client, receiver=receiver_of(route), control_id=_new_control_id(), now=now)
    made = _queue(route, message, written(Format(route.kind), message), None, now)
    record_event(actor=actor, verb=Verb.QUERY_WAY_TESTED, subject=made, facts={"kind": route.kind})
    return made


def written(kind: Format, message: OutboundQuery) -> bytes:
    """The message's bytes in a format."""
    if kind is Format.FHIR:
        return json.dumps(transaction_bundle(message), ensure_ascii=False).encode("utf-8")
    return mdm_t02(message) if kind is Format.HL7_MDM else oru_r01(message)


def require_way_keeper(actor: Actor) -> None:
    """Who may set and try a way out: it makes our servers call an address.

    Raises:
        NotFound: a role outside the vendor.
        NotAllowed: another of the vendor's roles.
    """
    if not actor.is_vendor:
        raise NotFound
    if actor.role != Role.VENDOR_ADMIN:
        raise NotAllowed("Only vendor administrators set the way out.", code="way.not_allowed")


def _queue(
    route: DeliveryRoute, message: OutboundQuery, body: bytes, query: CdiQuery | None, now: datetime
) -> OutboundMessage:
    made: OutboundMessage = OutboundMessage.objects.create(
        client_id=route.client_id,
        query=query,
        asked_at=query.asked_at if query else None,
        kind=route.kind,
        address=route.address,
        control_id=message.control_id,
        body=body,
        sha256=hashlib.sha256(body).digest(),
        byte_count=len(body),
        next_try_at=now,
        created_at=now,
    )
    enqueue("cdi_queries.send_message", client_id=made.client_id, message_id=str(made.pk))
    return made


def _new_control_id() -> str:
    """MSH-10 takes 20 characters: 80 random bits."""
    return secrets.token_hex(10).upper()
