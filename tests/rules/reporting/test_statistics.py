"""Golden values of the intervals and sample sizes, and exact integer arithmetic as the oracle."""

from __future__ import annotations

import csv
from decimal import Decimal
from fractions import Fraction
from math import ceil, comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from coding_ops.core.statistics import (
    IntervalMethod,
    binomial_cdf,
    clean_sample_size,
    difference_interval,
    interval,
    percentile,
    percentile_interval,
    poisson_interval,
    sample_size,
)
from tests.shared_data import shared_path

D = Decimal
P95 = D("0.95")

# (hits, trials, low, high): the percentages are those printed in the design's page of measures.
CLOPPER_PEARSON_PRINTED = [
    (29, 30, "82.8", "99.9"),
    (57, 60, "86.1", "99.0"),
    (95, 100, "88.7", "98.4"),
    (285, 300, "91.9", "97.2"),
    (380, 400, "92.4", "96.9"),
]


@pytest.mark.parametrize(("hits", "trials", "low", "high"), CLOPPER_PEARSON_PRINTED)
def test_clopper_pearson_gives_the_printed_bounds(hits: int, trials: int, low: str, high: str) -> None:
    found = interval(hits, trials, confidence=P95, method=IntervalMethod.CLOPPER_PEARSON)
    assert round(found.low * 100, 1) == D(low)
    assert round(found.high * 100, 1) == D(high)


# Six decimals, computed apart from this code: the root of the exact binomial tail, in fractions.
CLOPPER_PEARSON_SIX = [
    (0, 30, "0.95", "0.000000", "0.115703"),
    (30, 30, "0.95", "0.884297", "1.000000"),
    (29, 30, "0.95", "0.827831", "0.999156"),
    (380, 400, "0.95", "0.923833", "0.969195"),
    (1, 1, "0.90", "0.050000", "1.000000"),
]


@pytest.mark.parametrize(("hits", "trials", "confidence", "low", "high"), CLOPPER_PEARSON_SIX)
def test_clopper_pearson_is_right_to_six_decimals(
    hits: int, trials: int, confidence: str, low: str, high: str
) -> None:
    found = interval(hits, trials, confidence=D(confidence), method=IntervalMethod.CLOPPER_PEARSON)
    assert (str(found.low), str(found.high)) == (low, high)


# R. G. Newcombe, Statistics in Medicine 17 (1998) 857, table I, method 3: four decimals, 95%.
NEWCOMBE = [
    (81, 263, "0.2553", "0.3662"),
    (15, 148, "0.0624", "0.1605"),
    (0, 20, "0.0000", "0.1611"),
    (1, 29, "0.0061", "0.1718"),
]


@pytest.mark.parametrize(("hits", "trials", "low", "high"), NEWCOMBE)
def test_wilson_gives_newcombes_table(hits: int, trials: int, low: str, high: str) -> None:
    found = interval(hits, trials, confidence=P95)
    assert (round(found.low, 4), round(found.high, 4)) == (D(low), D(high))


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_bounds_lie_z_standard_errors_from_the_rate(case: tuple[int, int]) -> None:
    hits, trials = case
    z_squared = D("3.841458820694124")  # the 95th percentile of chi-square with one degree of freedom
    found = interval(hits, trials, confidence=P95)
    for bound, inside in ((found.low, D("0.000001")), (found.high, D("-0.000001"))):
        gap = (D(hits) / trials - bound) ** 2 - z_squared * bound * (1 - bound) / trials
        nearer = bound + inside
        gap_inside = (D(hits) / trials - nearer) ** 2 - z_squared * nearer * (1 - nearer) / trials
        assert abs(gap) <= max(abs(gap - gap_inside), D("1e-9"))


def _tail_at_least(k: int, n: int, p: Fraction) -> Fraction:
    return sum((comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1)), Fraction(0))


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_clopper_pearson_bounds_are_roots_of_the_exact_binomial_tail(case: tuple[int, int]) -> None:
    hits, trials = case
    found = interval(hits, trials, confidence=P95, method=IntervalMethod.CLOPPER_PEARSON)
    half, step = Fraction(1, 40), Fraction(1, 1_000_000)
    low, high = Fraction(found.low), Fraction(found.high)
    if hits:
        assert _tail_at_least(hits, trials, low - step) < half < _tail_at_least(hits, trials, low + step)
    if hits < trials:
        below = 1 - _tail_at_least(hits + 1, trials, high - step)
        above = 1 - _tail_at_least(hits + 1, trials, min(Fraction(1), high + step))
        assert above < half < below


@given(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.sampled_from(["0.80", "0.90", "0.95", "0.99"]),
    st.sampled_from(list(IntervalMethod)),
)
def test_an_interval_holds_its_rate_and_mirrors(
    case: tuple[int, int], confidence: str, method: IntervalMethod
) -> None:
    hits, trials = case
    found = interval(hits, trials, confidence=D(confidence), method=method)
    mirror = interval(trials - hits, trials, confidence=D(confidence), method=method)
    assert 0 <= found.low <= found.rate <= found.high <= 1
    assert abs(found.low - (1 - mirror.high)) <= D("0.000001")


@given(st.integers(1, 80), st.integers(0, 80), st.integers(1, 99))
def test_binomial_cdf_equals_the_exact_sum(n: int, k: int, percent: int) -> None:
    p = Fraction(percent, 100)
    exact = 1 - _tail_at_least(k + 1, n, p)
    assert binomial_cdf(k, n, percent / 100) == pytest.approx(float(exact), abs=1e-11)


def test_the_upper_limits_of_the_audit_guide_are_reproduced() -> None:
    path = shared_path("reference/sampling/attribute_upper_limit_aicpa_a3_a4_dev.csv")
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        two_sided = 2 * D(row["confidence"]) - 1  # the guide's limit is one-sided
        found = interval(
            int(row["deviations"]),
            int(row["n"]),
            confidence=two_sided,
            method=IntervalMethod.CLOPPER_PEARSON,
        )
        assert found.high == D(row["upper_limit_exact"]), row
    assert len(rows) > 300


@pytest.mark.parametrize(
    ("hits", "trials", "confidence", "path"),
    [
        (0, 0, "0.95", "denominator"),
        (-1, 5, "0.95", "numerator"),
        (6, 5, "0.95", "numerator"),
        (1, 5, "1", "confidence"),
        (1, 5, "0", "confidence"),
        (1, 5, "NaN", "confidence"),
    ],
)
def test_an_interval_refuses_what_has_no_answer(hits: int, trials: int, confidence: str, path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        interval(hits, trials, confidence=D(confidence))
    assert refusal.value.details["path"] == path


# Exact 95% limits of a Poisson mean (Garwood 1936), from 40-digit sums apart from this code.
GARWOOD = [(0, "0.000000", "3.688879"), (1, "0.025318", "5.571643"), (10, "4.795389", "18.390356")]


@pytest.mark.parametrize(("count", "low", "high"), GARWOOD)
def test_poisson_limits_are_garwoods(count: int, low: str, high: str) -> None:
    found = poisson_interval(count, D(1), confidence=P95)
    assert (str(found.low), str(found.high)) == (low, high)


def test_poisson_rate_scales_with_exposure() -> None:
    found = poisson_interval(10, D("2.5"), confidence=P95)
    assert (found.rate, found.low, found.high) == (D("4.000000"), D("1.918155"), D("7.356142"))


@pytest.mark.parametrize(("count", "exposure"), [(3, "0"), (3, "-1"), (-1, "1")])
def test_poisson_refuses_a_rate_without_exposure(count: int, exposure: str) -> None:
    with pytest.raises(InvalidInput):
        poisson_interval(count, D(exposure), confidence=P95)


@pytest.mark.parametrize(
    ("population", "precision", "needed"),
    [(1000, "0.05", 49), (1000, "0.03", 126), (5000, "0.02", 302), (None, "0.05", 52), (10, "0.01", 10)],
)
def test_sample_size_follows_the_finite_population(
    population: int | None, precision: str, needed: int
) -> None:
    found = sample_size(population, expected_error=D("0.05"), precision=D(precision), confidence=D("0.90"))
    assert found == needed


@given(st.integers(1, 100_000), st.integers(1, 99), st.integers(1, 50))
def test_sample_size_never_exceeds_the_population(population: int, error: int, precision: int) -> None:
    sizes = {"expected_error": D(error) / 100, "precision": D(precision) / 100, "confidence": P95}
    found = sample_size(population, **sizes)
    assert 1 <= found <= population
    assert found <= sample_size(None, **sizes)


@pytest.mark.parametrize("bad", [{"expected_error": D(0)}, {"precision": D(0)}, {"confidence": D(1)}])
def test_sample_size_refuses_a_question_without_an_answer(bad: dict[str, Decimal]) -> None:
    asked = {"expected_error": D("0.05"), "precision": D("0.05"), "confidence": P95} | bad
    with pytest.raises(InvalidInput) as refusal:
        sample_size(1000, **asked)
    assert refusal.value.details["path"] == next(iter(bad))


def test_fifty_nine_clean_charts_prove_five_percent() -> None:
    assert clean_sample_size(tolerable_error=D("0.05"), confidence=P95) == 59
    # One chart fewer would leave more than 5% chance of seeing none at a 5% error rate.
    assert D("0.95") ** 59 <= D("0.05") < D("0.95") ** 58


# Nearest rank on 15, 20, 35, 40, 50: the textbook table.
@pytest.mark.parametrize(("percent", "value"), [("5", 15), ("30", 20), ("40", 20), ("50", 35), ("100", 50)])
def test_percentile_is_nearest_rank(percent: str, value: int) -> None:
    assert percentile([15, 20, 35, 40, 50], D(percent) / 100) == value


@given(st.lists(st.integers(-1000, 1000), min_size=1), st.integers(1, 100))
def test_percentile_is_a_value_that_was_there_and_covers_its_share(values: list[int], percent: int) -> None:
    ordered = sorted(values)
    found = percentile(ordered, D(percent) / 100)
    assert found in values
    assert sum(v <= found for v in values) >= ceil(Fraction(percent, 100) * len(values))


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput):
        percentile([], D("0.5"))


def test_percentile_interval_takes_order_statistics() -> None:
    hundred = list(range(1, 101))
    assert percentile_interval(hundred, D("0.5"), confidence=P95) == (40, 61)
    # Ten charts cannot bound their 90th percentile from above at 95%, and it is said so.
    assert percentile_interval(hundred[:10], D("0.9"), confidence=P95) == (7, None)
    assert percentile_interval([], D("0.9"), confidence=P95) == (None, None)


@given(st.integers(1, 200), st.sampled_from(["0.5", "0.9"]))
def test_percentile_interval_holds_the_percentile(n: int, fraction: str) -> None:
    ordered = list(range(n))
    low, high = percentile_interval(ordered, D(fraction), confidence=P95)
    middle = percentile(ordered, D(fraction))
    assert (low is None or low <= middle) and (high is None or middle <= high)


# R. G. Newcombe, Statistics in Medicine 17 (1998) 873, table II, method 10: four decimals, 95%.
@pytest.mark.parametrize(
    ("before", "after", "low", "high"),
    [
        ((48, 80), (56, 70), "0.0524", "0.3339"),
        ((3, 10), (9, 10), "0.1705", "0.8090"),
        ((2, 7), (6, 7), "0.0582", "0.8062"),
        ((0, 29), (5, 56), "-0.0381", "0.1926"),
        ((0, 10), (0, 10), "-0.2775", "0.2775"),
    ],
)
def test_difference_of_two_rates_follows_newcombe(
    before: tuple[int, int], after: tuple[int, int], low: str, high: str
) -> None:
    found = difference_interval(before, after, confidence=P95)
    assert tuple(round(one, 4) for one in found) == (D(low), D(high))
    mirrored = difference_interval(after, before, confidence=P95)
    assert mirrored == (-found[1], -found[0])
