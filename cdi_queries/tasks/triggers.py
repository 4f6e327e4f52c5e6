"""The sweep for gaps in the background."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from cdi_queries.actions.trigger_sweep import sweep
from coding_ops.tenancy.tasks import TenantTask


class SweepTask(TenantTask):
    """Opens its client once for a few charts, so that a long run holds nothing for long."""

    abstract = True
    opens_own_transaction = True


@shared_task(name="cdi_queries.sweep_triggers", base=SweepTask, redriven_by="sweep_triggers")
def sweep_triggers(*, client_id: int) -> int:
    """Looks at the charts that have changed; returns how many gaps are new."""
    return sweep(client_id=client_id, now=timezone.now()).found
