"""Time as a contract counts it: how long its clock ran, with pauses taken out.

The other half of ``encounters.rules.deadlines``, which says when that clock runs out: a chart finished in
exactly its agreed hours is finished exactly when it is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from encounters.rules.deadlines import BusinessHours


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` until just before ``end``; an ``end`` of ``None`` is still open."""

    start: datetime
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether the instant lies inside."""
        return self.start <= moment and (self.end is None or moment < self.end)


def elapsed(
    start: datetime, end: datetime, *, hours: BusinessHours | None = None, pauses: Iterable[Span] = ()
) -> timedelta:
    """How long the contract's clock ran from ``start`` to ``end``.

    Pauses may overlap, lie outside or be open; each instant is taken out once.  Zero when ``end`` is not
    after ``start``.
    """
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    running = _without(start, end, sorted(pauses, key=lambda span: span.start))
    if hours is None:
        return sum((_length(*piece) for piece in running), timedelta())
    total = timedelta()
    for left, right in running:
        for opened, closed in _open_spans(hours, left, right):
            total += _length(max(left, opened), min(right, closed))
    return total


def midnights(first: date, last: date, zone: ZoneInfo) -> Iterator[tuple[date, datetime]]:
    """Each day from ``first`` to the one before ``last``, with the instant at which it ends in ``zone``."""
    day = first
    while day < last:
        following = day + timedelta(days=1)
        yield day, start_of(following, zone)
        day = following


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins in ``zone``."""
    return _instant(day, time(), zone)


def _open_spans(hours: BusinessHours, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The office's opening times that touch ``start`` to ``end``, oldest first, not yet clipped."""
    day = start.astimezone(hours.zone).date()
    last = end.astimezone(hours.zone).date()
    while day <= last:
        if day.weekday() in hours.weekdays and day not in hours.holidays:
            yield _instant(day, hours.opens, hours.zone), _instant(day, hours.closes, hours.zone)
        day += timedelta(days=1)


def _without(start: datetime, end: datetime, pauses: Sequence[Span]) -> Iterator[tuple[datetime, datetime]]:
    running_from = start
    for pause in pauses:
        if pause.start >= end:
            break
        if pause.start > running_from:
            yield running_from, pause.start
        running_from = max(running_from, end if pause.end is None else pause.end)
    if running_from < end:
        yield running_from, end


def _length(start: datetime, end: datetime) -> timedelta:
    return max(timedelta(), end - start)


def _instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    # In UTC, because two times of one ZoneInfo compare and subtract by the wall clock, which is an hour
    # wrong across a change to or from daylight time.
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)
