"""Which period the measures are of, and the facts of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils import timezone

from cdi_queries.access.audits import marks_in_reach
from cdi_queries.access.queries import queries_in_reach
from cdi_queries.rules.measure_figures import Found, Slice, find
from cdi_queries.rules.measures import Window
from cdi_queries.selectors.measures import review_marks, sent_queries
from cdi_queries.terms.measures import MeasureTerms, measure_terms
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days at the client's, both ends included; ``window`` ends now where the last day is not over."""

    first: date
    last: date
    window: Window

    @property
    def words(self) -> str:
        """``09/01/2026 to 11/23/2026``."""
        return f"{self.first:%m/%d/%Y} to {self.last:%m/%d/%Y}"


@dataclass(frozen=True, slots=True)
class Facts:
    """The queries and marks of a period, and how they are measured."""

    period: Period
    whole: Slice
    terms: MeasureTerms

    def find(self, part: Slice, window: Window | None = None) -> Found:
        """What each measure counts of a part of them."""
        return find(
            part.queries,
            part.marks,
            window or self.period.window,
            answer_hours=self.terms.answer_hours,
            bounds=self.terms.waiting_bounds,
        )


def period_of(first: date, last: date, zone: str) -> Period:
    """The period of two days."""
    there = ZoneInfo(zone)
    end = datetime.combine(last + timedelta(days=1), time(), there)
    window = Window(datetime.combine(first, time(), there), min(end, timezone.now()))
    return Period(first, last, window)


def read_facts(actor: Actor, client: ReachedClient, period: Period) -> Facts:
    """The facts of a period: what was sent so many hours earlier can still count in it."""
    terms = measure_terms()
    since = period.window.start - timedelta(hours=terms.answer_hours)
    queries = tuple(sent_queries(queries_in_reach(actor, client.id), since))
    marks = tuple(review_marks(marks_in_reach(actor, client.id), period.window.start))
    return Facts(period, Slice(queries, marks), terms)


def months_back(day: date, count: int) -> date:
    """The first day of the month ``count - 1`` months before the day's own."""
    months = day.year * 12 + day.month - count
    return date(months // 12, months % 12 + 1, 1)


def month_starts(first: date, last: date) -> tuple[date, ...]:
    """The first days of the months of a period that begins with one."""
    found = []
    while first <= last:
        found.append(first)
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return tuple(found)


def day_of(text: str) -> date:
    """``2026-11-23``.

    Raises:
        NotFound: not a day: there is no such page.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None


def turned(query: Mapping[str, str]) -> str:
    """``?a=b`` of what is not empty."""
    return f"?{urlencode({name: value for name, value in query.items() if value})}"
