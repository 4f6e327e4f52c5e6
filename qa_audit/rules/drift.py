"""Has a coder's error rate moved?  A p-chart for a jump, a CUSUM for a slow slide.

Sources: Montgomery, Introduction to Statistical Quality Control, 7.2 (p-chart with variable sample size) and
the Western Electric run of eight; Reynolds and Stoumbos, Journal of Quality Technology 31 (1999) 87
(Bernoulli CUSUM with its reference value from the accepted and the rejected rate).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from coding_ops.core.errors import InvalidInput
from coding_ops.core.statistics import SIX_PLACES

RUN = 8
SIGMAS = Decimal(3)


class Signal(StrEnum):
    """Why a period stands out."""

    ABOVE = "above"
    BELOW = "below"
    RUN_ABOVE = "run_above"
    RUN_BELOW = "run_below"


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a p-chart: rate and limits, six decimals; all None for a period without lines."""

    rate: Decimal | None
    low: Decimal | None
    high: Decimal | None
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """One period of a CUSUM, and whether it has reached the decision limit."""

    value: Decimal
    signal: bool


def p_chart(periods: Sequence[tuple[int, int]], *, baseline: Decimal | None = None) -> list[Point]:
    """Limits of three sigma for each period of (errors, lines) around the baseline or the pooled rate.

    A period of eight on the same side of the centre signals too. Periods without lines break no run.

    Raises:
        InvalidInput: errors beyond lines, no line at all and no baseline, a baseline outside 0 to 1.
    """
    _check(periods)
    centre = _pooled(periods) if baseline is None else baseline
    if not 0 <= centre <= 1:
        raise _bad("baseline", "A baseline lies between 0 and 1.")
    points: list[Point] = []
    side, run = 0, 0
    for errors, lines in periods:
        if not lines:
            points.append(Point(None, None, None, ()))
            continue
        rate = Decimal(errors) / lines
        half = SIGMAS * (centre * (1 - centre) / lines).sqrt()
        low, high = max(Decimal(0), centre - half), min(Decimal(1), centre + half)
        at = (rate > centre) - (rate < centre)
        side, run = (at, run + 1) if at == side and at else (at, 1 if at else 0)
        points.append(Point(_six(rate), _six(low), _six(high), _signals(rate, low, high, side, run)))
    return points


def cusum(
    periods: Sequence[tuple[int, int]], *, accepted: Decimal, rejected: Decimal, limit: Decimal
) -> list[Sum]:
    """The upper CUSUM of (errors, lines) periods: S = max(0, S + errors - lines * k); signals at the limit.

    ``k = ln((1-p0)/(1-p1)) / ln(p1(1-p0) / (p0(1-p1)))`` for the accepted rate p0 and the rejected rate p1;
    ``limit`` is in errors. After a signal the sum begins anew, as after a recorded decision.

    Raises:
        InvalidInput: rates that are not 0 < accepted < rejected < 1, a limit that is not above 0.
    """
    _check(periods)
    if not 0 < accepted < rejected < 1:
        raise _bad("rejected", "The rejected rate lies above the accepted one, both between 0 and 1.")
    if limit <= 0:
        raise _bad("limit", "The decision limit is above 0.")
    reference = ((1 - accepted) / (1 - rejected)).ln() / (
        rejected * (1 - accepted) / (accepted * (1 - rejected))
    ).ln()
    sums: list[Sum] = []
    value = Decimal(0)
    for errors, lines in periods:
        value = max(Decimal(0), value + errors - lines * reference)
        signal = value >= limit
        sums.append(Sum(_six(value), signal))
        value = Decimal(0) if signal else value
    return sums


def _signals(rate: Decimal, low: Decimal, high: Decimal, side: int, run: int) -> tuple[Signal, ...]:
    found = []
    if rate > high:
        found.append(Signal.ABOVE)
    if rate < low:
        found.append(Signal.BELOW)
    if run >= RUN:
        found.append(Signal.RUN_ABOVE if side > 0 else Signal.RUN_BELOW)
    return tuple(found)


def _pooled(periods: Sequence[tuple[int, int]]) -> Decimal:
    lines = sum(count for _, count in periods)
    if not lines:
        raise _bad("periods", "There is no rate without a line.")
    return Decimal(sum(errors for errors, _ in periods)) / lines


def _check(periods: Sequence[tuple[int, int]]) -> None:
    for place, (errors, lines) in enumerate(periods):
        if not 0 <= errors <= lines:
            raise _bad(f"periods[{place}]", "Errors lie between 0 and the lines of the period.")


def _six(value: Decimal) -> Decimal:
    return value.quantize(SIX_PLACES, rounding=ROUND_HALF_UP)


def _bad(path: str, message: str) -> InvalidInput:
    return InvalidInput(message, code="statistics.out_of_range", details={"path": path})
