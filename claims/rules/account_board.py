"""Unbilled accounts together: how many, how old, worth how much, on whom they wait, and how that went.

A census of now.  An account older than the client's bill-hold days should have been billed; younger ones are
counted apart.  The past is found without asking every account of it again: what was unbilled on a day is what
is unbilled now and was served by then, and what has been billed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from claims.rules.billing_days import (
    UNCODED,
    Account,
    Cause,
    Held,
    age_days,
    days_by_party,
    holder_at,
    is_unbilled,
)
from encounters.rules.deadlines import Party

_ZERO: Final = Decimal(0)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """One unbilled account now; ``age`` in days since service."""

    account: Account
    held: Held
    age: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Some accounts: how many, their gross charges in dollars, and of how many no charge is known."""

    count: int
    dollars: Decimal
    unpriced: int


@dataclass(frozen=True, slots=True)
class BilledLater:
    """Accounts of one day of service that were billed on one day."""

    served_on: date
    billed_on: date
    count: int
    dollars: Decimal


@dataclass(frozen=True, slots=True)
class Census:
    """Unbilled accounts above the bill-hold days at the end of a day."""

    on: date
    count: int
    dollars: Decimal


def standings(accounts: Iterable[Account], now: datetime, zone: ZoneInfo) -> list[Standing]:
    """The unbilled accounts, the oldest first."""
    found = [
        Standing(account, holder_at(account, now), age_days(account, now, zone))
        for account in accounts
        if is_unbilled(account, now, zone)
    ]
    return sorted(found, key=lambda one: (-one.age, one.account.id))


def above(found: Iterable[Standing], hold_days: int) -> list[Standing]:
    """Those that should have been billed by now."""
    return [one for one in found if one.age > hold_days]


def added(found: Iterable[Standing]) -> Sum:
    """These accounts together."""
    of = list(found)
    charges = [one.account.charge_amount for one in of]
    priced = [charge for charge in charges if charge is not None]
    return Sum(len(of), sum(priced, _ZERO), len(of) - len(priced))


def by_party(found: Sequence[Standing]) -> dict[Party, list[Standing]]:
    """The accounts by who holds them up, every party a key."""
    return {party: [one for one in found if one.held.party is party] for party in Party}


def by_cause(found: Sequence[Standing]) -> dict[tuple[Party, Cause], list[Standing]]:
    """The accounts by who holds them up with what, those that occur."""
    sums: dict[tuple[Party, Cause], list[Standing]] = {}
    for one in found:
        sums.setdefault((one.held.party, one.held.cause), []).append(one)
    return sums


def uncoded(found: Iterable[Standing]) -> list[Standing]:
    """Those that wait for their codes (DNFC)."""
    return [one for one in found if one.held.cause in UNCODED]


def age_bucket(age: int, bounds: Sequence[int]) -> str:
    """``0-3``, ``4-7`` … ``61+``: a bound belongs to the younger bucket."""
    low = 0
    for bound in bounds:
        if age <= bound:
            return f"{low}-{bound}"
        low = bound + 1
    return f"{low}+"


def age_buckets(bounds: Sequence[int]) -> tuple[str, ...]:
    """The codes of all buckets, youngest first."""
    return tuple(age_bucket(age, bounds) for age in (*bounds, bounds[-1] + 1))


def party_days(found: Iterable[Standing], now: datetime, zone: ZoneInfo) -> dict[Party, int]:
    """Days that each party held these accounts up, every party a key; their sum is the sum of the ages."""
    total = dict.fromkeys(Party, 0)
    for one in found:
        for party, days in days_by_party(one.account, now, zone).items():
            total[party] += days
    return total


def trend(
    found: Sequence[Standing], later: Sequence[BilledLater], days: Sequence[date], hold_days: int
) -> tuple[Census, ...]:
    """The census at the end of each of ``days``: accounts unbilled then and older than the bill-hold days.

    ``later`` holds at least what was billed after the first of them.
    """
    censuses = []
    for day in days:
        oldest = day + _DAY - timedelta(days=hold_days)
        open_now = [
            one.account
            for one in found
            if one.account.served_on is not None and one.account.served_on < oldest
        ]
        since = [one for one in later if one.billed_on > day and one.served_on < oldest]
        dollars = sum((account.charge_amount or _ZERO for account in open_now), _ZERO)
        censuses.append(
            Census(
                day,
                len(open_now) + sum(one.count for one in since),
                dollars + sum((one.dollars for one in since), _ZERO),
            )
        )
    return tuple(censuses)


def days_of_revenue(dollars: Decimal, gross: Decimal, over_days: int) -> Decimal | None:
    """Dollars over the average gross revenue of a day, in days; ``None`` where there was none."""
    return None if gross <= _ZERO else dollars / (gross / over_days)
