"""DNFC: each night of each waiting account belongs to exactly one party."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encounters.rules.deadlines import Hold, Party
from reporting.rules import dnfc
from reporting.rules.facts import EncounterFact, Facts
from tests.rules.reporting.builders import at, fact, frame, hold, number, span

D = Decimal
VENDOR, CLIENT, PROVIDER, PAYER = Party.VENDOR, Party.CLIENT, Party.PROVIDER, Party.PAYER
# The census: 12 November, 15:00 UTC, 09:00 in Chicago.  Nights end at 06:00 UTC.
CENSUS = frame(at(5), at(12, 15))

# (what happened to a visit of 2 November, nights by party); ten nights have passed: the 2nd to the 11th.
NIGHTS = [
    (fact(1), {CLIENT: 10}),  # nothing ever came
    (fact(1, available_at=at(2, 20)), {VENDOR: 10}),
    (fact(1, available_at=at(5, 20)), {CLIENT: 3, VENDOR: 7}),
    (fact(1, available_at=at(5, 6)), {CLIENT: 2, VENDOR: 8}),  # at midnight sharp: available that night
    (
        fact(1, available_at=at(3, 20), holds=(hold(PROVIDER, at(6, 12), at(9, 12)),)),
        {CLIENT: 1, VENDOR: 6, PROVIDER: 3},
    ),
    # the vendor's own hold is the vendor's time
    (fact(1, available_at=at(2, 20), holds=(hold(VENDOR, at(4, 12)),)), {VENDOR: 10}),
    # a hold that names the provider outranks "the client has not sent it"
    (fact(1, holds=(hold(PROVIDER, at(4, 12)),)), {CLIENT: 2, PROVIDER: 8}),
    # two others at once: who came first keeps it until its hold closes
    (
        fact(
            1,
            available_at=at(2, 20),
            holds=(hold(PAYER, at(4, 12), at(8, 12)), hold(CLIENT, at(6, 12), at(10, 12))),
        ),
        {VENDOR: 4, PAYER: 4, CLIENT: 2},
    ),
    # within a day: a hold opened and closed between two midnights takes no night
    (fact(1, available_at=at(2, 20), holds=(hold(CLIENT, at(5, 12), at(5, 20)),)), {VENDOR: 10}),
    # reopened: the nights it stood final are nobody's
    (fact(1, available_at=at(2, 20), final=(span(at(4, 12), at(7, 12)),)), {VENDOR: 7}),
]


@pytest.mark.parametrize(("found", "nights"), NIGHTS)
def test_nights_go_to_the_party_that_held_the_account(found: EncounterFact, nights: dict[Party, int]) -> None:
    assert dnfc.nights_by_party(found, CENSUS) == nights


# Each fact, and whether it waits.
WAITING = [
    (fact(1), True),
    (fact(1, final=at(11), available_at=at(3)), False),
    (fact(1, final=at(13), available_at=at(3)), True),  # final later: it waited when the census was taken
    (fact(1, cancelled_at=at(11)), False),
    (fact(1, cancelled_at=at(13)), True),
    (fact(1, service_on=date(2026, 11, 12)), True),
    (fact(1, service_on=date(2026, 11, 13)), False),
    (fact(1, service_on=None), False),  # still in the hospital
    (fact(1, final=(span(at(4), at(5)),), available_at=at(3)), True),
]


@pytest.mark.parametrize(("found", "waits"), WAITING)
def test_the_census_counts_what_waited_at_its_moment(found: EncounterFact, waits: bool) -> None:
    assert dnfc.is_waiting(found, CENSUS) is waits
    assert len(dnfc.ACCOUNTS.rows(Facts([found]), CENSUS).rows) == waits


GOLDEN = Facts(
    [
        fact(1),
        fact(2, available_at=at(5, 20)),
        fact(3, available_at=at(3, 20), holds=(hold(PROVIDER, at(6, 12)),)),
        fact(4, available_at=at(3, 20), final=at(6)),
        fact(5, service_on=date(2026, 11, 12), available_at=at(12, 14)),
        fact(6, cancelled_at=at(8)),
    ]
)


def test_the_golden_census() -> None:
    selection = dnfc.ACCOUNTS.rows(GOLDEN, CENSUS)
    accounts = dnfc.ACCOUNTS.value(selection, CENSUS)
    assert (accounts.value, accounts.n) == (D(4), 4)
    assert accounts.excluded == (("cancelled", 1),)
    assert [(part.bucket, part.n) for part in accounts.parts] == [
        ("vendor", 2),
        ("client", 1),
        ("provider", 1),
        ("payer", 0),
    ]
    assert {row.id: row.bucket for row in selection.rows} == {
        number(1): "client",
        number(2): "vendor",
        number(3): "provider",
        number(5): "vendor",
    }


def test_the_golden_days() -> None:
    selection = dnfc.DAYS.rows(GOLDEN, CENSUS)
    days = dnfc.DAYS.value(selection, CENSUS)
    assert (days.numerator, days.denominator, days.value, days.n) == (D(30), D(3), D("10.00"), 3)
    assert [(part.bucket, part.n, part.amount) for part in days.parts] == [
        ("vendor", 2, D(10)),  # 7 of the second account, 3 of the third
        ("client", 3, D(14)),
        ("provider", 1, D(6)),
        ("payer", 0, D(0)),
    ]


def test_nobody_waiting_is_zero_accounts_and_no_days() -> None:
    for kpi, value in ((dnfc.ACCOUNTS, D(0)), (dnfc.DAYS, None)):
        empty = kpi.value(kpi.rows(Facts(), CENSUS), CENSUS)
        assert (empty.value, empty.n) == (value, 0)
    assert dnfc.DAYS.value(dnfc.DAYS.rows(Facts(), CENSUS), CENSUS).why_empty


moments = st.datetimes(min_value=datetime(2026, 10, 28), max_value=datetime(2026, 11, 20)).map(
    lambda naive: naive.replace(tzinfo=at(1).tzinfo)
)
holds = st.builds(
    lambda party, one, two: Hold(min(one, two or one), two and max(one, two), party),
    st.sampled_from(Party),
    moments,
    st.none() | moments,
)
encounters = st.builds(
    lambda day, available, found_holds, final, reopened: fact(
        1,
        service_on=date(2026, 10, 30) + timedelta(days=day),
        available_at=available,
        holds=tuple(found_holds),
        final=None if final is None else (span(final, reopened and max(final, reopened)),),
    ),
    st.integers(0, 20),
    st.none() | moments,
    st.lists(holds, max_size=4),
    st.none() | moments,
    st.none() | moments,
)


@given(encounters)
def test_every_night_not_final_belongs_to_exactly_one_party(found: EncounterFact) -> None:
    census_day = CENSUS.end.astimezone(CENSUS.zone).date()
    assert found.service_on is not None
    span_days = max(0, (census_day - found.service_on).days)
    final_nights = sum(
        found.is_coded_at(
            datetime.combine(found.service_on + timedelta(days=i + 1), datetime.min.time(), CENSUS.zone)
        )
        for i in range(span_days)
    )
    nights = dnfc.nights_by_party(found, CENSUS)
    assert sum(nights.values()) == span_days - final_nights
    assert all(count > 0 for count in nights.values())


@given(st.lists(encounters, max_size=12))
def test_parts_add_up_to_the_whole(found: list[EncounterFact]) -> None:
    for kpi in dnfc.KPIS:
        selection = kpi.rows(Facts(found), CENSUS)
        value = kpi.value(selection, CENSUS)
        assert sum(part.n for part in value.parts) == len(selection.rows)
        if kpi is dnfc.DAYS:
            assert sum(part.amount for part in value.parts) == value.numerator
        else:
            assert value.value == len(selection.rows)
