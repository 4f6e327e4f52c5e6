"""Every day of an account is exactly one party's, from service to the payer's answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules.billing_days import (
    Account,
    Cause,
    Held,
    Stop,
    age_days,
    days_by_party,
    holder_at,
    is_unbilled,
    stretches,
)
from encounters.rules import deadlines
from encounters.rules.deadlines import Party

CHICAGO = ZoneInfo("America/Chicago")
VENDOR, CLIENT, PROVIDER, PAYER = Party.VENDOR, Party.CLIENT, Party.PROVIDER, Party.PAYER


def at(day: int, hour: int = 18) -> datetime:
    """An instant of November 2026, UTC; midnight in Chicago is 6."""
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def account(**facts: object) -> Account:
    """Served on 2 November; the census of the tests is at noon of the 12th: ten days."""
    return replace(Account(UUID(int=1), date(2026, 11, 2)), **facts)  # type: ignore[arg-type]


CODED = {"available_at": at(2), "coded": ((at(4), None),)}
DAYS = [
    (account(), {CLIENT: 10}),
    (account(available_at=at(2)), {VENDOR: 10}),
    (account(available_at=at(5, 6)), {CLIENT: 2, VENDOR: 8}),  # at midnight sharp: the night is the vendor's
    (
        account(available_at=at(2), holds=(Stop(at(4), at(7), PROVIDER, Cause.QUERY),)),
        {VENDOR: 7, PROVIDER: 3},
    ),
    (account(available_at=at(2), holds=(Stop(at(4), None, VENDOR),)), {VENDOR: 10}),
    # Final on the 4th, sent on the 9th, unanswered.
    (account(**CODED, billed_at=at(9)), {VENDOR: 7, PAYER: 3}),
    (account(**CODED, billed_at=at(9), answered_at=at(11)), {VENDOR: 7, PAYER: 2}),
    # What the client must mend is the client's time, the review before it the vendor's.
    (
        account(**CODED, reviews=(Stop(at(4), at(6), VENDOR),), blocks=(Stop(at(5), at(9), CLIENT),)),
        {VENDOR: 7, CLIENT: 3},
    ),
    (account(**CODED, is_self_billed=True), {VENDOR: 2, CLIENT: 8}),
    # Opened again on the 6th, final again on the 8th, with a query in between.
    (
        account(
            available_at=at(2),
            coded=((at(4), at(6)), (at(8), None)),
            holds=(Stop(at(6), at(8), PROVIDER, Cause.QUERY),),
        ),
        {VENDOR: 8, PROVIDER: 2},
    ),
    (account(cancelled_at=at(5)), {CLIENT: 3}),
    (account(served_on=None), {}),
    (account(served_on=date(2026, 11, 12)), {}),
]


@pytest.mark.parametrize(("found", "days"), DAYS)
def test_each_day_goes_to_who_held_the_account_up(found: Account, days: dict[Party, int]) -> None:
    assert days_by_party(found, at(12), CHICAGO) == days


def test_the_stretches_name_days_and_cause() -> None:
    found = account(**CODED, blocks=(Stop(at(5), at(9), CLIENT),), billed_at=at(11))
    told = [
        (one.first.day, one.last.day, one.days, one.held.cause) for one in stretches(found, at(12), CHICAGO)
    ]
    assert told == [
        (2, 3, 2, Cause.CODING),
        (4, 4, 1, Cause.SENDING),
        (5, 8, 4, Cause.BLOCKED),
        (9, 10, 2, Cause.SENDING),
        (11, 11, 1, Cause.ANSWER),
    ]


@pytest.mark.parametrize(
    ("found", "waits"),
    [
        (account(), True),
        (account(billed_at=at(13)), True),
        (account(billed_at=at(11)), False),
        (account(cancelled_at=at(11)), False),
        (account(served_on=date(2026, 11, 13)), False),
        (account(served_on=None), False),
    ],
)
def test_the_census_knows_what_was_not_billed_at_its_moment(found: Account, waits: bool) -> None:
    assert is_unbilled(found, at(12), CHICAGO) is waits


INSTANTS = st.integers(0, 60 * 24).map(
    lambda hours: datetime(2026, 10, 1, tzinfo=UTC) + timedelta(hours=hours)
)
STOPS = st.lists(
    st.builds(
        lambda start, hours, party, cause: Stop(
            start, None if hours is None else start + timedelta(hours=hours), party, cause
        ),
        INSTANTS,
        st.none() | st.integers(0, 400),
        st.sampled_from(Party),
        st.sampled_from([Cause.HOLD, Cause.QUERY]),
    ),
    max_size=3,
).map(tuple)
ACCOUNTS = st.builds(
    Account,
    st.just(UUID(int=1)),
    st.dates(date(2026, 10, 1), date(2026, 11, 30)),
    st.none() | INSTANTS,
    st.lists(st.tuples(INSTANTS, st.none() | INSTANTS), max_size=2).map(tuple),
    STOPS,
    STOPS,
    STOPS,
    st.none() | INSTANTS,
    st.none() | INSTANTS,
    st.none() | INSTANTS,
    st.booleans(),
)


@given(
    ACCOUNTS, INSTANTS, st.sampled_from(["America/Chicago", "UTC", "Pacific/Honolulu", "America/New_York"])
)
def test_no_day_is_lost_or_counted_twice(found: Account, moment: datetime, name: str) -> None:
    """Against asking day by day; the clock is set back in the middle of it."""
    zone = ZoneInfo(name)
    end = min(one for one in (moment, found.answered_at, found.cancelled_at) if one is not None)
    assert found.served_on is not None
    day, past, naive = found.served_on, end.astimezone(zone).date(), []
    while day < past:
        day += timedelta(days=1)
        naive.append(holder_at(found, datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)))
    told = [one.held for one in stretches(found, moment, zone) for _ in range(one.days)]
    assert told == naive
    if end == moment:
        assert sum(days_by_party(found, moment, zone).values()) == age_days(found, moment, zone)


@given(ACCOUNTS, INSTANTS)
def test_before_it_is_coded_the_party_is_that_of_the_deadlines(found: Account, moment: datetime) -> None:
    before = replace(found, coded=(), billed_at=None)
    holds = [deadlines.Hold(one.start, one.end, one.party) for one in found.holds]
    never_yet = moment + timedelta.resolution
    assert holder_at(before, moment).party is deadlines.holder_at(
        holds, moment, found.available_at or never_yet
    )
    assert holder_at(replace(found, billed_at=moment), moment) == Held(PAYER, Cause.ANSWER)
