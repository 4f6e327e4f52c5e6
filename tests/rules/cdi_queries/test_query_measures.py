"""The measures of queries: what each counts, what it leaves out, and that its parts add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdi_queries.rules.measure_figures import Slice, figures, find, sliced, slices
from cdi_queries.rules.measures import (
    IN_TIME,
    LATE,
    NO_CHOICES,
    VERBAL,
    QueryKeys,
    ReviewMark,
    SentQuery,
    Window,
    age_part,
    agreement,
    in_time,
    responses,
    reviewed_charts,
    waiting,
)
from cdi_queries.rules.outcome import Outcome
from cdi_queries.terms.measures import measure_terms

D = Decimal
NOVEMBER = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
CONFIDENCE = D("0.95")
# Building the queries takes longer than hypothesis allows where other tests run beside.
CALM = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def at(day: int, hour: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def query(number: int, sent_at: datetime, hours: float | None = None, **changes: object) -> SentQuery:
    """Sent then, answered so many hours later; each about a chart of its own unless it says otherwise."""
    made = SentQuery(
        id=UUID(int=number), encounter_id=UUID(int=1000 + number), sent_at=sent_at, asked_at=sent_at
    )
    if hours is not None:
        made = replace(made, answered_at=sent_at + timedelta(hours=hours), outcome=Outcome.AGREED)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_rate_counts_charts_and_the_number_per_hundred_counts_queries() -> None:
    chart = UUID(int=1)
    queries = [query(n, at(2 + n), encounter_id=chart) for n in (1, 2, 3)]
    marks = [ReviewMark(UUID(int=n), at(5)) for n in (1, 2, 3, 4)]
    charts = reviewed_charts(queries, marks, NOVEMBER)
    assert {one.encounter_id for one in charts} == {UUID(int=n) for n in (1, 2, 3, 4)}
    found = figures(find(queries, marks, NOVEMBER, answer_hours=72, bounds=(24,)), confidence=CONFIDENCE)
    assert (found.rate.hits, found.rate.n) == (1, 4)
    assert found.rate.found is not None and found.rate.found.rate == D("0.25")
    assert found.per_hundred.found is not None and found.per_hundred.found.rate == D(75)


def test_a_cancelled_query_is_no_query_but_its_chart_was_read() -> None:
    gone = query(1, at(3), is_cancelled=True, ended_at=at(4))
    (chart,) = reviewed_charts([gone], [], NOVEMBER)
    assert chart.query_ids == ()
    # Cancelled after the window: at its end the query stood.
    (then,) = reviewed_charts([gone], [], replace(NOVEMBER, end=at(3, 12)))
    assert then.query_ids == (gone.id,)


def test_passing_a_query_on_starts_its_clock_anew() -> None:
    passed_on = query(1, at(1), 100, asked_at=at(5))
    (counted,) = responses([passed_on], NOVEMBER).counted
    assert counted.amount == D(4)


def test_a_query_asked_by_word_of_mouth_takes_no_time_and_is_left_out() -> None:
    spoken = query(1, at(3), 0, is_verbal=True)
    for picked in (responses([spoken], NOVEMBER), in_time([spoken], NOVEMBER, 72)):
        assert not picked.counted
        assert [one.reason for one in picked.left_out] == [VERBAL]
    assert agreement([spoken], NOVEMBER).counted


IN_TIME_CASES = [
    (query(1, at(3), 72), IN_TIME),
    (query(1, at(3), 72.001), LATE),
    (query(1, at(3)), LATE),
    (query(1, at(3), ended_at=at(17)), LATE),  # ran out
    (query(1, at(29)), None),  # its hours are not over
    (query(1, at(29), 1), None),  # nor are this one's: counting it would flatter the newest days
    (query(1, at(30, month=10), 80), LATE),  # sent in October, due in November
    (query(1, at(3), is_cancelled=True, ended_at=at(4)), "cancelled"),
    (query(1, at(3), is_cancelled=True, ended_at=at(8)), "cancelled"),
]


@pytest.mark.parametrize(("asked", "expected"), IN_TIME_CASES)
def test_only_queries_whose_hours_are_over_are_in_time_or_late(
    asked: SentQuery, expected: str | None
) -> None:
    picked = in_time([asked], NOVEMBER, 72)
    found = [one.part for one in picked.counted] + [one.reason for one in picked.left_out]
    assert found == ([expected] if expected else [])


def test_other_and_undetermined_are_apart_and_open_questions_have_nothing_to_agree_with() -> None:
    outcomes = [Outcome.AGREED] * 3 + [Outcome.DISAGREED, Outcome.OTHER, Outcome.UNDETERMINED]
    queries = [query(n, at(3), 5, outcome=outcome) for n, outcome in enumerate(outcomes)]
    queries.append(query(9, at(3), 5, outcome=Outcome.OTHER, has_choices=False))
    found = find(queries, [], NOVEMBER, answer_hours=72, bounds=(24,))
    shares = {one: (part.hits, part.n) for one, part in figures(found, confidence=CONFIDENCE).outcomes}
    assert shares == {
        Outcome.AGREED: (3, 6),
        Outcome.DISAGREED: (1, 6),
        Outcome.OTHER: (1, 6),
        Outcome.UNDETERMINED: (1, 6),
    }
    assert [one.reason for one in found.agreement.left_out] == [NO_CHOICES]


def test_percentiles_are_hours_of_real_queries() -> None:
    queries = [query(n, at(2), hours) for n, hours in enumerate((1, 2, 3, 4, 5, 6, 7, 8, 9, 100))]
    found = figures(find(queries, [], NOVEMBER, answer_hours=72, bounds=(24,)), confidence=CONFIDENCE)
    assert (found.median.value, found.ninetieth.value) == (D(5), D(9))
    assert found.median.low is not None and found.ninetieth.high is None
    assert (found.in_time.hits, found.in_time.n) == (9, 10)


def test_nothing_counted_is_neither_none_nor_all() -> None:
    found = figures(find([], [], NOVEMBER, answer_hours=72, bounds=(24,)), confidence=CONFIDENCE)
    assert found.rate.found is found.per_hundred.found is found.in_time.found is None
    assert found.median.value is None


@pytest.mark.parametrize(
    ("hours", "part"), [("0", "0-24"), ("24", "0-24"), ("24.01", "24-48"), ("72", "48-72"), ("72.5", "72+")]
)
def test_ages_belong_to_the_younger_part_at_a_bound(hours: str, part: str) -> None:
    assert age_part(D(hours), (24, 48, 72)) == part


def test_what_waits_is_told_for_any_moment() -> None:
    answered, ran_out = query(1, at(3), 48), query(2, at(3), ended_at=at(17))
    passed_on = query(3, at(3), asked_at=at(10))
    queries = [answered, ran_out, passed_on]
    assert {one.query.id for one in waiting(queries, at(4), (24,)).counted} == {
        UUID(int=n) for n in (1, 2, 3)
    }
    assert [one.query.id for one in waiting(queries, at(18), (24,)).counted] == [passed_on.id]
    (late,) = waiting(queries, at(18), (24,)).counted
    assert late.amount == D(8 * 24)  # since it was passed on
    assert not waiting(queries, at(2), (24,)).counted


def test_a_template_is_a_share_of_all_charts_reviewed_and_a_provider_of_their_own() -> None:
    queries = [
        query(1, at(2), keys=QueryKeys("okafor", "IM", "hf")),
        query(2, at(3), keys=QueryKeys("stroud", "IM", "ckd")),
    ]
    marks = [ReviewMark(UUID(int=n), at(5), QueryKeys("okafor", "IM")) for n in (1, 2)]
    rates = {}
    for dimension, value in (("template", "hf"), ("provider", "okafor"), ("provider", "stroud")):
        part = sliced(queries, marks, dimension, value)
        charts = reviewed_charts(part.queries, part.marks, NOVEMBER)
        rates[value] = (sum(bool(chart.query_ids) for chart in charts), len(charts))
    assert rates == {"hf": (1, 4), "okafor": (1, 3), "stroud": (1, 1)}
    assert list(slices(queries, marks, "template")) == ["ckd", "hf"]
    assert list(slices(queries, [ReviewMark(UUID(int=1), at(5))], "provider")) == ["", "okafor", "stroud"]


@CALM
@given(st.data())
def test_a_slice_cut_with_all_others_gives_the_numbers_of_one_cut_alone(data: st.DataObject) -> None:
    queries = data.draw(_QUERIES)
    marks = [
        ReviewMark(UUID(int=n), at(3 + n), QueryKeys("p", "IM")) for n in range(data.draw(st.integers(0, 3)))
    ]
    terms = {"answer_hours": 72, "bounds": (24,)}
    reviewed = len(reviewed_charts(queries, marks, NOVEMBER))
    for dimension in ("provider", "template"):
        for value, part in slices(queries, marks, dimension).items():
            alone = sliced(queries, marks, dimension, value)
            one, other = (find(cut.queries, cut.marks, NOVEMBER, **terms) for cut in (alone, part))  # type: ignore[arg-type]
            total = reviewed if dimension == "template" else None
            assert figures(one, confidence=CONFIDENCE) == figures(
                other, confidence=CONFIDENCE, reviewed=total
            )


def test_the_terms_are_whole() -> None:
    terms = measure_terms()
    assert list(terms.waiting_bounds) == sorted(set(terms.waiting_bounds))
    assert 0 < terms.confidence < 1 and terms.minimum_n > 1 and terms.source


_QUERIES = st.lists(
    st.builds(
        lambda number, day, hours, cancelled, verbal, outcome: replace(
            query(number, at(1, month=10) + timedelta(days=day), None if cancelled else hours),
            is_cancelled=cancelled,
            ended_at=at(1, month=10) + timedelta(days=day + 1) if cancelled else None,
            is_verbal=verbal,
            outcome=outcome if hours is not None and not cancelled else None,
            keys=QueryKeys("p" if number % 2 else "q", "IM", ""),
        ),
        st.integers(1, 10_000),
        st.integers(0, 80),
        st.none() | st.floats(0, 500),
        st.booleans(),
        st.booleans(),
        st.sampled_from(Outcome),
    ),
    max_size=30,
    unique_by=lambda one: one.id,
)


@CALM
@given(_QUERIES, st.integers(0, 60), st.integers(0, 40))
def test_parts_add_up_and_no_query_counts_twice(queries: list[SentQuery], start: int, length: int) -> None:
    begin = at(1, month=10) + timedelta(days=start)
    window = Window(begin, begin + timedelta(days=length))
    found = find(queries, [], window, answer_hours=72, bounds=(24, 48, 72))
    for picked in (found.responses, found.in_time, found.agreement, found.waiting):
        ids = [one.query.id for one in picked.counted] + [one.query.id for one in picked.left_out]
        assert len(ids) == len(set(ids))
        assert all(one.amount >= 0 for one in picked.counted)
    whole = figures(found, confidence=CONFIDENCE)
    assert sum(part.hits for _, part in whole.outcomes) == len(found.agreement.counted)
    assert whole.rate.hits <= whole.rate.n == len(found.charts)
    groups = [sliced(queries, [], "provider", value) for value in ("p", "q")]
    assert sum(_sent(group, window) for group in groups) == whole.per_hundred.queries


def _sent(group: Slice, window: Window) -> int:
    return sum(len(chart.query_ids) for chart in reviewed_charts(group.queries, group.marks, window))
