"""Turnaround: from available-to-code to final, on the contract's clock.

The clock starts when everything needed to code the encounter has arrived and stops at the *first* final
version; a recode later is rework, not turnaround.  It pauses while the client, a provider or the payer owes
something, never for the vendor's own holds.  Percentiles are nearest-rank, so p90 is a real chart's time.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from coding_ops.core.statistics import percentile, percentile_interval
from encounters.rules.deadlines import Party
from reporting.rules.clock import Span, elapsed
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
    as_percent,
    empty_value,
    measured_value,
)

MET, LATE, NO_SLA = "met", "late", "no_sla"
_HUNDREDTH: Final = Decimal("0.01")
_EMPTY: Final = "No chart was finalized in this window."


def hours_to_code(fact: EncounterFact, frame: Frame) -> Decimal | None:
    """Hours on the contract's clock, or ``None`` when the encounter has no start or no end.

    Exact to the microsecond; it is rounded for display only, so that a chart one second late is late.
    """
    final_at = fact.first_final_at
    if fact.available_at is None or final_at is None:
        return None
    pauses = [Span(hold.start, hold.end) for hold in fact.holds if hold.party is not Party.VENDOR]
    return _hours(elapsed(fact.available_at, final_at, hours=frame.hours, pauses=pauses))


def select(facts: Facts, frame: Frame) -> Selection:
    """Encounters first finalized in the window; buckets: within the contract's hours, late, none agreed."""
    rows: list[Row] = []
    left_out: list[LeftOut] = []
    for fact in facts.encounters:
        final_at = fact.first_final_at
        if final_at is None or not frame.covers(final_at):
            continue
        reason = _unfit(fact, frame)
        hours = hours_to_code(fact, frame)
        if reason or hours is None:
            left_out.append(LeftOut(fact.id, reason or "never available to code", fact.keys))
            continue
        rows.append(Row(fact.id, _bucket(hours, fact.sla_hours), hours, final_at, fact.keys))
    rows.sort(key=lambda row: (-row.amount, row.at, row.id))
    return Selection(tuple(rows), tuple(left_out))


def measure_percentile(
    definition: KpiDefinition, selection: Selection, frame: Frame, *, fraction: Decimal
) -> KpiValue:
    """The nearest-rank percentile of the hours, with its distribution-free interval."""
    if not selection.rows:
        return empty_value(definition, selection, _EMPTY)
    hours = sorted(row.amount for row in selection.rows)
    found = percentile(hours, fraction)
    low, high = percentile_interval(hours, fraction, confidence=frame.confidence)
    shown = (None if bound is None else bound.quantize(_HUNDREDTH) for bound in (low, high))
    return measured_value(
        definition,
        selection,
        n=len(hours),
        numerator=Decimal(sum(value <= found for value in hours)),
        denominator=Decimal(len(hours)),
        estimate=Estimate(found.quantize(_HUNDREDTH), *shown),
    )


def measure_in_sla(definition: KpiDefinition, selection: Selection, frame: Frame) -> KpiValue:
    """Charts within the contract's hours over charts with such hours, in percent, with Wilson's interval."""
    met, n = len(selection.in_buckets(MET)), len(selection.in_buckets(MET, LATE))
    if n == 0:
        return empty_value(definition, selection, "No chart with agreed hours was finalized in this window.")
    return measured_value(
        definition,
        selection,
        n=n,
        numerator=Decimal(met),
        denominator=Decimal(n),
        estimate=as_percent(Decimal(met), Decimal(n), frame.confidence),
    )


def _unfit(fact: EncounterFact, frame: Frame) -> str:
    if fact.is_cancelled_at(frame.end):
        return "cancelled"
    if fact.available_at is None:
        return "never available to code"
    if fact.first_final_at is not None and fact.available_at > fact.first_final_at:
        return "final before it was available"
    return ""


def _bucket(hours: Decimal, agreed: Decimal | None) -> str:
    if agreed is None:
        return NO_SLA
    return MET if hours <= agreed else LATE


def _hours(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)) / Decimal(3_600_000_000)


_EXCLUSIONS: Final = (
    "Encounters cancelled by the end of the window.",
    "Encounters that never became available to code, or were final before they did.",
    "Recodes: only the first final version counts.",
    "Time while the client, a provider or the payer owed something.",
)
_WINDOW: Final = "Charts finalized for the first time in the window"
_ALL: Final = (
    Bucket(MET, "Within the agreed hours"),
    Bucket(LATE, "Late"),
    Bucket(NO_SLA, "No hours agreed"),
)
_SOURCE: Final = "Each client's contract; 90% is the house target where a contract sets none."


def _percentile_kpi(name: str, title: str, question: str, fraction: Decimal, minimum_n: int) -> Kpi:
    definition = KpiDefinition(
        name=name,
        version=1,
        title=title,
        question=question,
        numerator="Charts at or below the nearest-rank percentile of hours from available-to-code to final",
        denominator="Charts finalized in the window",
        exclusions=_EXCLUSIONS,
        window=_WINDOW,
        unit=Unit.HOURS,
        target=None,
        source=_SOURCE,
        minimum_n=minimum_n,
        audience=Audience.BOTH,
        buckets=_ALL,
        noun="charts",
        groups=("facility", "specialty"),
        amount="Hours",
        higher_is_better=False,
    )
    return Kpi(definition, select, partial(measure_percentile, fraction=fraction))


P50: Final = _percentile_kpi(
    "turnaround.p50", "Turnaround, median", "How long does a typical chart take?", Decimal("0.5"), 10
)
P90: Final = _percentile_kpi(
    "turnaround.p90", "Turnaround, 90th percentile", "How long do the slow ones take?", Decimal("0.9"), 30
)
IN_SLA: Final = Kpi(
    KpiDefinition(
        name="turnaround.in_sla",
        version=1,
        title="Coded within the agreed hours",
        question="Do we keep the hours we promised?",
        numerator="Charts final within the contract's hours of being available to code",
        denominator="Charts finalized in the window that have agreed hours",
        exclusions=(*_EXCLUSIONS, "Charts of a client without agreed hours."),
        window=_WINDOW,
        unit=Unit.PERCENT,
        target=TargetBand(low=Decimal(90)),
        source=_SOURCE,
        minimum_n=30,
        audience=Audience.BOTH,
        buckets=_ALL[:2],
        noun="charts",
        groups=("facility", "specialty"),
        amount="Hours",
        higher_is_better=True,
    ),
    select,
    measure_in_sla,
    as_percent,
)
KPIS: Final = (P50, P90, IN_SLA)
