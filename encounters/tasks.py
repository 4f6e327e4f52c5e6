"""What happens to encounters in the background."""

from __future__ import annotations

import logging
import uuid

from celery import shared_task
from django.utils import timezone

from coding_ops.core.errors import Conflict
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import client_transaction
from coding_ops.tenancy.tasks import TenantTask
from encounters.actions import intake, leases
from encounters.selectors.intake import unread_files

logger = logging.getLogger(__name__)


@shared_task(name="encounters.free_expired_leases", base=TenantTask, redriven_by="free_expired_leases")
def free_expired_leases(*, client_id: int) -> int:
    """Puts charts of silent holders back in line; returns how many."""
    actor = system_actor("lease sweep")
    return leases.free_expired_leases(actor=actor, client_id=client_id, now=timezone.now())


class IntakeTask(TenantTask):
    """Reads files: it opens its client once for each batch, so that a long file holds nothing for long."""

    abstract = True
    opens_own_transaction = True


@shared_task(name="encounters.read_file", base=IntakeTask, redriven_by="read_received_files")
def read_file(*, client_id: int, raw_file_id: str) -> None:
    """Reads a stored file from where it was left.  Who sent it stands in the file's own row."""
    try:
        intake.read_stored_file(
            actor=system_actor("intake"),
            client=Client.objects.get(pk=client_id),
            raw_file_id=uuid.UUID(raw_file_id),
        )
    except Conflict:
        # Delivered twice: the other worker reads on.
        logger.info("file is being read by another worker", extra={"raw_file_id": raw_file_id})


@shared_task(name="encounters.read_received_files", base=IntakeTask, redriven_by="read_received_files")
def read_received_files(*, client_id: int) -> int:
    """Reads the files that nobody reads: their message was lost, or their reader died.  Returns how many."""
    with client_transaction([client_id]):
        waiting = unread_files(client_id, timezone.now())
    for raw_file_id in waiting:
        read_file.run(client_id=client_id, raw_file_id=str(raw_file_id))
    return len(waiting)
