"""``manage.py query_retention``: which clients keep queries longer than they agreed?"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from cdi_queries.actions.retention import delete_queries
from cdi_queries.selectors.policy import policy_of
from cdi_queries.selectors.setup import past_retention, retention_report
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.commands import TenantCommand
from coding_ops.tenancy.models import Client

SHORTEST_ORDER = 5


class Command(TenantCommand):
    """One line for each client, and the ids when they are asked for.  It deletes nothing by itself."""

    help = "Counts the queries that ended longer ago than the client's policy keeps them."
    every_client_by_default = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """``--ids``, ``--delete`` with ``--order``"""
        super().add_arguments(parser)
        parser.add_argument("--ids", action="store_true", help="Name each of them by its id, oldest first.")
        parser.add_argument(
            "--delete",
            action="store_true",
            help="Delete them. Needs --client, --order, and the owner's role (DATABASE_ROLE=owner).",
        )
        parser.add_argument(
            "--order", default="", help="The client's written order, e.g. its number and day."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuses a deletion that nobody ordered before it looks at any client."""
        if options["delete"]:
            if options.get("client") is None or len(options["order"].strip()) < SHORTEST_ORDER:
                raise CommandError("Deleting needs one client (--client) and its order (--order).")
            if settings.DATABASE_ROLE != "owner":
                raise CommandError("Only the tables' owner deletes queries: DATABASE_ROLE=owner.")
        super().handle(*args, **options)

    def handle_client(self, client: Client, **options: Any) -> None:
        """Says how many, since when; ids of ours only, no patient data."""
        years = policy_of(client.pk).retention_years
        today = timezone.localdate(timezone=ZoneInfo(client.timezone))
        report = retention_report(client, today, years)
        before = f"ended before {report.cutoff:%m/%d/%Y} ({years} years)"
        self.stdout.write(f"{client.slug}: {report.count} {before}")
        if options["ids"]:
            past = past_retention(client, report.cutoff, sent_only=False).order_by("ended_at", "pk")
            for query_id in past.values_list("pk", flat=True).iterator(chunk_size=1000):
                self.stdout.write(f"  {query_id}")
        if options["delete"] and report.count:
            self._delete(client, report.cutoff, options["order"].strip())

    def _delete(self, client: Client, cutoff: date, order: str) -> None:
        ids = list(past_retention(client, cutoff, sent_only=False).values_list("pk", flat=True))
        with connection.cursor() as cursor:
            counts = delete_queries(cursor, client_id=client.pk, query_ids=ids)
        record_event(
            actor=system_actor("query_retention command"),
            verb=Verb.QUERIES_DELETED,
            subject=client,
            client_id=client.pk,
            reason=order[:500],
            facts={"queries": len(ids), "before": cutoff.isoformat(), "rows": dict(counts)},
        )
        self.stdout.write(f"{client.slug}: {len(ids)} deleted, {sum(counts.values())} rows in all")
