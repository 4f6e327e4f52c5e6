"""Charts per hour: rework out, hours of unfinished charts in."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from reporting.rules import productivity
from reporting.rules.facts import Facts, WorkFact
from tests.rules.reporting.builders import at, fact, frame, number, span

D = Decimal
WEEK = frame(at(2), at(9))
KPI = productivity.CHARTS_PER_HOUR


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
