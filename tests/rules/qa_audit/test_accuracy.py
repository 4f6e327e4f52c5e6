"""Sums that add up, the rate they give, its interval and what may be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.statistics import Interval, IntervalMethod, interval, student_t_quantile
from qa_audit.rules.accuracy import Judged, Moments, _z_by_t, estimate, judge, of_chart, total
from qa_audit.rules.facts import (
    Cells,
    Contribution,
    Finding,
    all_cells,
    cells_of,
    change,
    findings_of,
    is_empty,
    parts_of,
)

C95 = Decimal("0.95")
ONE = Decimal(1)
charts = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8), st.decimals("0.5", "40", places=6)),
    min_size=1,
    max_size=25,
).map(lambda rows: [(min(hits, lines), lines, weight) for hits, lines, weight in rows])


def sums(rows: list[tuple[int, int, Decimal]]) -> Moments:
    return total(of_chart(Decimal(hits), lines, weight) for hits, lines, weight in rows)


@pytest.mark.parametrize(("clean", "audited"), [(29, 30), (57, 60), (95, 100), (285, 300), (0, 7), (12, 12)])
def test_charts_of_equal_weight_are_plain_trials_with_the_textbook_interval(clean: int, audited: int) -> None:
    """measures.md 3: 29 of 30 gives 82.8 to 99.9 % by Clopper and Pearson."""
    rows = [(1, 1, Decimal("3.5"))] * clean + [(0, 1, Decimal("3.5"))] * (audited - clean)
    for method in IntervalMethod:
        expected = interval(clean, audited, confidence=C95, method=method)
        assert estimate(sums(rows), confidence=C95, method=method) == expected


def test_the_rate_of_strata_sampled_at_different_rates_is_the_weighted_one() -> None:
    """Ten charts of a stratum of 10, all right, ten of one of 90, half right: 0.1 + 0.9 × 0.5 = 0.55."""
    rows = [(1, 1, ONE)] * 10 + [(1, 1, Decimal(9))] * 5 + [(0, 1, Decimal(9))] * 5
    found = estimate(sums(rows), confidence=C95)
    assert found is not None and found.rate == Decimal("0.550000")
    assert sums(rows).is_weighted and not sums([(1, 1, Decimal(9)), (0, 1, Decimal(9))]).is_weighted


def test_codes_that_err_together_widen_the_interval_and_codes_that_do_not_leave_it() -> None:
    together = [(0, 5, ONE)] * 4 + [(5, 5, ONE)] * 36
    apart = [(4, 5, ONE)] * 20 + [(5, 5, ONE)] * 20
    wide, narrow = (estimate(sums(rows), confidence=C95) for rows in (together, apart))
    plain = interval(180, 200, confidence=C95)
    assert wide is not None and narrow is not None
    assert wide.rate == narrow.rate == plain.rate == Decimal("0.900000")
    assert wide.low < plain.low and wide.high > plain.high
    # 20 errors in 20 of 40 charts: no chart errs twice, so there is no clustering to pay for.
    assert (narrow.low, narrow.high) == (plain.low, plain.high)


def test_nothing_is_said_without_a_denominator_or_of_too_few_charts() -> None:
    assert estimate(Moments(), confidence=C95) is None
    assert of_chart(Decimal(0), 0, ONE) == Moments()
    found = Interval(Decimal("0.99"), Decimal("0.97"), Decimal("1"))
    assert judge(found, 9, target=C95, minimum_charts=10) is Judged.TOO_FEW
    assert judge(found, 10, target=C95, minimum_charts=10) is Judged.MET
    assert judge(found, 10, target=Decimal("0.98"), minimum_charts=10) is Judged.UNSURE
    low = Interval(Decimal("0.90"), Decimal("0.85"), Decimal("0.94"))
    assert judge(low, 10, target=C95, minimum_charts=10) is Judged.MISSED


@given(charts)
def test_an_interval_holds_its_rate_and_no_scale_of_the_weights_moves_it(
    rows: list[tuple[int, int, Decimal]],
) -> None:
    found = estimate(sums(rows), confidence=C95)
    scaled = estimate(sums([(hits, lines, weight * 7) for hits, lines, weight in rows]), confidence=C95)
    backwards = estimate(sums(rows[::-1]), confidence=C95)
    if not sum(lines for _, lines, _ in rows):
        assert found is scaled is None
        return
    assert found is not None and scaled is not None
    assert 0 <= found.low <= found.rate <= found.high <= 1
    assert backwards == found
    for name in ("rate", "low", "high"):
        assert abs(getattr(found, name) - getattr(scaled, name)) <= Decimal("0.000001")


@given(charts)
def test_clopper_pearson_is_never_narrower_than_its_rate_needs(rows: list[tuple[int, int, Decimal]]) -> None:
    found = estimate(sums(rows), confidence=C95, method=IntervalMethod.CLOPPER_PEARSON)
    if found is not None:
        assert found.low <= found.rate <= found.high


# --- contributions ---

findings = st.lists(
    st.builds(
        Finding,
        st.sampled_from(["WC", "MS", "UN"]),
        st.sampled_from(["tool_edit", "documentation_gap"]),
        st.sampled_from(["over", "neutral"]),
        st.integers(1, 3),
    ),
    max_size=3,
).map(tuple)
contributions = st.builds(
    Contribution,
    month=st.sampled_from([date(2026, 10, 1), date(2026, 11, 1)]),
    final_month=st.sampled_from([date(2026, 9, 1), date(2026, 10, 1)]),
    coder=st.integers(1, 3),
    specialty=st.sampled_from(["IM", ""]),
    origin=st.sampled_from(["sample", "focused"]),
    mode=st.sampled_from(["blind", "open"]),
    is_client_run=st.booleans(),
    is_provisional=st.booleans(),
    definition=st.just("2026-11"),
    weight=st.decimals("1", "20", places=6),
    is_first=st.booleans(),
    parts=st.fixed_dictionaries(
        {
            "code_level": st.tuples(st.integers(0, 5).map(Decimal), st.sampled_from([0, 5])).map(
                lambda one: one if one[1] else (Decimal(0), 0)
            ),
            "weighted": st.tuples(st.decimals("0", "5", places=3), st.just(5)),
        }
    ),
    findings=findings,
)


@given(st.lists(st.tuples(st.integers(0, 5), contributions), max_size=30))
def test_corrections_one_by_one_leave_the_sums_of_a_fresh_count(
    steps: list[tuple[int, Contribution]],
) -> None:
    """Exactly, in decimals: what is taken away is what was put in."""
    stands: dict[int, Contribution] = {}
    kept = Cells({}, {}, {})
    for review, new in steps:
        before = cells_of(stands[review]) if review in stands else Cells({}, {}, {})
        after = cells_of(new)
        kept = Cells(
            add(kept.accuracy, change(after.accuracy, before.accuracy, is_empty)),
            add(kept.findings, change(after.findings, before.findings, lambda lines: not lines)),
            add(kept.coverage, change(after.coverage, before.coverage, lambda count: not count)),
        )
        stands[review] = new
    fresh = all_cells(stands.values())
    assert {key: one for key, one in kept.accuracy.items() if not is_empty(one)} == fresh.accuracy
    assert {key: one for key, one in kept.findings.items() if one} == fresh.findings
    assert {key: one for key, one in kept.coverage.items() if one} == fresh.coverage


def add(kept: Mapping[Any, Any], delta: Mapping[Any, Any]) -> dict[Any, Any]:
    found = dict(kept)
    for key, value in delta.items():
        found[key] = found[key] + value if key in found else value
    return found


def test_stored_scores_become_the_parts_of_every_score() -> None:
    stored = {
        "code_level": {"numerator": 3, "denominator": 4},
        "auditor_denominator": {"numerator": 3, "denominator": 3},
        "lines": 4,
        "weight": "1.5",
        "encounter_clean": False,
        "payment_right": True,
        "drg": {"agree": False},
        "findings": [{"verdict": "UN", "cause": "tool_edit", "direction": "over", "lines": 2}],
    }
    assert parts_of(stored) == {
        "code_level": (Decimal(3), 4),
        "auditor_denominator": (Decimal(3), 3),
        "weighted": (Decimal("2.5"), 4),
        "encounter_clean": (Decimal(0), 1),
        "drg": (Decimal(0), 1),
        "financial": (Decimal(1), 1),
    }
    assert findings_of(stored) == (Finding("UN", "tool_edit", "over", 2),)


def test_weight_beyond_the_lines_and_scores_that_are_not_there_count_nothing() -> None:
    assert parts_of({"lines": 2, "weight": "3.5"})["weighted"] == (Decimal(0), 2)
    assert parts_of({})["drg"] == parts_of({})["encounter_clean"] == (Decimal(0), 0)
    assert parts_of({"drg": {"coder": 470, "agree": None, "reason": "No birth date."}})["drg"] == (
        Decimal(0),
        0,
    )


@pytest.mark.parametrize("degrees", [100, 140, 1000])
def test_many_charts_are_corrected_by_the_quantile_that_students_t_has(degrees: int) -> None:
    z = Decimal(NormalDist().inv_cdf(0.975))
    exact = z / student_t_quantile(Decimal("0.975"), degrees)
    assert abs(_z_by_t(Decimal("0.975"), degrees) - exact) < Decimal("1e-8")
