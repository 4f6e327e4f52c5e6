"""Backlog by age, and what is past due."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encounters.rules.deadlines import Party
from reporting.rules import backlog
from reporting.rules.facts import EncounterFact, Facts
from tests.rules.reporting.builders import at, fact, frame, hold, number, span

D = Decimal
NOW = frame(at(5), at(12, 12))

AGES = [
    ("0", "0-1"),
    ("1", "0-1"),
    ("1.000001", "1-2"),
    ("2", "1-2"),
    ("3", "2-3"),
    ("3.1", "3-5"),
    ("5", "3-5"),
    ("7", "5-7"),
    ("7.000001", "7+"),
    ("400", "7+"),
]


@pytest.mark.parametrize(("days", "bucket"), AGES)
def test_a_bound_belongs_to_the_younger_bucket(days: str, bucket: str) -> None:
    assert backlog.age_bucket(D(days)) == bucket


@given(st.decimals(0, 1000, places=3))
def test_every_age_has_a_bucket_of_the_definition(days: Decimal) -> None:
    assert backlog.age_bucket(days) in [bucket.code for bucket in backlog.OPEN.definition.buckets]


# (fact, in the backlog, why not)
CASES = [
    (fact(1, available_at=at(10)), True, ()),
    (fact(1), False, ()),  # not available: the client's
    (fact(1, available_at=at(13)), False, ()),
    (fact(1, available_at=at(10), final=at(11)), False, ()),
    (fact(1, available_at=at(10), final=at(13)), True, ()),
    (fact(1, available_at=at(10), final=(span(at(10, 5), at(11)),)), True, ()),  # reopened
    (fact(1, available_at=at(10), cancelled_at=at(11)), False, ()),
    (fact(1, available_at=at(10), holds=(hold(Party.VENDOR, at(11)),)), True, ()),
    (
        fact(1, available_at=at(10), holds=(hold(Party.PROVIDER, at(11)),)),
        False,
        (("waits on the provider", 1),),
    ),
    (fact(1, available_at=at(10), holds=(hold(Party.CLIENT, at(10), at(11)),)), True, ()),
]


@pytest.mark.parametrize(("found", "counts", "reasons"), CASES)
def test_the_backlog_is_what_the_vendor_could_code_now(
    found: EncounterFact, counts: bool, reasons: tuple[tuple[str, int], ...]
) -> None:
    selection = backlog.OPEN.rows(Facts([found]), NOW)
    assert bool(selection.rows) is counts
    assert selection.reasons() == reasons


GOLDEN = Facts(
    [
        fact(1, available_at=at(12), due_at=at(13)),
        fact(2, available_at=at(11, 12), due_at=at(12, 11)),
        fact(3, available_at=at(10), due_at=at(12, 12)),  # due this very moment: in time
        fact(4, available_at=at(1), due_at=at(3)),
        fact(5, available_at=at(8), due_at=None),
    ]
)


def test_the_golden_backlog() -> None:
    selection = backlog.OPEN.rows(GOLDEN, NOW)
    found = backlog.OPEN.value(selection, NOW)
    assert (found.value, found.n, found.low, found.high) == (D(5), 5, None, None)
    assert [part.n for part in found.parts] == [2, 0, 1, 1, 0, 1]
    assert [row.id for row in selection.rows] == [number(value) for value in (4, 5, 3, 2, 1)]


def test_the_golden_overdue_share() -> None:
    found = backlog.PAST_DUE.value(backlog.PAST_DUE.rows(GOLDEN, NOW), NOW)
    assert (found.numerator, found.denominator, found.value) == (D(2), D(4), D(50))
    assert (found.low, found.high) == (D("15.0039"), D("84.9961"))
    assert found.excluded == (("no_due", 1),)


def test_an_empty_backlog_is_zero_and_its_overdue_share_a_dash() -> None:
    assert backlog.OPEN.value(backlog.OPEN.rows(Facts(), NOW), NOW).value == 0
    overdue = backlog.PAST_DUE.value(backlog.PAST_DUE.rows(Facts(), NOW), NOW)
    assert overdue.value is None
    assert overdue.why_empty


@given(st.lists(st.integers(0, 20 * 24), max_size=30))
def test_the_histogram_adds_up(ages: list[int]) -> None:
    facts = Facts(
        [fact(i, available_at=NOW.end - timedelta(hours=age)) for i, age in enumerate(ages, start=1)]
    )
    found = backlog.OPEN.value(backlog.OPEN.rows(facts, NOW), NOW)
    assert sum(part.n for part in found.parts) == found.n == len(ages)
