"""The measures of queries: how often is asked, how fast and how is it answered.

Every measure takes the same queries and one window, and says which queries it counts, which it leaves out and
why.  Pages and KPI snapshots both come through here, so that a number always opens its own rows.

* Query rate: charts about which a query was sent, of charts reviewed; beside it queries per 100 of them.
* Response: hours from being asked to the answer, of queries answered in the window.  Passing a query on to
  another provider starts its clock anew.  Taken at the answer and not at the sending, because the slow ones
  of last week are still open and would be missing.
* In time: answered within so many hours, of queries whose hours were over in the window: none can still be
  in time that counts as late.
* Agreement: a diagnostic answer chosen, of queries with answers to choose from; "other" and "unable to
  determine" stand apart.

Source: the project's measures, after ACDIS and AHIMA benchmarks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Final
from uuid import UUID

from cdi_queries.rules.outcome import Outcome

ASKED, NOTHING_ASKED = "asked", "nothing"
IN_TIME, LATE = "in_time", "late"
ANSWERED: Final = "answered"
CANCELLED: Final = "cancelled"
VERBAL: Final = "asked by word of mouth"
NO_CHOICES: Final = "open question, no answers to choose from"
_HOUR: Final = timedelta(hours=1)
_WHEN_AND_WHAT: Final = itemgetter(0, 1)


@dataclass(frozen=True, slots=True)
class QueryKeys:
    """What a number can be broken down by; the empty text means "none" or "not known"."""

    provider: str = ""
    specialty: str = ""
    template: str = ""
    facility: str = ""


NO_KEYS: Final = QueryKeys()


@dataclass(frozen=True, slots=True)
class SentQuery:
    """One query that was sent, as instants.

    Attributes:
        asked_at: since when its provider has been asked; later than ``sent_at`` when it was passed on.
        ended_at: when it was closed, cancelled or ran out.
        has_choices: whether it offered answers to choose from.
        outcome: what the answer came to; None while there is none.
    """

    id: UUID
    encounter_id: UUID
    sent_at: datetime
    asked_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    is_cancelled: bool = False
    is_verbal: bool = False
    has_choices: bool = True
    outcome: Outcome | None = None
    keys: QueryKeys = NO_KEYS

    def is_cancelled_at(self, moment: datetime) -> bool:
        """Whether it had been cancelled by this instant."""
        return self.is_cancelled and self.ended_at is not None and self.ended_at <= moment

    def is_open_at(self, moment: datetime) -> bool:
        """Whether it waited for its answer at this instant."""
        over = [at for at in (self.answered_at, self.ended_at) if at is not None]
        return self.sent_at <= moment and all(at > moment for at in over)


@dataclass(frozen=True, slots=True)
class ReviewMark:
    """A chart that was read on a day without a query being sent about it."""

    encounter_id: UUID
    at: datetime
    keys: QueryKeys = NO_KEYS


@dataclass(frozen=True, slots=True)
class Window:
    """``start <= t < end``; nothing that happened at or after ``end`` is known."""

    start: datetime
    end: datetime

    def covers(self, moment: datetime | None) -> bool:
        """Whether an instant lies in it."""
        return moment is not None and self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class ReviewedChart:
    """One chart that was reviewed in the window.

    Attributes:
        query_ids: the queries sent about it in the window, cancelled ones left out.
        keys: those of what came first.
    """

    encounter_id: UUID
    at: datetime
    query_ids: tuple[UUID, ...] = ()
    keys: QueryKeys = NO_KEYS

    @property
    def part(self) -> str:
        """``asked`` or ``nothing``."""
        return ASKED if self.query_ids else NOTHING_ASKED


@dataclass(frozen=True, slots=True)
class Counted:
    """One query that a measure counts: its part, and its amount in the measure's unit."""

    query: SentQuery
    part: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One query that a measure does not count, and why."""

    query: SentQuery
    reason: str


@dataclass(frozen=True, slots=True)
class Picked:
    """What one measure counts of the queries, in a stable order."""

    counted: tuple[Counted, ...] = ()
    left_out: tuple[LeftOut, ...] = field(default=())

    def in_parts(self, *parts: str) -> tuple[Counted, ...]:
        """The counted queries of these parts."""
        return tuple(one for one in self.counted if one.part in parts)


def reviewed_charts(
    queries: Iterable[SentQuery], marks: Iterable[ReviewMark], window: Window
) -> tuple[ReviewedChart, ...]:
    """The charts reviewed in the window, each once: those marked, and those about which a query was sent.

    A cancelled query is no query, but its chart was read.
    """
    covers = window.covers
    seen: list[tuple[datetime, UUID, QueryKeys]] = []
    asked: dict[UUID, list[tuple[datetime, UUID]]] = defaultdict(list)
    for query in queries:
        if covers(query.sent_at):
            seen.append((query.sent_at, query.encounter_id, query.keys))
            if not query.is_cancelled_at(window.end):
                asked[query.encounter_id].append((query.sent_at, query.id))
    seen += [(mark.at, mark.encounter_id, mark.keys) for mark in marks if covers(mark.at)]
    seen.sort(key=_WHEN_AND_WHAT)
    first: dict[UUID, ReviewedChart] = {}
    for at, chart, keys in seen:
        if chart not in first:
            ids = tuple(key for _, key in sorted(asked.get(chart, ())))
            first[chart] = ReviewedChart(chart, at, ids, keys)
    return tuple(first.values())


def responses(queries: Iterable[SentQuery], window: Window) -> Picked:
    """Queries answered in the window, with the hours their provider took; part ``answered``."""

    def judge(query: SentQuery) -> Counted | LeftOut | None:
        answered_at = query.answered_at
        if answered_at is None or not window.covers(answered_at):
            return None
        if query.is_verbal:
            return LeftOut(query, VERBAL)
        return Counted(query, ANSWERED, hours_between(query.asked_at, answered_at), answered_at)

    return _pick(queries, judge)


def in_time(queries: Iterable[SentQuery], window: Window, hours: int) -> Picked:
    """Queries whose ``hours`` were over in the window: part ``in_time`` or ``late``; amount: hours taken.

    One that is not answered at the window's end counts the hours up to then.
    """
    allowed = timedelta(hours=hours)

    def judge(query: SentQuery) -> Counted | LeftOut | None:
        over_at = query.asked_at + allowed
        if not window.covers(over_at):
            return None
        if query.is_cancelled_at(window.end):
            return LeftOut(query, CANCELLED)
        if query.is_verbal:
            return LeftOut(query, VERBAL)
        answered_at = query.answered_at
        known = answered_at if answered_at is not None and answered_at < window.end else window.end
        kept = answered_at is not None and answered_at <= over_at
        return Counted(query, IN_TIME if kept else LATE, hours_between(query.asked_at, known), over_at)

    return _pick(queries, judge)


def agreement(queries: Iterable[SentQuery], window: Window) -> Picked:
    """Queries answered in the window by their outcome: parts are those of ``Outcome``; amount 1."""

    def judge(query: SentQuery) -> Counted | LeftOut | None:
        if query.answered_at is None or query.outcome is None or not window.covers(query.answered_at):
            return None
        if not query.has_choices:
            return LeftOut(query, NO_CHOICES)
        return Counted(query, query.outcome.value, Decimal(1), query.answered_at)

    return _pick(queries, judge)


def waiting(queries: Iterable[SentQuery], at: datetime, bounds: Sequence[int]) -> Picked:
    """The queries that wait at an instant, by hours since they were asked; amount: those hours.

    ``bounds`` are upper ends in hours, each belonging to its part: 24 gives "0-24", the last "24+".
    """

    def judge(query: SentQuery) -> Counted | LeftOut | None:
        if not query.is_open_at(at):
            return None
        since = query.asked_at if query.asked_at <= at else query.sent_at
        age = hours_between(since, at)
        return Counted(query, age_part(age, bounds), age, since)

    return _pick(queries, judge)


def age_part(hours: Decimal, bounds: Sequence[int]) -> str:
    """``0-24``, ``24-48``, ``72+`` of an age in hours."""
    low = 0
    for bound in bounds:
        if hours <= bound:
            return f"{low}-{bound}"
        low = bound
    return f"{low}+"


def hours_between(start: datetime, end: datetime) -> Decimal:
    """Clock hours, to the microsecond; none of a query can be negative."""
    length = max(end - start, timedelta())
    return Decimal(length // timedelta(microseconds=1)) / Decimal(_HOUR // timedelta(microseconds=1))


def _pick(queries: Iterable[SentQuery], judge: Callable[[SentQuery], Counted | LeftOut | None]) -> Picked:
    judged = [judge(query) for query in queries]
    counted = [one for one in judged if isinstance(one, Counted)]
    left_out = [one for one in judged if isinstance(one, LeftOut)]
    counted.sort(key=lambda one: (one.at, one.query.id))
    left_out.sort(key=lambda one: (one.query.sent_at, one.query.id))
    return Picked(tuple(counted), tuple(left_out))
