"""Management commands that work on clients' rows."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import acting_as, client_transaction


class TenantCommand(BaseCommand):
    """A command for one client (``--client SLUG``) or for each in turn (``--all-clients``).

    Attributes:
        every_client_by_default: without either option it goes through all clients; only for commands that
            read.
        opens_own_transaction: ``handle_client`` opens the client itself.
    """

    every_client_by_default = False
    opens_own_transaction = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the choice of clients; a subclass that adds its own calls this too."""
        group = parser.add_mutually_exclusive_group(required=not self.every_client_by_default)
        group.add_argument("--client", metavar="SLUG", help="The one client to work on.")
        group.add_argument("--all-clients", action="store_true", help="Every client, one after the other.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Opens each chosen client in a transaction of its own and hands it to ``handle_client``."""
        chosen = self.chosen_clients(options)
        options = {key: value for key, value in options.items() if key not in ("client", "all_clients")}
        with acting_as(command=type(self).__module__.rpartition(".")[2]):
            for client in chosen:
                if self.opens_own_transaction:
                    self.handle_client(client, **options)
                else:
                    with client_transaction([client.pk]):
                        self.handle_client(client, **options)

    def handle_client(self, client: Client, **options: Any) -> None:
        """The work on one client, which is open."""
        raise NotImplementedError

    def chosen_clients(self, options: dict[str, Any]) -> list[Client]:
        """The clients named on the command line, inactive ones too.

        Raises:
            CommandError: no client has that slug.
        """
        slug = options.get("client")
        if slug is None:
            return list(Client.objects.order_by("slug"))
        client = Client.objects.filter(slug=slug).first()
        if client is None:
            raise CommandError(f"No client has the slug {slug!r}.")
        return [client]
