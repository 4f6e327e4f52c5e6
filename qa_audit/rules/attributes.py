"""Exact limits for counted attributes: finite populations, upper limits, sample sizes for a test.

A finite population is appraised with the hypergeometric distribution, as RAT-STATS does; tests of control
use the binomial, as the AICPA Audit Guide's tables A-1 to A-4 do.  All in whole numbers or exact fractions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from math import comb

from coding_ops.core.errors import InvalidInput
from coding_ops.core.statistics import IntervalMethod, binomial_cdf, interval

_MOST_CHARTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How many units of a population may have the attribute, both ends included."""

    low: int
    high: int


def finite_limits(population: int, sampled: int, found: int, *, confidence: Decimal) -> Limits:
    """Exact two-sided limits of the number with an attribute in a population sampled without replacement.

    The lower limit is the least number for which seeing ``found`` or more is not rarer than half of
    1 - confidence; the upper limit likewise for ``found`` or fewer.

    Raises:
        InvalidInput: more sampled than there are, more found than sampled, confidence outside (0, 1).
    """
    if not 0 < sampled <= population:
        raise _bad("sampled", "Between 1 and all units are sampled.")
    if not 0 <= found <= sampled:
        raise _bad("found", "Between 0 and all sampled units have the attribute.")
    if not 0 < confidence < 1:
        raise _bad("confidence", "confidence must lie strictly between 0 and 1.")
    whole, scale = comb(population, sampled), Decimal(10) ** 12
    # Integers throughout: tail and probabilities scaled alike, so that no rounding moves a limit.
    tail, unit = int((1 - confidence) / 2 * scale) * whole, int(scale)

    def at_least(total: int) -> int:
        return sum(_ways(population, sampled, total, hits) for hits in range(found, sampled + 1))

    def at_most(total: int) -> int:
        return sum(_ways(population, sampled, total, hits) for hits in range(found + 1))

    most = population - sampled + found
    low = _first(found, most, lambda total: at_least(total) * unit > tail)
    high = _first(found, most + 1, lambda total: total > most or at_most(total) * unit <= tail) - 1
    return Limits(low, high)


def upper_limit(found: int, sampled: int, *, confidence: Decimal) -> Decimal:
    """The one-sided upper limit of a rate, six decimals (tables A-3 and A-4 round it up to 0.1 %)."""
    two_sided = 2 * confidence - 1
    if two_sided <= 0:
        raise _bad("confidence", "A one-sided confidence lies above one half.")
    return interval(found, sampled, confidence=two_sided, method=IntervalMethod.CLOPPER_PEARSON).high


def attribute_sample_size(*, expected: Decimal, tolerable: Decimal, confidence: Decimal) -> int:
    """The least sample that, with errors at the expected rate (rounded up), still shows less than tolerable.

    Tables A-1 and A-2 of the guide.

    Raises:
        InvalidInput: the expected rate is not below the tolerable one, or a million charts do not suffice.
    """
    if not 0 <= expected < tolerable < 1:
        raise _bad("expected", "The expected rate lies below the tolerable one, both from 0 to 1.")
    if not 0 < confidence < 1:
        raise _bad("confidence", "confidence must lie strictly between 0 and 1.")
    risk, rate, size = float(1 - confidence), float(tolerable), 0
    # With k errors allowed the least size is found by halving; the least k that the size itself allows wins.
    for allowed in range(_MOST_CHARTS):
        size = _least_size(allowed, rate, risk, start=size)
        if size > _MOST_CHARTS:
            break
        if (expected * size).to_integral_value(rounding=ROUND_CEILING) <= allowed:
            return size
    raise _bad("tolerable", "The two rates lie too close: a million charts would not tell them apart.")


def _least_size(allowed: int, rate: float, risk: float, start: int) -> int:
    reach = max(start, allowed + 1)
    while binomial_cdf(allowed, reach, rate) > risk:
        reach *= 2
    return _first(start, reach, lambda size: binomial_cdf(allowed, size, rate) <= risk)


def _ways(population: int, sampled: int, total: int, hits: int) -> int:
    if hits > total or sampled - hits > population - total:
        return 0
    return comb(total, hits) * comb(population - total, sampled - hits)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least whole number from ``low`` to ``high`` for which a rising predicate holds."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _bad(path: str, message: str) -> InvalidInput:
    return InvalidInput(message, code="statistics.out_of_range", details={"path": path})
