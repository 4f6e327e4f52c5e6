"""Is a template fit to be saved?  Its form, and the lint of the question it makes from its own samples.

The lint runs again on each query with its real record; here it keeps a template from being saved that no
query could comply with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from cdi_queries.rules.diagnoses import Lexicon
from cdi_queries.rules.lint import is_sendable, lint
from cdi_queries.rules.query import Finding, Indicator, Kind, Option, Query
from cdi_queries.rules.template import (
    ACCOUNT_FIELDS,
    MOST_SECTIONS,
    FieldType,
    Section,
    SectionKind,
    Template,
    fill,
    ordered_options,
)
from cdi_queries.rules.wording import Wording

#: The day of the sample indicators; no rule compares it with today.
SAMPLE_DAY: Final = date(2026, 11, 1)
#: Stands for words of a record where a template gives none.
PLAIN_INDICATOR: Final = "Words selected from the record"
MOST: Final[Mapping[str, tuple[int, str]]] = {
    "name": (120, "name"),
    "title": (160, "title"),
    "internal_note": (2000, "note"),
}
MOST_OPTIONS: Final = 12
MOST_WORDS: Final = 600
MOST_LABEL: Final = 80
MOST_OPTION: Final = 200
MOST_LIST: Final = 24
WITHOUT_OTHER: Final = (
    "The answer “Other (please specify)” is missing. A template without it is not saved: the provider must "
    "be able to answer in their own words."
)


def sample_account() -> dict[str, str]:
    """What the chart would fill in, for a preview."""
    return {name: sample for name, (_, sample) in ACCOUNT_FIELDS.items()}


def sample_query(template: Template, wording: Wording, values: Mapping[str, str] | None = None) -> Query:
    """The question a template makes from its samples, each answer linked to the sample indicators."""
    given = template.samples() if values is None else values
    title, body = fill(template, given, sample_account())
    quotes = template.sample_indicators or (PLAIN_INDICATOR,)
    indicators = tuple(Indicator(f"i{n}", quote, SAMPLE_DAY) for n, quote in enumerate(quotes, 1))
    ids = tuple(one.id for one in indicators)
    return Query(
        kind=template.kind,
        title=title,
        body=body,
        options=tuple(
            Option(text, ids if wording.is_diagnostic(text) else ())
            for text in ordered_options(template.options, template.kind, wording)
        ),
        indicators=indicators,
        documented_terms=(*template.documented, *_entered(template, given)),
        purpose=template.purpose,
        option_order="alphabetic",
    )


def lint_template(template: Template, wording: Wording, lexicon: Lexicon) -> list[Finding]:
    """What the lint says of the question with the sample values, and with each choice of each field."""
    found: dict[tuple[str, str, str], Finding] = {}
    for values in _variants(template):
        for one in lint(sample_query(template, wording, values), wording, lexicon):
            # The same words stand at another place when another choice is longer.
            where = one.span.field if one.span else ""
            found.setdefault((one.rule, where, one.message), one)
    return list(found.values())


def template_problems(template: Template, wording: Wording, lexicon: Lexicon) -> dict[str, str]:
    """Why a template cannot be saved, by field (``name``, ``title``, ``s0``, ``options`` …).

    Findings of the lint that would block sending stand under ``lint``.
    """
    found = dict(_form_problems(template))
    found |= {name: why for name, why in _answer_problems(template, wording) if name not in found}
    for place, section in enumerate(template.sections):
        if problem := _section_problem(section):
            found[f"s{place}"] = problem
    findings = lint_template(template, wording, lexicon)
    # What is said of the form already is not said twice.
    errors = [
        one for one in findings if not is_sendable([one]) and not (one.rule == "R3" and "options" in found)
    ]
    if errors and template.sections:
        found["lint"] = " ".join(dict.fromkeys(one.message for one in errors))
    return found


def _entered(template: Template, values: Mapping[str, str]) -> Iterator[str]:
    """What is entered as text is taken as documented; the lint of the query itself asks the real record."""
    texts = (one.name for one in template.fields if one.type is FieldType.TEXT)
    yield from (value for name in texts if (value := values.get(name, "")))


def _variants(template: Template) -> Iterator[dict[str, str]]:
    samples = template.samples()
    yield samples
    for field in template.fields:
        if field.type is FieldType.CHOICE:
            yield from (
                samples | {field.name: choice} for choice in field.choices if choice != samples[field.name]
            )
        if not field.required:
            yield samples | {field.name: ""}


def _form_problems(template: Template) -> Iterator[tuple[str, str]]:
    for name, (most, word) in MOST.items():
        value = getattr(template, name)
        if not value and name != "internal_note":
            yield name, f"Give the template a {word}."
        if len(value) > most:
            yield name, f"A {word} has up to {most} characters."
    words = [one for one in template.sections if one.kind is SectionKind.WORDS]
    if not words:
        yield "sections", "Add at least one section of words: it asks the question."
    if len(template.sections) > MOST_SECTIONS:
        yield "sections", f"A template has up to {MOST_SECTIONS} sections."
    names = [one.name for one in template.fields]
    if len(set(names)) < len(names):
        yield "sections", "Two fields have the same label: rename one."
    for name in ("documented", "search_words", "sample_indicators"):
        values = getattr(template, name)
        if len(values) > MOST_LIST or any(len(one) > MOST_OPTION for one in values):
            yield name, f"Up to {MOST_LIST} lines of {MOST_OPTION} characters."


def _answer_problems(template: Template, wording: Wording) -> Iterator[tuple[str, str]]:
    options = template.options
    if len(options) > MOST_OPTIONS or any(len(one) > MOST_OPTION for one in options):
        yield "options", f"Up to {MOST_OPTIONS} answers of {MOST_OPTION} characters."
    elif len({one.casefold() for one in options}) < len(options):
        yield "options", "One answer is given twice."
    if template.kind is Kind.OPEN:
        if options:
            yield "options", "An open question has no answers to choose: remove them, or change the kind."
        return
    if not any(wording.is_other(one) for one in options):
        yield "options", WITHOUT_OTHER
    elif not any(wording.is_undetermined(one) for one in options):
        yield "options", "The answer “Unable to determine” is missing. A template without it is not saved."
    if template.kind is Kind.YES_NO:
        first = [one.split(maxsplit=1)[0].strip(",.;:").casefold() for one in options if one.strip()]
        if "yes" not in first or "no" not in first:
            yield "options", "A yes or no question needs an answer that begins with Yes and one with No."
        if not template.purpose:
            yield "purpose", "Say what the yes or no question is for: it has four uses only."
    elif not any(wording.is_diagnostic(one) for one in options):
        yield "options", "Add at least one answer besides Other and Unable to determine."


def _section_problem(section: Section) -> str:
    if section.kind is SectionKind.WORDS:
        if not section.text.strip():
            return "Write the words of this section, or remove it."
        return f"Up to {MOST_WORDS} characters in a section." if len(section.text) > MOST_WORDS else ""
    if section.kind is SectionKind.ACCOUNT:
        return ""
    if not section.label.strip() or len(section.label) > MOST_LABEL:
        return f"Give the field a label of up to {MOST_LABEL} characters."
    if section.type is FieldType.CHOICE and not 2 <= len(section.choices) <= MOST_LIST:
        return f"List 2 to {MOST_LIST} choices for this field."
    if section.type is FieldType.CHOICE and section.sample and section.sample not in section.choices:
        return "The sample is none of the choices."
    return ""


def as_saved(template: Template, wording: Wording) -> Template:
    """The template with its answers in the order they are offered in."""
    return replace(template, options=ordered_options(template.options, template.kind, wording))
