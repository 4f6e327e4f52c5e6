"""The library of query templates, and what a template makes of its fields."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdi_queries.rules.query import Kind
from cdi_queries.rules.template import (
    AREAS,
    FieldType,
    Section,
    SectionKind,
    Template,
    body_of,
    field_problems,
    fill,
    key_of,
    named,
    ordered_options,
    template_from,
)
from cdi_queries.rules.template_lint import lint_template, sample_account, sample_query, template_problems
from cdi_queries.terms import DATA
from cdi_queries.terms.lint import lexicon, wording
from coding_ops.core.errors import InvalidInput

LIBRARY = [
    template_from(raw)
    for path in sorted((DATA / "templates").glob("*.toml"))
    for raw in tomllib.loads(path.read_text("utf-8"))["template"]
]
BY_KEY = {one.key: one for one in LIBRARY}
#: The gaps the library has to cover: a template whose name and title hold all of the words.
COVERED = (
    "heart failure type acuity", "kidney disease stage", "diabetes complications", "nutritional status",
    "malnutrition severity", "respiratory failure type", "oxygen requirement", "infection systemic findings",
    "mental status", "encephalopathy type", "hemoglobin", "anemia type", "pressure injury stage",
    "pressure injury present on admission", "obesity class", "asthma severity", "side", "alcohol pattern",
    "opioid pattern", "depression severity", "housing", "social", "debridement detail",
)  # fmt: skip


def problems(template: Template) -> dict[str, str]:
    return template_problems(template, wording(), lexicon())


HEART_FAILURE = BY_KEY["heart-failure-type-acuity"]
ASKED = Section(SectionKind.WORDS, text="Please clarify the cause of the low hemoglobin.")
PLAIN = Template(
    key="hemoglobin",
    name="Hemoglobin",
    area="blood",
    kind=Kind.MULTIPLE_CHOICE,
    gap="significance",
    title="Hemoglobin values",
    sections=(ASKED,),
    options=(
        "Acute blood loss anemia",
        "Anemia of chronic disease",
        "Other (please specify)",
        "Unable to determine",
    ),
)


@pytest.mark.parametrize("template", LIBRARY, ids=[one.key for one in LIBRARY])
def test_a_built_in_template_is_clean_with_every_choice(template: Template) -> None:
    assert problems(template) == {}
    assert lint_template(template, wording(), lexicon()) == []
    assert ordered_options(template.options, template.kind, wording()) == template.options
    assert json.loads(json.dumps(body_of(template))) == body_of(template)
    assert template_from(body_of(template) | {"version": template.version}) == template


@pytest.mark.parametrize("template", LIBRARY, ids=[one.key for one in LIBRARY])
def test_a_built_in_template_speaks_of_no_payment_anywhere(template: Template) -> None:
    told = json.dumps(body_of(template), ensure_ascii=False)
    assert [told[start:end] for start, end in wording().payment_places(told)] == []
    assert template.sample_indicators or template.kind is not Kind.MULTIPLE_CHOICE


def test_a_finding_is_quoted_and_never_typed_into_a_field() -> None:
    """R1: free-typed indicators are refused, so no field of the library asks for a value or a finding."""
    assert {one.type for template in LIBRARY for one in template.fields} <= {
        FieldType.TEXT, FieldType.DATE, FieldType.CHOICE
    }  # fmt: skip
    words = ("value", "result", "finding", "indicator", "sign", "laboratory")
    labels = {one.label for template in LIBRARY for one in template.fields}
    assert [one for one in labels if any(word in one.casefold() for word in words)] == []


@pytest.mark.parametrize("words", COVERED)
def test_the_library_covers_the_common_gaps(words: str) -> None:
    names = [f"{one.name} {one.title}".casefold() for one in LIBRARY]
    assert [name for name in names if all(word in name for word in words.split())]


def test_the_library_is_wide_and_its_keys_are_unique() -> None:
    assert len(BY_KEY) == len(LIBRARY) >= 45
    assert len({one.name for one in LIBRARY}) == len(LIBRARY)
    assert {one.area for one in LIBRARY} == set(AREAS)
    assert {one.kind for one in LIBRARY} == set(Kind)


@pytest.mark.parametrize("template", [one for one in LIBRARY if one.documented], ids=lambda one: one.key)
def test_a_template_about_a_diagnosis_is_refused_by_a_record_without_it(template: Template) -> None:
    """What a template builds on is said in `documented`, or its question would bring the diagnosis in."""
    found = problems(replace(template, documented=()))
    assert "is not documented" in found["lint"]


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    ({"options": PLAIN.options[:2] + PLAIN.options[3:]}, "options", "“Other (please specify)” is missing"),
    ({"options": PLAIN.options[:3]}, "options", "“Unable to determine” is missing"),
    ({"options": PLAIN.options[2:]}, "options", "at least one answer besides"),
    ({"options": (PLAIN.options[0], *PLAIN.options)}, "options", "given twice"),
    ({"kind": Kind.OPEN}, "options", "An open question has no answers"),
    ({"kind": Kind.YES_NO, "purpose": "substantiation"}, "options", "begins with Yes"),
    (
        {"kind": Kind.YES_NO, "options": ("Yes", "No", *PLAIN.options[2:])},
        "purpose",
        "Say what the yes or no question is for",
    ),
    ({"name": ""}, "name", "Give the template a name"),
    ({"title": ""}, "title", "Give the template a title"),
    ({"title": "x" * 161}, "title", "up to 160"),
    ({"sections": ()}, "sections", "at least one section of words"),
    ({"sections": (Section(SectionKind.WORDS, text=" "), ASKED)}, "s0", "Write the words"),
    ({"sections": (ASKED, Section(SectionKind.FIELD, name="x"))}, "s1", "a label"),
    (
        {"sections": (ASKED, Section(SectionKind.FIELD, name="x", label="Side", type=FieldType.CHOICE))},
        "s1",
        "2 to 24 choices",
    ),
    (
        {"sections": (ASKED, *[Section(SectionKind.FIELD, name="x", label="Side")] * 2)},
        "sections",
        "the same label",
    ),
    ({"title": "Anemia"}, "lint", "The title names"),
    (
        {"sections": (Section(SectionKind.WORDS, text="Would you agree that this is anemia?"),)},
        "lint",
        "leads the answer",
    ),
    (
        {"sections": (Section(SectionKind.WORDS, text="Please clarify; this is an MCC."),)},
        "lint",
        "payment or quality",
    ),
    ({"options": ("**Anemia**", *PLAIN.options[1:])}, "lint", "Leave every answer open"),
]


@pytest.mark.parametrize(("changes", "field", "words"), FAULTS)
def test_a_template_that_could_not_comply_is_refused_where_it_fails(
    changes: dict[str, Any], field: str, words: str
) -> None:
    found = problems(replace(PLAIN, **changes))
    assert words in found[field]
    assert problems(PLAIN) == {}


def test_every_choice_of_a_field_is_linted() -> None:
    side = Section(
        SectionKind.FIELD, name="why", label="Why", type=FieldType.CHOICE, choices=("care", "reimbursement")
    )
    found = problems(replace(PLAIN, sections=(ASKED, side)))
    assert 'Take out "reimbursement"' in found["lint"]


def test_filling_says_what_is_missing_and_leaves_out_what_is_not_known() -> None:
    sections = (
        Section(SectionKind.WORDS, text="Low values are recorded in the"),
        Section(SectionKind.FIELD, name="document", label="Document"),
        Section(SectionKind.FIELD, name="on", label="Day", type=FieldType.DATE, before="of ", required=False),
        Section(SectionKind.ACCOUNT, name="admission_date", before="(admitted on ", after=")"),
        Section(SectionKind.WORDS, text="."),
        Section(SectionKind.WORDS, text="Please clarify.", paragraph=True),
    )
    template = replace(PLAIN, sections=sections)
    assert fill(template, {}, {}) == (
        "Hemoglobin values",
        "Low values are recorded in the [Document].\nPlease clarify.",
    )
    values = {"document": " progress  note ", "on": "2026-11-02"}
    assert fill(template, values, {"admission_date": "11/01/2026"})[1] == (
        "Low values are recorded in the progress note of 11/02/2026 (admitted on 11/01/2026)."
        "\nPlease clarify."
    )
    assert field_problems(template, {}) == {"document": "Fill in “Document”."}
    assert list(field_problems(template, values | {"on": "11/31/2026"})) == ["on"]
    assert field_problems(template, values) == {}


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (FieldType.NUMBER, ("3.4", "1,840", "<15", "-2", "≥ 90"), ("3,4", "a few", "1.2.3", "")),
        (FieldType.DATE, ("11/01/2026", "2026-11-01"), ("13/01/2026", "yesterday", "11/1")),
        (FieldType.CHOICE, ("left",), ("Left", "up")),
        (FieldType.TEXT, ("any words",), ("x" * 201,)),
    ],
)
def test_a_field_takes_what_its_type_says(
    kind: FieldType, good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    field = Section(SectionKind.FIELD, name="x", label="X", type=kind, choices=("left", "right"))
    template = replace(PLAIN, sections=(ASKED, field))
    assert [field_problems(template, {"x": value}) for value in good] == [{}] * len(good)
    assert [list(field_problems(template, {"x": value})) for value in bad] == [["x"]] * len(bad)


def test_answers_are_offered_by_the_alphabet_with_the_open_ones_last() -> None:
    given = ("Unable to determine", "Beta", "Not clinically significant", "Other (please specify)", "alpha")
    wanted = ("alpha", "Beta", "Not clinically significant", "Other (please specify)", "Unable to determine")
    assert ordered_options(given, Kind.MULTIPLE_CHOICE, wording()) == wanted
    assert ordered_options(given, Kind.YES_NO, wording()) == given


def test_fields_are_named_after_their_labels_once_each() -> None:
    twice = (Section(SectionKind.FIELD, label="Day of the note"),) * 2
    assert [one.name for one in named(twice)] == ["day_of_the_note", "day_of_the_note_2"]
    kept = named([Section(SectionKind.FIELD, name="day", label="Other"), *twice[:1]])
    assert [one.name for one in kept] == ["day", "day_of_the_note"]
    assert key_of("Heart failure: type & acuity ") == "heart-failure-type-acuity"
    assert key_of("x" * 80) == "x" * 60


BAD: list[tuple[dict[str, Any], str]] = [
    ({"kind": "essay"}, "kind"),
    ({"area": "moon"}, "area"),
    ({"sections": [{"text": ""}]}, "sections[0].text"),
    ({"sections": [{"field": "x", "label": "X", "type": "colour"}]}, "sections[0].type"),
    ({"sections": [{"account": "name"}]}, "sections[0].account"),
    ({"options": "Other"}, "options"),
    ({"version": 0}, "version"),
]


@pytest.mark.parametrize(("changes", "path"), BAD)
def test_a_form_that_is_none_names_the_culprit(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        template_from(body_of(PLAIN) | changes)
    assert refusal.value.details["path"] == path


@given(st.text(max_size=60), st.text(max_size=60), st.booleans())
def test_what_is_entered_stands_in_the_question_and_changes_no_answer(
    value: str, words: str, is_required: bool
) -> None:
    field = Section(SectionKind.FIELD, name="x", label="X", required=is_required)
    template = replace(PLAIN, sections=(Section(SectionKind.WORDS, text=words), field, ASKED))
    title, body = fill(template, {"x": value}, sample_account())
    assert title == template.title
    assert body.endswith(ASKED.text)
    assert (" ".join(value.split()) or "[X]" * is_required) in body
    if words.strip():
        kept = template_from(body_of(template))
        assert fill(kept, {"x": value}, sample_account()) == (title, body)
        assert template_from(body_of(kept)) == kept
    assert [one.text for one in sample_query(template, wording()).options] == list(template.options)
