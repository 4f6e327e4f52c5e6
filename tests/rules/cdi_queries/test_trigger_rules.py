"""Triggers: what they find and must leave alone, in written charts; and no rule names a diagnosis."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdi_queries.rules.diagnoses import mentions
from cdi_queries.rules.triggers.look import look
from cdi_queries.rules.triggers.notes import note_of
from cdi_queries.rules.triggers.shapes import Chart, Code, Document, Family
from cdi_queries.selectors.templates import library
from cdi_queries.terms.lint import lexicon, wording
from cdi_queries.terms.triggers import trigger_book

CASES = tomllib.loads((Path(__file__).with_name("trigger_cases.toml")).read_text("utf-8"))
BOOK = trigger_book()


def chart_of(case: Mapping[str, Any]) -> Chart:
    """The chart of a written case."""
    documents = []
    for place, written in enumerate(case["notes"]):
        kind, *day, text = written.split(" | ", 2 if " | 20" in written[:24] else 1)
        on = date.fromisoformat(day[0]) if day else date(2026, 11, 1)
        documents.append(Document(f"d{place}", kind, on, text))
    siblings = case.get("siblings", {})
    codes = []
    for written in case.get("codes", []):
        code, title, support = [*written.split(" | "), "", ""][:3]
        codes.append(Code(code, title, tuple(siblings.get(code, ())), support))
    return Chart(tuple(documents), tuple(codes))


@pytest.mark.parametrize("case", CASES["quiet"], ids=[one["why"] for one in CASES["quiet"]])
def test_what_is_not_said_of_this_patient_now_sets_nothing_off(case: Mapping[str, Any]) -> None:
    assert [(hit.rule, hit.places[0].quote) for hit in look(chart_of(case), BOOK)] == []


@pytest.mark.parametrize(
    "case", CASES["fires"], ids=[f"{n} {one['rule']}" for n, one in enumerate(CASES["fires"])]
)
def test_a_gap_is_found_with_the_words_that_show_it(case: Mapping[str, Any]) -> None:
    chart = chart_of(case)
    found = {hit.rule: hit for hit in look(chart, BOOK)}
    assert case["rule"] in found
    hit = found[case["rule"]]
    texts = {document.id: document.text for document in chart.documents}
    assert hit.places
    for place in hit.places:
        assert texts[place.document_id][place.start : place.end] == place.quote
    if "says" in case:
        assert [place.quote for place in hit.places] == case["says"]


def test_the_golden_table_is_large_enough_and_each_rule_has_a_chart() -> None:
    assert len(CASES["quiet"]) >= 60
    assert {one["rule"] for one in CASES["fires"]} == {rule.key for rule in BOOK.rules}
    assert sum(rule.family is Family.FINDING for rule in BOOK.rules) >= 15


def test_no_rule_names_a_diagnosis_or_payment() -> None:
    for rule in BOOK.rules:
        for words in (rule.name, rule.looks_at):
            assert [hit.text for hit in mentions(words, lexicon())] == [], rule.key
            assert wording().payment_places(words) == [], rule.key


def test_each_rule_leads_to_a_template_of_the_library() -> None:
    assert {rule.template for rule in BOOK.rules} <= set(library())


def test_a_rule_that_is_off_finds_nothing_and_the_others_still_do() -> None:
    chart = Chart((Document("d0", "lab", None, "Na 124, K 2.8"),))
    assert {hit.rule for hit in look(chart, BOOK)} == {"finding.sodium_low", "finding.potassium_low"}
    off = frozenset({"finding.sodium_low"})
    assert {hit.rule for hit in look(chart, BOOK, off)} == {"finding.potassium_low"}


def test_keys_are_few_letters_and_stand_once() -> None:
    keys = [rule.key for rule in BOOK.rules]
    assert len(set(keys)) == len(keys)
    assert all(len(key) <= 60 and key.partition(".")[0] in set(Family) for key in keys)


@given(st.text(alphabet="aA .,;:\n?-0123456789noNKgH%/<>()\u00e9\U0001f600", max_size=120))
@settings(max_examples=120, deadline=None)
def test_any_text_is_read_and_every_place_lies_in_it(text: str) -> None:
    document = Document("d", "progress_note", None, f"{text} Na 120 {text}")
    note = note_of(document, BOOK.cues)
    for hit in look(Chart((document, replace(document, id="e", text=text))), BOOK):
        for place in hit.places:
            whole = document.text if place.document_id == "d" else text
            assert whole[place.start : place.end] == place.quote
            assert place.quote
    starts = note.sentences
    assert starts[0] == 0 and list(starts) == sorted(set(starts))
