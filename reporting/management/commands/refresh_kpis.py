"""``manage.py refresh_kpis``: recomputes the KPI snapshots now."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError
from django.utils import timezone

from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.commands import TenantCommand
from coding_ops.tenancy.models import Client
from reporting.actions.snapshots import refresh_snapshots


class Command(TenantCommand):
    """One line for each client.  Running it twice keeps the same rows."""

    help = "Recomputes the KPI snapshots of one client, or of all: 12 weeks, and the last 7, 28 and 84 days."
    every_client_by_default = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """``--through`` beside the choice of clients."""
        super().add_arguments(parser)
        parser.add_argument(
            "--through",
            metavar="DATE",
            help="Last day of the windows, YYYY-MM-DD, in each client's own zone; today when left out.",
        )

    def handle_client(self, client: Client, **options: Any) -> None:
        """Computes and says what was kept."""
        now = timezone.now()
        today = now.astimezone(ZoneInfo(client.timezone)).date()
        through = _day(options.get("through")) or today
        if through > today:
            raise CommandError(f"{through} is not over yet at {client.slug}; today is {today} there.")
        done = refresh_snapshots(
            actor=system_actor("refresh_kpis command"), client=client, through=through, now=now
        )
        self.stdout.write(
            f"{client.slug}: {done.kept} snapshots of {done.windows} windows through {through},"
            f" {done.dropped} dropped"
        )


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a date; write it as YYYY-MM-DD.") from None
