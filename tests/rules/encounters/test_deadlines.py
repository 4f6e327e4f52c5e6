"""Due times against hand-counted calendars and an independent clock; waiting time that adds up."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from encounters.rules.deadlines import (
    BusinessHours,
    Due,
    Hold,
    Party,
    attribute_days,
    attribute_stretches,
    attribute_time,
    due_at,
    holder_at,
)
from reporting.rules import clock

CHICAGO = ZoneInfo("America/Chicago")
OFFICE = BusinessHours(CHICAGO, time(8), time(17), frozenset(range(5)), frozenset({date(2026, 11, 26)}))


def at(text: str, zone: ZoneInfo = CHICAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def hold(start: str, end: str | None, party: str = "client") -> Hold:
    return Hold(at(start), at(end) if end else None, Party(party))


@pytest.mark.parametrize(
    ("available", "hours", "due"),
    [
        ("2026-11-23T10:00", 24, "2026-11-24T10:00"),
        ("2026-11-23T10:00", Decimal("1.5"), "2026-11-23T11:30"),
        # Daylight time ends on 1 November 2026 and starts on 14 March 2027: 24 hours, not 24 on the wall.
        ("2026-10-31T12:00", 24, "2026-11-01T11:00"),
        ("2027-03-13T12:00", 24, "2027-03-14T13:00"),
    ],
)
def test_clock_hours_run_day_and_night(available: str, hours: Decimal | int, due: str) -> None:
    assert due_at(at(available), hours) == Due(at(due).astimezone(UTC))


@pytest.mark.parametrize(
    ("available", "hours", "due"),
    [
        ("2026-11-23T10:00", 7, "2026-11-23T17:00"),
        ("2026-11-23T10:00", 8, "2026-11-24T09:00"),
        ("2026-11-23T05:00", 1, "2026-11-23T09:00"),
        ("2026-11-23T19:00", 1, "2026-11-24T09:00"),
        ("2026-11-21T12:00", 1, "2026-11-23T09:00"),
        # Over Thanksgiving (26th) and the weekend.
        ("2026-11-25T16:00", 2, "2026-11-27T09:00"),
        ("2026-11-27T16:00", 10, "2026-11-30T17:00"),
        # Over the end of daylight time: an office day has nine hours all the same.
        ("2026-10-30T16:00", 2, "2026-11-02T09:00"),
    ],
)
def test_business_hours_skip_nights_weekends_and_holidays(available: str, hours: int, due: str) -> None:
    assert due_at(at(available), hours, business=OFFICE) == Due(at(due).astimezone(UTC))


def test_business_hours_are_the_clients_wherever_the_chart_arrived() -> None:
    arrived = at("2026-11-23T12:00", ZoneInfo("Asia/Manila"))
    assert due_at(arrived, 1, business=OFFICE).at == at("2026-11-23T09:00")


def test_another_partys_hold_stops_the_clock_and_the_vendors_does_not() -> None:
    base = at("2026-11-23T10:00")
    assert due_at(base, 24, holds=[hold("2026-11-23T12:00", "2026-11-25T12:00")]).at == at("2026-11-26T10:00")
    own = hold("2026-11-23T12:00", "2026-11-25T12:00", "vendor")
    assert due_at(base, 24, holds=[own]).at == at("2026-11-24T10:00")


def test_overlapping_holds_stop_it_once() -> None:
    holds = [
        hold("2026-11-23T13:00", "2026-11-23T15:00", "payer"),
        hold("2026-11-23T12:00", "2026-11-23T14:00", "provider"),
        hold("2026-11-23T12:30", "2026-11-23T13:30"),
    ]
    assert due_at(at("2026-11-23T10:00"), 4, holds=holds).at == at("2026-11-23T17:00")


def test_a_hold_overnight_costs_a_business_clock_only_office_hours() -> None:
    holds = [hold("2026-11-23T16:00", "2026-11-24T09:00")]
    assert due_at(at("2026-11-23T15:00"), 4, business=OFFICE, holds=holds).at == at("2026-11-24T12:00")


def test_an_open_hold_leaves_no_due_time_but_what_remains() -> None:
    holds = [hold("2026-11-23T12:00", None, "provider"), hold("2026-11-23T13:00", None, "client")]
    assert due_at(at("2026-11-23T10:00"), 24, holds=holds) == Due(None, timedelta(hours=22), Party.PROVIDER)


def test_a_hold_opened_after_the_due_time_changes_nothing() -> None:
    holds = [hold("2026-11-24T10:00", None)]
    assert due_at(at("2026-11-23T10:00"), 24, holds=holds).at == at("2026-11-24T10:00")


def test_a_hold_open_before_the_chart_was_available_waits_for_its_owner() -> None:
    holds = [hold("2026-11-20T10:00", None, "payer")]
    for business in (None, OFFICE):
        found = due_at(at("2026-11-23T10:00"), 24, holds=holds, business=business)
        assert found == Due(None, timedelta(hours=24), Party.PAYER)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"available_at": datetime(2026, 11, 23), "hours": 1}, "deadline.naive"),
        ({"available_at": at("2026-11-23T10:00"), "hours": 0}, "deadline.hours"),
        ({"available_at": at("2026-11-23T10:00"), "hours": Decimal("-1")}, "deadline.hours"),
        (
            {
                "available_at": at("2026-11-23T10:00"),
                "hours": 1,
                "business": BusinessHours(CHICAGO, time(8), time(17), frozenset()),
            },
            "deadline.calendar",
        ),
        (
            {
                "available_at": at("2026-11-23T10:00"),
                "hours": 1,
                "business": BusinessHours(CHICAGO, time(17), time(8), frozenset({0})),
            },
            "deadline.calendar",
        ),
        (
            {
                "available_at": at("2026-11-23T10:00"),
                "hours": 1,
                "holds": [hold("2026-11-23T12:00", "2026-11-23T11:00")],
            },
            "deadline.hold",
        ),
    ],
)
def test_what_cannot_be_reckoned_is_refused(arguments: dict, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        due_at(**arguments)
    assert refusal.value.code == code


# --- properties ---------------------------------------------------------------------------------------

START = datetime(2026, 10, 26, tzinfo=UTC)
moments = st.integers(0, 21 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
parties = st.sampled_from(list(Party))


@st.composite
def any_hold(draw: st.DrawFn, may_be_open: bool = True) -> Hold:
    start = draw(moments)
    length = draw(st.one_of(st.integers(0, 4_000), st.none()) if may_be_open else st.integers(0, 4_000))
    return Hold(start, None if length is None else start + timedelta(minutes=length), draw(parties))


offices = st.one_of(
    st.none(),
    st.builds(
        BusinessHours,
        zone=st.sampled_from(
            [CHICAGO, ZoneInfo("America/Phoenix"), ZoneInfo("Asia/Manila"), ZoneInfo("UTC")]
        ),
        opens=st.sampled_from([time(0), time(1, 30), time(8)]),
        closes=st.sampled_from([time(17), time(23, 59)]),
        weekdays=st.sets(st.integers(0, 6), min_size=1).map(frozenset),
        holidays=st.sets(st.dates(date(2026, 10, 26), date(2026, 12, 1)), max_size=4).map(frozenset),
    ),
)


@given(moments, st.integers(1, 100), offices, st.lists(any_hold(may_be_open=False), max_size=5))
def test_the_clock_has_run_the_contracts_hours_when_the_chart_is_due(
    available: datetime, hours: int, office: BusinessHours | None, holds: list[Hold]
) -> None:
    due = due_at(available, hours, business=office, holds=holds)
    assert due.at is not None and due.remaining == timedelta() and due.waiting_for is None
    pauses = [clock.Span(h.start, h.end) for h in holds if h.party is not Party.VENDOR]
    run = clock.elapsed(available, due.at, hours=office, pauses=pauses)
    assert run == timedelta(hours=hours)
    just_before = clock.elapsed(available, due.at - timedelta(microseconds=1), hours=office, pauses=pauses)
    assert just_before < run


@given(moments, st.integers(1, 100), st.lists(any_hold(), max_size=5))
def test_due_or_remaining_agree_with_the_time_that_is_the_vendors(
    available: datetime, hours: int, holds: list[Hold]
) -> None:
    due = due_at(available, hours, holds=holds)
    end = due.at or START + timedelta(days=400)
    vendors = attribute_time(holds, available, end)[Party.VENDOR]
    assert vendors + due.remaining == timedelta(hours=hours)
    assert (due.at is None) == (due.waiting_for is not None)


@given(moments, moments, st.lists(any_hold(), max_size=6), st.one_of(st.none(), moments))
def test_every_moment_is_exactly_one_partys(
    start: datetime, end: datetime, holds: list[Hold], available: datetime | None
) -> None:
    total = attribute_time(holds, start, end, available)
    assert set(total) == set(Party)
    assert sum(total.values(), timedelta()) == max(timedelta(), end - start)
    stretches = attribute_stretches(holds, start, end, available)
    assert [a for a, _, _ in stretches[1:]] == [b for _, b, _ in stretches[:-1]]
    assert all(one[2] is not other[2] for one, other in pairwise(stretches))
    for opened, closed, party in stretches:
        for moment in (opened, closed - timedelta(microseconds=1)):
            assert holder_at(holds, moment, available) is party


@given(
    moments, moments, st.lists(any_hold(), max_size=6), st.sampled_from([CHICAGO, ZoneInfo("Asia/Manila")])
)
def test_every_day_is_exactly_one_partys(
    start: datetime, end: datetime, holds: list[Hold], zone: ZoneInfo
) -> None:
    assume(start <= end)
    days = attribute_days(holds, start, end, zone)
    assert set(days) == set(Party)
    assert sum(days.values()) == (end.astimezone(zone).date() - start.astimezone(zone).date()).days
    assert all(count == int(count) and count >= 0 for count in days.values())


@given(st.lists(st.tuples(moments, moments, st.lists(any_hold(), max_size=3)), max_size=6))
def test_days_of_many_accounts_add_up_to_their_ages(
    accounts: list[tuple[datetime, datetime, list[Hold]]],
) -> None:
    whole, parts = Decimal(0), Decimal(0)
    for start, end, holds in accounts:
        first, last = min(start, end), max(start, end)
        whole += (last.astimezone(CHICAGO).date() - first.astimezone(CHICAGO).date()).days
        parts += sum(attribute_days(holds, first, last, CHICAGO).values())
    assert parts == whole


def test_days_go_to_who_held_the_chart_when_the_day_ended() -> None:
    holds = [
        hold("2026-11-20T09:00", "2026-11-23T10:00", "client"),
        hold("2026-11-22T09:00", "2026-11-25T09:00", "provider"),
        hold("2026-11-20T08:00", "2026-11-28T09:00", "vendor"),
    ]
    days = attribute_days(holds, at("2026-11-19T23:00"), at("2026-11-27T01:00"), CHICAGO)
    assert days == {Party.VENDOR: 3, Party.CLIENT: 3, Party.PROVIDER: 2, Party.PAYER: 0}


def test_until_everything_has_arrived_the_chart_is_the_clients_unless_somebody_elses_hold_is_open() -> None:
    holds = [hold("2026-11-21T09:00", "2026-11-22T09:00", "payer"), hold("2026-11-20T09:00", None, "vendor")]
    arrived = at("2026-11-24T12:00")
    days = attribute_days(holds, at("2026-11-19T12:00"), at("2026-11-26T12:00"), CHICAGO, arrived)
    assert days == {Party.VENDOR: 2, Party.CLIENT: 4, Party.PROVIDER: 0, Party.PAYER: 1}
    total = attribute_time(holds, at("2026-11-19T12:00"), at("2026-11-26T12:00"), arrived)
    assert total[Party.PAYER] == timedelta(days=1) and total[Party.VENDOR] == timedelta(days=2)


@given(st.lists(any_hold(), max_size=4), st.one_of(st.none(), moments), moments)
def test_another_partys_hold_goes_before_missing_documents_and_those_before_the_vendor(
    holds: list[Hold], available: datetime | None, moment: datetime
) -> None:
    theirs = [
        h
        for h in holds
        if h.party is not Party.VENDOR and h.start <= moment and (h.end is None or moment < h.end)
    ]
    found = holder_at(holds, moment, available)
    if theirs:
        assert found is not Party.VENDOR
        assert min(h.start for h in theirs) in [h.start for h in theirs if h.party is found]
    else:
        assert found is (Party.CLIENT if available is not None and moment < available else Party.VENDOR)
