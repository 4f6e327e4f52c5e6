"""Unbilled accounts together: sums, ages, and a trend that agrees with asking each account on each day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules import account_board as board
from claims.rules.billing_days import Account, Cause, age_days, is_unbilled
from encounters.rules.deadlines import Party

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 12, 18, tzinfo=UTC)
TODAY = date(2026, 11, 12)


def account(number: int, served: int, **facts: object) -> Account:
    return Account(UUID(int=number), date(2026, 11, served), **facts)  # type: ignore[arg-type]


ACCOUNTS = [
    account(1, 2, charge_amount=Decimal(100)),
    account(2, 9, available_at=NOW - timedelta(days=3), charge_amount=Decimal(40)),
    account(3, 1, available_at=NOW - timedelta(days=9), coded=((NOW - timedelta(days=5), None),)),
    account(4, 1, billed_at=NOW - timedelta(days=1), charge_amount=Decimal(70)),
]


def test_sums_and_causes() -> None:
    found = board.standings(ACCOUNTS, NOW, ZONE)
    assert [(one.account.id.int, one.age, one.held.cause) for one in found] == [
        (3, 11, Cause.SENDING),
        (1, 10, Cause.DOCUMENTS),
        (2, 3, Cause.CODING),
    ]
    overdue = board.above(found, 3)
    assert board.added(overdue) == board.Sum(2, Decimal(100), 1)
    assert {party: len(of) for party, of in board.by_party(overdue).items()} == {
        Party.VENDOR: 1, Party.CLIENT: 1, Party.PROVIDER: 0, Party.PAYER: 0,
    }  # fmt: skip
    assert set(board.by_cause(found)) == {
        (Party.VENDOR, Cause.SENDING), (Party.CLIENT, Cause.DOCUMENTS), (Party.VENDOR, Cause.CODING),
    }  # fmt: skip
    assert board.added(board.uncoded(found)) == board.Sum(2, Decimal(140), 0)
    assert sum(board.party_days(found, NOW, ZONE).values()) == 11 + 10 + 3


@pytest.mark.parametrize(("age", "bucket"), [(0, "0-3"), (3, "0-3"), (4, "4-7"), (7, "4-7"), (8, "8+")])
def test_a_bound_belongs_to_the_younger_bucket(age: int, bucket: str) -> None:
    assert board.age_bucket(age, (3, 7)) == bucket
    assert board.age_buckets((3, 7)) == ("0-3", "4-7", "8+")


def test_days_of_revenue() -> None:
    assert board.days_of_revenue(Decimal(500), Decimal(9_000), 90) == 5
    assert board.days_of_revenue(Decimal(500), Decimal(0), 90) is None


CASES = st.lists(
    st.tuples(st.integers(0, 40), st.none() | st.integers(0, 40 * 24), st.integers(0, 200)), max_size=12
)


@given(CASES, st.integers(0, 5))
def test_the_trend_is_what_each_day_would_have_said(
    cases: list[tuple[int, int | None, int]], hold: int
) -> None:
    accounts, later = [], Counter[tuple[date, date]]()
    for number, (served, billed, dollars) in enumerate(cases):
        served_on = TODAY - timedelta(days=served)
        billed_at = None if billed is None else NOW - timedelta(hours=billed, minutes=30)
        made = Account(UUID(int=number), served_on, billed_at=billed_at, charge_amount=Decimal(dollars))
        accounts.append(made)
        if billed_at is not None:
            later[served_on, billed_at.astimezone(ZONE).date()] += dollars
    days = [TODAY - timedelta(days=back) for back in (21, 14, 7, 1)]
    billed_later = [
        board.BilledLater(served, billed, 0, Decimal(dollars)) for (served, billed), dollars in later.items()
    ]
    billed_later += [
        board.BilledLater(one.served_on, one.billed_at.astimezone(ZONE).date(), 1, Decimal(0))
        for one in accounts
        if one.billed_at is not None and one.served_on is not None
    ]
    found = board.trend(board.standings(accounts, NOW, ZONE), billed_later, days, hold)
    for census in found:
        end = datetime.combine(census.on + timedelta(days=1), time(), ZONE).astimezone(UTC)
        then = [one for one in accounts if is_unbilled(one, end, ZONE) and age_days(one, end, ZONE) > hold]
        assert census.count == len(then)
        assert census.dollars == sum((one.charge_amount or Decimal(0) for one in then), Decimal(0))
