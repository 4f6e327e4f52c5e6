"""Short ways to write facts down in tests: instants of November 2026 in UTC unless said."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from encounters.rules.deadlines import BusinessHours, Hold, Party
from reporting.rules.clock import Span
from reporting.rules.facts import EncounterFact, Frame, Keys

CHICAGO = ZoneInfo("America/Chicago")
OFFICE = BusinessHours(CHICAGO, time(8), time(17), frozenset(range(5)), frozenset({date(2026, 11, 26)}))


def at(day: int, hour: int = 0, minute: int = 0, month: int = 11) -> datetime:
    """An instant of 2026, UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def span(start: datetime, end: datetime | None = None) -> Span:
    return Span(start, end)


def hold(party: Party, start: datetime, end: datetime | None = None) -> Hold:
    return Hold(start, end, party)


def number(value: int) -> UUID:
    """The id of the value-th encounter of a test."""
    return UUID(int=value)


def frame(start: datetime, end: datetime, hours: BusinessHours | None = None) -> Frame:
    """A window of clock hours in the client's zone, Chicago."""
    return Frame(start=start, end=end, zone=CHICAGO, hours=hours)


def fact(
    value: int,
    *,
    service_on: date | None = date(2026, 11, 2),
    available_at: datetime | None = None,
    final: tuple[Span, ...] | datetime | None = None,
    holds: tuple[Hold, ...] = (),
    sla: str | None = "24",
    due_at: datetime | None = None,
    cancelled_at: datetime | None = None,
    keys: Keys = Keys(),  # noqa: B008 (frozen)
) -> EncounterFact:
    """An encounter; a bare instant as ``final`` means final from then on."""
    coded = (Span(final),) if isinstance(final, datetime) else final or ()
    return EncounterFact(
        id=number(value),
        service_on=service_on,
        available_at=available_at,
        due_at=due_at,
        sla_hours=None if sla is None else Decimal(sla),
        coded=coded,
        holds=holds,
        cancelled_at=cancelled_at,
        keys=keys,
    )
