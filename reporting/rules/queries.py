"""Queries to providers: how often is asked, how fast and how is it answered, what waits.

Which queries count is decided by ``cdi_queries.rules.measures``, for these numbers as for the page of the
measures; here they become definitions with a version.  Rows of the rate are charts, all others queries.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import Final

from cdi_queries.rules import measures
from cdi_queries.rules.measures import ASKED, IN_TIME, LATE, NOTHING_ASKED, Picked, QueryKeys, Window
from cdi_queries.rules.outcome import Outcome
from coding_ops.core.statistics import percentile, percentile_interval, poisson_interval
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
    as_percent,
    empty_value,
    measured_value,
)

# Part of version 1 of these definitions: other hours or other ages are another version.
ANSWER_HOURS: Final = 72
AGES: Final = (24, 48, 72)
_HUNDREDTH: Final = Decimal("0.01")
_HUNDRED: Final = Decimal(100)
_NONE_ANSWERED: Final = "No query was answered in this window."


def select_charts(facts: Facts, frame: Frame) -> Selection:
    """Charts reviewed in the window, asked about or not; amount: queries sent about the chart."""
    charts = measures.reviewed_charts(facts.queries, facts.reviews, _window(frame))
    return Selection(
        tuple(
            Row(chart.encounter_id, chart.part, Decimal(len(chart.query_ids)), chart.at, _keys(chart.keys))
            for chart in charts
        )
    )


def select_responses(facts: Facts, frame: Frame) -> Selection:
    """Queries answered in the window; amount: hours; buckets: within the hours expected, or later."""
    found = _selection(measures.responses(facts.queries, _window(frame)))
    rows = (
        Row(row.id, IN_TIME if row.amount <= ANSWER_HOURS else LATE, row.amount, row.at, row.keys)
        for row in found.rows
    )
    return Selection(tuple(rows), found.left_out)


def select_in_time(facts: Facts, frame: Frame) -> Selection:
    """Queries whose hours were over in the window: answered within them, or not."""
    return _selection(measures.in_time(facts.queries, _window(frame), ANSWER_HOURS))


def select_agreement(facts: Facts, frame: Frame) -> Selection:
    """Queries with answers to choose from that were answered in the window, by what was answered."""
    return _selection(measures.agreement(facts.queries, _window(frame)))


def select_waiting(facts: Facts, frame: Frame) -> Selection:
    """Queries that wait at the end of the window, by age; amount: hours since they were asked."""
    return _selection(measures.waiting(facts.queries, frame.end, AGES))


def measure_rate(definition: KpiDefinition, selection: Selection, frame: Frame) -> KpiValue:
    """Charts with a query over charts reviewed, in percent, with Wilson's interval."""
    why = "No chart was reviewed in this window."
    return _share(definition, selection, frame, (ASKED,), why)


def measure_per_hundred(definition: KpiDefinition, selection: Selection, frame: Frame) -> KpiValue:
    """Queries per 100 charts reviewed, with the exact Poisson interval of their count."""
    sent = sum((row.amount for row in selection.rows), ZERO)
    charts = Decimal(len(selection.rows))
    if not charts:
        return empty_value(definition, selection, "No chart was reviewed in this window.")
    return measured_value(
        definition,
        selection,
        n=len(selection.rows),
        numerator=sent,
        denominator=charts,
        estimate=per_hundred(sent, charts, frame.confidence),
    )


def measure_hours(
    definition: KpiDefinition, selection: Selection, frame: Frame, *, fraction: Decimal
) -> KpiValue:
    """The nearest-rank percentile of the hours, with its distribution-free interval."""
    if not selection.rows:
        return empty_value(definition, selection, _NONE_ANSWERED)
    hours = sorted(row.amount for row in selection.rows)
    found = percentile(hours, fraction)
    bounds = percentile_interval(hours, fraction, confidence=frame.confidence)
    low, high = (None if bound is None else bound.quantize(_HUNDREDTH) for bound in bounds)
    return measured_value(
        definition,
        selection,
        n=len(hours),
        numerator=Decimal(sum(value <= found for value in hours)),
        denominator=Decimal(len(hours)),
        estimate=Estimate(found.quantize(_HUNDREDTH), low, high),
    )


def measure_in_time(definition: KpiDefinition, selection: Selection, frame: Frame) -> KpiValue:
    """Queries answered in time over those that could be, in percent, with Wilson's interval."""
    why = f"No query's {ANSWER_HOURS} hours were over in this window."
    return _share(definition, selection, frame, (IN_TIME,), why)


def measure_agreement(definition: KpiDefinition, selection: Selection, frame: Frame) -> KpiValue:
    """Answers that chose a diagnosis or yes over all, in percent, with Wilson's interval."""
    return _share(definition, selection, frame, (Outcome.AGREED.value,), _NONE_ANSWERED)


def measure_waiting(definition: KpiDefinition, selection: Selection, _frame: Frame) -> KpiValue:
    """How many queries wait.  None is a true zero."""
    count = Decimal(len(selection.rows))
    return measured_value(
        definition,
        selection,
        n=len(selection.rows),
        numerator=count,
        denominator=Decimal(1),
        estimate=Estimate(count),
    )


def per_hundred(queries: Decimal, charts: Decimal, confidence: Decimal) -> Estimate:
    """A rate per 100 charts with the exact Poisson interval of its count."""
    found = poisson_interval(int(queries), charts / _HUNDRED, confidence=confidence)
    low, high = (bound.quantize(_HUNDREDTH) for bound in (found.low, found.high))
    return Estimate(found.rate.quantize(_HUNDREDTH), low, high)


def _share(
    definition: KpiDefinition, selection: Selection, frame: Frame, hits: Iterable[str], why: str
) -> KpiValue:
    n = len(selection.rows)
    if not n:
        return empty_value(definition, selection, why)
    numerator = Decimal(len(selection.in_buckets(*hits)))
    return measured_value(
        definition,
        selection,
        n=n,
        numerator=numerator,
        denominator=Decimal(n),
        estimate=as_percent(numerator, Decimal(n), frame.confidence),
    )


def _window(frame: Frame) -> Window:
    return Window(frame.start, frame.end)


def _keys(keys: QueryKeys) -> Keys:
    return Keys(keys.facility, keys.specialty)


def _selection(picked: Picked) -> Selection:
    return Selection(
        tuple(
            Row(one.query.id, one.part, one.amount, one.at, _keys(one.query.keys)) for one in picked.counted
        ),
        tuple(LeftOut(one.query.id, one.reason, _keys(one.query.keys)) for one in picked.left_out),
    )


# --- definitions -----------------------------------------------------------------------------------------

_GROUPS: Final = ("facility", "specialty")
_REVIEWED: Final = "Charts reviewed in the window: marked as reviewed with nothing to ask, or asked about"
_RATE_EXCLUSIONS: Final = (
    "Charts that were coded and neither marked as reviewed nor asked about.",
    "Queries that were cancelled; their charts stay reviewed.",
    "Drafts.",
)
_RESTARTS: Final = "Time before a query was passed on to the provider who answered it."
_VERBAL: Final = "Queries asked by word of mouth."
_PARTS: Final = (Bucket(ASKED, "With a query"), Bucket(NOTHING_ASKED, "Nothing to ask"))
_TIMES: Final = (Bucket(IN_TIME, f"In {ANSWER_HOURS} hours"), Bucket(LATE, "Later"))

RATE: Final = Kpi(
    KpiDefinition(
        name="queries.rate",
        version=1,
        title="Query rate",
        question="How often does the record need a question?",
        numerator="Charts about which at least one query was sent",
        denominator=_REVIEWED,
        exclusions=_RATE_EXCLUSIONS,
        window="Charts reviewed in the window",
        unit=Unit.PERCENT,
        # Published rates run from 12% to 40%; any target would soon be a quota for somebody.
        target=None,
        source="Published programmes: 12 to 20% where documentation is mature, 15 to 25% usual; no target",
        minimum_n=30,
        audience=Audience.BOTH,
        buckets=_PARTS,
        noun="charts",
        groups=_GROUPS,
        amount="Queries",
        higher_is_better=None,
    ),
    select_charts,
    measure_rate,
    as_percent,
)
PER_HUNDRED: Final = Kpi(
    KpiDefinition(
        name="queries.per_hundred",
        version=1,
        title="Queries per 100 charts",
        question="How many questions does the record need?",
        numerator="Queries sent",
        denominator=f"{_REVIEWED}, in hundreds",
        exclusions=_RATE_EXCLUSIONS,
        window="Charts reviewed in the window",
        unit=Unit.PER_HUNDRED,
        target=None,
        source="House definition beside the query rate: a chart with two queries counts two",
        minimum_n=30,
        audience=Audience.BOTH,
        buckets=_PARTS,
        noun="charts",
        groups=_GROUPS,
        amount="Queries",
        higher_is_better=None,
    ),
    select_charts,
    measure_per_hundred,
    per_hundred,
)


def _hours_kpi(
    name: str, title: str, question: str, fraction: Decimal, minimum_n: int, target: TargetBand | None
) -> Kpi:
    definition = KpiDefinition(
        name=name,
        version=1,
        title=title,
        question=question,
        numerator="Queries at or below the nearest-rank percentile of hours from being asked to the answer",
        denominator="Queries answered in the window",
        exclusions=(_VERBAL, _RESTARTS),
        window="Queries answered in the window, whenever they were sent",
        unit=Unit.HOURS,
        target=target,
        source="ACDIS surveys: an answer is expected within about 72 hours",
        minimum_n=minimum_n,
        audience=Audience.BOTH,
        buckets=_TIMES,
        noun="queries",
        groups=_GROUPS,
        amount="Hours",
        higher_is_better=False,
        subject="query",
    )
    return Kpi(definition, select_responses, partial(measure_hours, fraction=fraction))


P50: Final = _hours_kpi(
    "queries.response_p50", "Query answers, median", "How long does a typical answer take?",
    Decimal("0.5"), 10, None,
)  # fmt: skip
P90: Final = _hours_kpi(
    "queries.response_p90", "Query answers, 90th percentile", "How long do the slow answers take?",
    Decimal("0.9"), 30, TargetBand(high=Decimal(ANSWER_HOURS)),
)  # fmt: skip
ANSWERED_IN_TIME: Final = Kpi(
    KpiDefinition(
        name="queries.in_time",
        version=1,
        title=f"Queries answered in {ANSWER_HOURS} hours",
        question="Do providers answer while the chart is still fresh?",
        numerator=f"Queries answered within {ANSWER_HOURS} hours of being asked",
        denominator=f"Queries whose {ANSWER_HOURS} hours were over in the window",
        exclusions=("Cancelled queries.", _VERBAL, _RESTARTS),
        window=f"Queries whose {ANSWER_HOURS} hours ended in the window",
        unit=Unit.PERCENT,
        target=TargetBand(low=Decimal(85)),
        source="CDI programmes report 85 to 95% answered; house target until a contract sets one",
        minimum_n=30,
        audience=Audience.BOTH,
        buckets=(_TIMES[0], Bucket(LATE, "Later or not at all")),
        noun="queries",
        groups=_GROUPS,
        amount="Hours",
        higher_is_better=True,
        subject="query",
    ),
    select_in_time,
    measure_in_time,
    as_percent,
)
AGREEMENT: Final = Kpi(
    KpiDefinition(
        name="queries.agreement",
        version=1,
        title="Query agreement",
        question="Do the answers confirm what the record points at?",
        numerator="Answers that chose a diagnosis, or yes",
        denominator="Queries with answers to choose from that were answered in the window",
        exclusions=("Open questions: they offer nothing to agree with.",),
        window="Queries answered in the window",
        unit=Unit.PERCENT,
        # High may mean leading questions, low weak ones: neither end is good in itself.
        target=None,
        source="CDI programmes report 70 to 80%; no target, as a high share may mean leading questions",
        minimum_n=30,
        audience=Audience.BOTH,
        buckets=(
            Bucket(Outcome.AGREED.value, "Agreed"),
            Bucket(Outcome.DISAGREED.value, "Disagreed"),
            Bucket(Outcome.OTHER.value, "Other"),
            Bucket(Outcome.UNDETERMINED.value, "Unable to determine"),
        ),
        noun="queries",
        groups=_GROUPS,
        amount="Answers",
        higher_is_better=None,
        part_title="Answered",
        subject="query",
    ),
    select_agreement,
    measure_agreement,
    as_percent,
)
WAITING: Final = Kpi(
    KpiDefinition(
        name="queries.waiting",
        version=1,
        title="Queries waiting",
        question="What do providers still owe an answer to, and how old is it?",
        numerator="Queries sent and neither answered nor ended, by age since their provider was asked",
        denominator="None: a census counts every query, so it has no interval",
        exclusions=("Queries that ran out or were cancelled by then.",),
        window="Census at the end of the window",
        unit=Unit.COUNT,
        target=None,
        source="House definition; ages at 24, 48 and 72 hours",
        minimum_n=1,
        audience=Audience.BOTH,
        buckets=(
            Bucket("0-24", "Up to 24 hours"),
            Bucket("24-48", "24 to 48 hours"),
            Bucket("48-72", "48 to 72 hours"),
            Bucket("72+", "Over 72 hours"),
        ),
        noun="queries",
        groups=_GROUPS,
        amount="Hours",
        higher_is_better=False,
        subject="query",
    ),
    select_waiting,
    measure_waiting,
    as_count,
)
KPIS: Final = (RATE, PER_HUNDRED, P50, P90, ANSWERED_IN_TIME, AGREEMENT, WAITING)
