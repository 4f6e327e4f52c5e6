"""A query as it leaves, the client's way out, and the messages that took it."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db.models import Q, QuerySet

from cdi_queries.models import CdiQuery, DeliveryRoute, OutboundMessage, OutboxState
from cdi_queries.rules.content import QueryContent, from_json
from cdi_queries.rules.outbound.message import Clinician, OutboundQuery, Person, Receiver, Visit
from cdi_queries.rules.query import Kind
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.models import Client
from encounters.models import EncounterKind

TEAM = "The coding team"
"""Outside the vendor its people are one team: no message names who wrote a question."""
STAYS = frozenset({EncounterKind.INPATIENT, EncounterKind.OBSERVATION})


def route_of(client_id: int) -> DeliveryRoute:
    """The client's way out; mail, not stored, while nobody has set one."""
    found = DeliveryRoute.objects.filter(client_id=client_id).first()
    return found if found is not None else DeliveryRoute(client_id=client_id)


def messages_of(client_id: int, state: str = "") -> QuerySet[OutboundMessage]:
    """The client's messages, newest first; their bodies stay sealed and unread."""
    found: QuerySet[OutboundMessage] = OutboundMessage.objects.filter(client_id=client_id).defer("body")
    if state in OutboxState.values:
        found = found.filter(state=state)
    return found.order_by("-created_at", "-id")


def due_messages(client_id: int, now: datetime, lost_before: datetime, most: int) -> list[uuid.UUID]:
    """What is to be tried now: in line and its time has come, or taken by a worker that was lost."""
    found = OutboundMessage.objects.filter(client_id=client_id).filter(
        Q(state=OutboxState.QUEUED, next_try_at__lte=now) | Q(state=OutboxState.SENT, sent_at__lt=lost_before)
    )
    return list(found.order_by("created_at", "pk").values_list("pk", flat=True)[:most])


def receiver_of(route: DeliveryRoute) -> Receiver:
    """How the client's system names itself."""
    return Receiver(route.receiving_application, route.receiving_facility, route.authority)


def outbound_of(
    query: CdiQuery, *, receiver: Receiver, control_id: str, answer_url: str, now: datetime
) -> OutboundQuery:
    """The query as any format writes it: what the provider may see, and nothing else.

    Raises:
        NotFound: it is asked of nobody, as drafts may be.
    """
    if query.provider is None:
        raise NotFound
    chart, provider = query.encounter, query.provider
    patient = chart.patient
    credential = f", {query.author_credential}" if query.author_credential else ""
    return OutboundQuery(
        control_id=control_id,
        query_id=str(query.pk),
        sender=chart.client.slug,
        receiver=receiver,
        made_at=now,
        sent_at=query.asked_at or query.drafted_at,
        due_at=query.due_at,
        patient=Person(
            patient.mrn, patient.family_name, patient.given_name, _day(patient.birth_on), patient.sex
        ),
        visit=Visit(chart.external_id, chart.service_on, chart.discharge_on, chart.kind in STAYS),
        provider=Clinician(provider.name, provider.npi, provider.professional_credential),
        author=f"{TEAM}{credential}",
        content=from_json(query.content),
        answer_url=answer_url,
        status=query.state,
    )


def trial_message(client: Client, *, receiver: Receiver, control_id: str, now: datetime) -> OutboundQuery:
    """A message about nobody, marked as a test in every format that can."""
    today = now.date()
    return OutboundQuery(
        control_id=control_id,
        query_id=str(uuid.uuid4()),
        sender=client.slug,
        receiver=receiver,
        made_at=now,
        sent_at=now,
        due_at=None,
        patient=Person("TEST-0000", "Test", "Message", None, "U"),
        visit=Visit("TEST-0000", today, None, False),
        provider=Clinician("Test, no provider", ""),
        author="Coding Ops",
        content=QueryContent(
            kind=Kind.OPEN,
            title="Test message, please ignore",
            body="This message tries the way to your inbox. It is about no patient and needs no answer.",
        ),
        is_test=True,
    )


def _day(text: str) -> date | None:
    """The sealed birth date; None where the source did not say or wrote something else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
