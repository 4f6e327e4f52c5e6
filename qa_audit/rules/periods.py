"""The periods of a plan's schedule, by the client's calendar: days, weeks from Monday, months."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from qa_audit.rules.plan_terms import Schedule

MOST_MISSED = {Schedule.DAILY: 31, Schedule.WEEKLY: 5, Schedule.MONTHLY: 3}
"""How many periods back a schedule that stood still is made up for; older ones are drawn by hand."""


def last_period(schedule: Schedule, today: date) -> tuple[date, date]:
    """First and last day of the newest period that is over; a month for a plan that is drawn by hand."""
    if schedule is Schedule.DAILY:
        day = today - timedelta(days=1)
        return day, day
    if schedule is Schedule.WEEKLY:
        monday = today - timedelta(days=today.weekday())
        return monday - timedelta(days=7), monday - timedelta(days=1)
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def periods_due(schedule: Schedule, since: date, today: date) -> list[tuple[date, date]]:
    """Periods that ended from ``since`` up to yesterday, oldest first, at most ``MOST_MISSED``."""
    if schedule is Schedule.MANUAL:
        return []
    found: list[tuple[date, date]] = []
    for period in _backwards(schedule, today):
        if period[1] < since or len(found) == MOST_MISSED[schedule]:
            break
        found.append(period)
    return found[::-1]


def _backwards(schedule: Schedule, today: date) -> Iterator[tuple[date, date]]:
    period = last_period(schedule, today)
    while True:
        yield period
        period = last_period(schedule, period[0])
