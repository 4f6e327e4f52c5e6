"""The registry is complete, unambiguous, and shows each audience its own."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from decimal import Decimal

import pytest

from coding_ops.core.errors import NotFound
from reporting.rules import definitions
from reporting.rules.facts import NO_KEYS
from reporting.rules.kpi import Audience, Kpi, KpiValue, Part, TargetBand
from reporting.rules.verdict import Verdict, judge

ALL = list(definitions.REGISTRY.values())


@pytest.mark.parametrize("kpi", ALL, ids=lambda kpi: kpi.definition.name)
def test_every_definition_says_everything(kpi: Kpi) -> None:
    definition = kpi.definition
    for field in fields(definition):
        if field.name not in ("target", "higher_is_better", "listed"):
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
