"""Condition categories of a working set on PostgreSQL.

Mappings as CMS's V28 table has them: E11.22 to 37, E11.9 to 38, N18.31 to 329, N18.32 to 328; 37 ranks above
38, and 328 above 329 (CMS-HCC V28 hierarchies).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from edit_rules.rules.apply import Level, Overlay
from edit_rules.rules.conditions import Conditions
from edit_rules.selectors.dry_run import dry_run
from encounters.actions.documents import Writing, add_document
from encounters.actions.finalize import finalize
from encounters.actions.hcc_facts import confirm_fact
from encounters.models import Encounter
from encounters.selectors.chart import codes_of
from encounters.selectors.hcc_panel import HccPanel, eligibility_of, facts_of, panel_of
from encounters.selectors.hcc_support import support_findings
from tests import cast
from tests.encounters.leveling import NOTE, Bench, bench

pytestmark = pytest.mark.django_db


@pytest.fixture
def chart() -> Iterator[Bench]:
    cast.icd10cm()
    here = cast.cypress()
    with cast.opened(here):
        yield bench(here)


def panel(chart: Bench) -> HccPanel:
    encounter = Encounter.objects.select_related("patient").get(pk=chart.encounter.pk)
    return panel_of(encounter, codes_of(encounter))


def test_a_lower_category_is_dropped_and_says_by_which(chart: Bench) -> None:
    for code in ("E1122", "E119", "N1831", "N1832"):
        chart.add(code, "Type 2 diabetes")
    found = panel(chart)
    v28 = found.models[0]
    assert (v28.name, v28.year, found.payment_year) == ("CMS-HCC V28", 2027, 2027)
    assert [(line.number, line.codes, line.above) for line in v28.categories] == [
        (37, ("E1122",), None),
        (38, ("E119",), 37),
        (328, ("N1832",), None),
        (329, ("N1831",), 328),
    ]


def test_models_stand_side_by_side_and_an_older_one_names_its_year(chart: Bench) -> None:
    chart.add("E1122", "Type 2 diabetes")
    v28, v24, rx = panel(chart).models
    assert [line.number for line in v28.categories] == [37]
    assert [line.number for line in v24.categories] == [18] and v24.year == 2026
    assert rx.year is None and rx.categories == ()


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, (list, tuple)):
        return [text for inner in value for text in _texts(inner)]
    return [str(value)]


def test_no_factor_leaves_the_selector(chart: Bench) -> None:
    chart.add("E1122", "Type 2 diabetes")
    assert not any("." in text for text in _texts(asdict(panel(chart))["models"]))


def test_an_unknown_birth_date_is_said(chart: Bench) -> None:
    assert panel(chart).age_known
    patient = chart.encounter.patient
    patient.birth_on = ""
    patient.save()
    assert not panel(chart).age_known


@pytest.mark.parametrize(
    ("quote", "rule"),
    [
        ("Chronic systolic heart failure", "hcc.problem_list_only"),
        ("breast cancer 2009", "hcc.history_only"),
        ("Type 2 diabetes", "hcc.meat"),
    ],
)
def test_where_the_words_stand_decides_the_finding(chart: Bench, quote: str, rule: str) -> None:
    chart.add("E1122", quote)
    (finding,) = support_findings(chart.encounter, codes_of(chart.encounter))
    assert (finding.rule, finding.codes, finding.severity) == (rule, ("E1122",), "warning")


def test_codes_without_a_category_and_without_words_have_no_finding(chart: Bench) -> None:
    chart.add("I10", "Hypertension")
    chart.add("E1122")
    assert support_findings(chart.encounter, codes_of(chart.encounter)) == []


def test_a_fact_whose_words_are_gone_is_not_known_again(chart: Bench) -> None:
    confirm_fact(**chart.act(fact="signature", value="yes", words=chart.words("Electronically signed")))
    confirm_fact(**chart.act(fact="note_date", value="yes", words=chart.words("09/15/2026")))

    def said() -> str:
        return eligibility_of(chart.encounter, [], ["progress_note"], facts_of(chart.encounter)).words

    assert said() == "Not known: credential"
    text = NOTE.replace("Electronically signed: N. Okafor, MD, 09/15/2026 4:42 PM", "Draft of 09/15/2026")
    writing = Writing("note-1", "progress_note", "Progress note", text)
    add_document(actor=cast.SYSTEM, encounter=chart.encounter, writing=writing, now=chart.version.received_at)
    assert "signature" in said()


@pytest.mark.parametrize(("builtin", "hits"), [("hcc.meat", 1), ("hcc.history_only", 0)])
def test_a_clients_rule_about_support_is_tried_on_what_was_final(
    chart: Bench, builtin: str, hits: int
) -> None:
    chart.add("E1122", "Type 2 diabetes")
    finalize(**chart.act())
    rule = Overlay(1, 1, "MEAT first", Level.ERROR, Conditions(), 20260101, builtin=builtin)
    tried = dry_run(chart.here.client.pk, rule)
    assert (tried.charts, tried.hits) == (1, hits)
