"""``manage.py seed_demo``: invented clients, people and charts to try everything on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from coding_ops.core.errors import Refused
from coding_ops.dev.demo.people import PASSWORD
from coding_ops.dev.demo.seed import NotADemoDatabase, fill, sign_ins


class Command(BaseCommand):
    """Fills in the demo once; run again, it only prints the sign-ins."""

    help = "Fill the database with demo clients, people and charts, and print their sign-ins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Adds the seed, the password, and the way past the guard."""
        parser.add_argument("--seed", type=int, default=7, help="The same seed gives the same demo.")
        parser.add_argument("--password", default=PASSWORD, help="Of all demo accounts, when they are made.")
        parser.add_argument(
            "--force", action="store_true", help="Add the demo beside clients that are not the demo's."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Fills, or says why not; a database with clients of its own is left alone and is no failure."""
        try:
            made = fill(
                now=timezone.now(),
                seed=options["seed"],
                password=options["password"],
                force=options["force"],
                say=self._say if options["verbosity"] > 1 else lambda _words: None,
            )
        except NotADemoDatabase as error:
            self.stdout.write(error.message)
            return
        except Refused as error:
            raise CommandError(error.message) from error
        self._print_sign_ins(options["password"] if made else PASSWORD)

    def _say(self, words: str) -> None:
        self.stdout.write(f"{words} …")

    def _print_sign_ins(self, password: str) -> None:
        rows = [("E-mail", "Password", "Role", "Clients")]
        rows += [(one.email, password, one.role, one.clients) for one in sign_ins()]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        self.stdout.write("Demo sign-ins")
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            self.stdout.write("  ".join([*cells, row[3]]))
