"""Sealing the ledger, so that cutting off its newest events shows."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from coding_ops.audit.ledger import seal_client
from coding_ops.tenancy.tasks import TenantTask


@shared_task(name="audit.seal_ledger", base=TenantTask, redriven_by="seal_ledgers")
def seal_ledger(*, client_id: int) -> int | None:
    """Writes the signed head of the client's chain outside the database; returns its number, if it is new."""
    seal = seal_client(client_id, timezone.now().isoformat())
    return seal.seq if seal else None
