"""Backlog: charts the vendor could work on and has not finished, by age, and those past their due time.

A census at the end of the window.  Charts that wait on the client, a provider or the payer are not the
vendor's backlog; they are left out by name here, and stand in the count of accounts not final coded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from encounters.rules.deadlines import Party
from reporting.rules.dnfc import waiting_on
from reporting.rules.facts import EncounterFact, Facts, Frame
from reporting.rules.kpi import (
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
    as_percent,
    empty_value,
    measured_value,
)

OVERDUE, IN_TIME, NO_DUE = "overdue", "in_time", "no_due"
# Upper bounds in days, each belonging to its bucket: a chart exactly one day old is in "0-1".
AGES: Final = (
    (Decimal(1), Bucket("0-1", "Up to 1 day")),
    (Decimal(2), Bucket("1-2", "1 to 2 days")),
    (Decimal(3), Bucket("2-3", "2 to 3 days")),
    (Decimal(5), Bucket("3-5", "3 to 5 days")),
    (Decimal(7), Bucket("5-7", "5 to 7 days")),
)
OLDEST: Final = Bucket("7+", "Over 7 days")


def age_bucket(days: Decimal) -> str:
    """The bucket of an age in days: 0-1, 1-2, 2-3, 3-5, 5-7, 7+; a bound belongs to the younger one."""
    return next((bucket.code for bound, bucket in AGES if days <= bound), OLDEST.code)


def select_by_age(facts: Facts, frame: Frame) -> Selection:
    """The backlog in buckets of age since available-to-code; amount: days of age, oldest first."""
    return _select(facts, frame, lambda _fact, age: age_bucket(age))


def select_by_due(facts: Facts, frame: Frame) -> Selection:
    """The backlog as overdue or in time; charts without a due time stand apart."""

    def bucket(fact: EncounterFact, _age: Decimal) -> str:
        if fact.due_at is None:
            return NO_DUE
        return OVERDUE if fact.due_at < frame.end else IN_TIME

    return _select(facts, frame, bucket)


def measure_open(definition: KpiDefinition, selection: Selection, _frame: Frame) -> KpiValue:
    """How many charts are in the backlog.  An empty backlog is a true zero."""
    count = Decimal(len(selection.rows))
    return measured_value(
        definition,
        selection,
        n=len(selection.rows),
        numerator=count,
        denominator=Decimal(1),
        estimate=Estimate(count),
    )


def measure_overdue(definition: KpiDefinition, selection: Selection, frame: Frame) -> KpiValue:
    """Overdue charts over charts with a due time, in percent, with Wilson's interval."""
    overdue, n = len(selection.in_buckets(OVERDUE)), len(selection.rows)
    if n == 0:
        return empty_value(definition, selection, "No chart with a due time was waiting.")
    return measured_value(
        definition,
        selection,
        n=n,
        numerator=Decimal(overdue),
        denominator=Decimal(n),
        estimate=as_percent(Decimal(overdue), Decimal(n), frame.confidence),
    )


def _select(facts: Facts, frame: Frame, bucket_of: Callable[[EncounterFact, Decimal], str]) -> Selection:
    rows: list[Row] = []
    left_out: list[LeftOut] = []
    for fact in facts.encounters:
        available_at = fact.available_at
        if available_at is None or not fact.is_available_at(frame.end) or _is_done(fact, frame.end):
            continue
        party = waiting_on(fact, frame.end)
        if party is not Party.VENDOR:
            left_out.append(LeftOut(fact.id, f"waits on the {party.value}", fact.keys))
            continue
        age = _days(frame.end - available_at)
        rows.append(Row(fact.id, bucket_of(fact, age), age, available_at, fact.keys))
    rows.sort(key=lambda row: (row.at, row.id))
    return Selection(tuple(rows), tuple(left_out))


def _is_done(fact: EncounterFact, moment: datetime) -> bool:
    return fact.is_coded_at(moment) or fact.is_cancelled_at(moment)


def _days(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)) / Decimal(86_400_000_000)


_EXCLUSIONS: Final = (
    "Cancelled and final encounters.",
    "Encounters that are not yet available to code.",
    "Encounters that wait on the client, a provider or the payer.",
)
_WINDOW: Final = "Census at the end of the window"
OPEN: Final = Kpi(
    KpiDefinition(
        name="backlog.open",
        version=1,
        title="Backlog",
        question="How much could be coded now, and how old is it?",
        numerator="Charts available to code and not final, by age since they became available",
        denominator="None: a census counts every chart, so it has no interval",
        exclusions=_EXCLUSIONS,
        window=_WINDOW,
        unit=Unit.COUNT,
        target=None,
        source="House definition; ages since available-to-code",
        minimum_n=1,
        audience=Audience.BOTH,
        buckets=(*(bucket for _bound, bucket in AGES), OLDEST),
        noun="charts",
        groups=("facility", "specialty"),
        amount="Days old",
        higher_is_better=False,
    ),
    select_by_age,
    measure_open,
    as_count,
)
PAST_DUE: Final = Kpi(
    KpiDefinition(
        name="backlog.overdue",
        version=1,
        title="Backlog past due",
        question="How much of it is late already?",
        numerator="Backlog charts whose due time has passed",
        denominator="Backlog charts that have a due time",
        exclusions=(*_EXCLUSIONS, "Charts without a due time."),
        window=_WINDOW,
        unit=Unit.PERCENT,
        target=TargetBand(high=Decimal(5)),
        source="House target until a contract sets one",
        minimum_n=30,
        audience=Audience.BOTH,
        buckets=(Bucket(OVERDUE, "Past due"), Bucket(IN_TIME, "In time")),
        noun="charts",
        groups=("facility", "specialty"),
        amount="Days old",
        higher_is_better=False,
    ),
    select_by_due,
    measure_overdue,
    as_percent,
)
KPIS: Final = (OPEN, PAST_DUE)
