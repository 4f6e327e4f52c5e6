"""``manage.py set_kpi_target``: what a client's contract asks of a KPI."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandError

from coding_ops.core.errors import DomainError
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.commands import TenantCommand
from coding_ops.tenancy.models import Client
from reporting.actions.targets import TargetTerms, set_target
from reporting.rules import definitions


class Command(TenantCommand):
    """The target that held until then ends the day before; numbers of that time keep their verdict."""

    help = "Sets the target of a KPI from a day on. Names: " + ", ".join(
        kpi.definition.name for kpi in definitions.current()
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What was agreed, beside the choice of clients."""
        super().add_arguments(parser)
        parser.add_argument("--kpi", required=True, metavar="NAME")
        parser.add_argument("--low", metavar="NUMBER", help="Lowest value that is still good.")
        parser.add_argument("--high", metavar="NUMBER", help="Highest value that is still good.")
        parser.add_argument("--from", dest="starts_on", required=True, metavar="DATE", help="YYYY-MM-DD.")
        parser.add_argument("--source", required=True, help="Where it is agreed.")

    def handle_client(self, client: Client, **options: Any) -> None:
        """Sets it, or says why not."""
        try:
            terms = TargetTerms(
                _number(options["low"]),
                _number(options["high"]),
                date.fromisoformat(options["starts_on"]),
                options["source"],
            )
            target = set_target(
                actor=system_actor("set_kpi_target command"), client=client, name=options["kpi"], terms=terms
            )
        except DomainError as error:
            raise CommandError(f"{client.slug}: {error.message}") from error
        except ValueError as error:
            raise CommandError(f"{options['starts_on']!r} is not a date; write it as YYYY-MM-DD.") from error
        self.stdout.write(f"{client.slug}: {target}")


def _number(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise CommandError(f"{text!r} is not a number.") from None
