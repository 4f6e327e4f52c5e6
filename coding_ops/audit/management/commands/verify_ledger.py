"""``manage.py verify_ledger``: is every client's ledger what was written?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from coding_ops.audit.ledger import BrokenSeal, verify_client
from coding_ops.tenancy.commands import TenantCommand
from coding_ops.tenancy.models import Client


class Command(TenantCommand):
    """One line for each client; exit status 1 when a chain does not hold or a seal is not ours."""

    help = "Checks the hash chains of the audit ledger and names the first event that does not hold."
    every_client_by_default = True

    def handle(self, *args: Any, **options: Any) -> None:
        """Checks all the chosen clients, also after the first that fails."""
        self.failed: list[str] = []
        super().handle(*args, **options)
        if self.failed:
            raise CommandError(f"The ledger does not hold: {', '.join(self.failed)}.", returncode=1)

    def handle_client(self, client: Client, **options: Any) -> None:
        """Says how many events hold, or where the chain breaks."""
        try:
            verdict = verify_client(client.pk)
        except BrokenSeal as error:
            self._fail(client, str(error))
            return
        found = verdict.first_break
        if found is None:
            self.stdout.write(f"{client.slug}: {verdict.count} events hold, head {verdict.head_hash[:16]}")
            return
        event = f", event {found.event_id}" if found.event_id else ""
        self._fail(client, f"broken at number {found.seq}{event}: {found.what}")

    def _fail(self, client: Client, what: str) -> None:
        self.failed.append(client.slug)
        self.stderr.write(f"{client.slug}: {what}")
