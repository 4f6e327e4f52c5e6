"""Which stretches of time the numbers are kept for.

Calendar weeks carry the lines of the charts; the last 7 days, 4 weeks and 12 weeks are the numbers on the
cards, each with the stretch before it to compare with.  All begin and end at midnight in the client's zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from reporting.rules.clock import start_of

WEEKS: Final = 12
SPANS: Final = (("7d", 7), ("28d", 28), ("84d", 84))


@dataclass(frozen=True, slots=True)
class Window:
    """``start <= t < end``; ``span`` names the series: ``week``, ``7d``, ``28d`` or ``84d``."""

    span: str
    start: datetime
    end: datetime


def windows(through: date, zone: ZoneInfo) -> tuple[Window, ...]:
    """All windows as of the day ``through``, that day included, oldest first within a series.

    The newest week is the calendar week (Monday to Sunday) that ``through`` lies in, over or not.
    """
    monday = through - timedelta(days=through.weekday())
    weeks = [_window("week", monday - timedelta(weeks=back), 7, zone) for back in reversed(range(WEEKS))]
    after = through + timedelta(days=1)
    spans = [
        _window(span, after - timedelta(days=days * back), days, zone)
        for span, days in SPANS
        for back in (2, 1)
    ]
    return (*weeks, *spans)


def _window(span: str, first: date, days: int, zone: ZoneInfo) -> Window:
    return Window(span, start_of(first, zone), start_of(first + timedelta(days=days), zone))
