"""`manage.py load_release SYSTEM FILE [--release ID]`, or SYSTEM --bundled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from code_sets.actions.official import Loaded, load_official
from code_sets.actions.releases import load_bundled_release
from code_sets.loaders import LOADERS, TABLE_LOADERS
from code_sets.loaders.base import LoadError
from code_sets.models import CodeSetRelease, EditTableRelease

BAR_WIDTH = 24


class Command(BaseCommand):
    help = "Load a dated release of a code system from its official file. All or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        systems = ", ".join(sorted(LOADERS.keys() | TABLE_LOADERS.keys()))
        parser.add_argument("system", metavar="SYSTEM", help=f"One of: {systems}.")
        parser.add_argument(
            "file", metavar="FILE", nargs="?", help="The official file, as published or gzipped."
        )
        parser.add_argument(
            "--release", metavar="ID", help="The release, where the file does not say it: 2027."
        )
        parser.add_argument(
            "--bundled", action="store_true", help="Load the release a pinned package carries."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        system, file, release = options["system"], options["file"], options["release"]
        if options["bundled"] == bool(file):
            raise CommandError("Give either a FILE or --bundled.")
        try:
            loaded = self._load(system, None if options["bundled"] else Path(file), release)
        except LoadError as error:
            self._end_of_progress()
            raise CommandError(f"Nothing was loaded. {error}") from error
        self._end_of_progress()
        for one in loaded:
            self.stdout.write(describe(one.release, one.entries, already_loaded=one.already_loaded))

    def _load(self, system: str, path: Path | None, release: str | None) -> list[Loaded]:
        if path is not None:
            return load_official(system=system, path=path, release=release, progress=self.show)
        outcome = load_bundled_release(system=system, progress=self.show)
        return [Loaded(outcome.release, outcome.release.code_count, outcome.already_loaded)]

    def show(self, step: str, done: int, total: int) -> None:
        """Progress in one line, on a terminal only."""
        if not self.stderr.isatty():
            return
        filled = BAR_WIDTH * done // total if total else 0
        count = f"{done:,} of {total:,}" if total else ""
        self.stderr.write(f"\r\033[K{step:<16} [{'#' * filled:<{BAR_WIDTH}}] {count}", ending="")
        self.stderr.flush()

    def _end_of_progress(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")


def describe(release: CodeSetRelease | EditTableRelease, entries: int, *, already_loaded: bool) -> str:
    """What is loaded and from when to when, in one line."""
    until = f"to {release.effective_to}" if release.effective_to else "until a newer release is loaded"
    what = f"{release}: {entries:,} entries, in force from {release.effective_from} {until}."
    return f"Already loaded: {what}" if already_loaded else f"Loaded {what}"
