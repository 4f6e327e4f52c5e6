"""Estimates from samples, against published figures and decks of reference.

Sources: Cochran, Sampling Techniques, 3rd ed., chapter 2 (petition sheets); AICPA Audit Guide, tables A-1 to
A-4; published output of the R package survey 4.5 (api data); Student's t table; Montgomery, chapter 7. The
decks are read in place and not committed.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from coding_ops.core.statistics import student_t_quantile
from qa_audit.rules.agreement import code_f1, cohen_kappa, matrix
from qa_audit.rules.attributes import attribute_sample_size, finite_limits, upper_limit
from qa_audit.rules.drift import Signal, cusum, p_chart
from qa_audit.rules.estimates import (
    RateStratum,
    ValueStratum,
    cluster_bootstrap,
    stratified_rate,
    stratified_total,
)
from qa_audit.rules.projection import project
from tests.shared_data import shared_path

D = Decimal
NINETY_FIVE = D("0.95")


def deck(name: str) -> list[dict[str, str]]:
    with shared_path(f"reference/sampling/{name}").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


T_TABLE = [
    ("0.975", 1, "12.7062"),
    ("0.975", 2, "4.3027"),
    ("0.95", 5, "2.0150"),
    ("0.975", 10, "2.2281"),
    ("0.90", 30, "1.3104"),
    ("0.995", 120, "2.6174"),
    ("0.90", 199, "1.2858"),
    ("0.025", 10, "-2.2281"),
    ("0.5", 7, "0.0000"),
]


@pytest.mark.parametrize(("probability", "degrees", "value"), T_TABLE)
def test_student_t_as_tabled(probability: str, degrees: int, value: str) -> None:
    assert abs(student_t_quantile(D(probability), degrees) - D(value)) < D("0.00006")


def test_cochrans_petition_sheets() -> None:
    """676 sheets, 50 counted; sum 1,471, sum of squares 54,497; total 19,888."""
    counts = {42: 23, 41: 4, 36: 1, 32: 1, 29: 1, 27: 2, 23: 1, 19: 1, 16: 2, 15: 2}
    counts |= {14: 1, 11: 1, 10: 1, 9: 1, 7: 1, 6: 3, 5: 2, 4: 1, 3: 1}
    values = tuple(D(value) for value, times in counts.items() for _ in range(times))
    assert (len(values), sum(values), sum(value * value for value in values)) == (50, 1471, 54497)
    found = stratified_total([ValueStratum("sheets", 676, values)], confidence=D("0.80"))
    assert (round(found.total, 2), found.degrees) == (D("19887.92"), 49)
    assert round(found.standard_error, 3) == D("1392.122")


def test_the_deck_of_totals() -> None:
    """Estimate and standard error as published for R survey; t limits with n - H degrees of freedom."""
    expected = json.loads(shared_path("reference/sampling/variable_appraisal_expected_dev.json").read_text())
    srs: list[dict[str, str]] = deck("apisrs_srs200.csv")
    strat = deck("apistrat_200.csv")
    checked = 0
    for case in expected:
        strata = _strata_of(case["case"], case.get("N"), srs, strat)
        if strata is None or "df" not in case:
            continue
        found = stratified_total(strata, confidence=D(str(case["confidence"])))
        assert found.degrees == case["df"]
        parts = {"total": found.total, "se_total": found.standard_error}
        parts |= {"lower_total": found.low, "upper_total": found.high}
        for name, value in parts.items():
            near = max(D("0.01"), abs(value) / 10_000_000)
            assert abs(value - D(str(case[name]))) < near, (case["case"], name)
        checked += 1
    assert checked >= 6


def _strata_of(
    case: str, size: int | None, srs: list[dict[str, str]], strat: list[dict[str, str]]
) -> list[ValueStratum] | None:
    names = {"SRS apisrs api00": ("api00",), "SRS apisrs enroll": ("enroll",),
             "SRS apisrs api00-api99 (difference)": ("api00", "api99")}  # fmt: skip
    if case in names and size:
        columns = names[case]
        values = [D(row[columns[0]]) - (D(row[columns[1]]) if len(columns) > 1 else 0) for row in srs]
        return [ValueStratum("all", size, tuple(values))]
    if case.startswith("STRAT apistrat"):
        sizes = Counter({row["stype"]: int(D(row["fpc"])) for row in strat})
        return [
            ValueStratum(name, count, tuple(D(row["enroll"]) for row in strat if row["stype"] == name))
            for name, count in sizes.items()
        ]
    return None


def test_the_eight_row_example_of_survey() -> None:
    """R survey, data(fpc): mean 5.4481, SE 0.616 (strata of 15 and 12)."""
    one = ValueStratum("1", 15, tuple(map(D, ("2.8", "4.1", "6.8", "6.8", "9.2"))))
    other = ValueStratum("2", 12, tuple(map(D, ("3.7", "6.6", "4.2"))))
    found = stratified_total([one, other], confidence=NINETY_FIVE)
    assert round(found.total / 27, 4) == D("5.4481")
    assert round(found.standard_error / 27, 3) == D("0.616")


def test_a_stratified_rate_is_weighted_by_size() -> None:
    """Worked by hand: 900 charts at 27/30 and 100 at 10/20 give 0.86, not the pooled 37/50 = 0.74."""
    found = stratified_rate(
        [RateStratum("routine", 900, 30, 27), RateStratum("risk", 100, 20, 10)], confidence=NINETY_FIVE
    )
    # var = .81 * (1-30/900) * .09/29 + .01 * (1-20/100) * .25/19 = 0.002430 + 0.000105
    assert found.rate == D("0.860000")
    assert abs(found.high - found.low - 2 * D("1.959964") * D("0.0025353").sqrt()) < D("0.0005")


def test_a_rate_without_spread_has_still_a_width() -> None:
    clean = stratified_rate(
        [RateStratum("a", 300, 30, 30), RateStratum("b", 50, 29, 29)], confidence=NINETY_FIVE
    )
    assert [clean.rate, clean.high] == [D(1), D(1)]
    assert D("0.93") < clean.low < D("0.95")
    whole = stratified_rate([RateStratum("a", 30, 30, 27)], confidence=NINETY_FIVE)
    assert (whole.low, whole.rate, whole.high) == (D("0.9"),) * 3


FINITE = [
    (200, 30, 0, "0.9", 0, 17),
    (200, 30, 1, "0.8", 1, 23),
    (200, 30, 2, "0.8", 4, 32),
    (200, 30, 2, "0.9", 3, 37),
    (200, 30, 2, "0.95", 3, 41),
    (30, 30, 3, "0.95", 3, 3),
    (10, 5, 5, "0.95", 7, 10),
]


@pytest.mark.parametrize(("population", "sampled", "found", "confidence", "low", "high"), FINITE)
def test_finite_limits(
    population: int, sampled: int, found: int, confidence: str, low: int, high: int
) -> None:
    limits = finite_limits(population, sampled, found, confidence=D(confidence))
    assert (limits.low, limits.high) == (low, high)


def test_the_deck_of_finite_limits() -> None:
    for row in deck("attribute_finite_population_hypergeometric_dev.csv"):
        limits = finite_limits(
            int(row["N"]), int(row["n"]), int(row["x"]), confidence=D(row["confidence_two_sided"])
        )
        assert (limits.low, limits.high) == (int(row["lower_total"]), int(row["upper_total"])), row


def test_the_decks_of_the_audit_guide() -> None:
    for row in deck("attribute_upper_limit_aicpa_a3_a4_dev.csv"):
        found = upper_limit(int(row["deviations"]), int(row["n"]), confidence=D(row["confidence"]))
        assert abs(found - D(row["upper_limit_exact"])) <= D("0.000001"), row
    for row in deck("attribute_sample_size_aicpa_a1_a2_dev.csv"):
        size = attribute_sample_size(
            expected=D(row["expected_rate"]),
            tolerable=D(row["tolerable_rate"]),
            confidence=D(row["confidence"]),
        )
        assert size == int(row["n_reproduced_binomial"]), row


@pytest.mark.parametrize(
    ("expected", "tolerable", "size"), [("0", "0.05", 59), ("0", "0.02", 149), ("0.0075", "0.02", 386)]
)
def test_sample_sizes_of_table_a1(expected: str, tolerable: str, size: int) -> None:
    found = attribute_sample_size(expected=D(expected), tolerable=D(tolerable), confidence=NINETY_FIVE)
    assert found == size


def test_the_bootstrap_keeps_a_charts_codes_together_and_is_the_same_anywhere() -> None:
    charts = [(8, 8)] * 45 + [(0, 8)] * 5
    found = cluster_bootstrap(charts, confidence=NINETY_FIVE, seed=7)
    assert found == cluster_bootstrap(charts, confidence=NINETY_FIVE, seed=7)
    assert found.rate == D("0.900000")
    # Whole charts fail: about 50 clusters, not 400 codes, so the interval is some 0.16 wide, not 0.06.
    assert D("0.12") < found.high - found.low < D("0.20")
    assert found != cluster_bootstrap(charts, confidence=NINETY_FIVE, seed=8)
    heavy = cluster_bootstrap(charts, confidence=NINETY_FIVE, seed=7, weights=[D(1)] * 45 + [D(9)] * 5)
    assert heavy.rate == D("0.500000")


def test_kappa_and_f1_by_hand() -> None:
    """Cohen: 20 yes/yes, 15 no/no, 5 and 10 apart: observed .7, chance .5, kappa .4."""
    one = ["y"] * 20 + ["y"] * 5 + ["n"] * 10 + ["n"] * 15
    other = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert cohen_kappa(one, other) == D("0.400000")
    assert cohen_kappa(["y", "y"], ["y", "y"]) is None
    assert code_f1({"c": {"A", "B", "C"}}, {"c": {"B", "C", "D", "E"}}) == D("0.571429")
    assert code_f1({"c": {"A"}}, {"d": {"A"}}) is None
    rows = matrix({"r2": {"c": {"A", "B"}}, "r1": {"c": {"A"}, "d": {"X"}}, "r3": {"d": {"X"}}})
    assert [(one.one, one.other, one.charts, one.f1) for one in rows] == [
        ("r1", "r2", 1, D("0.666667")),
        ("r1", "r3", 1, D("1.000000")),
        ("r2", "r3", 0, None),
    ]


def test_the_p_chart_signals_a_jump_and_a_run() -> None:
    points = p_chart([(5, 100)] * 3 + [(0, 0), (14, 100)], baseline=D("0.05"))
    assert [point.signals for point in points] == [(), (), (), (), (Signal.ABOVE,)]
    # 0.05 + 3 * sqrt(.05 * .95 / 100) = 0.115383
    assert points[-1].high == D("0.115383")
    assert points[3].rate is None
    run = p_chart([(6, 100)] * 8, baseline=D("0.05"))
    assert [bool(point.signals) for point in run] == [False] * 7 + [True]
    assert run[-1].signals == (Signal.RUN_ABOVE,)


def test_the_cusum_sees_a_slide_that_no_single_month_shows() -> None:
    months = [(5, 100)] * 4 + [(9, 100)] * 6
    assert not any(point.signals for point in p_chart(months[:8], baseline=D("0.05")))
    sums = cusum(months, accepted=D("0.05"), rejected=D("0.10"), limit=D(6))
    # k = ln(.95/.9) / ln(.1*.95/(.05*.9)) = 0.072358: +1.764 a month from the fifth on.
    assert [one.signal for one in sums] == [False] * 7 + [True, False, False]
    assert sums[4].value == D("1.764162")


def test_an_overpayment_is_asked_at_its_lower_limit() -> None:
    # 60 claims, 45 at 10.00 and 15 at 30.00: mean 15, s2 = 4500/59; SE = 1000 * sqrt(.94 * s2/60) = 1093.1
    values = (D(10),) * 45 + (D(30),) * 15
    found = project([ValueStratum("all", 1000, values)], extrapolate=True)
    assert (found.found, found.point, found.asked) == (D("900.00"), D("15000.00"), found.low)
    assert found.low is not None and abs(found.low - (15000 - D("1.6711") * D("1093.1"))) < 1
    assert project([ValueStratum("all", 1000, values)], extrapolate=False).asked == D("900.00")
    spread = tuple(map(D, ("-900", "1000")))
    assert project([ValueStratum("all", 1000, spread)], extrapolate=True).asked == D("100.00")


BAD: list[Any] = [
    lambda: stratified_rate([], confidence=NINETY_FIVE),
    lambda: stratified_rate([RateStratum("a", 10, 0, 0)], confidence=NINETY_FIVE),
    lambda: stratified_rate([RateStratum("a", 10, 1, 1)], confidence=NINETY_FIVE),
    lambda: stratified_rate([RateStratum("a", 10, 5, 6)], confidence=NINETY_FIVE),
    lambda: stratified_total([], confidence=NINETY_FIVE),
    lambda: stratified_total([ValueStratum("a", 1, (D(1), D(2)))], confidence=NINETY_FIVE),
    lambda: cluster_bootstrap([], confidence=NINETY_FIVE, seed=1),
    lambda: cluster_bootstrap([(0, 0)], confidence=NINETY_FIVE, seed=1),
    lambda: cluster_bootstrap([(2, 1)], confidence=NINETY_FIVE, seed=1),
    lambda: cluster_bootstrap([(1, 1)], confidence=NINETY_FIVE, seed=1, draws=10),
    lambda: finite_limits(10, 11, 0, confidence=NINETY_FIVE),
    lambda: finite_limits(10, 5, 6, confidence=NINETY_FIVE),
    lambda: upper_limit(0, 30, confidence=D("0.5")),
    lambda: attribute_sample_size(expected=D("0.05"), tolerable=D("0.05"), confidence=NINETY_FIVE),
    lambda: cohen_kappa([], []),
    lambda: cohen_kappa(["a"], []),
    lambda: p_chart([]),
    lambda: p_chart([(2, 1)]),
    lambda: cusum([(0, 1)], accepted=D("0.1"), rejected=D("0.05"), limit=D(5)),
    lambda: cusum([(0, 1)], accepted=D("0.05"), rejected=D("0.1"), limit=D(0)),
    lambda: student_t_quantile(D("0.975"), 0),
    lambda: student_t_quantile(D(1), 5),
]


@pytest.mark.parametrize("ask", BAD)
def test_what_cannot_be_estimated_is_refused(ask: Any) -> None:
    with pytest.raises(InvalidInput):
        ask()


@given(
    st.lists(st.tuples(st.integers(2, 40), st.integers(0, 60), st.integers(0, 40)), min_size=1, max_size=4)
)
def test_a_stratified_rate_lies_in_its_interval(parts: list[tuple[int, int, int]]) -> None:
    strata = [RateStratum(str(at), n + more, n, min(n, hits)) for at, (n, more, hits) in enumerate(parts)]
    found = stratified_rate(strata, confidence=NINETY_FIVE)
    assert 0 <= found.low <= found.rate <= found.high <= 1


@given(st.integers(1, 60), st.data())
def test_finite_limits_hold_what_was_seen(population: int, data: Any) -> None:
    sampled = data.draw(st.integers(1, population))
    found = data.draw(st.integers(0, sampled))
    limits = finite_limits(population, sampled, found, confidence=NINETY_FIVE)
    assert found <= limits.low <= limits.high <= population - sampled + found
