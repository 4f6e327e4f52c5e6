"""Turnaround: what counts, when the clock stands, and the numbers of a golden month."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encounters.rules.deadlines import Hold, Party
from reporting.rules import turnaround
from reporting.rules.facts import EncounterFact, Facts
from reporting.rules.kpi import Kpi, KpiValue
from tests.rules.reporting.builders import OFFICE, at, fact, frame, hold, number, span

D = Decimal
WINDOW = frame(at(2), at(9))


def hours_of(found: EncounterFact) -> Decimal | None:
    return turnaround.hours_to_code(found, WINDOW)


# (holds, hours): available 2 November 08:00, final 3 November 08:00.
PAUSES = [
    ((), "24"),
    ((hold(Party.CLIENT, at(2, 10), at(2, 16)),), "18"),
    ((hold(Party.PROVIDER, at(2, 10), at(2, 16)),), "18"),
    ((hold(Party.PAYER, at(2, 10), at(2, 16)),), "18"),
    ((hold(Party.VENDOR, at(2, 10), at(2, 16)),), "24"),  # the vendor's own hold stops nothing
    ((hold(Party.CLIENT, at(2, 10), at(2, 16)), hold(Party.PAYER, at(2, 12), at(2, 18))), "16"),
    ((hold(Party.CLIENT, at(1, 10), at(2, 9)), hold(Party.CLIENT, at(3, 7), at(4, 7))), "22"),
    ((hold(Party.CLIENT, at(2, 10), at(2, 16)), hold(Party.VENDOR, at(2, 9), at(2, 20))), "18"),
]


@pytest.mark.parametrize(("holds", "hours"), PAUSES)
def test_the_clock_stands_only_for_other_parties(holds: tuple[Hold, ...], hours: str) -> None:
    found = fact(1, available_at=at(2, 8), final=at(3, 8), holds=holds)
    assert hours_of(found) == D(hours)


def test_only_the_first_final_version_counts() -> None:
    recoded = fact(1, available_at=at(2, 8), final=(span(at(2, 12), at(5, 8)), span(at(6, 8))))
    assert hours_of(recoded) == 4
    selection = turnaround.P50.rows(Facts([recoded]), frame(at(6), at(7)))
    assert selection.rows == ()


def test_business_hours_count_where_the_contract_says_so() -> None:
    # Monday 15:00 to Tuesday 09:00 in Chicago: two hours on Monday, one on Tuesday.
    found = fact(1, available_at=at(2, 21), final=at(3, 15))
    assert turnaround.hours_to_code(found, frame(at(2), at(9), OFFICE)) == 3


# What it is that cannot be timed, and the reason given.
LEFT_OUT = [
    (fact(1, available_at=at(2, 8), final=at(3), cancelled_at=at(4)), "cancelled"),
    (fact(1, available_at=None, final=at(3)), "never available to code"),
    (fact(1, available_at=at(4), final=at(3)), "final before it was available"),
]


@pytest.mark.parametrize(("found", "reason"), LEFT_OUT)
def test_what_cannot_be_timed_is_left_out_by_name(found: EncounterFact, reason: str) -> None:
    selection = turnaround.P50.rows(Facts([found]), WINDOW)
    assert selection.rows == ()
    assert selection.reasons() == ((reason, 1),)


@pytest.mark.parametrize(
    ("final_at", "counts"), [(at(1, 23, 59), 0), (at(2), 1), (at(8, 23, 59), 1), (at(9), 0)]
)
def test_the_window_holds_its_start_and_not_its_end(final_at: datetime, counts: int) -> None:
    selection = turnaround.P50.rows(Facts([fact(1, available_at=at(1), final=final_at)]), WINDOW)
    assert len(selection.rows) == counts


def month(hours: list[str], sla: str | None = "24") -> Facts:
    """One chart for each number of hours, all available on 2 November at midnight."""
    return Facts(
        [
            fact(i, available_at=at(2), final=at(2) + timedelta(hours=float(text)), sla=sla)
            for i, text in enumerate(hours, start=1)
        ]
    )


TEN = ["1", "2", "3", "4", "5", "20", "24", "24.5", "30", "48"]


def value_of(kpi: Kpi, facts: Facts) -> KpiValue:
    return kpi.value(kpi.rows(facts, WINDOW), WINDOW)


def test_the_golden_month() -> None:
    facts = month(TEN)
    p50, p90, sla = (value_of(kpi, facts) for kpi in turnaround.KPIS)
    assert (p50.value, p50.numerator, p50.denominator, p50.n) == (D("5.00"), D(5), D(10), 10)
    assert (p50.low, p50.high) == (D("2.00"), D("30.00"))
    assert (p90.value, p90.low, p90.high) == (D("30.00"), D("24.00"), None)
    # 24.0 hours keeps a promise of 24; 24.5 does not.
    assert (sla.numerator, sla.denominator, sla.value) == (D(7), D(10), D(70))
    assert (sla.low, sla.high) == (D("39.6778"), D("89.2209"))
    assert [(part.bucket, part.n) for part in sla.parts] == [("met", 7), ("late", 3)]


def test_a_second_over_the_agreed_hours_is_late() -> None:
    second_late = fact(1, available_at=at(2), final=at(3) + timedelta(seconds=1))
    assert [row.bucket for row in turnaround.IN_SLA.rows(Facts([second_late]), WINDOW).rows] == ["late"]


def test_charts_without_agreed_hours_count_for_time_and_not_for_the_promise() -> None:
    facts = month(TEN, sla=None)
    assert value_of(turnaround.P50, facts).n == 10
    sla = value_of(turnaround.IN_SLA, facts)
    assert (sla.value, sla.n, sla.excluded) == (None, 0, (("no_sla", 10),))
    assert sla.why_empty


def test_an_empty_window_is_a_dash_with_a_reason() -> None:
    for kpi in turnaround.KPIS:
        empty = value_of(kpi, Facts())
        assert (empty.value, empty.low, empty.high, empty.n) == (None, None, None, 0)
        assert empty.why_empty


@given(st.lists(st.integers(0, 200), max_size=40), st.randoms())
def test_every_number_opens_exactly_its_rows(hours: list[int], random: Random) -> None:
    facts = month([str(value) for value in hours])
    shuffled = list(facts.encounters)
    random.shuffle(shuffled)
    wide = frame(at(2), at(30))
    for kpi in turnaround.KPIS:
        selection = kpi.rows(facts, wide)
        found = kpi.value(selection, wide)
        assert found.n == len(selection.rows) == len(hours)
        assert sum(part.n for part in found.parts) == found.n
        assert kpi.rows(Facts(shuffled), wide) == selection


def test_rows_stand_slowest_first() -> None:
    selection = turnaround.P90.rows(month(TEN), WINDOW)
    assert [row.id for row in selection.rows[:2]] == [number(10), number(9)]
    assert selection.rows[0].amount == 48
    assert date(2026, 11, 2) < selection.rows[0].at.date()
