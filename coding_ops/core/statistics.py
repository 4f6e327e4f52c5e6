"""Intervals, percentiles and sample sizes: what every rate on a page carries beside it.

Wilson for display, Clopper-Pearson for contracts.  Nothing here needs scipy: tails come from the
regularized incomplete beta and gamma functions (continued fractions, modified Lentz), bounds from
bisection on them.  Results are good to well past the six decimals that are published; the tests check
them against exact integer binomial sums.

Sources: E. B. Wilson, JASA 22 (1927) 209; Clopper and Pearson, Biometrika 26 (1934) 404; Garwood,
Biometrika 28 (1936) 437; Cochran, Sampling Techniques, 3rd ed., section 4.4 (finite population).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum
from statistics import NormalDist
from typing import Final, TypeVar

from coding_ops.core.errors import InvalidInput

T = TypeVar("T")

SIX_PLACES: Final = Decimal("0.000001")
_EPSILON: Final = 1e-14
_TINY: Final = 1e-300
_HALVINGS: Final = 100
_STEPS_AT_MOST: Final = 1_000_000


class IntervalMethod(StrEnum):
    """How the interval of a proportion is made."""

    WILSON = "wilson"
    CLOPPER_PEARSON = "clopper-pearson"


@dataclass(frozen=True, slots=True)
class Interval:
    """A rate with its two-sided interval, all on the scale of the rate (0 to 1 for a proportion)."""

    rate: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Clusters:
    """Sums over clusters of trials: their number, hits and trials, and the sums of squares and products."""

    count: int
    hits: int
    trials: int
    hits_hits: int
    hits_trials: int
    trials_trials: int


def interval(
    numerator: int, denominator: int, *, confidence: Decimal, method: IntervalMethod = IntervalMethod.WILSON
) -> Interval:
    """The two-sided interval of a proportion, six decimals.

    Args:
        numerator: count of hits, 0 to ``denominator``.
        denominator: count of trials, at least 1.
        confidence: two-sided, strictly between 0 and 1, e.g. ``Decimal("0.95")``.
        method: Wilson (display) or Clopper-Pearson (contracts: never covers less than it says).

    Raises:
        InvalidInput: a zero denominator (there is no rate to show), or a value out of range.
    """
    _require_counts(numerator, denominator)
    _require_fraction(confidence, "confidence")
    bounds = _wilson if method is IntervalMethod.WILSON else _clopper_pearson
    low, high = bounds(numerator, denominator, confidence)
    return Interval(_six(Decimal(numerator) / denominator), _six(low), _six(high))


def clustered_interval(clusters: Clusters, *, confidence: Decimal) -> Interval:
    """Wilson's interval of a rate whose trials come in clusters that err together, six decimals.

    The spread between clusters (the ratio estimator's, widened by Student's t) says how many independent
    trials would tell as much; never more than there are.  Where it cannot say, because there is one cluster
    or all are alike, each cluster counts as one trial.

    Raises:
        InvalidInput: no trial, or more hits than trials.
    """
    _require_counts(clusters.hits, clusters.trials)
    _require_fraction(confidence, "confidence")
    rate = Decimal(clusters.hits) / clusters.trials
    low, high = _wilson_at(rate, _independent_trials(clusters, rate, confidence), confidence)
    return Interval(_six(rate), _six(low), _six(high))


def _independent_trials(clusters: Clusters, rate: Decimal, confidence: Decimal) -> Decimal:
    count, most = clusters.count, Decimal(clusters.trials)
    spread = clusters.hits_hits - 2 * rate * clusters.hits_trials + rate * rate * clusters.trials_trials
    if count < 2 or spread <= 0:
        return min(most, Decimal(count))
    variance = Decimal(count) / (count - 1) * spread / (most * most)
    shrink = _z(confidence) / student_t_quantile((1 + confidence) / 2, count - 1)
    return max(Decimal(1), min(most, rate * (1 - rate) / variance * shrink * shrink))


def difference_interval(
    before: tuple[int, int], after: tuple[int, int], *, confidence: Decimal
) -> tuple[Decimal, Decimal]:
    """The interval of the change of a proportion from (hits, trials) to (hits, trials), -1 to 1.

    Newcombe's hybrid of the two Wilson intervals (Statistics in Medicine 17 (1998) 873, method 10).

    Raises:
        InvalidInput: a side without a trial.
    """
    first, second = (interval(*pair, confidence=confidence) for pair in (before, after))
    middle = second.rate - first.rate
    low = ((second.rate - second.low) ** 2 + (first.high - first.rate) ** 2).sqrt()
    high = ((second.high - second.rate) ** 2 + (first.rate - first.low) ** 2).sqrt()
    return _six(middle - low), _six(middle + high)


def poisson_interval(count: int, exposure: Decimal, *, confidence: Decimal) -> Interval:
    """The exact (Garwood) interval of ``count / exposure`` when events arrive independently.

    Used for rates per hour, where there is no fixed number of trials.  ``exposure`` is in the unit of
    the rate's denominator and must be positive.
    """
    if count < 0:
        raise _bad("count", "A count cannot be negative.")
    if exposure <= 0:
        raise _bad("exposure", "There is no rate without exposure.")
    _require_fraction(confidence, "confidence")
    tail = float(1 - confidence) / 2
    low = 0.0 if count == 0 else _solve(lambda mean: _gamma_lower(count, mean), tail, 0.0, float(count))
    top = count + 40.0 + 12.0 * math.sqrt(count + 1.0) - 4.0 * math.log(tail)
    high = _solve(lambda mean: _gamma_lower(count + 1, mean), 1.0 - tail, 0.0, top)
    return Interval(_six(count / exposure), _six(Decimal(low) / exposure), _six(Decimal(high) / exposure))


def percentile(ordered: Sequence[T], fraction: Decimal) -> T:
    """The nearest-rank percentile: the value at rank ``ceil(fraction * n)`` of ascending ``ordered``.

    Nearest-rank and not interpolated, so that the number shown is the turnaround of a real chart, which
    its drill-down can open.

    Raises:
        InvalidInput: no values, or a fraction outside (0, 1].
    """
    if not ordered:
        raise _bad("ordered", "A percentile needs at least one value.")
    if not 0 < fraction <= 1:
        raise _bad("fraction", "A percentile lies above 0 and at or below 1.")
    rank = int((fraction * len(ordered)).to_integral_value(rounding=ROUND_CEILING))
    return ordered[rank - 1]


def percentile_interval(
    ordered: Sequence[T], fraction: Decimal, *, confidence: Decimal
) -> tuple[T | None, T | None]:
    """A distribution-free interval of a percentile, by order statistics.

    The lower bound is the largest order statistic that lies above the true percentile with probability
    at most half of ``1 - confidence``; the upper bound likewise.  ``None`` where the sample is too small
    to bound that side, which is then said on the page instead of a guess.
    """
    _require_fraction(fraction, "fraction")
    _require_fraction(confidence, "confidence")
    tail, n, p = float(1 - confidence) / 2, len(ordered), float(fraction)
    low = _last_rank(n, lambda rank: binomial_cdf(rank - 1, n, p) <= tail)
    # Upper: the smallest rank r with P(X >= r) <= tail; counted from the top so that one search serves.
    from_top = _last_rank(n, lambda k: 1.0 - binomial_cdf(n - k, n, p) <= tail)
    return (ordered[low - 1] if low else None), (ordered[n - from_top] if from_top else None)


def sample_size(
    population: int | None, *, expected_error: Decimal, precision: Decimal, confidence: Decimal
) -> int:
    """Charts to draw for an attribute estimate of ``expected_error`` within plus or minus ``precision``.

    ``n0 = z^2 p (1 - p) / d^2``, then ``n = n0 / (1 + (n0 - 1) / N)``, rounded up; ``population`` of
    ``None`` leaves the correction out.  Never more than the population.

    Raises:
        InvalidInput: a fraction outside (0, 1), or a population below 1.
    """
    _require_fraction(expected_error, "expected_error")
    _require_fraction(precision, "precision")
    _require_fraction(confidence, "confidence")
    if population is not None and population < 1:
        raise _bad("population", "The population must hold at least one chart.")
    z = _z(confidence)
    needed = z * z * expected_error * (1 - expected_error) / (precision * precision)
    if population is not None:
        needed = needed / (1 + (needed - 1) / population)
    rounded = max(1, int(needed.to_integral_value(rounding=ROUND_CEILING)))
    return rounded if population is None else min(rounded, population)


def clean_sample_size(*, tolerable_error: Decimal, confidence: Decimal) -> int:
    """Charts that must all be free of error to claim, one-sided, an error rate at or below the tolerable.

    ``n = ceil(ln(1 - confidence) / ln(1 - tolerable))``: 59 for 5% at 95%.
    """
    _require_fraction(tolerable_error, "tolerable_error")
    _require_fraction(confidence, "confidence")
    with localcontext(prec=40):
        needed = (1 - confidence).ln() / (1 - tolerable_error).ln()
        return int(needed.to_integral_value(rounding=ROUND_CEILING))


def binomial_cdf(k: int, n: int, p: float) -> float:
    """``P(X <= k)`` for ``X ~ Binomial(n, p)``, ``0 <= p <= 1``."""
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    return _beta_regularized(1.0 - p, n - k, k + 1.0)


def student_t_quantile(probability: Decimal, degrees: int) -> Decimal:
    """The value that Student's t with so many degrees of freedom stays below with this probability.

    Raises:
        InvalidInput: a probability outside (0, 1), or fewer than one degree of freedom.
    """
    _require_fraction(probability, "probability")
    if degrees < 1:
        raise _bad("degrees", "A t quantile needs at least one degree of freedom.")
    upper = max(probability, 1 - probability)
    # P(|T| <= t) = I_x(1/2, n/2) with x = t^2 / (n + t^2); solved for x, which lies in (0, 1).
    x = _solve(lambda at: _beta_regularized(at, 0.5, degrees / 2), float(2 * upper - 1), 0.0, 1.0)
    value = Decimal(math.sqrt(degrees * x / (1.0 - x)))
    return value if probability >= upper else -value


def _wilson(k: int, n: int, confidence: Decimal) -> tuple[Decimal, Decimal]:
    return _wilson_at(Decimal(k) / n, Decimal(n), confidence)


def _wilson_at(rate: Decimal, trials: Decimal, confidence: Decimal) -> tuple[Decimal, Decimal]:
    z = _z(confidence)
    square = z * z
    centre = rate + square / (2 * trials)
    half = z * (rate * (1 - rate) / trials + square / (4 * trials * trials)).sqrt()
    scale = 1 + square / trials
    # At the ends the bound is exactly 0 or 1; the subtraction would leave a rounding crumb.
    low = Decimal(0) if rate == 0 else (centre - half) / scale
    high = Decimal(1) if rate == 1 else (centre + half) / scale
    return low, high


def _clopper_pearson(k: int, n: int, confidence: Decimal) -> tuple[Decimal, Decimal]:
    tail = float(1 - confidence) / 2
    low = 0.0 if k == 0 else _solve(lambda p: _beta_regularized(p, k, n - k + 1.0), tail, 0.0, 1.0)
    high = 1.0 if k == n else _solve(lambda p: _beta_regularized(p, k + 1.0, n - k), 1.0 - tail, 0.0, 1.0)
    return Decimal(low), Decimal(high)


def _z(confidence: Decimal) -> Decimal:
    return Decimal(NormalDist().inv_cdf(float((1 + confidence) / 2)))


def _solve(rising: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Where a rising function reaches ``target``: bisection until the floats meet."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if rising(middle) < target else (low, middle)
    return (low + high) / 2


def _last_rank(n: int, holds: Callable[[int], bool]) -> int:
    """The largest rank of 1..n for which a falling predicate holds, 0 when none does."""
    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _beta_regularized(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function ``I_x(a, b)``."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    front = math.exp(log_front)
    # The fraction converges fast only on its own side of the mean; the other side is its complement.
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _beta_fraction(x, a, b) / a
    return 1.0 - front * _beta_fraction(1.0 - x, b, a) / b


def _beta_fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, _STEPS_AT_MOST):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        d = 1.0 / _away_from_zero(1.0 + even * d)
        c = _away_from_zero(1.0 + even / c)
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        d = 1.0 / _away_from_zero(1.0 + odd * d)
        c = _away_from_zero(1.0 + odd / c)
        step = d * c
        value *= step
        if abs(step - 1.0) < _EPSILON:
            return value
    raise ArithmeticError(f"The incomplete beta function did not converge for a={a}, b={b}.")


def _gamma_lower(a: float, x: float) -> float:
    """The regularized lower incomplete gamma function ``P(a, x)``, which is ``P(N >= a)`` for mean ``x``."""
    if x <= 0.0:
        return 0.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1.0:
        return front * _gamma_series(a, x)
    return 1.0 - front * _gamma_fraction(a, x)


def _gamma_series(a: float, x: float) -> float:
    term = total = 1.0 / a
    for step in range(1, _STEPS_AT_MOST):
        term *= x / (a + step)
        total += term
        if term < total * _EPSILON:
            return total
    raise ArithmeticError(f"The incomplete gamma series did not converge for a={a}, x={x}.")


def _gamma_fraction(a: float, x: float) -> float:
    b = x + 1.0 - a
    c, d = 1.0 / _TINY, 1.0 / _away_from_zero(b)
    value = d
    for step in range(1, _STEPS_AT_MOST):
        factor = -step * (step - a)
        b += 2.0
        d = 1.0 / _away_from_zero(factor * d + b)
        c = _away_from_zero(b + factor / c)
        change = d * c
        value *= change
        if abs(change - 1.0) < _EPSILON:
            return value
    raise ArithmeticError(f"The incomplete gamma fraction did not converge for a={a}, x={x}.")


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _six(value: Decimal) -> Decimal:
    return value.quantize(SIX_PLACES, rounding=ROUND_HALF_EVEN)


def _require_counts(numerator: int, denominator: int) -> None:
    if denominator < 1:
        raise _bad("denominator", "There is no rate without a denominator of at least 1.")
    if not 0 <= numerator <= denominator:
        raise _bad("numerator", "The numerator must lie between 0 and the denominator.")


def _require_fraction(value: Decimal, path: str) -> None:
    if not (value.is_finite() and 0 < value < 1):
        raise _bad(path, f"{path} must lie strictly between 0 and 1.")


def _bad(path: str, message: str) -> InvalidInput:
    return InvalidInput(message, code="statistics.out_of_range", details={"path": path})
