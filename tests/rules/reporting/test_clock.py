"""Clock hours and business hours, with pauses, across weekends, holidays and clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encounters.rules.deadlines import BusinessHours, Hold, Party, due_at
from reporting.rules.clock import Span, elapsed, midnights
from tests.rules.reporting.builders import CHICAGO, OFFICE, at, span


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO)


# (start, end, pauses, clock hours, business hours), Chicago wall time; office 8 to 17, Monday to Friday.
GOLDEN = [
    (local(2, 9), local(2, 12), (), 3, 3),
    (local(2, 16), local(3, 9), (), 17, 2),  # overnight
    (local(6, 16), local(9, 9), (), 65, 2),  # Friday to Monday
    (local(7, 9), local(8, 9), (), 24, 0),  # a weekend
    (local(25, 12), local(27, 12), (), 48, 9),  # around Thanksgiving: 5 hours Wednesday, 4 Friday
    (local(2, 9), local(2, 15), ((11, 13),), 4, 4),
    (local(2, 9), local(2, 15), ((11, 13), (12, 14)), 3, 3),  # overlapping pauses count once
    (local(2, 9), local(2, 15), ((7, 10), (14, 20)), 4, 4),  # pauses that stick out
    (local(2, 9), local(2, 15), ((7, 20),), 0, 0),
    (local(2, 15), local(2, 9), (), 0, 0),  # backwards
]


@pytest.mark.parametrize(("start", "end", "pauses", "clock", "business"), GOLDEN)
def test_elapsed_follows_the_contracts_clock(
    start: datetime, end: datetime, pauses: tuple[tuple[int, int], ...], clock: int, business: int
) -> None:
    spans = [span(local(2, left), local(2, right)) for left, right in pauses]
    assert elapsed(start, end, pauses=spans) == timedelta(hours=clock)
    assert elapsed(start, end, hours=OFFICE, pauses=spans) == timedelta(hours=business)


def test_an_open_pause_stops_the_clock_for_good() -> None:
    assert elapsed(at(2, 8), at(9, 8), pauses=[span(at(2, 10))]) == timedelta(hours=2)


def test_the_night_the_clocks_go_back_is_an_hour_longer() -> None:
    # 2026-11-01, 02:00 CDT becomes 01:00 CST.
    assert elapsed(local(31, 20, month=10), local(1, 20)) == timedelta(hours=25)
    assert elapsed(local(30, 16, month=10), local(2, 9), hours=OFFICE) == timedelta(hours=2)


def test_the_hour_that_happens_twice_is_not_lost() -> None:
    first = datetime(2026, 11, 1, 1, 30, tzinfo=CHICAGO, fold=0)
    second = datetime(2026, 11, 1, 1, 30, tzinfo=CHICAGO, fold=1)
    assert elapsed(first, second) == timedelta(hours=1)


def test_midnights_end_days_in_the_clients_zone() -> None:
    found = list(midnights(date(2026, 10, 31), date(2026, 11, 2), CHICAGO))
    assert found == [
        (date(2026, 10, 31), datetime(2026, 11, 1, 5, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 2, 6, tzinfo=UTC)),
    ]


moments = st.datetimes(
    min_value=datetime(2026, 10, 20), max_value=datetime(2026, 12, 5), timezones=st.just(UTC)
)
pauses_of = st.lists(
    st.tuples(moments, st.none() | moments).map(
        lambda pair: Span(pair[0], pair[1] and max(pair[0], pair[1]))
    ),
    max_size=5,
)


@given(moments, moments, moments, pauses_of, st.sampled_from([None, OFFICE]))
def test_elapsed_adds_up_over_any_cut(
    one: datetime, two: datetime, three: datetime, pauses: list[Span], hours: BusinessHours | None
) -> None:
    start, middle, end = sorted((one, two, three))
    whole = elapsed(start, end, hours=hours, pauses=pauses)
    halves = elapsed(start, middle, hours=hours, pauses=pauses) + elapsed(
        middle,
        end,
        hours=hours,
        pauses=pauses,
    )
    assert whole == halves
    assert timedelta() <= whole <= end - start


@given(moments, moments, pauses_of)
def test_paused_and_running_time_fill_the_span(one: datetime, two: datetime, pauses: list[Span]) -> None:
    start, end = sorted((one, two))
    running = elapsed(start, end, pauses=pauses)
    # The complement of the pauses, paused: what is left is the paused time.
    step = (end - start) / 50
    if step:
        samples = [start + step * i + step / 2 for i in range(50)]
        share = sum(not any(pause.holds(moment) for pause in pauses) for moment in samples) / 50
        assert abs(running / (end - start) - share) <= (len(pauses) * 2 + 1) / 50


@given(
    moments,
    st.integers(1, 200),
    st.lists(st.tuples(moments, moments), max_size=4),
    st.sampled_from([None, OFFICE]),
)
def test_a_chart_finished_when_it_is_due_took_exactly_its_agreed_hours(
    start: datetime, hours: int, pairs: list[tuple[datetime, datetime]], calendar: BusinessHours | None
) -> None:
    pauses = [Span(min(pair), max(pair)) for pair in pairs]
    holds = [Hold(pause.start, pause.end, Party.CLIENT) for pause in pauses]
    due = due_at(start, hours, business=calendar, holds=holds)
    assert due.at is not None
    assert elapsed(start, due.at, hours=calendar, pauses=pauses) == timedelta(hours=hours)
