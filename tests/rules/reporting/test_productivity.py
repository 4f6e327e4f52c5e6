"""Charts per hour: idle time out, rework out, hours of unfinished charts in."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.rules import productivity
from reporting.rules.facts import Facts, WorkFact
from tests.rules.reporting.builders import at, fact, frame, number, span

D = Decimal
WEEK = frame(at(2), at(9))
KPI = productivity.CHARTS_PER_HOUR
FIVE_MINUTES = timedelta(minutes=5)

# (beats in minutes after the start, minutes of the sitting, productive minutes), idle after 5 minutes.
SITTINGS = [
    ((), 4, 4),
    ((), 6, 0),  # one long silence
    ((1, 2, 3), 4, 4),
    ((1, 2, 30, 31), 32, 4),  # the silence from 2 to 30 is idle
    ((5,), 10, 10),  # exactly the limit is still work
    ((3, 1, 2), 4, 4),  # order of arrival does not matter
    ((1, 90), 4, 4),  # a beat after the chart was let go is none
]


@pytest.mark.parametrize(("beats", "length", "productive"), SITTINGS)
def test_idle_gaps_are_left_out(beats: tuple[int, ...], length: int, productive: int) -> None:
    start = at(2, 9)
    found = productivity.productive_time(
        start,
        [start + timedelta(minutes=minute) for minute in beats],
        start + timedelta(minutes=length),
        idle_after=FIVE_MINUTES,
    )
    assert found == timedelta(minutes=productive)


@given(st.lists(st.integers(0, 3600), max_size=30), st.integers(0, 3600))
def test_productive_time_never_exceeds_the_sitting(beats: list[int], length: int) -> None:
    start = at(2, 9)
    end = start + timedelta(seconds=length)
    found = productivity.productive_time(
        start, [start + timedelta(seconds=second) for second in beats], end, idle_after=FIVE_MINUTES
    )
    assert timedelta() <= found <= end - start


def work(value: int, day: int, hour: int, minutes: int) -> WorkFact:
    start = at(day, hour)
    return WorkFact(number(value), start, start + timedelta(minutes=minutes), timedelta(minutes=minutes))


GOLDEN = Facts(
    encounters=[
        fact(1, available_at=at(1), final=at(2, 10)),
        fact(2, available_at=at(1), final=at(2, 11)),
        fact(3, available_at=at(1)),  # pended in the end: its time is work all the same
        fact(4, available_at=at(1), final=at(3)),  # nobody sat on it
        fact(5, available_at=at(1), final=(span(at(1, 12), at(4)), span(at(4, 12)))),  # recoded this week
    ],
    work=[
        work(1, 2, 9, 15),
        work(2, 2, 10, 20),
        work(2, 1, 10, 20),  # ended before the window
        work(3, 2, 13, 25),
        work(5, 1, 10, 30),
        work(5, 4, 10, 60),  # rework
    ],
)


def test_the_golden_week() -> None:
    found = KPI.value(KPI.rows(GOLDEN, WEEK), WEEK)
    assert (found.numerator, found.denominator, found.value) == (D(2), D(1), D("2.00"))
    assert (found.low, found.high) == (D("0.24"), D("7.22"))  # Garwood limits of 2: 0.2422, 7.2247
    assert found.excluded == (("no time recorded", 1), ("rework after final", 1))
    # On the two charts: 15 minutes, and 40, half of them the week before.
    assert [(part.bucket, part.n, round(part.amount, 6)) for part in found.parts] == [
        ("final", 2, D("0.916667")),
        ("hours", 3, D(1)),
    ]


def test_no_hours_is_a_dash_with_a_reason() -> None:
    found = KPI.value(KPI.rows(Facts([fact(1, available_at=at(1), final=at(2))]), WEEK), WEEK)
    assert found.value is None
    assert found.why_empty
    assert found.excluded == (("no time recorded", 1),)


def test_productivity_is_never_the_clients_to_see() -> None:
    assert all(kpi.definition.audience == "vendor" for kpi in productivity.KPIS)
