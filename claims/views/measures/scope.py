"""Which period the measures are of, and the claims of it that a person may open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from claims.access.claims import claims_in_reach
from claims.models import Claim
from claims.selectors.cohorts import sent_between
from claims.views.tabs import ROOMS
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor

LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days at the client's, both ends included."""

    first: date
    last: date

    @property
    def words(self) -> str:
        """``09/01/2026 to 11/23/2026``."""
        return f"{self.first:%m/%d/%Y} to {self.last:%m/%d/%Y}"


def require_room(actor: Actor, key: str) -> None:
    """Only whom the room answers.

    Raises:
        NotFound: for anybody else there is no such page.
    """
    if not any(room.key == key and actor.role in room.roles for room in ROOMS):
        raise NotFound


def claims_of(actor: Actor, client: ReachedClient, period: Period) -> QuerySet[Claim]:
    """The original claims sent in the period that the person may open."""
    zone = ZoneInfo(client.timezone)
    start = datetime.combine(period.first, time(), zone)
    end = datetime.combine(period.last + timedelta(days=1), time(), zone)
    return sent_between(claims_in_reach(actor, client.id), start, end)


def months_back(day: date, count: int) -> date:
    """The first day of the month ``count - 1`` months before the day's own."""
    months = day.year * 12 + day.month - count
    return date(months // 12, months % 12 + 1, 1)


def month_starts(period: Period) -> tuple[date, ...]:
    """The first days of the months of a period that begins with one."""
    found, first = [], period.first
    while first <= period.last:
        found.append(first)
        first = months_back(first, 0)
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
