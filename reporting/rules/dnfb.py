"""Discharged, not final billed: how many accounts, how many dollars, how many days of revenue, and on whom.

A census at the end of the window.  An account is billed when its first claim went out.  Whose each account
is, and whose each of its days were, is decided by ``claims.rules.billing_days``.  Dollars are gross charges:
those of its claim, else those that came with the visit; what nobody has priced is left out and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from claims.rules.billing_days import UNCODED, Account, age_days, holder_at, is_unbilled
from reporting.rules.claim_parts import follows_claims
from reporting.rules.dnfc import PARTIES
from reporting.rules.facts import Facts, Frame, Keys
from reporting.rules.kpi import (
    ZERO,
    Audience,
    Bucket,
    Estimate,
    Kpi,
    KpiDefinition,
    KpiValue,
    LeftOut,
    Row,
    Selection,
    TargetBand,
    Unit,
    as_count,
    empty_value,
    measured_value,
)

REVENUE_DAYS: Final = 90
"""Part of version 1: revenue a day is that of so many days before the census."""
REVENUE: Final = "revenue"
NOBODY: Final = UUID(int=0)
"""The row of a day's revenue is no account."""
SUSPENSE: Final = "within the bill-hold days"
UNPRICED: Final = "no charge known"
_HUNDREDTH: Final = Decimal("0.01")
_MILLIONTH: Final = Decimal("0.000001")


def select_accounts(facts: Facts, frame: Frame) -> Selection:
    """Accounts unbilled longer than the bill-hold days, by who holds them now; amount: days since service."""
    return _select(facts, frame, _days_old)


def select_dollars(facts: Facts, frame: Frame) -> Selection:
    """The same accounts with their gross charges; those that nobody has priced are left out."""
    return _select(facts, frame, lambda account, _frame: account.charge_amount)


def select_days(facts: Facts, frame: Frame) -> Selection:
    """The same dollars, and beside them the gross revenue of a day."""
    found = select_dollars(facts, frame)
    return replace(found, rows=(*found.rows, *_a_day(facts, frame)))


def select_uncoded(facts: Facts, frame: Frame) -> Selection:
    """Of all unbilled accounts, bill-hold days or not, those that are not final coded, with their charges."""
    rows, left_out = [], []
    for account in _unbilled(facts, frame):
        held = holder_at(account, frame.end)
        if held.cause not in UNCODED:
            continue
        if account.charge_amount is None:
            left_out.append(LeftOut(account.id, UNPRICED, _keys(account)))
            continue
        rows.append(Row(account.id, held.party.value, account.charge_amount, frame.end, _keys(account)))
    return _sorted(rows, left_out)


def measure_accounts(definition: KpiDefinition, selection: Selection, _frame: Frame) -> KpiValue:
    """How many accounts wait.  None is a true zero."""
    count = Decimal(len(selection.rows))
    return measured_value(
        definition,
        selection,
        n=len(selection.rows),
        numerator=count,
        denominator=Decimal(1),
        estimate=Estimate(count),
    )


def measure_dollars(definition: KpiDefinition, selection: Selection, _frame: Frame) -> KpiValue:
    """Their gross charges.  None is a true zero."""
    total = sum((row.amount for row in selection.rows), ZERO)
    return measured_value(
        definition,
        selection,
        n=len(selection.rows),
        numerator=total,
        denominator=Decimal(1),
        estimate=Estimate(total),
    )


def measure_days(definition: KpiDefinition, selection: Selection, frame: Frame) -> KpiValue:
    """Their gross charges over those of a day of service."""
    accounts = selection.in_buckets(*definition.listed)
    gross = sum((row.amount for row in selection.in_buckets(REVENUE)), ZERO)
    if gross <= ZERO:
        return empty_value(definition, selection, "No charge is known of the 90 days before the census.")
    dollars = sum((row.amount for row in accounts), ZERO)
    return measured_value(
        definition,
        selection,
        n=len(accounts),
        numerator=dollars,
        denominator=gross.quantize(_MILLIONTH),
        estimate=days_of_revenue(dollars, gross, frame.confidence),
    )


def days_of_revenue(dollars: Decimal, gross: Decimal, _confidence: Decimal) -> Estimate:
    """Dollars over the gross revenue of a day, in days.  A census has no interval."""
    return Estimate((dollars / gross).quantize(_HUNDREDTH))


def _a_day(facts: Facts, frame: Frame) -> list[Row]:
    """Average gross charges of a day of service before the census, a row a facility and specialty."""
    last = frame.end.astimezone(frame.zone).date()
    first = last - timedelta(days=REVENUE_DAYS)
    total: dict[Keys, Decimal] = {}
    for charged in facts.billing.gross if facts.billing else ():
        if first <= charged.served_on < last:
            keys = Keys(charged.facility, charged.specialty)
            total[keys] = total.get(keys, ZERO) + charged.amount
    return [
        Row(NOBODY, REVENUE, amount / REVENUE_DAYS, frame.end, keys)
        for keys, amount in sorted(total.items(), key=lambda one: (one[0].facility, one[0].specialty))
    ]


def _select(facts: Facts, frame: Frame, amount_of: Callable[[Account, Frame], Decimal | None]) -> Selection:
    hold = facts.billing.bill_hold_days if facts.billing else 0
    rows, left_out = [], []
    for account in _unbilled(facts, frame):
        keys = _keys(account)
        if age_days(account, frame.end, frame.zone) <= hold:
            left_out.append(LeftOut(account.id, SUSPENSE, keys))
            continue
        amount = amount_of(account, frame)
        if amount is None:
            left_out.append(LeftOut(account.id, UNPRICED, keys))
            continue
        rows.append(Row(account.id, holder_at(account, frame.end).party.value, amount, frame.end, keys))
    return _sorted(rows, left_out)


def _unbilled(facts: Facts, frame: Frame) -> Iterator[Account]:
    for account in facts.billing.accounts if facts.billing else ():
        if is_unbilled(account, frame.end, frame.zone):
            yield account


def _days_old(account: Account, frame: Frame) -> Decimal:
    return Decimal(age_days(account, frame.end, frame.zone))


def _keys(account: Account) -> Keys:
    return Keys(account.facility, account.specialty)


def _sorted(rows: Iterable[Row], left_out: Iterable[LeftOut]) -> Selection:
    return Selection(tuple(sorted(rows, key=lambda row: (-row.amount, row.id))), tuple(left_out))


# --- definitions -----------------------------------------------------------------------------------------

_EXCLUSIONS: Final = (
    "Cancelled visits and stays that are not over.",
    "Accounts within the client's bill-hold days; they are counted apart.",
)
_PRICED: Final = (*_EXCLUSIONS, "Accounts whose charge nobody has named; they are counted apart.")
_ACCOUNTS: Final = KpiDefinition(
    name="dnfb.accounts",
    version=1,
    title="Not final billed",
    question="How many visits should have been billed by now, and on whom do they wait?",
    numerator="Visits served, older than the bill-hold days, whose first claim has not gone out",
    denominator="None: a census counts every account, so it has no interval",
    exclusions=_EXCLUSIONS,
    window="Census at the end of the window",
    unit=Unit.COUNT,
    target=None,
    source="HFMA DNFB, bill-hold (suspense) days out, split by who holds the account",
    minimum_n=1,
    audience=Audience.BOTH,
    buckets=PARTIES,
    noun="accounts",
    groups=("facility", "specialty"),
    amount="Days since service",
    higher_is_better=False,
    part_title="Held up then by",
)
ACCOUNTS: Final = Kpi(_ACCOUNTS, select_accounts, measure_accounts, as_count, follows_claims)
DOLLARS: Final = Kpi(
    replace(
        _ACCOUNTS,
        name="dnfb.dollars",
        title="Dollars not final billed",
        question="How much gross revenue waits to be billed, and on whom?",
        numerator="Gross charges of visits older than the bill-hold days whose first claim has not gone out",
        exclusions=_PRICED,
        unit=Unit.DOLLARS,
        amount="Charge",
        is_money=True,
    ),
    select_dollars,
    measure_dollars,
    as_count,
    follows_claims,
)
DAYS: Final = Kpi(
    replace(
        _ACCOUNTS,
        name="dnfb.days",
        title="Days not final billed",
        question="How many days of revenue wait to be billed?",
        numerator="Gross charges of visits older than the bill-hold days whose first claim has not gone out",
        denominator="Average gross charges of a day of service, of the 90 days before the census",
        exclusions=(*_PRICED, "From revenue a day: visits of which no claim was made yet."),
        unit=Unit.DAYS,
        target=TargetBand(high=Decimal(7)),
        source="HFMA DNFB days; 5 to 7 days where billing is automated (revenuecyclereport.com/dnfb)",
        minimum_n=10,
        amount="Charge",
        is_money=True,
        buckets=(*PARTIES, Bucket(REVENUE, "Gross revenue of a day", opens=False)),
        listed=tuple(bucket.code for bucket in PARTIES),
    ),
    select_days,
    measure_days,
    days_of_revenue,
    follows_claims,
)
UNCODED_DOLLARS: Final = Kpi(
    replace(
        _ACCOUNTS,
        name="dnfc.dollars",
        title="Dollars not final coded",
        question="How much gross revenue waits for codes, and on whom?",
        numerator="Gross charges of visits served, not billed and not final coded",
        exclusions=(
            "Cancelled visits and stays that are not over.",
            "Accounts whose charge nobody has named; they are counted apart.",
        ),
        unit=Unit.DOLLARS,
        source="HFMA DNFB family, counted at final coding and split by who holds the account",
        amount="Charge",
        is_money=True,
    ),
    select_uncoded,
    measure_dollars,
    as_count,
    follows_claims,
)
KPIS: Final = (ACCOUNTS, DOLLARS, DAYS, UNCODED_DOLLARS)
