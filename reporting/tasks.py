"""Keeping the numbers current."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone

from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.tasks import TenantTask
from reporting.actions.snapshots import refresh_snapshots
from reporting.selectors.staleness import closed_windows_are_stale


@shared_task(name="reporting.refresh_kpis", base=TenantTask, redriven_by="refresh_kpis")
def refresh_kpis(*, client_id: int) -> int:
    """Recomputes the windows that are not over; once a day, and when a week has ended, the closed ones too.

    Returns how many snapshots were kept.  A run that is lost is made up for by the next: what is stale is
    told by the snapshots themselves.
    """
    client, now = Client.objects.get(pk=client_id), timezone.now()
    done = refresh_snapshots(
        actor=system_actor("KPI refresh"),
        client=client,
        through=now.astimezone(ZoneInfo(client.timezone)).date(),
        now=now,
        open_only=not closed_windows_are_stale(client_id, now),
    )
    return done.kept
