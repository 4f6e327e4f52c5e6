"""Bringing queries to their providers, ending and raising those that wait too long."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from cdi_queries.actions.delivery import deliver
from cdi_queries.actions.delivery import deliver_waiting as bring_waiting
from cdi_queries.actions.ending import expire_queries
from cdi_queries.actions.escalation import escalate_due as raise_late
from cdi_queries.actions.escalation import send_reminders
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


@shared_task(name="cdi_queries.escalate_due", base=TenantTask, redriven_by="escalate_queries")
def escalate_due(*, client_id: int) -> int:
    """Raises waiting queries by the client's policy; returns how many."""
    return raise_late(client_id=client_id, now=timezone.now())


@shared_task(name="cdi_queries.remind_late", base=TenantTask, redriven_by="escalate_queries")
def remind_late(*, client_id: int) -> int:
    """Mails who is late and who advises on it; returns how many mails went out."""
    return send_reminders(client_id=client_id, now=timezone.now())
