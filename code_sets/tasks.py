"""What happens to code sets in the background. No client's rows are read or written here."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from code_sets.actions.uploads import read_waiting_uploads

logger = logging.getLogger(__name__)


@shared_task(name="code_sets.read_uploads")
def read_uploads() -> int:
    """Read the releases that were sent and wait. Beat asks again, so that a lost message loses nothing."""
    return read_waiting_uploads(timezone.now())


def read_soon() -> None:
    """Ask a worker to read when the transaction commits; without a broker the beat entry does it later."""
    transaction.on_commit(lambda: read_uploads.apply_async(expires=600), robust=True)
