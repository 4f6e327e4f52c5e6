"""Which days each loaded release of one system answers for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Published:
    """A release as its publisher dates it. `backfill_from`: its codes also hold for days before, unless a
    release that was published for those days is loaded. `through` None: the publisher names no end."""

    release: str
    start: date
    through: date | None
    backfill_from: date | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """First and last day (both included) a release answers for here; `last` None: no end yet."""

    first: date
    last: date | None


class SameStartError(ValueError):
    """Two releases were published from one day: nothing could say which of them is in force."""

    def __init__(self, release: str, other: str, start: date) -> None:
        self.release, self.other, self.start = release, other, start
        super().__init__(f"{release} and {other} both begin on {start}")


def periods_in_force(published: Iterable[Published]) -> dict[str, InForce]:
    """The period of each release; the result does not depend on the order of loading.

    The newest release stays in force until a newer one is loaded, even past its published end: an
    installation must not stop on the day of the change. An older one ends on its published end or on the
    eve of the next, whichever is first; days that no loaded release was published for have none.
    Raises SameStartError.
    """
    ordered = sorted(published, key=lambda one: one.start)
    result: dict[str, InForce] = {}
    previous: Published | None = None
    for place, one in enumerate(ordered):
        following = ordered[place + 1] if place + 1 < len(ordered) else None
        if following is not None and following.start == one.start:
            raise SameStartError(following.release, one.release, one.start)
        result[one.release] = InForce(_first(one, previous), _last(one, following))
        previous = one
    return result


def _first(one: Published, previous: Published | None) -> date:
    if one.backfill_from is None or (previous is not None and previous.start >= one.backfill_from):
        return one.start
    if previous is None:
        return one.backfill_from
    ended = _last(previous, one)
    return max(one.backfill_from, ended + timedelta(days=1)) if ended else one.start


def _last(one: Published, following: Published | None) -> date | None:
    if following is None:
        return None
    eve = following.start - timedelta(days=1)
    return min(eve, one.through) if one.through is not None else eve
