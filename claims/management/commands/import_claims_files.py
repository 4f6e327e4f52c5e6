"""`manage.py import_claims_files --client SLUG PATH…`: 837, 999, 277CA and 835 files."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.utils import timezone

from claims.actions.files import SETTLED, keep_file
from claims.actions.reading import read_waiting
from claims.models import Door, FileProblem, PayerFile
from claims.rules.payer_files import recognize
from coding_ops.core.errors import DomainError
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.commands import TenantCommand
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import acting_as, client_transaction

MOST_TOLD = 5


class Command(TenantCommand):
    """Keeps and reads files and the files of folders.  A file that is refused stops no other; exit 1 when
    nothing could be read."""

    help = "Reads a client's files of claims and of payers (837, 999, 277CA, 835)."
    opens_own_transaction = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A file belongs to one client, so there is no --all-clients here."""
        parser.add_argument("--client", metavar="SLUG", required=True, help="Whose files these are.")
        parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="Files or folders.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Only say what each file is; keep nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Keeps each file in turn, then reads them in the order in which they came."""
        (client,) = self.chosen_clients(options)
        missing = [str(path) for path in options["paths"] if not path.exists()]
        if missing:
            raise CommandError(f"There is no {', '.join(missing)}.")
        paths = [one for given in options["paths"] for one in _files(given)]
        if options["dry_run"]:
            whole = sum(self._recognize(path) for path in paths)
            self.stdout.write(f"{whole} of {len(paths)} files can be read. Nothing was kept.")
            return
        with acting_as(command="import_claims_files"):
            kept = [(path, self._keep(client, path)) for path in paths]
            read_waiting(actor=system_actor("manage.py import_claims_files"), client_id=client.pk)
        with client_transaction([client.pk]):
            total = Counter(self._tell(client, path, file_id) for path, file_id in kept)
        if not total["read"]:
            raise CommandError("Nothing could be read.")

    def _recognize(self, path: Path) -> bool:
        found = recognize(path.read_bytes())
        count = f"{found.entry_count} entries" if found.entry_count else "no entries"
        self.stdout.write(f"{path}: {found.kind.value}, {count}")
        for one in found.problems[:MOST_TOLD]:
            self.stdout.write(f"  {one.place}: {one.message}")
        return not found.problems

    def _keep(self, client: Client, path: Path) -> UUID | None:
        try:
            with client_transaction([client.pk]), path.open("rb") as content:
                file, _ = keep_file(
                    actor=system_actor("manage.py import_claims_files"),
                    client_id=client.pk,
                    filename=path.name,
                    content=content,
                    door=Door.COMMAND,
                    now=timezone.now(),
                )
        except DomainError as error:
            self.stderr.write(f"{path}: {error.message}")
            return None
        return file.pk

    def _tell(self, client: Client, path: Path, file_id: UUID | None) -> str:
        """What became of it: read, set_aside, waiting or refused."""
        if file_id is None:
            return "refused"
        file = PayerFile.objects.get(client_id=client.pk, pk=file_id)
        counts = (
            f"entries {file.entry_count}, posted {file.posted_count}, unmatched {file.unmatched_count}, "
            f"duplicate {file.duplicate_count}, problems {file.problem_count}"
        )
        self.stdout.write(f"{path}: {file.get_kind_display()}, {file.get_state_display()}: {counts}")
        opened = FileProblem.objects.filter(
            client_id=client.pk, file_id=file_id, state=FileProblem.State.OPEN
        )
        for one in opened[:MOST_TOLD]:
            self.stdout.write(f"  {one.place}: {one.message}")
        if file.state not in SETTLED:
            return "waiting"
        return "set_aside" if file.state == "quarantined" else "read"


def _files(path: Path) -> Iterator[Path]:
    """A file, or the files of a folder and of the folders in it; hidden ones are left alone."""
    if not path.is_dir():
        yield path
        return
    for inner in sorted(path.iterdir()):
        if not inner.name.startswith("."):
            yield from _files(inner)
