"""How right a set of audited charts is: sums that add up, and the rate with its interval and verdict.

A chart gives each score a numerator and a denominator.  Their weighted sums and sums of squares are all that
a rate and its interval need, so they may be kept per month, coder and specialty and added up at will.  Codes
of one chart err together: the spread is taken between charts (ratio by clusters, Cochran, Sampling
Techniques, 3rd ed., section 6.4), turned into an effective sample size with Student's correction for few
charts (Korn and Graubard, Survey Methodology 24 (1998) 193), and put into Wilson's interval or Clopper and
Pearson's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from functools import lru_cache
from statistics import NormalDist

from coding_ops.core.statistics import (
    SIX_PLACES,
    Interval,
    IntervalMethod,
    interval,
    student_t_quantile,
)

ZERO = Decimal(0)
_MANY_DEGREES = 100


class Judged(StrEnum):
    """What can be said of a rate against its target."""

    MET = "met"
    UNSURE = "unsure"
    MISSED = "missed"
    TOO_FEW = "few"


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over charts; every field adds up.  ``w`` is how many charts of the frame a chart stands for.

    Attributes:
        charts: how many were audited; ``weight`` sums ``w``.
        numerator, denominator: as counted, without weights.
        wn, wd: weighted sums of numerator and denominator.
        wwnn, wwnd, wwdd: sums of squared weight times their products.
    """

    charts: int = 0
    weight: Decimal = ZERO
    numerator: Decimal = ZERO
    denominator: int = 0
    wn: Decimal = ZERO
    wd: Decimal = ZERO
    wwnn: Decimal = ZERO
    wwnd: Decimal = ZERO
    wwdd: Decimal = ZERO

    def __add__(self, other: Moments) -> Moments:
        return Moments(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Moments)))

    def __neg__(self) -> Moments:
        return Moments(*(-getattr(self, one.name) for one in fields(Moments)))

    @property
    def is_weighted(self) -> bool:
        """Whether the charts stand for different numbers of charts, so that counts are not the estimate."""
        return self.wd * self.denominator != 0 and self.wn * self.denominator != self.numerator * self.wd


def of_chart(numerator: Decimal, denominator: int, weight: Decimal) -> Moments:
    """The sums of one chart; one without a denominator counts nowhere in this score."""
    if not denominator:
        return Moments()
    square = weight * weight
    return Moments(
        charts=1,
        weight=weight,
        numerator=numerator,
        denominator=denominator,
        wn=weight * numerator,
        wd=weight * denominator,
        wwnn=square * numerator * numerator,
        wwnd=square * numerator * denominator,
        wwdd=square * denominator * denominator,
    )


def total(parts: Iterable[Moments]) -> Moments:
    """All of them together."""
    whole = Moments()
    for one in parts:
        whole = whole + one
    return whole


def estimate(
    sums: Moments, *, confidence: Decimal, method: IntervalMethod = IntervalMethod.WILSON
) -> Interval | None:
    """The weighted rate with its two-sided interval, six decimals; None without a denominator.

    Charts of one line and equal weight are plain trials, for which the interval is the textbook's.
    """
    if not sums.charts or sums.wd <= 0:
        return None
    rate = min(Decimal(1), max(ZERO, sums.wn / sums.wd))
    if _are_plain_trials(sums):
        return interval(int(sums.numerator), sums.denominator, confidence=confidence, method=method)
    size = _effective_size(sums, rate, confidence)
    trials = max(1, int(size))
    if method is IntervalMethod.CLOPPER_PEARSON:
        return _exact(rate, trials, confidence)
    low, high = _wilson(rate, size, confidence)
    return Interval(_six(rate), _six(low), _six(high))


def judge(found: Interval | None, charts: int, *, target: Decimal, minimum_charts: int) -> Judged:
    """Met or missed only when the whole interval lies on one side; nothing is said of too few charts."""
    if found is None or charts < minimum_charts:
        return Judged.TOO_FEW
    if found.low >= target:
        return Judged.MET
    return Judged.MISSED if found.high < target else Judged.UNSURE


def _are_plain_trials(sums: Moments) -> bool:
    whole = sums.numerator == sums.numerator.to_integral_value()
    equal = sums.wd * sums.wd == sums.charts * sums.wwdd
    return whole and equal and sums.denominator == sums.charts


def _effective_size(sums: Moments, rate: Decimal, confidence: Decimal) -> Decimal:
    """Independent trials that would tell as much; never more than there are lines."""
    most = Decimal(sums.denominator)
    spread = sums.wwnn - 2 * rate * sums.wwnd + rate * rate * sums.wwdd
    if sums.charts < 2 or spread <= 0 or not 0 < rate < 1:
        # All charts alike: how far lines err together cannot be seen, unequal weights still tell less.
        return most * _kish(sums)
    charts = Decimal(sums.charts)
    variance = charts / (charts - 1) * spread / (sums.wd * sums.wd)
    probability = (1 + confidence) / 2
    shrink = _z_by_t(probability, sums.charts - 1)
    return max(Decimal(1), min(most, rate * (1 - rate) / variance * shrink * shrink))


@lru_cache(maxsize=4096)
def _z_by_t(probability: Decimal, degrees: int) -> Decimal:
    """The normal quantile over Student's; a page asks the same few again and again.

    From ``_MANY_DEGREES`` on by the expansion in 1 / degrees (Abramowitz and Stegun, 26.7.5), which is good
    to nine decimals there and costs nothing.
    """
    z = NormalDist().inv_cdf(float(probability))
    if degrees < _MANY_DEGREES:
        return Decimal(z) / student_t_quantile(probability, degrees)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return Decimal(z / (z + sum(term / degrees**power for power, term in enumerate(terms, start=1))))


def _kish(sums: Moments) -> Decimal:
    """The share of the lines that is left when their weights differ (Kish, Survey Sampling, 11.7)."""
    return min(Decimal(1), sums.wd * sums.wd / (sums.charts * sums.wwdd))


def _wilson(rate: Decimal, size: Decimal, confidence: Decimal) -> tuple[Decimal, Decimal]:
    z = Decimal(NormalDist().inv_cdf(float((1 + confidence) / 2)))
    square = z * z
    centre = rate + square / (2 * size)
    half = z * (rate * (1 - rate) / size + square / (4 * size * size)).sqrt()
    scale = 1 + square / size
    low = ZERO if rate == 0 else (centre - half) / scale
    high = Decimal(1) if rate == 1 else (centre + half) / scale
    return low, high


def _exact(rate: Decimal, trials: int, confidence: Decimal) -> Interval:
    """Clopper-Pearson over whole trials: the bound of the next whole count on its own side, so that rounding
    an effective count never makes the interval narrower."""
    hits = rate * trials
    below, above = int(hits), min(trials, int(hits) + (hits != int(hits)))
    low = interval(below, trials, confidence=confidence, method=IntervalMethod.CLOPPER_PEARSON).low
    high = interval(above, trials, confidence=confidence, method=IntervalMethod.CLOPPER_PEARSON).high
    return Interval(_six(rate), low, high)


def _six(value: Decimal) -> Decimal:
    return value.quantize(SIX_PLACES, rounding=ROUND_HALF_EVEN)
