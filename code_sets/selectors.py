"""Reads of code sets: the release of a day, search, one code, and whether it can be assigned.

Everything is keyed by system and date of service; nothing here knows what day it is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from code_sets import index_store
from code_sets.loaders.base import Progress
from code_sets.loaders.parts import index_systems
from code_sets.models import Code, CodeSetRelease, EditTableRelease
from code_sets.rules.entries import CodeEntry, EntryKind, Note, NoteKind, shown_code, without_dot
from code_sets.rules.forms import check_form
from code_sets.rules.index import SearchIndex, day_number
from code_sets.rules.index_build import TERM_KINDS, Synonyms, build_index
from code_sets.rules.one_box import merge, with_sides
from code_sets.rules.search import Found, SearchResult, look_up, search
from code_sets.rules.synonyms import merged, unpack_synonyms
from coding_ops.core.errors import NotFound, Refused

RELEASES_FRESH_SECONDS = 30.0
"""A release loaded by another process is seen after so long: no query at each key press."""
INDEX_SYSTEMS = [*index_systems("ICD-10-CM"), *index_systems("ICD-10-PCS")]
FORM_ONLY_SYSTEMS = frozenset({"CPT", "HCPCS"})


@dataclass(frozen=True, slots=True)
class Assignability:
    """Whether a code may stand on a chart of a day. `valid_until`: last day the code is known to hold, shown
    near a change; None when no end is known, or only the form was checked. `past_published_end`: the day is
    after the published period and no newer release is loaded, which the page says."""

    ok: bool
    reason: str
    title: str
    billable: bool
    valid_until: date | None
    release: str = ""
    past_published_end: bool = False


@dataclass(frozen=True, slots=True)
class CodeDetail:
    """One code of a release with its place and notes, for the page of a code."""

    code: str
    title: str
    billable: bool
    parent: str | None
    release: str
    notes: tuple[Note, ...]


@dataclass(slots=True)
class _Known:
    releases: list[CodeSetRelease]
    indexes: list[EditTableRelease]
    """Loaded alphabetical indexes, without their terms."""
    read_at: float


_known: _Known | None = None


def forget_releases() -> None:
    """Ask the database again at the next call: a release was loaded."""
    global _known
    _known = None


def releases() -> Sequence[CodeSetRelease]:
    """All loaded releases, newest first in each system; read again after `RELEASES_FRESH_SECONDS`."""
    return _all().releases


def _all() -> _Known:
    global _known
    now = time.monotonic()
    if _known is None or now - _known.read_at > RELEASES_FRESH_SECONDS:
        loaded = CodeSetRelease.objects.select_related("terms_from")
        indexes = EditTableRelease.objects.filter(system__in=INDEX_SYSTEMS).defer("data")
        _known = _Known(list(loaded.order_by("system", "-effective_from")), list(indexes), now)
    return _known


def indexes_of(release: CodeSetRelease) -> list[EditTableRelease]:
    """The alphabetical indexes whose terms a release is found by: of each kind the nearest in time."""
    found: list[EditTableRelease] = []
    for system in index_systems(release.system):
        loaded = [one for one in _all().indexes if one.system == system]
        if loaded:
            start = release.published_from
            found.append(min(loaded, key=lambda one: abs((one.published_from - start).days)))
    return found


def release_in_force(system: str, on: date) -> CodeSetRelease:
    """The release that answers for a day. Raises Refused, in words for the coder, when none does."""
    of_system = [one for one in releases() if one.system == system]
    for release in of_system:
        if release.effective_from <= on and (release.effective_to is None or on <= release.effective_to):
            return release
    if not of_system:
        raise Refused(f"No release of {system} is loaded.", code="code_set.not_loaded")
    loaded = ", ".join(f"{one.release} ({_days(one)})" for one in of_system)
    raise Refused(
        f"No release of {system} is in force on {on:%Y-%m-%d}. Loaded: {loaded}.", code="code_set.no_release"
    )


def search_codes(system: str, on: date, text: str, limit: int = 20) -> list[SearchResult]:
    """The best codes for what was typed, in the release of a day. Raises Refused when none is in force."""
    index = index_of(release_in_force(system, on))
    return search(index, index_store.abbreviations(), text, limit, day_number(on))


@dataclass(frozen=True, slots=True)
class BoxHit:
    """One answer of the box; `code` has no dot. `valid_until`: its last day, where it is known to end."""

    system: str
    code: str
    title: str
    billable: bool
    valid_until: date | None


def search_box(systems: Sequence[str], on: date, text: str, limit: int) -> list[BoxHit]:
    """One list over the systems that have a release on a day, the first of them meant unless words say other.

    Raises Refused only when none of them has one.
    """
    answers: dict[str, Found] = {}
    refused: Refused | None = None
    for system in systems:
        try:
            index = index_of(release_in_force(system, on))
        except Refused as error:
            refused = refused or error
            continue
        found = look_up(index, index_store.abbreviations(), text, limit, day_number(on))
        answers[system] = Found(with_sides(index, found.results, text), found.known)
    if not answers and refused is not None:
        raise refused
    return [
        BoxHit(hit.system, one.code, one.title, one.billable, last_day(hit.system, one.code, on))
        for hit in merge(answers, limit)
        for one in (hit.result,)
    ]


def children_of(system: str, code: str, on: date) -> list[BoxHit]:
    """What stands right below a heading, in order; [] for a code. Raises Refused or NotFound."""
    release = release_in_force(system, on)
    index = index_of(release)
    number = index.find(without_dot(code))
    if number is None:
        raise NotFound(
            f"{shown_code(system, without_dot(code))} is not in {release}.", code="code.not_in_release"
        )
    day = day_number(on)
    return [
        BoxHit(system, index.codes[one], index.title(one), bool(index.billable[one]), None)
        for one in index.children(number)
        if index.holds_on(one, day)
    ]


def last_day(system: str, code: str, on: date) -> date | None:
    """The last day a code is known to hold, seen from a day; None when no end is known.

    A code that the following release still has as one goes on with it. Past the end of the newest release
    nothing is known, and that end is named. Where codes have days of their own, only those end them.
    """
    release = release_in_force(system, on)
    while True:
        index = index_of(release)
        number = index.find(code)
        if number is None or not index.billable[number]:
            return release.effective_from - timedelta(days=1)
        own = index.own_dates(number)[1]
        if index.dated:
            return own
        last = release.last_day_seen_from(on)
        following = _following(release, last)
        if following is None:
            return last
        release, on = following, following.effective_from


def _following(release: CodeSetRelease, last: date | None) -> CodeSetRelease | None:
    if last is None:
        return None
    start = last + timedelta(days=1)
    return next(
        (one for one in releases() if one.system == release.system and one.effective_from == start), None
    )


def get_code(system: str, code: str, on: date) -> CodeDetail:
    """One entry of the release of a day. Raises Refused (no release) or NotFound."""
    release = release_in_force(system, on)
    row = Code.objects.filter(release=release, code=without_dot(code)).first()
    if row is None:
        raise NotFound(
            f"{shown_code(system, without_dot(code))} is not in {release}.", code="code.not_in_release"
        )
    notes = tuple(Note(NoteKind(kind), text) for kind, text in row.notes)
    return CodeDetail(row.code, row.title, row.is_billable, row.parent_code or None, release.release, notes)


def check_assignable(system: str, code: str, on: date) -> Assignability:
    """Whether a code can be assigned on a day: of the release in force, and billable.

    For CPT and HCPCS only the form is known on days that no loaded release answers for. Needs no query.
    Raises Refused when no release of another system is in force on the day.
    """
    form = check_form(system, code)
    if not form.ok:
        return Assignability(False, form.reason, "", False, None)
    try:
        release = release_in_force(system, on)
    except Refused:
        if system in FORM_ONLY_SYSTEMS:
            return Assignability(True, "", "", True, None)
        raise
    index = index_of(release)
    number = index.find(form.value)
    shown = shown_code(system, form.value)
    if number is None:
        reason = f"{shown} is not a code of {release}, in force on {on:%Y-%m-%d}."
        return Assignability(False, reason, "", False, None, release.release)
    title = index.title(number)
    past = release.is_past_published_end(on)
    if not index.holds_on(number, day_number(on)):
        reason = _not_then(shown, index.own_dates(number), on)
        return Assignability(False, reason, title, True, None, release.release)
    until = last_day(system, form.value, on) if index.billable[number] else release.last_day_seen_from(on)
    if not index.billable[number]:
        reason = f"{shown} is a heading, not a code: choose one below it."
        return Assignability(False, reason, title, False, until, release.release, past)
    return Assignability(True, "", title, True, until, release.release, past)


def _not_then(shown: str, days: tuple[date | None, date | None], on: date) -> str:
    first, last = days
    if first is not None and on < first:
        return f"{shown} is valid from {first:%m/%d/%Y}; the day is {on:%m/%d/%Y}."
    return f"{shown} was valid until {last:%m/%d/%Y}; the day is {on:%m/%d/%Y}."


def index_name_of(release: CodeSetRelease) -> str:
    """File name of a release's search index."""
    borrowed = release.terms_from.sha256 if release.terms_from is not None else ""
    terms = " ".join(one.sha256 for one in indexes_of(release))
    return index_store.index_name(
        release.system, release.release, release.sha256, f"{borrowed} {terms}".strip()
    )


def index_of(release: CodeSetRelease) -> SearchIndex:
    """The search index of a release, built from the database when its file is absent."""
    return build_index_of(release, None, _silent)


def build_index_of(
    release: CodeSetRelease, entries: Sequence[CodeEntry] | None, progress: Progress
) -> SearchIndex:
    """The search index of a release; `entries` spares reading them from the database."""

    def build() -> bytes:
        donor = release.terms_from
        borrowed = (
            {}
            if donor is None
            else {entry.code: entry.texts(*TERM_KINDS) for entry in entries_of(donor) if entry.notes}
        )
        listed = entries if entries is not None else entries_of(release)
        meta = {"system": release.system, "release": release.release}
        prior = index_store.prior(release.system)
        return build_index(listed, prior, borrowed, progress, meta, synonyms_of(release))

    return index_store.ensure_index(index_name_of(release), build)


def synonyms_of(release: CodeSetRelease) -> Synonyms:
    """What the alphabetical indexes and our own table of terms call the codes of a release."""
    found = EditTableRelease.objects.filter(pk__in=[one.pk for one in indexes_of(release)])
    loaded = [
        unpack_synonyms(bytes(data)) for data in found.order_by("system").values_list("data", flat=True)
    ]
    return merged([index_store.own_synonyms(release.system), *loaded])


def entries_of(release: CodeSetRelease) -> list[CodeEntry]:
    """All entries of a release in file order (about 100,000)."""
    rows = Code.objects.filter(release=release).order_by("position")
    columns = ("code", "title", "is_billable", "kind", "parent_code", "notes", "valid_from", "valid_to")
    return [
        CodeEntry(
            code,
            title,
            billable,
            EntryKind(kind),
            parent or None,
            tuple(Note(NoteKind(note_kind), text) for note_kind, text in notes),
            first,
            last,
        )
        for code, title, billable, kind, parent, notes, first, last in rows.values_list(*columns).iterator()
    ]


def _days(release: CodeSetRelease) -> str:
    last = f"{release.effective_to:%Y-%m-%d}" if release.effective_to else "now"
    return f"{release.effective_from:%Y-%m-%d} to {last}"


def _silent(step: str, done: int, total: int) -> None:
    """Nobody watches."""
