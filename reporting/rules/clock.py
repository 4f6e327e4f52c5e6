"""Time as a contract counts it: clock hours or business hours, with pauses taken out.

All instants are aware; business hours are opened and closed in the client's own zone, so a day of the
change to daylight time is an hour shorter on the wall and not in the office.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` until just before ``end``; an ``end`` of ``None`` is still open."""

    start: datetime
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether the instant lies inside."""
        return self.start <= moment and (self.end is None or moment < self.end)


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """When the contract's clock runs.

    Attributes:
        opens, closes: local wall times, ``opens < closes``.
        weekdays: Monday is 0.
        holidays: local dates on which it does not run.
    """

    zone: ZoneInfo
    opens: time
    closes: time
    weekdays: frozenset[int]
    holidays: frozenset[date] = frozenset()

    def open_spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The office's opening times that touch ``start`` to ``end``, oldest first, not yet clipped."""
        day = start.astimezone(self.zone).date()
        last = end.astimezone(self.zone).date()
        while day <= last:
            if day.weekday() in self.weekdays and day not in self.holidays:
                yield _instant(day, self.opens, self.zone), _instant(day, self.closes, self.zone)
            day += timedelta(days=1)


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
        for opened, closed in hours.open_spans(left, right):
            total += _length(max(left, opened), min(right, closed))
    return total


def midnights(first: date, last: date, zone: ZoneInfo) -> Iterator[tuple[date, datetime]]:
    """Each day from ``first`` to the one before ``last``, with the instant at which it ends in ``zone``."""
    day = first
    while day < last:
        following = day + timedelta(days=1)
        yield day, _instant(following, time(), zone)
        day = following


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
