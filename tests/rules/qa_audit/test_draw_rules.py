"""Draws from stored parts, what is drawn more often, periods of a schedule, and what a sample estimates."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from qa_audit.rules.draw_estimate import DrawnStratum, Scored, estimate_draw
from qa_audit.rules.drawing import draw_rows, rule_request, sample_plan
from qa_audit.rules.frame import FrameChart, Widening, pack_frame, stratum_of, unpack_frame
from qa_audit.rules.periods import last_period, periods_due
from qa_audit.rules.plan_terms import Certainty, Dimension, Method, PlanTerms, Schedule
from qa_audit.sample_command import sample

CONFIDENCE = Decimal("0.95")
CLEAN, WRONG = Scored(5, 5, True), Scored(4, 5, False)


def chart(
    number: int, coder: str = "7", *, kind: str = "office", reason: Certainty | None = None
) -> FrameChart:
    return FrameChart(f"c{number:04}", coder, "IM", kind, 0, (reason,) if reason else ())


# --- the stored parts give the list again ---------------------------------------------------------------


@given(
    seed=st.integers(0, 2**48),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    percent=st.integers(1, 100),
    floor=st.integers(0, 3),
    factor=st.sampled_from(["1", "2", "2.5", "10"]),
)
def test_the_rule_command_draws_the_list_of_the_stored_frame_plan_and_seed(
    seed: int, sizes: list[int], percent: int, floor: int, factor: str
) -> None:
    terms = PlanTerms(
        value=Decimal(percent),
        floor_per_stratum=floor,
        certainty=(Certainty.INPATIENT,),
        strata=(Dimension.CODER,),
    )
    widening = Widening({"0": Decimal(factor)}, {})
    charts = [chart(100 * coder + n, str(coder)) for coder, size in enumerate(sizes) for n in range(size)]
    charts.append(chart(9999, reason=Certainty.INPATIENT))
    rows = [(one.id, stratum_of(one, terms, widening)) for one in charts]
    drawn = draw_rows(rows, terms, seed)
    answer = sample(rule_request(unpack_frame(pack_frame(rows)), terms, seed))
    assert [one["id"] for one in answer["sample"]] == [one for part in drawn.strata for one in part.drawn]
    assert (answer["frame_sha256"], answer["plan_sha256"]) == (drawn.frame_sha256, drawn.plan_sha256)


def test_a_widened_coder_gives_twice_the_share_and_nobody_gives_less() -> None:
    terms = PlanTerms(value=Decimal(10), strata=(Dimension.CODER,))
    charts = [
        chart(number, coder)
        for coder in ("7", "8")
        for number in range(1000 * int(coder), 1000 * int(coder) + 50)
    ]
    before = draw_rows([(one.id, stratum_of(one, terms)) for one in charts], terms, 5)
    widening = Widening({"7": Decimal(2)}, {})
    rows = [(one.id, stratum_of(one, terms, widening)) for one in charts]
    after = draw_rows(rows, terms, 5)
    assert {one.name: len(one.drawn) for one in before.strata} == {"coder=7": 5, "coder=8": 5}
    assert {one.name: len(one.drawn) for one in after.strata} == {"coder=7|widened=2": 10, "coder=8": 5}
    assert after.strata[1].drawn == before.strata[1].drawn
    assert before.plan_sha256 != after.plan_sha256
    assert sample_plan(terms, ["coder=8"]).widened == {}


@pytest.mark.parametrize(
    ("factor", "size", "drawn"),
    [("2", 50, 10), ("2.5", 50, 13), ("100", 50, 50), ("2", 1, 1)],
    ids=["doubled", "rounded up", "never more than there are", "at least one"],
)
def test_how_many_a_widened_stratum_gives(factor: str, size: int, drawn: int) -> None:
    terms = PlanTerms(value=Decimal(10), strata=())
    widening = Widening({}, {"IM": Decimal(factor)})
    rows = [(one.id, stratum_of(one, terms, widening)) for one in map(chart, range(size))]
    assert [len(one.drawn) for one in draw_rows(rows, terms, 1).strata] == [drawn]


def test_a_chart_always_reviewed_is_not_drawn_more_often_too() -> None:
    terms = PlanTerms(certainty=(Certainty.NEW_CODER,))
    both = chart(1, reason=Certainty.NEW_CODER)
    assert stratum_of(both, terms, Widening({"7": Decimal(3)}, {})) == "always:new_coder"


def test_a_factor_below_one_or_beyond_a_hundred_is_no_widening() -> None:
    frame = [{"id": "a", "stratum": "s"}, {"id": "b", "stratum": "s"}]
    for factor in ("0.5", "101"):
        with pytest.raises(InvalidInput) as refused:
            sample(
                {"frame": frame, "plan": {"method": "count", "value": 1, "widened": {"s": factor}}, "seed": 1}
            )
        assert refused.value.details["path"] == "plan.widened.s"


# --- periods --------------------------------------------------------------------------------------------

MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("schedule", "today", "expected"),
    [
        (Schedule.DAILY, MONDAY, (date(2026, 11, 22), date(2026, 11, 22))),
        (Schedule.WEEKLY, MONDAY, (date(2026, 11, 16), date(2026, 11, 22))),
        (Schedule.WEEKLY, date(2026, 11, 29), (date(2026, 11, 16), date(2026, 11, 22))),
        (Schedule.MONTHLY, date(2027, 1, 1), (date(2026, 12, 1), date(2026, 12, 31))),
        (Schedule.MANUAL, date(2028, 3, 31), (date(2028, 2, 1), date(2028, 2, 29))),
    ],
)
def test_the_newest_period_that_is_over(schedule: Schedule, today: date, expected: tuple[date, date]) -> None:
    assert last_period(schedule, today) == expected


def test_what_a_schedule_owes_begins_with_the_period_that_ran_when_it_was_switched_on() -> None:
    since = date(2026, 11, 10)
    assert periods_due(Schedule.WEEKLY, since, MONDAY) == [
        (date(2026, 11, 9), date(2026, 11, 15)),
        (date(2026, 11, 16), date(2026, 11, 22)),
    ]
    assert periods_due(Schedule.MONTHLY, since, MONDAY) == []
    assert periods_due(Schedule.MANUAL, since, MONDAY) == []


@given(
    schedule=st.sampled_from(list(Schedule)),
    since=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    days=st.integers(0, 500),
)
def test_periods_follow_each_other_without_gap_and_end_before_today(
    schedule: Schedule, since: date, days: int
) -> None:
    today = since + timedelta(days=days)
    found = periods_due(schedule, since, today)
    assert all(last < today and last >= since and first <= last for first, last in found)
    assert all(before[1] + timedelta(days=1) == after[0] for before, after in itertools.pairwise(found))


# --- estimates ------------------------------------------------------------------------------------------


def test_strata_sampled_at_different_rates_are_weighted_by_their_size() -> None:
    # 900 charts at 10 of 10 clean, 100 charts at 5 of 10: (900 x 1 + 100 x 0.5) / 1000, Cochran 5.3.
    strata = [DrawnStratum("a", 900, (CLEAN,) * 10), DrawnStratum("b", 100, (CLEAN,) * 5 + (WRONG,) * 5)]
    found = estimate_draw(strata, confidence=CONFIDENCE, seed=1)
    assert found.charts is not None and found.charts.rate == Decimal("0.950000")
    assert (found.clean, found.finished, found.covered) == (15, 20, 1000)
    # Code level, weighted: lines (900 x 5 + 100 x 4.5) of 1000 x 5.
    assert found.lines is not None and found.lines.rate == Decimal("0.990000")
    assert found.lines.low <= found.lines.rate <= found.lines.high


def test_thirty_charts_with_one_error_reach_what_the_contract_is_told() -> None:
    found = estimate_draw([DrawnStratum("a", 500, (CLEAN,) * 29 + (WRONG,))], confidence=CONFIDENCE, seed=1)
    assert found.exact is not None
    assert (round(found.exact.low, 3), round(found.exact.high, 3)) == (Decimal("0.828"), Decimal("0.999"))


def test_a_stratum_with_one_review_of_many_is_left_out_and_named() -> None:
    strata = [
        DrawnStratum("a", 90, (CLEAN, CLEAN)),
        DrawnStratum("b", 10, (WRONG,)),
        DrawnStratum("c", 1, (WRONG,)),
    ]
    found = estimate_draw(strata, confidence=CONFIDENCE, seed=1)
    assert (found.silent, found.covered, found.population) == (("b",), 91, 101)
    assert found.charts is not None and found.charts.rate == Decimal("0.989011")


def test_without_a_finished_review_nothing_is_estimated() -> None:
    found = estimate_draw([DrawnStratum("a", 9, ())], confidence=CONFIDENCE, seed=1)
    assert (found.charts, found.lines, found.exact, found.finished) == (None, None, None, 0)


def test_a_number_of_charts_is_shared_out_before_anything_is_widened() -> None:
    terms = PlanTerms(method=Method.COUNT, value=Decimal(10), strata=(Dimension.KIND,))
    charts = [chart(n, "8", kind="office") for n in range(60)] + [
        chart(100 + n, "7", kind="home") for n in range(40)
    ]
    rows = [(one.id, stratum_of(one, terms, Widening({"7": Decimal(3)}, {}))) for one in charts]
    assert {one.name: len(one.drawn) for one in draw_rows(rows, terms, 3).strata} == {
        "kind=home|widened=3": 12,
        "kind=office": 6,
    }
