"""Loading a table of edits: read whole, checked, stored in one transaction, its file written first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction
from django.db.models import QuerySet

from code_sets import edit_store
from code_sets.loaders import TABLE_LOADERS
from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.published import read_files
from code_sets.loaders.tables import ParsedTable
from code_sets.models import EditTableRelease
from code_sets.rules.periods import InForce, Published, SameStartError, periods_in_force

LOCK = 4_702_002
SMALLEST_SHARE = 0.9
"""A file with fewer rows than this share of the release before it is taken for a cut one."""


@dataclass(frozen=True, slots=True)
class TableOutcome:
    """The release, and whether it had been loaded before."""

    release: EditTableRelease
    already_loaded: bool


def load_edit_table(
    *, system: str, path: Path | Sequence[Path], release: str | None, progress: Progress
) -> TableOutcome:
    """Load an official file as a release of a table of edits. Raises LoadError; nothing is kept then.

    `path`: a file, a zip, a folder, or the several files of one release. The same again is no error: the
    outcome says that it was loaded already.
    """
    source = read_files([path] if isinstance(path, Path) else path)
    return load_edit_source(system=system, source=source, release=release, progress=progress)


def load_edit_source(
    *, system: str, source: SourceFile, release: str | None, progress: Progress
) -> TableOutcome:
    """Load a table from the bytes of its official file. Raises LoadError; nothing is kept then."""
    known = _light().filter(system=system, sha256=source.sha256).first()
    if known is not None:
        if release is not None and release.lower() != known.release:
            raise LoadError(source.name, 0, f"this file is loaded already, as release {known.release}")
        publish()
        return TableOutcome(known, already_loaded=True)
    return _store(TABLE_LOADERS[system](source, release, progress), source)


@transaction.atomic
def _store(parsed: ParsedTable, source: SourceFile) -> TableOutcome:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    others = list(_light().filter(system=parsed.system).order_by("published_from"))
    known = next((one for one in others if one.sha256 == source.sha256), None)
    if known is not None:  # loaded meanwhile, or asked for by the name of a family: RXHCC for RXHCC-X
        transaction.on_commit(publish)
        return TableOutcome(known, already_loaded=True)
    periods = checked_periods(parsed, others, source.name)
    for other in others:
        period = periods[other.release]
        if (other.effective_from, other.effective_to) != (period.first, period.last):
            other.effective_from, other.effective_to = period.first, period.last
            other.save(update_fields=["effective_from", "effective_to"])
    period = periods[parsed.release]
    release = EditTableRelease.objects.create(
        system=parsed.system,
        release=parsed.release,
        title=parsed.title,
        published_from=parsed.published_from,
        published_through=parsed.published_through,
        backfill_from=parsed.backfill_from,
        effective_from=period.first,
        effective_to=period.last,
        source=source.name,
        sha256=source.sha256,
        row_count=parsed.rows,
        data=parsed.data,
        note=parsed.note,
    )
    edit_store.write_table(_file_of(release), parsed.data)
    transaction.on_commit(publish)
    return TableOutcome(release, already_loaded=False)


def publish() -> None:
    """Write the files that are missing on this machine, then the catalog that names them all."""
    releases = list(_light())
    for one in releases:
        if not edit_store.has_table(_file_of(one)):
            data = EditTableRelease.objects.values_list("data", flat=True).get(pk=one.pk)
            edit_store.write_table(_file_of(one), bytes(data))
    edit_store.write_catalog(
        edit_store.TableEntry(
            one.system,
            one.release,
            one.effective_from.isoformat(),
            one.effective_to.isoformat() if one.effective_to else None,
            one.published_through.isoformat() if one.published_through else None,
            _file_of(one),
            one.source,
        )
        for one in releases
    )


def _light() -> QuerySet[EditTableRelease]:
    """Releases without their tables: those are megabytes each."""
    return EditTableRelease.objects.defer("data")


def _file_of(release: EditTableRelease) -> str:
    return edit_store.table_name(release.system, release.release, release.sha256)


def checked_periods(
    parsed: ParsedTable, others: Sequence[EditTableRelease], file_name: str
) -> Mapping[str, InForce]:
    """From when to when each release answers once this one is loaded, by release.

    Raises LoadError where it cannot be one: its name or its start is taken, or it is far shorter than the
    release before.
    """
    periods = _periods(parsed, others, file_name)
    _refuse_cut_file(parsed, others, file_name)
    return periods


def _periods(
    parsed: ParsedTable, others: Sequence[EditTableRelease], file_name: str
) -> Mapping[str, InForce]:
    if any(one.release == parsed.release for one in others):
        raise LoadError(
            file_name,
            0,
            f"{parsed.system} {parsed.release} is loaded from another file; a release never changes",
        )
    new = Published(parsed.release, parsed.published_from, parsed.published_through, parsed.backfill_from)
    published = [
        Published(one.release, one.published_from, one.published_through, one.backfill_from) for one in others
    ]
    try:
        return periods_in_force([*published, new])
    except SameStartError as error:
        raise LoadError(file_name, 0, f"{parsed.system}: {error}") from error


def _refuse_cut_file(parsed: ParsedTable, others: Sequence[EditTableRelease], file_name: str) -> None:
    before = [one for one in others if one.published_from < parsed.published_from][-1:]
    if before and parsed.rows < before[0].row_count * SMALLEST_SHARE:
        expected = before[0].row_count
        raise LoadError(
            file_name, 0, f"{parsed.rows:,} rows, where {before[0]} has {expected:,}: the file looks cut"
        )
