"""Charts per hour: what was finalized, over the hours really worked.

An hour counts while a chart was held and somebody worked in it; the lease's heartbeat leaves idle gaps out
(``encounters.actions.leases``).  All hours on charts count, also those that ended in a hold or a skip,
because that is work.  It is for the coders' leads, never for a client, and never ranked below its minimum n.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from coding_ops.core.statistics import poisson_interval
from reporting.rules.facts import Facts, Frame, WorkFact
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
    Unit,
    empty_value,
    measured_value,
)

FINAL, HOURS = "final", "hours"
_HUNDREDTH: Final = Decimal("0.01")
_MILLIONTH: Final = Decimal("0.000001")


def select(facts: Facts, frame: Frame) -> Selection:
    """Two buckets: charts first finalized in the window, and sittings that ended in it; amounts are hours.

    A chart that nobody worked on here (it came in final, or was finalized through the API) has no hours and
    is left out.  Sittings on a chart that was final already are rework, and left out too.
    """
    final_at = {fact.id: fact.first_final_at for fact in facts.encounters}
    worked = _hours_until_final(facts, final_at)
    rows: list[Row] = []
    left_out: list[LeftOut] = []
    for fact in facts.encounters:
        moment = fact.first_final_at
        if moment is None or not frame.covers(moment):
            continue
        if fact.id in worked:
            rows.append(Row(fact.id, FINAL, worked[fact.id], moment, fact.keys))
        else:
            left_out.append(LeftOut(fact.id, "no time recorded", fact.keys))
    for work in facts.work:
        if not frame.covers(work.ended_at):
            continue
        if _is_rework(work, final_at):
            left_out.append(LeftOut(work.encounter_id, "rework after final", work.keys))
        else:
            rows.append(Row(work.encounter_id, HOURS, _hours(work.productive), work.ended_at, work.keys))
    rows.sort(key=lambda row: (row.bucket, row.at, row.id))
    return Selection(tuple(rows), tuple(left_out))


def measure(definition: KpiDefinition, selection: Selection, frame: Frame) -> KpiValue:
    """Charts over hours, with the exact Poisson interval of the count."""
    charts = len(selection.in_buckets(FINAL))
    hours = sum((row.amount for row in selection.in_buckets(HOURS)), ZERO)
    if hours <= 0:
        return empty_value(definition, selection, "No time on charts was recorded in this window.")
    return measured_value(
        definition,
        selection,
        n=charts,
        numerator=Decimal(charts),
        denominator=hours.quantize(_MILLIONTH),
        estimate=per_hour(Decimal(charts), hours, frame.confidence),
    )


def per_hour(charts: Decimal, hours: Decimal, confidence: Decimal) -> Estimate:
    """A rate per hour with the exact Poisson interval of its count."""
    found = poisson_interval(int(charts), hours, confidence=confidence)
    low, high = (bound.quantize(_HUNDREDTH) for bound in (found.low, found.high))
    return Estimate(found.rate.quantize(_HUNDREDTH), low, high)


def _hours_until_final(facts: Facts, final_at: Mapping[UUID, datetime | None]) -> dict[UUID, Decimal]:
    """Hours on each chart, rework left out; a chart that only saw rework is not among them."""
    hours: dict[UUID, Decimal] = {}
    for work in facts.work:
        if not _is_rework(work, final_at):
            hours[work.encounter_id] = hours.get(work.encounter_id, ZERO) + _hours(work.productive)
    return hours


def _is_rework(work: WorkFact, final_at: Mapping[UUID, datetime | None]) -> bool:
    done = final_at.get(work.encounter_id)
    return done is not None and done <= work.started_at


def _hours(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(microseconds=1)) / Decimal(3_600_000_000)


CHARTS_PER_HOUR: Final = Kpi(
    KpiDefinition(
        name="productivity.charts_per_hour",
        version=1,
        title="Charts per hour",
        question="How much gets done in an hour of work?",
        numerator="Charts finalized for the first time in the window",
        denominator="Hours worked on charts: time between heartbeats of a lease, idle time taken out",
        exclusions=(
            "Charts nobody worked on here, which have no hours.",
            "Recodes, and the time spent on them.",
            "Idle time.",
        ),
        window="Charts finalized, and sittings ended, in the window",
        unit=Unit.PER_HOUR,
        # No target of its own: types of chart differ too much, and speed alone is never a goal.
        target=None,
        source="E/M charts: median 12 an hour, middle half 8 to 20 (ICD10monitor study); other types differ",
        minimum_n=30,
        audience=Audience.VENDOR,
        buckets=(Bucket(FINAL, "Charts finalized"), Bucket(HOURS, "Hours on charts")),
        noun="charts",
        groups=("facility", "specialty", "coder"),
        amount="Hours on the chart",
        higher_is_better=None,
        listed=(FINAL,),
    ),
    select,
    measure,
    per_hour,
)
KPIS: Final = (CHARTS_PER_HOUR,)
