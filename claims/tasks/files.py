"""What happens to files in the background: taken from the watched folder, and read."""

from __future__ import annotations

import logging
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from claims.actions.folder import Lying, keep_from_folder, put_away
from claims.actions.matching import match_waiting
from claims.actions.reading import read_waiting
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.tasks import TenantTask

logger = logging.getLogger(__name__)


class FileTask(TenantTask):
    """Opens its client once for each step, so that a long file holds nothing for long."""

    abstract = True
    opens_own_transaction = True


@shared_task(name="claims.read_files", base=FileTask, redriven_by="read_claim_files")
def read_files(*, client_id: int) -> int:
    """Keeps what lies in the client's folder, reads every file that waits, and gives answers without a
    claim the one that turned up since; returns how many files it read."""
    client = Client.objects.get(pk=client_id)
    lying = _from_folder(client)
    count = read_waiting(actor=system_actor("claim files"), client_id=client_id)
    if lying:
        put_away(client=client, root=Path(settings.CLAIMS_FOLDER), lying=lying)
    match_waiting(client_id)
    return count


def _from_folder(client: Client) -> list[Lying]:
    if not settings.CLAIMS_FOLDER:
        return []
    try:
        return keep_from_folder(
            actor=system_actor("watched folder"),
            client=client,
            root=Path(settings.CLAIMS_FOLDER),
            now=timezone.now(),
        )
    except OSError:
        # Files that came by another door are read all the same; the folder is an operator's to mend.
        logger.exception("folder of claims could not be opened", extra={"client_id": client.pk})
        return []
