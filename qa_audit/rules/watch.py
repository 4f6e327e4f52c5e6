"""One subject's weeks under a p-chart and a CUSUM: centre, limits, and which week speaks.

The unit is the reviewed chart with or without a charged error: charts err independently of each other,
codes of one chart do not.  The centre comes from the earliest weeks of the window, as many as make it steady;
later weeks are compared with it (Montgomery, Introduction to Statistical Quality Control, 7.2: phase I and
II).  The limits of three sigma are a normal approximation that fails for few charts, so a week counts as
above only where the exact binomial tail is as rare too; a week of very few charts is not judged alone, and
still adds to the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from coding_ops.core.statistics import binomial_cdf
from qa_audit.rules.drift import RUN, Point, Sum, cusum, p_chart


@dataclass(frozen=True, slots=True)
class Policy:
    """When a chart speaks; see ``data/drift.toml``."""

    weeks: int
    baseline_weeks: int
    baseline_charts: int
    week_charts: int
    most_chance: Decimal
    odds_ratio: Decimal
    sum_limit: Decimal


@dataclass(frozen=True, slots=True)
class Week:
    """One week from its Monday: reviewed charts, and those with an error."""

    monday: date
    charts: int
    wrong: int


class Standing(StrEnum):
    """What can be said of one week."""

    NONE = "none"
    FEW = "few"
    WITHIN = "within"
    UNSURE = "unsure"
    ABOVE = "above"
    BELOW = "below"


class Speaks(StrEnum):
    """Which rule speaks in a week: the values are those of a stored signal."""

    ABOVE = "above"
    RUN = "run"
    CUSUM = "cusum"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What later weeks are compared with.  ``rate`` is never 0 or 1: see ``steady_rate``."""

    weeks: int
    charts: int
    wrong: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Watched:
    """A subject's chart.  ``baseline`` is None while there are too few charts; then nothing speaks.

    Attributes:
        points, sums: one a week; sums are None for the weeks of the baseline.
        speaks: one a week, the rules that speak in it.
    """

    weeks: tuple[Week, ...]
    baseline: Baseline | None
    points: tuple[Point, ...]
    standings: tuple[Standing, ...]
    sums: tuple[Sum | None, ...]
    speaks: tuple[tuple[Speaks, ...], ...]


def watch(weeks: Sequence[Week], policy: Policy) -> Watched:
    """The chart of consecutive weeks, oldest first, none left out."""
    start, length = _baseline_span(weeks, policy)
    if not length:
        nothing = Point(None, None, None, ())
        few = tuple(Standing.FEW if week.charts else Standing.NONE for week in weeks)
        return Watched(
            tuple(weeks), None, (nothing,) * len(weeks), few, (None,) * len(weeks), ((),) * len(weeks)
        )
    end = start + length
    charts = sum(week.charts for week in weeks[start:end])
    wrong = sum(week.wrong for week in weeks[start:end])
    baseline = Baseline(length, charts, wrong, steady_rate(wrong, charts))
    points = p_chart([(week.wrong, week.charts) for week in weeks], baseline=baseline.rate)
    standings = [_standing(week, point, baseline, policy) for week, point in zip(weeks, points, strict=True)]
    runs = _runs(weeks, baseline, policy)
    later = cusum(
        [(week.wrong, week.charts) for week in weeks[end:]],
        accepted=baseline.rate,
        rejected=with_odds(baseline.rate, policy.odds_ratio),
        limit=policy.sum_limit,
    )
    sums: list[Sum | None] = [*([None] * end), *later]
    speaks = tuple(
        _speaks(standings[at], runs[at] == RUN, sums[at]) if at >= end else () for at in range(len(weeks))
    )
    return Watched(tuple(weeks), baseline, tuple(points), tuple(standings), tuple(sums), speaks)


def steady_rate(wrong: int, charts: int) -> Decimal:
    """The share of charts with an error; where none or all have one, half an error stands in.

    A centre of exactly zero would make the first error of all a signal, and has no odds to double.
    """
    if wrong in (0, charts):
        half = Fraction(1, 2) if wrong == 0 else charts + Fraction(1, 2)
        rate = half / (charts + 1)
        return Decimal(rate.numerator) / rate.denominator
    return Decimal(wrong) / charts


def with_odds(rate: Decimal, ratio: Decimal) -> Decimal:
    """The rate whose odds are ``ratio`` times those of ``rate``."""
    odds = rate / (1 - rate) * ratio
    return odds / (1 + odds)


def upper_tail(wrong: int, charts: int, rate: Decimal) -> Decimal:
    """The chance of so many charts with an error, or more, at the rate."""
    return Decimal(repr(max(0.0, 1.0 - binomial_cdf(wrong - 1, charts, float(rate)))))


def lower_tail(wrong: int, charts: int, rate: Decimal) -> Decimal:
    """The chance of so few charts with an error, or fewer, at the rate."""
    return Decimal(repr(binomial_cdf(wrong, charts, float(rate))))


def _baseline_span(weeks: Sequence[Week], policy: Policy) -> tuple[int, int]:
    """Where the baseline starts and how many weeks it takes, gaps counted; no weeks when it is too thin."""
    first = next((at for at, week in enumerate(weeks) if week.charts), len(weeks))
    held, charts = 0, 0
    for at in range(first, len(weeks)):
        held += bool(weeks[at].charts)
        charts += weeks[at].charts
        if held >= policy.baseline_weeks and charts >= policy.baseline_charts:
            return first, at - first + 1
    return first, 0


def _standing(week: Week, point: Point, baseline: Baseline, policy: Policy) -> Standing:
    if not week.charts or point.rate is None or point.low is None or point.high is None:
        return Standing.NONE
    if week.charts < policy.week_charts:
        return Standing.FEW
    if point.rate > point.high:
        chance = upper_tail(week.wrong, week.charts, baseline.rate)
        return Standing.ABOVE if chance <= policy.most_chance else Standing.UNSURE
    if point.rate < point.low:
        chance = lower_tail(week.wrong, week.charts, baseline.rate)
        return Standing.BELOW if chance <= policy.most_chance else Standing.UNSURE
    return Standing.WITHIN


def _runs(weeks: Sequence[Week], baseline: Baseline, policy: Policy) -> list[int]:
    """Weeks in a row above the centre, counted up to each week; weeks too small to judge break no run."""
    found, run = [], 0
    for week in weeks:
        if week.charts < policy.week_charts:
            found.append(0)
            continue
        run = run + 1 if Decimal(week.wrong) > baseline.rate * week.charts else 0
        found.append(run)
    return found


def _speaks(standing: Standing, run_is_full: bool, total: Sum | None) -> tuple[Speaks, ...]:
    found = []
    if standing is Standing.ABOVE:
        found.append(Speaks.ABOVE)
    if run_is_full:
        found.append(Speaks.RUN)
    if total is not None and total.signal:
        found.append(Speaks.CUSUM)
    return tuple(found)
