"""When a chart is due under its contract, and who held it up meanwhile.

The contract's clock starts when a chart can be coded, runs in clock hours or in the client's business hours,
and stands still while a hold of another party than the vendor is open.  The same rule says whose every
stretch of waiting is:

1. the owner of the earliest opened hold that is not the vendor's;
2. else the client, while not everything needed to code has arrived;
3. else the vendor, whether the chart waits, is coded or is held by the vendor itself.

So a minute is off the clock exactly when it is another party's.  All instants are aware; arithmetic is in
UTC, for two times of one zone compare by the wall clock, an hour wrong where daylight time changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from coding_ops.core.errors import InvalidInput

FARTHEST_DAYS: Final = 3_660  # a contract clock that has not run out in ten years never will


class Party(StrEnum):
    """Who can hold a chart up.  Values are those of the holds in the database."""

    VENDOR = "vendor"
    CLIENT = "client"
    PROVIDER = "provider"
    PAYER = "payer"


@dataclass(frozen=True, slots=True)
class BusinessHours:
    """When a business clock runs: local wall times, Monday is 0, holidays are local dates."""

    zone: ZoneInfo
    opens: time
    closes: time
    weekdays: frozenset[int]
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Hold:
    """A pause from ``start`` until just before ``end`` (``None``: still open), owned by ``party``."""

    start: datetime
    end: datetime | None
    party: Party


@dataclass(frozen=True, slots=True)
class Due:
    """When the clock runs out; ``at`` is ``None`` while another party's hold is open and time is left.

    ``remaining`` is what was left then (zero when ``at`` is set); ``waiting_for`` is the party to act.
    """

    at: datetime | None
    remaining: timedelta = timedelta()
    waiting_for: Party | None = None


def due_at(
    available_at: datetime,
    hours: Decimal | int,
    *,
    business: BusinessHours | None = None,
    holds: Iterable[Hold] = (),
) -> Due:
    """When a chart available since ``available_at`` is due.

    Args:
        hours: the contract's hours, more than zero.
        business: the office hours of a business clock; ``None`` for clock hours.
        holds: in any order, may overlap; only other parties' stop the clock.

    Raises:
        InvalidInput: ``deadline.hours``, ``deadline.naive`` for a time without zone, ``deadline.calendar``
            when the office is never open long enough, ``deadline.hold`` for a hold ending before it starts.
    """
    left = _budget(hours)
    start = _utc(available_at)
    stops = [hold for hold in _checked(holds) if hold.party is not Party.VENDOR]
    for opened, closed in _running(start, business, stops):
        if closed is None or closed - opened >= left:
            return Due(opened + left)
        left -= closed - opened
    waiting = min((hold for hold in stops if hold.end is None), key=_precedence)
    return Due(None, left, waiting.party)


def attribute_time(
    holds: Iterable[Hold], start: datetime, end: datetime, available_at: datetime | None = None
) -> dict[Party, timedelta]:
    """The time from ``start`` to ``end``, each moment given to one party; the sum is exactly the whole.

    ``available_at`` is when the chart could first be coded; ``None``: from the start.  Every party is a key,
    all zero when ``end`` is not after ``start``.

    Raises:
        InvalidInput: ``deadline.naive`` or ``deadline.hold``.
    """
    total = dict.fromkeys(Party, timedelta())
    for opened, closed, party in attribute_stretches(holds, start, end, available_at):
        total[party] += closed - opened
    return total


def attribute_stretches(
    holds: Iterable[Hold], start: datetime, end: datetime, available_at: datetime | None = None
) -> tuple[tuple[datetime, datetime, Party], ...]:
    """The stretches behind :func:`attribute_time`, oldest first, neighbours of one party joined (UTC)."""
    first, last = _utc(start), _utc(end)
    if last <= first:
        return ()
    checked = _checked(holds)
    available = first if available_at is None else _utc(available_at)
    edges = {first, last, min(max(first, available), last)}
    for hold in checked:
        edges.update(edge for edge in (hold.start, hold.end) if edge is not None and first < edge < last)
    cuts = sorted(edges)
    stretches: list[tuple[datetime, datetime, Party]] = []
    for opened, closed in pairwise(cuts):
        party = holder_at(checked, opened, available)
        if stretches and stretches[-1][2] is party:
            stretches[-1] = (stretches[-1][0], closed, party)
        else:
            stretches.append((opened, closed, party))
    return tuple(stretches)


def attribute_days(
    holds: Iterable[Hold],
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    available_at: datetime | None = None,
) -> dict[Party, Decimal]:
    """Days from ``start`` to ``end`` as a census counts them: each local midnight passed is one day.

    A day is whole and belongs to the party that held the chart up when the day ended in ``zone``, so every
    day of every account is exactly one party's and the sum is its age in days.  Every party is a key.

    Raises:
        InvalidInput: ``deadline.naive`` or ``deadline.hold``.
    """
    checked = _checked(holds)
    available = None if available_at is None else _utc(available_at)
    days = dict.fromkeys(Party, Decimal(0))
    day, last = _utc(start).astimezone(zone).date(), _utc(end).astimezone(zone).date()
    while day < last:
        day += timedelta(days=1)
        days[holder_at(checked, _instant(day, time(), zone), available)] += 1
    return days


def holder_at(holds: Iterable[Hold], moment: datetime, available_at: datetime | None = None) -> Party:
    """The one party that holds the chart up at ``moment``, by the order of the module."""
    theirs = [
        hold
        for hold in holds
        if hold.party is not Party.VENDOR and hold.start <= moment and (hold.end is None or moment < hold.end)
    ]
    if theirs:
        return min(theirs, key=_precedence).party
    return Party.CLIENT if available_at is not None and moment < available_at else Party.VENDOR


def _precedence(hold: Hold) -> tuple[datetime, str]:
    return hold.start, hold.party.value


def _budget(hours: Decimal | int) -> timedelta:
    if hours <= 0:
        raise InvalidInput("A turnaround is more than zero hours.", code="deadline.hours")
    return timedelta(microseconds=int(hours * 3_600_000_000))


def _checked(holds: Iterable[Hold]) -> list[Hold]:
    """Holds in UTC, by start."""
    found = []
    for hold in holds:
        start = _utc(hold.start)
        end = None if hold.end is None else _utc(hold.end)
        if end is not None and end < start:
            raise InvalidInput("A hold ends before it starts.", code="deadline.hold")
        found.append(Hold(start, end, Party(hold.party)))
    return sorted(found, key=_precedence)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise InvalidInput("A time needs its zone.", code="deadline.naive")
    return moment.astimezone(UTC)


def _running(
    start: datetime, business: BusinessHours | None, stops: Sequence[Hold]
) -> Iterator[tuple[datetime, datetime | None]]:
    """Stretches in which the clock runs; the last of clock hours is open.  Ends early at an open hold."""
    for opened, closed in _open(start, business):
        at = opened
        for stop in stops:
            if closed is not None and stop.start >= closed:
                break
            if stop.start > at:
                yield at, stop.start
            if stop.end is None:
                return
            at = max(at, stop.end)
        if closed is None or at < closed:
            yield at, closed


def _open(start: datetime, business: BusinessHours | None) -> Iterator[tuple[datetime, datetime | None]]:
    if business is None:
        yield start, None
        return
    if business.opens >= business.closes:
        raise InvalidInput("The office closes before it opens.", code="deadline.calendar")
    day = start.astimezone(business.zone).date()
    for _ in range(FARTHEST_DAYS):
        if day.weekday() in business.weekdays and day not in business.holidays:
            opened = max(start, _instant(day, business.opens, business.zone))
            closed = _instant(day, business.closes, business.zone)
            if opened < closed:
                yield opened, closed
        day += timedelta(days=1)
    raise InvalidInput("The office is never open long enough for this turnaround.", code="deadline.calendar")


def _instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)
