"""What happens to queries in the background."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from cdi_queries.actions.delivery import deliver
from cdi_queries.actions.delivery import deliver_waiting as bring_waiting
from cdi_queries.actions.ending import expire_queries
from coding_ops.tenancy.tasks import TenantTask


@shared_task(name="cdi_queries.deliver_query", base=TenantTask, redriven_by="deliver_queries")
def deliver_query(*, client_id: int, query_id: str) -> bool:
    """Brings one query to its provider; again after a failure, never twice after a success."""
    return deliver(client_id=client_id, query_id=query_id)


@shared_task(name="cdi_queries.deliver_waiting", base=TenantTask, redriven_by="deliver_queries")
def deliver_waiting(*, client_id: int) -> int:
    """Brings the queries whose message was lost or failed; returns how many went out."""
    return bring_waiting(client_id=client_id)


@shared_task(name="cdi_queries.expire_due", base=TenantTask, redriven_by="expire_queries")
def expire_due(*, client_id: int) -> int:
    """Ends the queries whose time is over; returns how many."""
    return expire_queries(client_id=client_id, now=timezone.now())
