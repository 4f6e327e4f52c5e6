"""What happens to encounters in the background."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.tasks import TenantTask
from encounters.actions import leases


@shared_task(name="encounters.free_expired_leases", base=TenantTask, redriven_by="free_expired_leases")
def free_expired_leases(*, client_id: int) -> int:
    """Puts charts of silent holders back in line; returns how many."""
    actor = system_actor("lease sweep")
    return leases.free_expired_leases(actor=actor, client_id=client_id, now=timezone.now())
