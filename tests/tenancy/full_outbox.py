"""Rows of the way out to a client's inbox: a route that is off, and a message that waits for next month."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from cdi_queries.models import CdiQuery, DeliveryRoute, OutboundMessage


def fill_outbox(query: CdiQuery) -> None:
    """The message's body is made of the patient's markers."""
    common = {"client_id": query.client_id}
    now = timezone.now()
    route = DeliveryRoute.objects.create(
        kind="hl7_oru", address="mllps://inbox.example.org:2576", receiving_application="INBOX", **common
    )
    patient = query.encounter.patient
    OutboundMessage.objects.create(
        query=query,
        asked_at=query.asked_at,
        kind=route.kind,
        address=route.address,
        control_id="Q0000000000000000001",
        body=f"MSH|^~\\&|\rPID|1||{patient.mrn}||{patient.family_name}\r".encode(),
        sha256=b"1" * 32,
        byte_count=100,
        next_try_at=now + timedelta(days=30),
        created_at=now - timedelta(days=1),
        **common,
    )
