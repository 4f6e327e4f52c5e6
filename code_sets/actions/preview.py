"""What a release would change, before it is loaded: read and checked like a load, and nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from code_sets.actions.edit_tables import checked_periods
from code_sets.actions.releases import parse_source
from code_sets.loaders import LOADERS, TABLE_LOADERS
from code_sets.loaders.base import LoadError, ParsedRelease, Progress, SourceFile
from code_sets.loaders.parts import parts_of
from code_sets.loaders.published import read_files
from code_sets.loaders.tables import ParsedTable
from code_sets.models import Code, CodeSetRelease, EditTableRelease
from code_sets.rules.release_diff import Changes, compare, compare_tables


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be loaded; `before`: the release it is compared with, "" when there is none.

    `changes` is None where there is nothing to compare with, or rows of this kind are not compared.
    """

    system: str
    release: str
    published_from: date
    published_through: date | None
    rows: int
    before: str
    changes: Changes | None


def preview(
    *, system: str, path: Path | Sequence[Path], release: str | None, progress: Progress
) -> list[Preview]:
    """What loading these files would change. Raises LoadError where loading them would."""
    paths = [path] if isinstance(path, Path) else list(path)
    if system not in LOADERS:
        source = read_files(paths)
        return [_table(system, source, release, progress)]
    if len(paths) != 1:
        raise LoadError(system, 0, f"{len(paths)} files were given; this system comes as one file or zip")
    return [
        _table(part.system, part.source, release, progress)
        if part.is_table
        else _codes(part.system, part.source, release, progress)
        for part in parts_of(system, SourceFile.read(paths[0]))
    ]


def _table(system: str, source: SourceFile, release: str | None, progress: Progress) -> Preview:
    if system not in TABLE_LOADERS:
        known = ", ".join(sorted(LOADERS.keys() | TABLE_LOADERS.keys()))
        raise LoadError(system, 0, f"there is no loader for it; there are: {known}")
    parsed = TABLE_LOADERS[system](source, release, progress)
    others = list(EditTableRelease.objects.filter(system=parsed.system).defer("data"))
    if not any(one.sha256 == source.sha256 for one in others):
        checked_periods(parsed, sorted(others, key=lambda one: one.published_from), source.name)
    earlier = [one for one in others if one.published_from < parsed.published_from]
    before = max(earlier, key=lambda one: one.published_from, default=None)
    progress("comparing", 0, 0)
    return _told(parsed, parsed.rows, before, _table_changes(parsed, before))


def _table_changes(parsed: ParsedTable, before: EditTableRelease | None) -> Changes | None:
    if before is None:
        return None
    data = EditTableRelease.objects.values_list("data", flat=True).get(pk=before.pk)
    days = [_number(one) for one in (before.published_from, parsed.published_from)]
    return compare_tables(bytes(data), parsed.data, *days)


def _codes(system: str, source: SourceFile, release: str | None, progress: Progress) -> Preview:
    parsed = parse_source(system, source, release, progress)
    billable = sum(entry.billable for entry in parsed.entries)
    earlier = CodeSetRelease.objects.filter(system=parsed.system, published_from__lt=parsed.published_from)
    before = earlier.order_by("-published_from").first()
    if before is None:
        return _told(parsed, billable, None, None)
    progress("comparing", 0, 0)
    changes = compare(_titles_before(before), _titles(parsed))
    return _told(parsed, billable, before, changes)


def _titles(parsed: ParsedRelease) -> dict[str, str]:
    """Codes that can be assigned on the release's first day, with their titles."""
    day = parsed.published_from
    return {
        entry.code: entry.title
        for entry in parsed.entries
        if entry.billable and (entry.valid_to is None or entry.valid_to >= day)
    }


def _titles_before(before: CodeSetRelease) -> dict[str, str]:
    day = before.published_from
    rows = Code.objects.filter(release=before, is_billable=True).exclude(valid_to__lt=day)
    return dict(rows.values_list("code", "title"))


def _told(
    parsed: ParsedTable | ParsedRelease,
    rows: int,
    before: EditTableRelease | CodeSetRelease | None,
    changes: Changes | None,
) -> Preview:
    return Preview(
        system=parsed.system,
        release=parsed.release,
        published_from=parsed.published_from,
        published_through=parsed.published_through,
        rows=rows,
        before=before.release if before is not None else "",
        changes=changes,
    )


def _number(day: date) -> int:
    return day.year * 10000 + day.month * 100 + day.day
