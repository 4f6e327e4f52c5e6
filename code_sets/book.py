"""Reads for the code book: a code or heading in its place, with all notes that hold for it on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from django.db.models import QuerySet

from code_sets import index_store
from code_sets.models import Code, CodeSetRelease
from code_sets.rules.entries import EntryKind, Note, NoteKind, shown_code, without_dot
from code_sets.rules.guidelines import Guideline, parse_guidelines
from code_sets.selectors import index_of, last_day, release_in_force, releases
from coding_ops.core.errors import NotFound

PAGE_SIZE = 200
DEEPEST = 12
PLACES = (EntryKind.CHAPTER.value, EntryKind.BLOCK.value)


@dataclass(frozen=True, slots=True)
class Step:
    """One entry on the way from the top, with its own notes."""

    code: str
    title: str
    kind: str
    billable: bool
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A code or heading. `way`: from the top to it, itself last; `notes_of`: where the notes are from.

    `first` and `last`: the days it is known to hold, None where nothing is known.
    """

    release: CodeSetRelease
    way: tuple[Step, ...]
    below: tuple[Code, ...]
    below_count: int
    notes_of: CodeSetRelease | None
    guidelines: tuple[Guideline, ...]
    first: date | None
    last: date | None

    @property
    def entry(self) -> Step:
        """The code or heading itself."""
        return self.way[-1]


@cache
def guidelines() -> dict[str, tuple[Guideline, ...]]:
    """Our notes on the Official Guidelines, read once a process."""
    return dict(parse_guidelines((index_store.DATA / "guideline_notes.toml").read_text("utf-8")))


def top_of(system: str, on: date, number: int = 1) -> tuple[CodeSetRelease, tuple[Code, ...], int]:
    """The release of a day, a page (from 1) of what stands at its top, and how many do. Raises Refused."""
    release = release_in_force(system, on)
    shelf = _shelf(release)
    rows = Code.objects.filter(release=shelf, parent_code="").order_by("position")
    return release, tuple(_page(rows, number)), rows.count()


def page_of(system: str, code: str, on: date, number: int = 1) -> Page:
    """A code, heading, block or chapter as of a day. Raises Refused (no release) or NotFound."""
    release = release_in_force(system, on)
    wanted = without_dot(code) if "-" not in code else code.strip().upper()
    shelf = _shelf(release)
    row = _row(release, wanted) or (_row(shelf, wanted, PLACES) if shelf != release else None)
    if row is None:
        raise NotFound(f"{shown_code(system, wanted)} is not in {release}.", code="code.not_in_release")
    donor = release.terms_from
    way = _way(release, shelf, row)
    notes = _notes(donor, way) if donor is not None else {one.code: _read(one) for one in way}
    below = _below(release, shelf, row)
    first, last = _days(system, row, release, on)
    about = (one for one in guidelines().get(system, ()) if one.is_about(row.code) and row.kind not in PLACES)
    return Page(
        release,
        tuple(Step(one.code, one.title, one.kind, one.is_billable, notes.get(one.code, ())) for one in way),
        tuple(_page(below, number)),
        below.count(),
        donor,
        tuple(about),
        first,
        last,
    )


def pages_of(count: int) -> int:
    """How many pages so many rows fill."""
    return max(1, -(-count // PAGE_SIZE))


def _page(rows: QuerySet[Code], number: int) -> QuerySet[Code]:
    start = (max(1, number) - 1) * PAGE_SIZE
    return rows[start : start + PAGE_SIZE]


def _shelf(release: CodeSetRelease) -> CodeSetRelease:
    """The release whose chapters and blocks stand above the codes: a bare list has none of its own."""
    donor = release.terms_from
    if donor is None or Code.objects.filter(release=release, kind__in=PLACES).exists():
        return release
    return donor


def _row(release: CodeSetRelease, code: str, kinds: Sequence[str] = ()) -> Code | None:
    rows = Code.objects.filter(release=release, code=code)
    return (rows.filter(kind__in=kinds) if kinds else rows).first()


def _way(release: CodeSetRelease, shelf: CodeSetRelease, row: Code) -> list[Code]:
    """From the top to a row: in its own release as far as that goes, then among the chapters of the shelf."""
    way = [row]
    while len(way) < DEEPEST:
        top = way[0]
        above = _row(release, top.parent_code) if top.parent_code and top.release_id == release.pk else None
        if above is None and shelf != release:
            twin = top if top.release_id == shelf.pk else _row(shelf, top.code)
            above = _row(shelf, twin.parent_code, PLACES) if twin is not None and twin.parent_code else None
        if above is None:
            break
        way.insert(0, above)
    return way


def _below(release: CodeSetRelease, shelf: CodeSetRelease, row: Code) -> QuerySet[Code]:
    if row.release_id == release.pk:
        return Code.objects.filter(release=release, parent_code=row.code).order_by("position")
    placed = Code.objects.filter(release=shelf, parent_code=row.code)
    if placed.filter(kind__in=PLACES).exists():
        return placed.order_by("position")
    # A block of the older tabular list: its categories as the release of the day has them.
    starts = list(placed.values_list("code", flat=True))
    return Code.objects.filter(release=release, code__in=starts).order_by("position")


def _read(row: Code) -> tuple[Note, ...]:
    return tuple(Note(NoteKind(kind), text) for kind, text in row.notes)


def _notes(donor: CodeSetRelease, way: Sequence[Code]) -> dict[str, tuple[Note, ...]]:
    rows = Code.objects.filter(release=donor, code__in=[one.code for one in way])
    return {row.code: _read(row) for row in rows}


def _days(system: str, row: Code, release: CodeSetRelease, on: date) -> tuple[date | None, date | None]:
    """The days a code is known to hold: its own, else those of the releases without a gap that have it."""
    if row.valid_from or row.valid_to:
        return row.valid_from, row.valid_to
    if not row.is_billable:
        return None, None
    first = release.effective_from
    while (before := _before(system, first)) is not None:
        index = index_of(before)
        number = index.find(row.code)
        if number is None or not index.billable[number]:
            break
        first = before.effective_from
    return first, last_day(system, row.code, on)


def _before(system: str, first: date) -> CodeSetRelease | None:
    eve = first - timedelta(days=1)
    return next((one for one in releases() if one.system == system and one.effective_to == eve), None)
