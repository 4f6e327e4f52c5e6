"""Discharged, not final coded: how many accounts wait, how long, and on whom.

A census taken at the end of the window.  Each night of each waiting account belongs to exactly one party,
the one that held it up when the day ended in the client's own zone.  ``encounters.rules.deadlines`` says
which that is: the owner of the earliest opened hold other than the vendor's; else the client, while not
everything needed to code has arrived; else the vendor.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from encounters.rules.deadlines import Party, holder_at
from reporting.rules.clock import midnights
from reporting.rules.facts import EncounterFact, Facts, Frame
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

_HUNDREDTH: Final = Decimal("0.01")


def waiting_on(fact: EncounterFact, moment: datetime) -> Party:
    """The one party that holds a waiting account up at this instant."""
    never_yet = moment + timedelta.resolution
    return holder_at(fact.holds, moment, fact.available_at or never_yet)


def nights_by_party(fact: EncounterFact, frame: Frame) -> dict[Party, int]:
    """The nights from the date of service to the census, each given to one party.

    Nights on which the account stood final (before it was reopened) are nobody's.  Their sum is the
    account's age in days, less those.
    """
    count: Counter[Party] = Counter()
    if fact.service_on is None:
        return {}
    for _day, night in midnights(fact.service_on, frame.end.astimezone(frame.zone).date(), frame.zone):
        if not fact.is_coded_at(night):
            count[waiting_on(fact, night)] += 1
    return dict(count)


def is_waiting(fact: EncounterFact, frame: Frame) -> bool:
    """Whether the account is in the census: served, not cancelled, not final at the window's end."""
    return (
        fact.service_on is not None
        and fact.service_on <= frame.end.astimezone(frame.zone).date()
        and not fact.is_cancelled_at(frame.end)
        and not fact.is_coded_at(frame.end)
    )


def select_accounts(facts: Facts, frame: Frame) -> Selection:
    """One row for each waiting account, in the bucket of the party that holds it now; amount: days waited."""
    rows = []
    for fact in facts.encounters:
        if is_waiting(fact, frame):
            days = Decimal(sum(nights_by_party(fact, frame).values()))
            rows.append(Row(fact.id, waiting_on(fact, frame.end).value, days, frame.end, fact.keys))
    rows.sort(key=lambda row: (-row.amount, row.id))
    return Selection(tuple(rows), _cancelled(facts, frame))


def select_days(facts: Facts, frame: Frame) -> Selection:
    """One row for each waiting account and party that held it up at least a night; amount: those nights."""
    rows = []
    for fact in facts.encounters:
        if is_waiting(fact, frame):
            for party, nights in nights_by_party(fact, frame).items():
                rows.append(Row(fact.id, party.value, Decimal(nights), frame.end, fact.keys))
    rows.sort(key=lambda row: (-row.amount, row.id, row.bucket))
    return Selection(tuple(rows), _cancelled(facts, frame))


def measure_accounts(definition: KpiDefinition, selection: Selection, _frame: Frame) -> KpiValue:
    """How many accounts wait.  Nobody waiting is a true zero, not a missing number."""
    count = Decimal(len(selection.rows))
    return measured_value(
        definition,
        selection,
        n=len(selection.rows),
        numerator=count,
        denominator=Decimal(1),
        estimate=Estimate(count),
    )


def measure_days(definition: KpiDefinition, selection: Selection, frame: Frame) -> KpiValue:
    """Mean days an account has waited.  The parts' amounts add up to the numerator, party by party."""
    accounts = len({row.id for row in selection.rows})
    if accounts == 0:
        return empty_value(definition, selection, "No account had waited a night when the census was taken.")
    days = sum((row.amount for row in selection.rows), ZERO)
    return measured_value(
        definition,
        selection,
        n=accounts,
        numerator=days,
        denominator=Decimal(accounts),
        estimate=mean_days(days, Decimal(accounts), frame.confidence),
    )


def mean_days(days: Decimal, accounts: Decimal, _confidence: Decimal) -> Estimate:
    """Days an account.  A census has no interval."""
    return Estimate((days / accounts).quantize(_HUNDREDTH))


def _cancelled(facts: Facts, frame: Frame) -> tuple[LeftOut, ...]:
    return tuple(
        LeftOut(fact.id, "cancelled", fact.keys)
        for fact in facts.encounters
        if frame.covers(fact.cancelled_at) and not fact.is_coded_at(frame.end)
    )


PARTIES: Final = (
    Bucket(Party.VENDOR.value, "Coding vendor"),
    Bucket(Party.CLIENT.value, "Client"),
    Bucket(Party.PROVIDER.value, "Provider"),
    Bucket(Party.PAYER.value, "Payer"),
)
_EXCLUSIONS: Final = ("Cancelled encounters.", "Encounters that stand final when the census is taken.")
_WINDOW: Final = "Census at the end of the window"
_SOURCE: Final = "HFMA DNFB family, counted at final coding and split by who holds the account"

ACCOUNTS: Final = Kpi(
    KpiDefinition(
        name="dnfc.accounts",
        version=1,
        title="Not final coded",
        question="How many visits wait for their codes, and on whom?",
        numerator="Encounters served and not final coded, by the party that holds them now",
        denominator="None: a census counts every account, so it has no interval",
        exclusions=_EXCLUSIONS,
        window=_WINDOW,
        unit=Unit.COUNT,
        target=None,
        source=_SOURCE,
        minimum_n=1,
        audience=Audience.BOTH,
        buckets=PARTIES,
        noun="accounts",
        groups=("facility", "specialty"),
        amount="Days waited",
        higher_is_better=False,
        part_title="Held up then by",
    ),
    select_accounts,
    measure_accounts,
    as_count,
)
DAYS: Final = Kpi(
    KpiDefinition(
        name="dnfc.days",
        version=1,
        title="Days not final coded",
        question="How long have they waited, and whose days were those?",
        numerator="Nights from service to census, each given to the one party that held the account up",
        denominator="Accounts that have waited at least a night",
        exclusions=(
            *_EXCLUSIONS,
            "Accounts served on the day of the census.",
            "Nights spent final before a reopen.",
        ),
        window=_WINDOW,
        unit=Unit.DAYS,
        target=TargetBand(high=Decimal(4)),
        source=f"{_SOURCE}; 2 to 4 days of DNFB (revenuecyclereport.com/dnfb)",
        minimum_n=10,
        audience=Audience.BOTH,
        buckets=PARTIES,
        noun="accounts",
        groups=("facility", "specialty"),
        amount="Days waited",
        higher_is_better=False,
        part_title="Whose days",
    ),
    select_days,
    measure_days,
    mean_days,
)
KPIS: Final = (ACCOUNTS, DAYS)
