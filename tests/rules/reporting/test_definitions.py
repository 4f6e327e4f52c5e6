"""The registry is complete, unambiguous, and shows each audience its own."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import NotFound
from reporting.rules import definitions
from reporting.rules.clock import Span
from reporting.rules.facts import NO_KEYS, Facts, Keys, WorkFact
from reporting.rules.kpi import (
    Audience,
    Kpi,
    KpiValue,
    LeftOut,
    Part,
    Row,
    Selection,
    TargetBand,
)
from reporting.rules.verdict import Verdict, judge
from tests.rules.reporting.builders import at, fact, frame, number

ALL = list(definitions.REGISTRY.values())


@pytest.mark.parametrize("kpi", ALL, ids=lambda kpi: kpi.definition.name)
def test_every_definition_says_everything(kpi: Kpi) -> None:
    definition = kpi.definition
    for field in fields(definition):
        if field.name not in ("target", "higher_is_better", "listed", "is_money"):
            assert getattr(definition, field.name), f"{definition.name}: {field.name} is empty"
    assert definition.name.count(".") == 1
    assert len({bucket.code for bucket in definition.buckets}) == len(definition.buckets)
    assert definition.question.endswith("?")
    assert set(definition.groups) <= {field.name for field in fields(NO_KEYS)}


def test_a_definition_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        ALL[0].definition.title = "Other"  # type: ignore[misc]


def test_the_first_families_are_all_there() -> None:
    assert [kpi.definition.name for kpi in definitions.current()] == [
        "turnaround.p50",
        "turnaround.p90",
        "turnaround.in_sla",
        "dnfc.accounts",
        "dnfc.days",
        "productivity.charts_per_hour",
        "backlog.open",
        "backlog.overdue",
        "queries.rate",
        "queries.per_hundred",
        "queries.response_p50",
        "queries.response_p90",
        "queries.in_time",
        "queries.agreement",
        "queries.waiting",
        "first_pass.coding",
        "first_pass.raw",
        "first_pass.mature",
        "first_pass.acceptance",
        "first_pass.resolution",
        "denials.initial",
        "denials.overturned",
        "denials.days_to_appeal",
        "dnfb.accounts",
        "dnfb.dollars",
        "dnfb.days",
        "dnfc.dollars",
    ]


def test_a_client_never_sees_what_is_the_vendors_own() -> None:
    names = {kpi.definition.name for kpi in definitions.current(Audience.CLIENT)}
    assert names
    assert not any(name.startswith("productivity.") for name in names)
    assert "productivity.charts_per_hour" in {k.definition.name for k in definitions.current(Audience.VENDOR)}


@pytest.mark.parametrize(("name", "version"), [("turnaround.p99", None), ("turnaround.p50", 99), ("", None)])
def test_an_unknown_measure_is_not_found(name: str, version: int | None) -> None:
    with pytest.raises(NotFound):
        definitions.get(name, version)


def test_the_same_version_cannot_be_defined_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        definitions._index([[ALL[0], ALL[0]]])


D = Decimal


def _as_spans(edges: list[datetime]) -> tuple[Span, ...]:
    """Final, reopened, final …: every second instant ends the stretch before it."""
    return tuple(
        Span(edges[i], edges[i + 1] if i + 1 < len(edges) else None) for i in range(0, len(edges), 2)
    )


def measured(value: str | None, low: str | None = None, high: str | None = None, n: int = 100) -> KpiValue:
    numbers = [None if text is None else D(text) for text in (value, low, high)]
    return KpiValue("x.y", 1, D(0), D(0), n, numbers[0], numbers[1], numbers[2])


AT_LEAST_90, AT_MOST_4 = TargetBand(low=D(90)), TargetBand(high=D(4))
BAND = TargetBand(low=D(8), high=D(20))

VERDICTS = [
    (measured("97", "95", "98"), AT_LEAST_90, Verdict.MET),
    (measured("91", "88", "93"), AT_LEAST_90, Verdict.UNSURE),
    (measured("80", "75", "85"), AT_LEAST_90, Verdict.MISSED),
    (measured("92", "90", "94"), AT_LEAST_90, Verdict.MET),  # the edge belongs to the band
    (measured("88", "85", "90"), AT_LEAST_90, Verdict.UNSURE),
    (measured("97", "95", "98", n=29), AT_LEAST_90, Verdict.TOO_FEW),
    (measured(None), AT_LEAST_90, Verdict.TOO_FEW),
    (measured("97", "95", "98"), None, Verdict.NO_TARGET),
    (measured("97", "95", "98"), TargetBand(), Verdict.NO_TARGET),
    (measured("4"), AT_MOST_4, Verdict.MET),  # a census: no interval
    (measured("4.1"), AT_MOST_4, Verdict.MISSED),
    (measured("12", "9", "15"), BAND, Verdict.MET),
    (measured("12", "7", "15"), BAND, Verdict.UNSURE),
    (measured("30", "25", "35"), BAND, Verdict.MISSED),
    (measured("3", "2", None), AT_MOST_4, Verdict.UNSURE),  # not bounded above: it may still miss
    (measured("9", "5", None), AT_MOST_4, Verdict.MISSED),
]


@pytest.mark.parametrize(("value", "target", "verdict"), VERDICTS)
def test_a_verdict_is_given_only_when_the_interval_allows(
    value: KpiValue, target: TargetBand | None, verdict: Verdict
) -> None:
    assert judge(value, target, minimum_n=30) is verdict


def percent(numerator: int, denominator: int) -> KpiValue:
    kpi = definitions.get("turnaround.in_sla")
    late = denominator - numerator
    parts = (Part("met", numerator, D(numerator)), Part("late", late, D(late)))
    return KpiValue(
        name=kpi.definition.name,
        version=1,
        numerator=D(numerator),
        denominator=D(denominator),
        n=denominator,
        value=D(numerator) / D(denominator) * 100,
        excluded=(("cancelled", 1),),
        parts=parts,
    )


def test_clients_are_added_by_their_parts_and_not_by_their_rates() -> None:
    kpi = definitions.get("turnaround.in_sla")
    empty = KpiValue("turnaround.in_sla", 1, D(0), D(0), 0, None, excluded=(("cancelled", 2),))
    found = kpi.combine([percent(9, 10), percent(10, 90), empty], D("0.95"))
    assert found is not None
    assert (found.numerator, found.denominator, found.n, found.value) == (D(19), D(100), 100, D(19))
    assert found.low is not None
    assert found.low < D(19)
    assert found.excluded == (("cancelled", 4),)
    assert [(part.bucket, part.n) for part in found.parts] == [("met", 19), ("late", 81)]


def test_percentiles_of_clients_are_never_added() -> None:
    assert definitions.get("turnaround.p50").combine([percent(9, 10)], D("0.95")) is None
    assert definitions.get("turnaround.in_sla").combine([], D("0.95")) is None


moments = st.datetimes(datetime(2026, 10, 20), datetime(2026, 11, 25)).map(lambda at: at.replace(tzinfo=UTC))
spans = st.lists(moments, max_size=4).map(sorted).map(_as_spans)


@given(st.lists(st.tuples(st.none() | moments, spans, st.none() | moments, moments), max_size=15))
def test_what_was_done_before_a_window_never_counts_in_it(
    cases: list[tuple[datetime | None, tuple[Span, ...], datetime | None, datetime]],
) -> None:
    encounters, work = [], []
    for i, (available, coded, cancelled, sat) in enumerate(cases, start=1):
        ends = [span.end for span in coded]
        # Nothing final is cancelled, and nothing cancelled becomes final.
        done = None if cancelled is None or None in ends else max(cancelled, *filter(None, ends), cancelled)
        encounters.append(fact(i, available_at=available, final=coded, cancelled_at=done, due_at=available))
        until = next((span.start for span in coded if span.end is None), sat)
        sitting = min(sat, until)
        work.append(WorkFact(number(i), sitting - timedelta(minutes=9), sitting, timedelta(minutes=9)))
    facts, window = Facts(encounters, work), frame(at(2), at(16, 15))
    for kpi in definitions.current():
        assert kpi.rows(facts.since(window.start), window) == kpi.rows(facts, window)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=20))
def test_splitting_a_selection_is_the_same_as_asking_for_each_part(cases: list[tuple[str, bool]]) -> None:
    rows = tuple(
        Row(number(i), "met", D(i), at(2), Keys(facility=code))
        for i, (code, kept) in enumerate(cases)
        if kept
    )
    out = tuple(LeftOut(number(i), "x", Keys(facility=c)) for i, (c, kept) in enumerate(cases) if not kept)
    selection = Selection(rows, out)
    parts = selection.split("facility")
    assert parts == {code: selection.where("facility", code) for code in {row.keys.facility for row in rows}}
