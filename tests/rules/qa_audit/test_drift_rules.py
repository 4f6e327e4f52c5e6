"""Which week speaks, and why a pooled rate changed: worked by hand.

Sources: Montgomery, Introduction to Statistical Quality Control, 7.2 (limits of a p-chart); binomial tails
from exact sums; Kitagawa, JASA 50 (1955) 1168 (components of a difference of rates).
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from qa_audit.drift_tables import drift_table
from qa_audit.rules.change import Change, Part, Work, decompose
from qa_audit.rules.watch import Speaks, Standing, Watched, Week, steady_rate, upper_tail, watch, with_odds

D = Decimal
MONDAY = date(2026, 1, 5)
POLICY = drift_table().policy
TEN_PERCENT = [(10, 1)] * 8


def charted(*counts: tuple[int, int]) -> Watched:
    weeks = [Week(MONDAY + timedelta(days=7 * at), *one) for at, one in enumerate(counts)]
    return watch(weeks, POLICY)


# --- one week ---


@pytest.mark.parametrize(
    ("week", "standing", "speaks"),
    [
        ((10, 1), Standing.WITHIN, ()),
        ((10, 3), Standing.WITHIN, ()),
        # 0.4 lies above 0.3846, but four of ten have a chance of 1.3% at 10%: too common for a signal.
        ((10, 4), Standing.UNSURE, ()),
        ((10, 5), Standing.ABOVE, (Speaks.ABOVE,)),
        ((40, 10), Standing.UNSURE, ()),
        ((40, 11), Standing.ABOVE, (Speaks.ABOVE, Speaks.CUSUM)),
        ((4, 4), Standing.FEW, ()),
        ((0, 0), Standing.NONE, ()),
        ((200, 4), Standing.BELOW, ()),
        ((200, 9), Standing.WITHIN, ()),
    ],
)
def test_a_week_after_eight_at_ten_percent(
    week: tuple[int, int], standing: Standing, speaks: tuple[Speaks, ...]
) -> None:
    found = charted(*TEN_PERCENT, week)
    assert found.baseline is not None and found.baseline.rate == D("0.1")
    assert (found.standings[-1], found.speaks[-1]) == (standing, speaks)


def test_limits_follow_the_size_of_the_week() -> None:
    found = charted(*TEN_PERCENT, (10, 0), (40, 4), (90, 9))
    highs = [point.high for point in found.points[-3:]]
    assert highs == [D("0.384605"), D("0.242302"), D("0.194868")]
    assert [point.low for point in found.points[-3:]] == [D("0.000000"), D("0.000000"), D("0.005132")]


def test_a_slow_slide_speaks_through_the_sum_and_the_run_before_any_week_does() -> None:
    # k = ln(1.1) / ln(2) = 0.137504 for 10% and doubled odds: three of ten add 1.62496 a week; five is
    # reached in the fourth week.
    found = charted(*TEN_PERCENT, *[(10, 3)] * 8)
    sums = [one.value for one in found.sums if one is not None]
    assert sums[:4] == [D("1.624965"), D("3.249930"), D("4.874894"), D("6.499859")]
    assert [at for at, said in enumerate(found.speaks) if Speaks.CUSUM in said] == [11, 15]
    assert [at for at, said in enumerate(found.speaks) if Speaks.RUN in said] == [15]
    assert not any(Speaks.ABOVE in said for said in found.speaks)


def test_weeks_too_small_to_judge_add_to_the_sum_and_break_no_run() -> None:
    found = charted(*TEN_PERCENT, *[(10, 2)] * 4, (2, 0), (0, 0), *[(10, 2)] * 4)
    assert Speaks.RUN in found.speaks[-1]
    small = charted(*TEN_PERCENT, *[(2, 2)] * 3)
    assert Speaks.CUSUM in small.speaks[10] and small.standings[10] is Standing.FEW


def test_nothing_speaks_before_there_are_charts_enough_for_a_centre() -> None:
    thin = charted(*[(3, 0)] * 8, (3, 3), (10, 10))
    assert thin.baseline is not None and (thin.baseline.weeks, thin.baseline.charts) == (10, 37)
    assert not any(thin.speaks)
    short = charted(*[(50, 1)] * 7)
    assert short.baseline is None and not any(short.speaks)
    assert set(short.standings) == {Standing.FEW}
    assert charted().speaks == ()


def test_empty_weeks_before_the_first_review_are_no_part_of_the_centre() -> None:
    found = charted((0, 0), (0, 0), *TEN_PERCENT, (10, 5))
    assert found.baseline is not None and (found.baseline.weeks, found.baseline.charts) == (8, 80)
    assert found.speaks[-1] == (Speaks.ABOVE,)


def test_a_centre_without_an_error_takes_half_of_one() -> None:
    assert steady_rate(0, 40) == D(1) / 82
    assert steady_rate(40, 40) == D(81) / 82
    clean = charted(*[(10, 0)] * 8, (10, 1))
    assert clean.speaks[-1] == ()
    assert Speaks.ABOVE in charted(*[(10, 0)] * 8, (10, 3)).speaks[-1]


@given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 99))
def test_the_tail_is_the_exact_sum(charts: int, wrong: int, percent: int) -> None:
    wrong = min(wrong, charts)
    p = Fraction(percent, 100)
    exact = sum(comb(charts, k) * p**k * (1 - p) ** (charts - k) for k in range(wrong, charts + 1))
    assert abs(float(upper_tail(wrong, charts, D(percent) / 100)) - float(exact)) < 1e-9


def test_doubled_odds() -> None:
    assert with_odds(D("0.1"), D(2)).quantize(D("0.000001")) == D("0.181818")
    assert with_odds(D("0.5"), D(2)).quantize(D("0.000001")) == D("0.666667")


# --- the change of a pooled rate ---


def changed(before: dict[str, tuple[int, int, int]], after: dict[str, tuple[int, int, int]]) -> Change:
    return decompose(
        {key: Work(*one) for key, one in before.items()},
        {key: Work(*one) for key, one in after.items()},
        days=(28, 28),
        load_rise=D("0.10"),
    )


A10, A20, A30 = (100, 50, 5), (100, 50, 10), (100, 50, 15)
GOLDEN: dict[str, tuple[Any, ...]] = {
    "nothing moved": ({"a": A10, "b": A20}, {"a": A10, "b": A20}, "0.15", "0.15", "0", "0", "0"),
    "both err more": ({"a": A10, "b": A20}, {"a": A20, "b": A30}, "0.15", "0.25", "0.1", "0", "0"),
    "one up, one down": ({"a": A10, "b": A20}, {"a": A20, "b": A10}, "0.15", "0.15", "0", "0", "0"),
    "the work moved": (
        {"a": (150, 50, 5), "b": (50, 50, 10)},
        {"a": (50, 50, 5), "b": (54, 50, 10)},
        "0.125",
        Fraction(50 * 5 + 54 * 10, 104 * 50),
        "0",
        "0",
        Fraction(50 * 5 + 54 * 10, 104 * 50) - Fraction(1, 8),
    ),
    "rates and shares": (
        {"a": (300, 50, 5), "b": (300, 50, 5), "c": (200, 50, 10)},
        {"a": (100, 50, 10), "b": (100, 50, 10), "c": (200, 50, 15)},
        "0.125",
        "0.25",
        "0.1",
        "0",
        "0.025",
    ),
    "a spike in volume": (
        {"a": A10, "b": A10},
        {"a": (150, 50, 10), "b": A10},
        "0.1",
        "0.16",
        "0",
        "0.055",
        "0.005",
    ),
    "ten percent more is no spike": (
        {"a": A10},
        {"a": (110, 50, 10)},
        "0.1",
        "0.2",
        "0.1",
        "0",
        "0",
    ),
    "somebody came": ({"a": A10}, {"a": A10, "n": A30}, "0.1", "0.2", "0", "0", "0.1"),
    "somebody left": ({"a": A10, "n": A30}, {"a": A10}, "0.2", "0.1", "0", "0", "-0.1"),
    "came, and reviewed in one period only": (
        {"a": A10, "n": (100, 0, 0)},
        {"a": A10, "n": (100, 50, 15)},
        "0.2",
        "0.2",
        "0",
        "0",
        "0",
    ),
    "nobody knows the rate of u": (
        {"a": A10, "u": (40, 0, 0)},
        {"a": A20, "u": (60, 0, 0)},
        "0.1",
        "0.2",
        "0.1",
        "0",
        "0",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_parts_of_a_change(name: str) -> None:
    before, after, first, second, own, loaded, mix = GOLDEN[name]
    found = changed(before, after)
    assert (found.before, found.after) == (Fraction(first), Fraction(second))
    assert (found.own, found.loaded, found.mix) == (Fraction(own), Fraction(loaded), Fraction(mix))
    assert found.after - found.before == found.own + found.loaded + found.mix


def test_who_came_who_left_who_is_unknown_and_the_volume_are_told() -> None:
    found = changed({"a": A10, "l": A20, "u": (40, 0, 0)}, {"a": (200, 50, 5), "n": A30, "u": (60, 0, 0)})
    assert {one.coder: one.part for one in found.coders} == {
        "a": Part.LOADED,
        "l": Part.LEFT,
        "n": Part.CAME,
        "u": Part.UNKNOWN,
    }
    assert (found.volume_before, found.volume_after) == (240, 360)
    assert (found.unknown_before, found.unknown_after) == (40, 60)


works = st.builds(
    lambda finished, reviewed, share: Work(finished, reviewed, reviewed * share // 100),
    st.integers(0, 500),
    st.integers(0, 80),
    st.integers(0, 100),
)
periods = st.dictionaries(st.sampled_from("abcdef"), works, min_size=1)


@given(periods, periods, st.integers(1, 60), st.integers(1, 60))
def test_the_parts_add_up_exactly(
    before: dict[str, Work], after: dict[str, Work], first: int, second: int
) -> None:
    try:
        found = decompose(before, after, days=(first, second), load_rise=D("0.10"))
    except InvalidInput as error:
        assert error.code == "change.empty"
        return
    assert found.after - found.before == found.own + found.loaded + found.mix
    assert 0 <= found.before <= 1 and 0 <= found.after <= 1
    for shares in ("share_before", "share_after"):
        assert sum(getattr(one, shares) for one in found.coders) == 1


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot be"):
        changed({"a": (10, 5, 6)}, {"a": A10})
    with pytest.raises(InvalidInput, match="at least one day"):
        decompose({"a": Work(*A10)}, {"a": Work(*A10)}, days=(0, 28), load_rise=D("0.1"))
    with pytest.raises(InvalidInput, match="Nobody"):
        changed({"a": (10, 0, 0)}, {"a": (10, 0, 0)})
