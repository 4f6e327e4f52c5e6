"""The numbers of queries as KPIs: what `cdi_queries` counts, with a definition and its parts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from cdi_queries.rules.measures import QueryKeys, ReviewMark, SentQuery
from cdi_queries.rules.outcome import Outcome
from cdi_queries.terms.measures import measure_terms
from reporting.rules import queries
from reporting.rules.facts import DUE_WITHIN, Facts
from reporting.rules.kpi import Kpi, KpiValue
from tests.rules.reporting.builders import at, frame, number

D = Decimal
NOVEMBER = frame(at(1), at(30))
HERE = QueryKeys("p", "IM", "hf", "7")


def asked(value: int, sent_at: datetime, hours: float | None = None, **changes: object) -> SentQuery:
    made = SentQuery(number(value), number(100 + value), sent_at, sent_at, keys=HERE)
    if hours is not None:
        made = replace(made, answered_at=sent_at + timedelta(hours=hours), outcome=Outcome.AGREED)
    return replace(made, **changes)  # type: ignore[arg-type]


QUERIES = (
    asked(1, at(2), 10),
    asked(2, at(3), 80, outcome=Outcome.UNDETERMINED),
    asked(3, at(4), is_cancelled=True, ended_at=at(5)),
    asked(4, at(28)),
    asked(5, at(4), 20, encounter_id=number(101)),
)
FACTS = Facts(queries=QUERIES, reviews=(ReviewMark(number(900), at(6), HERE),))


def value(kpi: Kpi, facts: Facts = FACTS) -> KpiValue:
    return kpi.value(kpi.rows(facts, NOVEMBER), NOVEMBER)


def test_the_golden_month() -> None:
    rate, hundred = value(queries.RATE), value(queries.PER_HUNDRED)
    assert (rate.numerator, rate.denominator, rate.value) == (D(3), D(5), D(60))
    assert (hundred.numerator, hundred.denominator, hundred.value) == (D(4), D(5), D(80))
    assert hundred.low is not None and hundred.high is not None and hundred.low < 80 < hundred.high
    assert (value(queries.P50).value, value(queries.P90).value) == (D(20), D(80))
    in_time = value(queries.ANSWERED_IN_TIME)
    assert (in_time.numerator, in_time.denominator) == (D(2), D(3))
    assert in_time.excluded == (("cancelled", 1),)
    agreed = value(queries.AGREEMENT)
    assert (agreed.numerator, agreed.denominator) == (D(2), D(3))
    assert {part.bucket: part.n for part in agreed.parts} == {
        "agreed": 2,
        "disagreed": 0,
        "other": 0,
        "undetermined": 1,
    }
    waits = value(queries.WAITING)
    assert (waits.value, {part.bucket: part.n for part in waits.parts}["24-48"]) == (D(1), 1)


def test_parts_and_rows_add_up_to_every_number() -> None:
    for kpi in queries.KPIS:
        selection = kpi.rows(FACTS, NOVEMBER)
        found = kpi.value(selection, NOVEMBER)
        ids = [row.id for row in selection.rows]
        assert len(ids) == len(set(ids)) == found.n == sum(part.n for part in found.parts)
        for group in kpi.definition.groups:
            parts = selection.split(group)
            assert sum(len(part.rows) for part in parts.values()) == found.n


def test_nothing_is_a_dash_with_its_reason_and_no_waiting_query_a_true_zero() -> None:
    for kpi in queries.KPIS:
        empty = value(kpi, Facts())
        assert empty.value == (D(0) if kpi is queries.WAITING else None)
        assert kpi is queries.WAITING or empty.why_empty


def test_two_clients_are_sums_over_sums() -> None:
    both = queries.PER_HUNDRED.combine([value(queries.PER_HUNDRED)] * 2, D("0.95"))
    assert both is not None and (both.numerator, both.denominator, both.value) == (D(8), D(10), D(80))
    assert queries.P50.combine([value(queries.P50)] * 2, D("0.95")) is None


def test_the_page_of_the_measures_counts_by_the_same_hours_and_ages() -> None:
    terms = measure_terms()
    assert terms.answer_hours == queries.ANSWER_HOURS
    assert terms.waiting_bounds == queries.AGES
    assert timedelta(hours=terms.answer_hours) < DUE_WITHIN


def test_facts_of_a_later_window_drop_only_what_cannot_count_in_it() -> None:
    kept = FACTS.since(at(21))
    assert {query.id for query in kept.queries} == {number(4)}
    late = frame(at(21), at(30))
    for kpi in queries.KPIS:
        assert kpi.rows(kept, late) == kpi.rows(FACTS, late)
