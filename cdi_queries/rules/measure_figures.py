"""The numbers of what was counted: rates with n and interval, percentiles that are a real query's time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cdi_queries.rules.measures import (
    ASKED,
    IN_TIME,
    Picked,
    ReviewedChart,
    ReviewMark,
    SentQuery,
    Window,
    agreement,
    in_time,
    responses,
    reviewed_charts,
    waiting,
)
from cdi_queries.rules.outcome import Outcome
from coding_ops.core.statistics import (
    Interval,
    interval,
    percentile,
    percentile_interval,
    poisson_interval,
)

MEDIAN: Final = Decimal("0.5")
NINETIETH: Final = Decimal("0.9")
HUNDRED: Final = Decimal(100)
DIMENSIONS: Final = ("provider", "specialty", "template")


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``n``; ``found`` (0 to 1) is None where n is 0: that is neither 0% nor 100%."""

    hits: int
    n: int
    found: Interval | None


@dataclass(frozen=True, slots=True)
class PerHundred:
    """Queries per 100 charts reviewed, with the exact Poisson interval of their count."""

    queries: int
    charts: int
    found: Interval | None


@dataclass(frozen=True, slots=True)
class Hours:
    """A percentile of hours; ``low`` or ``high`` is None where the sample bounds no such side."""

    n: int
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What each measure counts of one set of queries in one window."""

    charts: tuple[ReviewedChart, ...]
    responses: Picked
    in_time: Picked
    agreement: Picked
    waiting: Picked


@dataclass(frozen=True, slots=True)
class Figures:
    """The measures of one set of queries.

    ``outcomes``: share of each outcome, in the order of ``Outcome``; together they make 1.
    """

    rate: Share
    per_hundred: PerHundred
    median: Hours
    ninetieth: Hours
    in_time: Share
    outcomes: tuple[tuple[Outcome, Share], ...]
    waiting: int

    def share_of(self, outcome: Outcome) -> Share:
        """The share of one outcome."""
        return dict(self.outcomes)[outcome]


def find(
    queries: Sequence[SentQuery],
    marks: Sequence[ReviewMark],
    window: Window,
    *,
    answer_hours: int,
    bounds: Sequence[int],
) -> Found:
    """What each measure counts; ``bounds`` are the ages of waiting queries, hours."""
    return Found(
        reviewed_charts(queries, marks, window),
        responses(queries, window),
        in_time(queries, window, answer_hours),
        agreement(queries, window),
        waiting(queries, window.end, bounds),
    )


def figures(found: Found, *, confidence: Decimal, reviewed: int | None = None) -> Figures:
    """The numbers of what was counted; ``reviewed`` where the charts reviewed are not those of ``found``."""
    charts = len(found.charts) if reviewed is None else reviewed
    asked = sum(chart.part == ASKED for chart in found.charts)
    sent = sum(len(chart.query_ids) for chart in found.charts)
    hours = sorted(one.amount for one in found.responses.counted)
    answers = found.agreement.counted
    return Figures(
        rate=share(asked, charts, confidence),
        per_hundred=per_hundred(sent, charts, confidence),
        median=hours_at(hours, MEDIAN, confidence),
        ninetieth=hours_at(hours, NINETIETH, confidence),
        in_time=share(len(found.in_time.in_parts(IN_TIME)), len(found.in_time.counted), confidence),
        outcomes=tuple(
            (outcome, share(len(found.agreement.in_parts(outcome.value)), len(answers), confidence))
            for outcome in Outcome
        ),
        waiting=len(found.waiting.counted),
    )


def share(hits: int, n: int, confidence: Decimal) -> Share:
    """A share with Wilson's interval."""
    return Share(hits, n, interval(hits, n, confidence=confidence) if n else None)


def per_hundred(queries: int, charts: int, confidence: Decimal) -> PerHundred:
    """A rate per 100 charts: one chart may bear several queries, so it is no share."""
    exposure = Decimal(charts) / HUNDRED
    return PerHundred(
        queries, charts, poisson_interval(queries, exposure, confidence=confidence) if charts else None
    )


def hours_at(ordered: Sequence[Decimal], fraction: Decimal, confidence: Decimal) -> Hours:
    """The nearest-rank percentile with its distribution-free interval."""
    if not ordered:
        return Hours(0)
    low, high = percentile_interval(ordered, fraction, confidence=confidence)
    return Hours(len(ordered), percentile(ordered, fraction), low, high)


@dataclass(frozen=True, slots=True)
class Slice:
    """The queries and marks of one group."""

    queries: tuple[SentQuery, ...]
    marks: tuple[ReviewMark, ...]


def sliced(queries: Iterable[SentQuery], marks: Iterable[ReviewMark], dimension: str, value: str) -> Slice:
    """One provider's, specialty's or template's queries with the charts they are a share of.

    A chart without a query has its rendering provider and its specialty, but no template: the rate of a
    template is of all charts reviewed.
    """
    every, marked = tuple(queries), tuple(marks)
    mine = tuple(query for query in every if getattr(query.keys, dimension) == value)
    if dimension == "template":
        read = tuple(ReviewMark(query.encounter_id, query.sent_at, query.keys) for query in every)
        return Slice(mine, (*marked, *read))
    return Slice(mine, tuple(mark for mark in marked if getattr(mark.keys, dimension) == value))


def slices(queries: Iterable[SentQuery], marks: Iterable[ReviewMark], dimension: str) -> dict[str, Slice]:
    """The queries and marks of each value of a dimension, by value; the empty one is "none".

    A template's slice has no marks: its rate is of all charts reviewed, which ``figures`` is told.
    """
    asked: dict[str, list[SentQuery]] = defaultdict(list)
    marked: dict[str, list[ReviewMark]] = defaultdict(list)
    for query in queries:
        asked[getattr(query.keys, dimension)].append(query)
    if dimension != "template":
        for mark in marks:
            marked[getattr(mark.keys, dimension)].append(mark)
    return {value: Slice(tuple(asked[value]), tuple(marked[value])) for value in sorted({*asked, *marked})}
