"""``manage.py query_retention``: which clients keep queries longer than they agreed?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from cdi_queries.selectors.policy import policy_of
from cdi_queries.selectors.setup import past_retention, retention_report
from coding_ops.tenancy.commands import TenantCommand
from coding_ops.tenancy.models import Client


class Command(TenantCommand):
    """One line for each client, and the ids when they are asked for.  It deletes nothing."""

    help = "Counts the queries that ended longer ago than the client's policy keeps them."
    every_client_by_default = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """``--ids``"""
        super().add_arguments(parser)
        parser.add_argument("--ids", action="store_true", help="Name each of them by its id, oldest first.")

    def handle_client(self, client: Client, **options: Any) -> None:
        """Says how many, since when; ids of ours only, no patient data."""
        years = policy_of(client.pk).retention_years
        today = timezone.localdate(timezone=ZoneInfo(client.timezone))
        report = retention_report(client, today, years)
        before = f"ended before {report.cutoff:%m/%d/%Y} ({years} years)"
        self.stdout.write(f"{client.slug}: {report.count} {before}")
        if not options["ids"]:
            return
        past = past_retention(client, report.cutoff, sent_only=False).order_by("ended_at", "pk")
        for query_id in past.values_list("pk", flat=True).iterator(chunk_size=1000):
            self.stdout.write(f"  {query_id}")
