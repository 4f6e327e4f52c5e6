"""`manage.py intake --client SLUG PATH…`: files of any supported format into encounters."""

from __future__ import annotations

import tempfile
import zipfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.management.base import CommandError

from coding_ops.core.errors import DomainError
from coding_ops.tenancy.actor import Actor, system_actor
from coding_ops.tenancy.commands import TenantCommand
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import client_transaction
from encounters.actions.intake import IntakeResult, receive_file
from encounters.actions.intake.connections import connection_for
from encounters.rules.intake.incoming import SourceFormat

FORMATS = {
    "auto": None,
    "fhir": SourceFormat.FHIR,
    "hl7v2": SourceFormat.HL7V2,
    "csv": SourceFormat.CSV,
    "zip": SourceFormat.ZIP,
}
TABLES = (".csv", ".tsv", ".psv")


class Command(TenantCommand):
    """Reads files and folders.  A folder with an encounters CSV is one file with its notes; of any other
    folder each file is read by itself.  Exit 1 when nothing could be read."""

    help = "Reads a client's files (FHIR R4, HL7 v2, CSV with notes, zip) into encounters."
    opens_own_transaction = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A file belongs to one client, so there is no --all-clients here."""
        parser.add_argument("--client", metavar="SLUG", required=True, help="The client that sent the files.")
        parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="Files or folders.")
        parser.add_argument(
            "--format", choices=FORMATS, default="auto", help="Instead of telling by the bytes."
        )
        parser.add_argument("--connection", default="", help="The way in, where the client has several.")
        parser.add_argument(
            "--max-members", type=int, default=100_000, help="Files that a zip or a folder may hold."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Reads each file in turn; a file that is refused stops no other."""
        (client,) = self.chosen_clients(options)
        self._verbosity = options["verbosity"]
        actor = system_actor("manage.py intake")
        with client_transaction([client.pk]):
            way = connection_for(actor=actor, client=client, name=options["connection"])
        self._missing(options["paths"])
        total: Counter[str] = Counter()
        for path in (one for given in options["paths"] for one in _files(given)):
            try:
                result = self._receive(actor, client, way.pk, path, options)
            except DomainError as error:
                self.stderr.write(f"{path}: {error.message}")
                continue
            self._tell(path, result)
            total.update(_counts(result))
        self.stdout.write(_line(total))
        if not total["accepted"] + total["updated"] + total["duplicate"]:
            raise CommandError("Nothing could be read.")

    def _missing(self, paths: list[Path]) -> None:
        missing = [str(path) for path in paths if not path.exists()]
        if missing:
            raise CommandError(f"There is no {', '.join(missing)}.")

    def _receive(
        self, actor: Actor, client: Client, connection_id: Any, path: Path, options: dict[str, Any]
    ) -> IntakeResult:
        with _opened(path) as content:
            return receive_file(
                actor=actor,
                client=client,
                connection_id=connection_id,
                filename=path.name,
                content=content,
                source_format=None if path.is_dir() else FORMATS[options["format"]],
                archive_member_limit=options["max_members"],
            )

    def _tell(self, path: Path, result: IntakeResult) -> None:
        note = " (received before)" if result.was_known else ""
        self.stdout.write(f"{path}: {_line(_counts(result))}{note}")
        if result.warnings and self._verbosity > 0:
            told = ", ".join(f"{code} {count}" for code, count in sorted(result.warnings.items()))
            self.stdout.write(f"  told: {told}")


def _counts(result: IntakeResult) -> dict[str, int]:
    return {
        "accepted": result.accepted,
        "updated": result.updated,
        "duplicate": result.duplicates,
        "quarantined": result.quarantined,
    }


def _line(counts: dict[str, int]) -> str:
    return ", ".join(
        f"{name} {counts.get(name, 0)}" for name in ("accepted", "updated", "duplicate", "quarantined")
    )


def _files(path: Path) -> Iterator[Path]:
    """A file, a folder that is one delivery (CSV with notes), or the files of any other folder."""
    if not path.is_dir() or _table_of(path):
        yield path
        return
    for inner in sorted(path.iterdir()):
        if not inner.name.startswith("."):
            yield from _files(inner)


def _table_of(folder: Path) -> Path | None:
    """The encounters CSV of a folder that is a delivery; several other CSVs are files of their own."""
    tables = [one for one in folder.iterdir() if one.suffix.lower() in TABLES]
    named = [one for one in tables if one.stem.lower() == "encounters"]
    if named:
        return named[0]
    has_notes = (folder / "notes").is_dir() or any(one.suffix.lower() == ".txt" for one in folder.iterdir())
    return tables[0] if len(tables) == 1 and has_notes else None


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes to keep: the file's, or a zip of a delivery, so that reading again needs nothing else.

    The zip's dates are fixed: the same folder gives the same bytes, and is recognized when it comes again.
    """
    if not path.is_dir():
        with path.open("rb") as content:
            yield content
        return
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for one in sorted(path.rglob("*")):
                if one.is_file() and not one.is_symlink() and not one.name.startswith("."):
                    entry = zipfile.ZipInfo(one.relative_to(path).as_posix())
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    entry.external_attr = 0o600 << 16
                    with one.open("rb") as source, archive.open(entry, "w") as target:
                        for piece in iter(lambda: source.read(1024 * 1024), b""):
                            target.write(piece)
        packed.seek(0)
        yield cast("BinaryIO", packed)
