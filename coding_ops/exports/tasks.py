"""Making files in the background."""

from __future__ import annotations

import uuid
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from coding_ops.exports import actions
from coding_ops.exports.access import pending_exports
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.scope import client_transaction
from coding_ops.tenancy.tasks import TenantTask

WAITED = timedelta(seconds=60)


class ExportTask(TenantTask):
    """Opens its client once for each part of a file: progress is seen, and nothing is held for long."""

    abstract = True
    opens_own_transaction = True


@shared_task(name="exports.make_export", base=ExportTask, redriven_by="make_exports")
def make_export(*, client_id: int, export_id: str) -> bool:
    """Makes one file; whether it was made."""
    return actions.make_export(client_id=client_id, export_id=uuid.UUID(export_id), now=timezone.now())


@shared_task(name="exports.make_exports", base=ExportTask, redriven_by="make_exports")
def make_exports(*, client_id: int) -> int:
    """Makes the files that nobody makes, and deletes those whose days are over.  Returns how many it made."""
    now = timezone.now()
    with client_transaction([client_id]):
        actions.expire_exports(actor=system_actor("export sweep"), client_id=client_id, now=now)
        waiting = pending_exports(client_id, now, waited=WAITED, silent=actions.SILENT)
    return sum(
        actions.make_export(client_id=client_id, export_id=export_id, now=timezone.now())
        for export_id in waiting
    )
