"""One official file, whatever it holds: codes, their index, tables, or a zip of them. All or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from code_sets.actions.edit_tables import load_edit_source, load_edit_table
from code_sets.actions.releases import load_source, refresh_indexes
from code_sets.loaders import LOADERS
from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.parts import Part, index_systems, parts_of
from code_sets.models import CodeSetRelease, EditTableRelease


@dataclass(frozen=True, slots=True)
class Loaded:
    """One release that a file gave, how many entries it has, and whether it had been loaded before."""

    release: CodeSetRelease | EditTableRelease
    entries: int
    already_loaded: bool


@transaction.atomic
def load_official(
    *, system: str, path: Path | Sequence[Path], release: str | None, progress: Progress
) -> list[Loaded]:
    """Load everything an official file holds of `system`. Raises LoadError; nothing at all is kept then.

    `path`: a file as published, gzipped or zipped; for a table of edits also its several files or a folder.
    """
    if system not in LOADERS:
        return [_table(system, path, release, progress)]
    if not isinstance(path, Path):
        if len(path) != 1:
            raise LoadError(system, 0, f"{len(path)} files were given; this system comes as one file or zip")
        path = path[0]
    # Indexes and tables first: the release is then indexed once, with its terms.
    parts = sorted(parts_of(system, SourceFile.read(path)), key=lambda part: not part.is_table)
    loaded = [_part(part, release, progress) for part in parts]
    if any(part.system in index_systems(system) for part in parts):
        refresh_indexes(system, progress)
    return loaded


def _table(system: str, path: Path | Sequence[Path], release: str | None, progress: Progress) -> Loaded:
    outcome = load_edit_table(system=system, path=path, release=release, progress=progress)
    family = next((one for one in LOADERS if system in index_systems(one)), None)
    if family is not None:
        refresh_indexes(family, progress)
    return Loaded(outcome.release, outcome.release.row_count, outcome.already_loaded)


def _part(part: Part, release: str | None, progress: Progress) -> Loaded:
    if part.is_table:
        table = load_edit_source(system=part.system, source=part.source, release=release, progress=progress)
        return Loaded(table.release, table.release.row_count, table.already_loaded)
    codes = load_source(system=part.system, source=part.source, release=release, progress=progress)
    return Loaded(codes.release, codes.release.code_count, codes.already_loaded)
