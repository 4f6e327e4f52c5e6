"""Claims that a client sent itself, compared with codes that became final since."""

from __future__ import annotations

from celery import shared_task

from claims.actions.drift import compare_waiting
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.tasks import TenantTask


class CompareTask(TenantTask):
    """Opens its client once a batch."""

    abstract = True
    opens_own_transaction = True


@shared_task(name="claims.compare_billed", base=CompareTask, redriven_by="compare_billed_claims")
def compare_billed(*, client_id: int) -> int:
    """Compares what waits; how many claims it changed."""
    return compare_waiting(actor=system_actor("claim drift"), client_id=client_id)
