"""Messages to clients' inboxes in the background; named by ``tasks.py``, where Celery looks."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.utils import timezone

from cdi_queries.actions import carrying
from coding_ops.tenancy.tasks import TenantTask


class CarryingTask(TenantTask):
    """Opens its client before and after each try, and holds nothing while the receiver thinks."""

    abstract = True
    opens_own_transaction = True


@shared_task(name="cdi_queries.send_message", base=CarryingTask, redriven_by="send_messages")
def send_message(*, client_id: int, message_id: str) -> bool:
    """Tries one message; whether it was accepted."""
    result = carrying.send_message(client_id=client_id, message_id=uuid.UUID(message_id), now=timezone.now())
    return bool(result and result.is_accepted)


@shared_task(name="cdi_queries.send_waiting", base=CarryingTask, redriven_by="send_messages")
def send_waiting(*, client_id: int) -> int:
    """Tries what is due again or was lost; returns how many were accepted."""
    return carrying.send_waiting(client_id=client_id, now=timezone.now())
