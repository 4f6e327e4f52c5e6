"""`manage.py load_release SYSTEM FILE… [--release ID] [--dry-run]`, or SYSTEM --bundled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from code_sets.actions.official import Loaded, load_official
from code_sets.actions.preview import Preview, preview
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
            "file",
            metavar="FILE",
            nargs="*",
            help="The official file, as published, gzipped or zipped; a table's several files or folder.",
        )
        parser.add_argument(
            "--release", metavar="ID", help="The release, where the file does not say it: 2027."
        )
        parser.add_argument(
            "--bundled", action="store_true", help="Load the release a pinned package carries."
        )

        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Read and check only; print what would be added, ended and revised.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        system, release = options["system"], options["release"]
        files = [Path(one) for one in options["file"]]
        if options["bundled"] == bool(files):
            raise CommandError("Give either a FILE or --bundled.")
        if options["bundled"] and options["dry_run"]:
            raise CommandError("--dry-run needs a FILE.")
        try:
            if options["dry_run"]:
                found = preview(system=system, path=files, release=release, progress=self.show)
                lines = [line for one in found for line in foretell(one)]
            else:
                loaded = self._load(system, files, release)
                lines = [
                    describe(one.release, one.entries, already_loaded=one.already_loaded) for one in loaded
                ]
        except LoadError as error:
            self._end_of_progress()
            raise CommandError(f"Nothing was loaded. {error}") from error
        self._end_of_progress()
        for line in lines:
            self.stdout.write(line)

    def _load(self, system: str, files: list[Path], release: str | None) -> list[Loaded]:
        if files:
            path = files[0] if len(files) == 1 else files
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


def foretell(one: Preview) -> list[str]:
    """What a release would change, one line a kind of change, the first of each named."""
    until = f"to {one.published_through}" if one.published_through else "without a last day"
    first = f"Nothing was loaded. {one.system} {one.release} would be loaded: {one.rows:,} entries,"
    lines = [f"{first} published for {one.published_from} {until}."]
    if not one.before:
        return [*lines, "No earlier release is loaded to compare it with."]
    if one.changes is None:
        return [*lines, f"Its rows are not compared with those of {one.before}."]
    counts = {"added": one.changes.added, "ended": one.changes.ended, "revised": one.changes.revised}
    told = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    lines.append(f"Against {one.before}: {told}.")
    for kind, count in counts.items():
        names = one.changes.examples[kind]
        more = f" and {count - len(names):,} more" if count > len(names) else ""
        if names:
            lines.append(f"  {kind}: {', '.join(names)}{more}")
    return lines
