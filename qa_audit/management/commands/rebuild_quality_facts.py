"""``manage.py rebuild_quality_facts``: counts the QA programme's figures afresh and compares."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from coding_ops.tenancy.commands import TenantCommand
from coding_ops.tenancy.models import Client
from qa_audit.actions.facts import rebuild_facts

SHOWN = 20


class Command(TenantCommand):
    """One line for each client; without ``--write`` a difference ends the command with an error."""

    help = "Counts the QA figures of one client, or of all, from their scores; compares them with those kept."
    every_client_by_default = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """``--write`` beside the choice of clients."""
        super().add_arguments(parser)
        parser.add_argument(
            "--write", action="store_true", help="Put the fresh count in the place of what differs."
        )

    def handle_client(self, client: Client, **options: Any) -> None:
        """Counts, compares and says what was found.

        Raises:
            CommandError: the kept figures differ and were not to be written.
        """
        found = rebuild_facts(client, write=options["write"])
        for line in found.differences[:SHOWN]:
            self.stdout.write(f"{client.slug}: {line}")
        counted = f"{client.slug}: {found.charts} audits, {found.cells} sums"
        if not found.differences:
            self.stdout.write(f"{counted}, all as kept")
        elif options["write"]:
            self.stdout.write(f"{counted}, {len(found.differences)} differences put right")
        else:
            raise CommandError(f"{counted}, {len(found.differences)} differences; --write puts them right.")
