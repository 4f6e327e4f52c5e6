"""What a sample says of the whole: rates and totals over strata, with intervals.

Strata sampled at different rates are weighted by their size, so that the estimate is unbiased; the finite
population correction counts what was not sampled.  Sources: Cochran, Sampling Techniques, 3rd ed., sections
2.5-2.8, 5.3-5.6 (stratified means, totals, standard errors) and 6.11 (ratio by clusters, for which a
bootstrap stands here); Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13 (percentiles).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from statistics import NormalDist

import numpy as np

from coding_ops.core.errors import InvalidInput
from coding_ops.core.statistics import SIX_PLACES, Interval, IntervalMethod, interval, student_t_quantile
from qa_audit.rules.sampling import stream_words

MOST_TOGETHER = 1_000_000
"""Charts resampled at once: 8 MB of numbers."""


@dataclass(frozen=True, slots=True)
class RateStratum:
    """A stratum of ``population`` charts, of which ``sampled`` were audited and ``hits`` were as asked."""

    name: str
    population: int
    sampled: int
    hits: int


@dataclass(frozen=True, slots=True)
class ValueStratum:
    """A stratum of ``population`` charts and the audited charts' values (dollars, differences)."""

    name: str
    population: int
    values: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """An estimated total: point, standard error, degrees of freedom and a two-sided interval."""

    total: Decimal
    standard_error: Decimal
    degrees: int
    low: Decimal
    high: Decimal


def stratified_rate(strata: Sequence[RateStratum], *, confidence: Decimal) -> Interval:
    """The rate over all strata, weighted by size, six decimals, cut to 0 and 1.

    Normal limits with the finite population correction.  Where no stratum varies (all hits, or none) the
    normal interval would have no width; the exact interval of the whole sample stands in for it.

    Raises:
        InvalidInput: no stratum, more sampled than there are, or a stratum of which nothing was sampled, or
            a single chart of several (its spread cannot be told).
    """
    for stratum in strata:
        _check_counts(stratum)
    size = sum(stratum.population for stratum in strata)
    if size == 0:
        raise _bad("strata", "There is no rate without a chart.")
    rate, variance = Fraction(0), Fraction(0)
    for stratum in strata:
        share, mean = Fraction(stratum.population, size), Fraction(stratum.hits, stratum.sampled)
        rate += share * mean
        open_part = 1 - Fraction(stratum.sampled, stratum.population)
        if open_part:
            variance += share * share * open_part * mean * (1 - mean) / (stratum.sampled - 1)
    point = _decimal(rate)
    if all(stratum.sampled == stratum.population for stratum in strata):
        return Interval(_six(point), _six(point), _six(point))
    if not variance:
        hits, sampled = sum(one.hits for one in strata), sum(one.sampled for one in strata)
        pooled = interval(hits, sampled, confidence=confidence, method=IntervalMethod.CLOPPER_PEARSON)
        return Interval(_six(point), min(pooled.low, _six(point)), max(pooled.high, _six(point)))
    half = Decimal(NormalDist().inv_cdf(float((1 + confidence) / 2))) * _decimal(variance).sqrt()
    return Interval(_six(point), _six(max(Decimal(0), point - half)), _six(min(Decimal(1), point + half)))


def stratified_total(strata: Sequence[ValueStratum], *, confidence: Decimal) -> Total:
    """The total over all strata from the means of their samples; t limits with n - H degrees of freedom.

    One stratum is the simple random sample; differences (billed less correct) give the difference estimator.

    Raises:
        InvalidInput: as ``stratified_rate``.
    """
    total, variance, sampled, spread_strata = Fraction(0), Fraction(0), 0, 0
    for stratum in strata:
        mean, spread = _mean_and_spread(stratum)
        count = len(stratum.values)
        total += stratum.population * mean
        open_part = 1 - Fraction(count, stratum.population)
        if open_part:
            variance += stratum.population**2 * open_part * spread / count
            sampled += count
            spread_strata += 1
    if not strata:
        raise _bad("strata", "There is no total without a chart.")
    error, degrees, point = _decimal(variance).sqrt(), sampled - spread_strata, _decimal(total)
    half = error * student_t_quantile((1 + confidence) / 2, degrees) if degrees else Decimal(0)
    return Total(_six(point), _six(error), degrees, _six(point - half), _six(point + half))


def cluster_bootstrap(
    charts: Sequence[tuple[int, int]],
    *,
    confidence: Decimal,
    seed: int,
    draws: int = 2000,
    weights: Sequence[Decimal] | None = None,
) -> Interval:
    """The rate hits / lines over charts, with an interval that keeps a chart's codes together.

    Codes of one chart err together; resampling whole charts counts that.  Percentile interval of ``draws``
    resamples by the seeded numbers of ``qa_audit.rules.sampling``: equal input, equal interval anywhere.

    Args:
        charts: (hits, lines) of each chart.
        weights: how many charts each stands for; 1 where left out.

    Raises:
        InvalidInput: no line at all, hits beyond lines, fewer than 100 draws.
    """
    if draws < 100:
        raise _bad("draws", "A percentile of fewer than 100 draws says nothing.")
    if weights is not None and len(weights) != len(charts):
        raise _bad("weights", "Each chart has one weight.")
    parts = _weighted(charts, weights)
    lines = sum(one[1] for one in parts)
    if not lines:
        raise _bad("charts", "There is no rate without a line.")
    rate = sum(one[0] for one in parts) / lines
    tail = float(1 - confidence) / 2
    resampled = _resample(parts, seed, draws)
    low = resampled[max(0, int(tail * len(resampled)))]
    high = resampled[min(len(resampled) - 1, int((1 - tail) * len(resampled)))]
    return Interval(_six(Decimal(rate)), _six(Decimal(low)), _six(Decimal(high)))


def _weighted(
    charts: Sequence[tuple[int, int]], weights: Sequence[Decimal] | None
) -> list[tuple[float, float]]:
    parts = []
    for place, (hits, lines) in enumerate(charts):
        if not 0 <= hits <= lines:
            raise _bad(f"charts[{place}]", "Hits lie between 0 and the lines of the chart.")
        weight = 1.0 if weights is None else float(weights[place])
        parts.append((hits * weight, lines * weight))
    return parts


def _resample(parts: Sequence[tuple[float, float]], seed: int, draws: int) -> list[float]:
    """Rates of the resamples in ascending order; one without any line says nothing and is left out.

    Chart k of a resample is the next of the seeded numbers modulo the charts: 64 random bits over a few
    thousand charts leave an unevenness below 1e-15.  Taken together in numpy, a few resamples at a time.
    """
    hits, lines = np.array([one[0] for one in parts]), np.array([one[1] for one in parts])
    numbers, count = stream_words(seed, "bootstrap"), len(parts)
    together = max(1, MOST_TOGETHER // count)
    rates: list[float] = []
    for begun in range(0, draws, together):
        size = min(together, draws - begun)
        words = np.frombuffer(numbers(size * count), dtype=">u8")
        chosen = (words % np.uint64(count)).astype(np.intp).reshape(size, count)
        drawn = lines[chosen].sum(axis=1)
        said = drawn > 0
        rates += (hits[chosen].sum(axis=1)[said] / drawn[said]).tolist()
    return sorted(rates)


def _mean_and_spread(stratum: ValueStratum) -> tuple[Fraction, Fraction]:
    """The mean and the variance (n - 1) of a stratum's values."""
    count = len(stratum.values)
    _check_sampled(stratum.name, stratum.population, count)
    values = [Fraction(value) for value in stratum.values]
    mean = sum(values, Fraction(0)) / count
    if count == 1:
        return mean, Fraction(0)
    return mean, sum(((value - mean) ** 2 for value in values), Fraction(0)) / (count - 1)


def _check_counts(stratum: RateStratum) -> None:
    _check_sampled(stratum.name, stratum.population, stratum.sampled)
    if not 0 <= stratum.hits <= stratum.sampled:
        raise _bad(stratum.name, f"Stratum {stratum.name}: hits lie between 0 and the charts sampled.")


def _check_sampled(name: str, population: int, sampled: int) -> None:
    if not 0 < sampled <= population:
        raise _bad(name, f"Stratum {name}: between 1 and all {population} charts are sampled, not {sampled}.")
    if sampled == 1 < population:
        raise _bad(name, f"Stratum {name}: one chart of {population} shows no spread; sample two.")


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _six(value: Decimal) -> Decimal:
    return value.quantize(SIX_PLACES, rounding=ROUND_HALF_UP)


def _bad(path: str, message: str) -> InvalidInput:
    return InvalidInput(message, code="statistics.out_of_range", details={"path": path})
