"""Loading a release: read whole, checked, stored in one transaction, its index built before the commit."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import connection, transaction

from code_sets import edit_store, edit_tables, index_store, selectors
from code_sets.loaders import loader_of
from code_sets.loaders.addenda import apply_addenda, is_addenda, read_addenda
from code_sets.loaders.base import LoadError, ParsedRelease, Progress, SourceFile
from code_sets.loaders.bundled import bundle_of, bundled_source, load_bundled
from code_sets.loaders.icd10cm import SYSTEM as ICD10CM
from code_sets.models import Code, CodeSetRelease
from code_sets.rules.completion import has_terms, lacks_headings, with_borrowed_headings
from code_sets.rules.entries import CodeEntry
from code_sets.rules.periods import InForce, Published, SameStartError, periods_in_force

LOCK = 4_702_001
SMALLEST_SHARE = 0.9
"""A file with fewer codes than this share of the release before it is taken for a cut one."""
COLUMNS = (
    *("release_id", "code", "position", "kind", "title", "is_billable", "parent_code", "notes"),
    *("valid_from", "valid_to"),
)
ADDENDA_SYSTEMS = ("ICD-10-CM", "ICD-10-PCS")
HEADED = ("category", "subcategory")


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """The release, and whether it had been loaded before."""

    release: CodeSetRelease
    already_loaded: bool


def load_release_file(*, system: str, path: Path, release: str | None, progress: Progress) -> LoadOutcome:
    """Load an official file as a release of `system`. Raises LoadError; nothing is kept then.

    The same file again is no error: the outcome says that it was loaded already.
    """
    loader_of(system)
    return load_source(system=system, source=SourceFile.read(path), release=release, progress=progress)


def load_source(*, system: str, source: SourceFile, release: str | None, progress: Progress) -> LoadOutcome:
    """Load a release of `system` from the bytes of its official file. Raises LoadError; nothing is kept then.

    The addenda of an order file are applied to the release before, which must be loaded.
    """
    loader_of(system)
    known = _loaded(system, source.sha256)
    if known is not None:
        return _already(known, release, source.name)
    return _store(parse_source(system, source, release, progress), source, progress)


def parse_source(system: str, source: SourceFile, release: str | None, progress: Progress) -> ParsedRelease:
    """The release that an official file gives, read whole and not stored. Raises LoadError."""
    if system in ADDENDA_SYSTEMS and is_addenda(source):
        return _after_addenda(system, source, release, progress)
    return loader_of(system)(source, release, progress)


def _after_addenda(system: str, source: SourceFile, release: str | None, progress: Progress) -> ParsedRelease:
    addenda = read_addenda(source)
    if release is not None and release != addenda.year:
        raise LoadError(source.name, 0, f"these are the changes of {addenda.year}, not of release {release}")
    before = [
        one
        for one in CodeSetRelease.objects.filter(system=system).order_by("-published_from")
        if one.release[:4] == addenda.year_before
    ]
    if not before:
        raise LoadError(source.name, 0, f"it changes {system} {addenda.year_before}: load that release first")
    return apply_addenda(system, source, addenda, selectors.entries_of(before[0]), progress)


def refresh_indexes(system: str, progress: Progress) -> None:
    """Build what search and edits of a system lack, after an alphabetical index was loaded for it."""
    selectors.forget_releases()
    for release in CodeSetRelease.objects.filter(system=system).select_related("terms_from"):
        selectors.build_index_of(release, None, progress)
        _build_edits(release, None)
    transaction.on_commit(_publish)


def load_bundled_release(*, system: str, progress: Progress) -> LoadOutcome:
    """Load the release that a pinned package carries. Raises LoadError; nothing is kept then."""
    known = _loaded(system, bundle_of(system).tabular_sha256)
    if known is not None:
        return _already(known, None, known.source)
    parsed = load_bundled(system, progress)
    return _store(parsed, bundled_source(bundle_of(system)), progress)


def _loaded(system: str, sha256: str) -> CodeSetRelease | None:
    return CodeSetRelease.objects.filter(system=system, sha256=sha256).first()


def _already(known: CodeSetRelease, release: str | None, file_name: str) -> LoadOutcome:
    if release is not None and release != known.release:
        raise LoadError(file_name, 0, f"this file is loaded already, as release {known.release}")
    selectors.index_of(known)
    _build_edits(known, None)
    _publish()
    return LoadOutcome(known, already_loaded=True)


@transaction.atomic
def _store(parsed: ParsedRelease, source: SourceFile, progress: Progress) -> LoadOutcome:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    others = list(CodeSetRelease.objects.filter(system=parsed.system).order_by("published_from"))
    known = next((one for one in others if one.sha256 == source.sha256), None)
    if known is not None:
        return LoadOutcome(known, already_loaded=True)
    periods = _periods(parsed, others, source.name)
    _refuse_cut_file(parsed, others, source.name)
    donor = None if has_terms(parsed.entries) else _donor(parsed, others)
    headed = donor if donor is not None else _headed(parsed, others)
    if headed is not None and lacks_headings(parsed.entries):
        progress("adding headings", 0, 0)
        borrowed = with_borrowed_headings(parsed.entries, selectors.entries_of(headed))
        parsed = replace(parsed, entries=borrowed)
    for other in others:
        _move(other, periods[other.release])
    release = _create(parsed, source, periods[parsed.release], donor)
    _copy(release, parsed.entries, progress)
    selectors.build_index_of(release, parsed.entries, progress)
    _build_edits(release, parsed.entries)
    transaction.on_commit(_publish)
    return LoadOutcome(release, already_loaded=False)


def _periods(
    parsed: ParsedRelease, others: Sequence[CodeSetRelease], file_name: str
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


def _refuse_cut_file(parsed: ParsedRelease, others: Sequence[CodeSetRelease], file_name: str) -> None:
    codes = sum(entry.billable for entry in parsed.entries)
    before = [one for one in others if one.published_from < parsed.published_from][-1:] or others[:1]
    if not before:
        return
    expected = Code.objects.filter(release=before[0], is_billable=True).count()
    if codes < expected * SMALLEST_SHARE:
        raise LoadError(
            file_name, 0, f"{codes:,} codes, where {before[0]} has {expected:,}: the file looks cut"
        )


def _donor(parsed: ParsedRelease, others: Sequence[CodeSetRelease]) -> CodeSetRelease | None:
    """The release nearest in time whose own file gave terms."""
    with_terms = [one for one in others if one.terms_from_id is None and one.codes.exclude(notes=[]).exists()]
    return min(
        with_terms, key=lambda one: abs((one.published_from - parsed.published_from).days), default=None
    )


def _headed(parsed: ParsedRelease, others: Sequence[CodeSetRelease]) -> CodeSetRelease | None:
    """The release nearest in time that names headings: a list of ICD-10-PCS takes its tables from it."""
    with_headings = [one for one in others if one.codes.filter(kind__in=HEADED, is_billable=False).exists()]
    return min(
        with_headings, key=lambda one: abs((one.published_from - parsed.published_from).days), default=None
    )


def _move(release: CodeSetRelease, period: InForce) -> None:
    if (release.effective_from, release.effective_to) != (period.first, period.last):
        release.effective_from, release.effective_to = period.first, period.last
        release.save(update_fields=["effective_from", "effective_to"])


def _create(
    parsed: ParsedRelease, source: SourceFile, period: InForce, donor: CodeSetRelease | None
) -> CodeSetRelease:
    return CodeSetRelease.objects.create(
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
        code_count=len(parsed.entries),
        terms_from=donor,
        note=parsed.note,
    )


def _copy(release: CodeSetRelease, entries: Sequence[CodeEntry], progress: Progress) -> None:
    """The codes by COPY: one round trip for a hundred thousand rows."""
    progress("storing", 0, len(entries))
    rows = io.StringIO()
    writer = csv.writer(rows)
    for position, entry in enumerate(entries, 1):
        notes = json.dumps([[note.kind.value, note.text] for note in entry.notes])
        parent = entry.parent or ""
        billable = "t" if entry.billable else "f"
        named = (release.pk, entry.code, position, entry.kind.value, entry.title, billable, parent, notes)
        writer.writerow((*named, entry.valid_from, entry.valid_to))
    rows.seek(0)
    columns = ", ".join(COLUMNS)
    table = Code._meta.db_table
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY {table} ({columns}) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL (parent_code))", rows
        )
    progress("storing", len(entries), len(entries))


def _build_edits(release: CodeSetRelease, entries: Sequence[CodeEntry] | None) -> None:
    """The edit table of diagnoses; a release whose file has no notes borrows those of its donor."""
    if release.system != ICD10CM:
        return
    donor = release.terms_from

    def build() -> bytes:
        listed = list(entries) if entries is not None else selectors.entries_of(release)
        notes = selectors.entries_of(donor) if donor is not None else []
        return edit_tables.icd_bytes(release.release, listed, notes)

    edit_store.ensure_file(edit_tables.icd_file(selectors.index_name_of(release)), build)


def _publish() -> None:
    """Tell this process at once, and what runs without the database, which releases there are."""
    selectors.forget_releases()
    index_store.write_catalog(
        index_store.CatalogEntry(
            one.system,
            one.release,
            one.effective_from.isoformat(),
            one.effective_to.isoformat() if one.effective_to else None,
            selectors.index_name_of(one),
        )
        for one in CodeSetRelease.objects.select_related("terms_from")
    )
