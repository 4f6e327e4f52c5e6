"""Which codes are not in force on a day, and which end because a loaded release no longer holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from code_sets import selectors
from code_sets.models import CodeSetRelease
from code_sets.rules.index import SearchIndex


@dataclass(frozen=True, slots=True)
class Trouble:
    """A code on charts of these days (both included): not in force on them (`ends_on` None), or in force and
    ending on a day, after which a loaded release does not hold it."""

    system: str
    code: str
    first: date
    last: date
    ends_on: date | None


Used = Mapping[tuple[str, str], tuple[date, date]]
"""Codes by system and code, with the first and last day of the charts they stand on."""


def troubles(used: Used, *, ends_from: date, ends_to: date) -> list[Trouble]:
    """What is wrong with the codes in use. Ends are told when they lie between the two days.

    A system without a release on a day is passed over: nothing is known of its codes then.
    """
    found: list[Trouble] = []
    for release in selectors.releases():
        first, last = release.effective_from, release.effective_to or date.max
        codes = [
            code
            for (system, code), (begins, until) in used.items()
            if system == release.system and begins <= last and first <= until
        ]
        if codes:
            found += _in_release(release, codes, ends_from, ends_to)
    return found


def _in_release(
    release: CodeSetRelease, codes: Iterable[str], ends_from: date, ends_to: date
) -> Iterator[Trouble]:
    """Days are those of the release, not of the charts, so that many codes have the same."""
    index = selectors.index_of(release)
    first, last, end = release.effective_from, release.effective_to or date.max, release.effective_to
    following = _index_after(release) if end is not None and ends_from <= end <= ends_to else None
    for code in codes:
        days = _days_of(index, code)
        if days is None:
            yield Trouble(release.system, code, first, last, None)
            continue
        begins, until = days
        if begins > first:
            yield Trouble(release.system, code, first, begins - timedelta(days=1), None)
        if until < last:
            yield Trouble(release.system, code, until + timedelta(days=1), last, None)
            stops = until if ends_from <= until <= ends_to else None
        else:
            stops = end if following is not None and _days_of(following, code) is None else None
        if stops is not None:
            yield Trouble(release.system, code, max(first, begins), stops, stops)


def _index_after(release: CodeSetRelease) -> SearchIndex | None:
    """The index of the release that begins when this one ends."""
    if release.effective_to is None:
        return None
    start = release.effective_to + timedelta(days=1)
    others: Sequence[CodeSetRelease] = selectors.releases()
    found = (one for one in others if (one.system, one.effective_from) == (release.system, start))
    following = next(found, None)
    return selectors.index_of(following) if following is not None else None


def _days_of(index: SearchIndex, code: str) -> tuple[date, date] | None:
    """The days of a code within a release, None when it is not a code of it."""
    number = index.find(code)
    if number is None or not index.billable[number]:
        return None
    first, last = index.own_dates(number)
    return first or date.min, last or date.max
