"""`manage.py group_stays IN.ndjson OUT.ndjson [--processes 2]`: MS-DRGs of a file of stays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from code_sets.drg_bulk import BulkGrouper


class Command(BaseCommand):
    help = "Group a file of inpatient stays, one `codes.drg` request a line, into their MS-DRGs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="IN", help="Stays, one JSON object a line.")
        parser.add_argument("target", metavar="OUT", help="Where the answers go, in the same order.")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="Workers.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["processes"] < 1:
            raise CommandError("--processes must be 1 or more.")
        source = Path(options["source"])
        if not source.is_file():
            raise CommandError(f"There is no file {source}.")
        with BulkGrouper(options["processes"]) as bulk:
            found = bulk.group_file(source, Path(options["target"]))
        self.stdout.write(f"{found.grouped:,} stays grouped, {found.refused:,} lines refused.")
