"""Templates in words: what one asks, what differs between two, what the lint says of one."""

from __future__ import annotations

from collections.abc import Iterable

from cdi_queries.models import QueryKind
from cdi_queries.rules.content import AnswerOption, QueryContent, QuotedIndicator
from cdi_queries.rules.query import Finding, Severity, Span
from cdi_queries.rules.template import (
    ACCOUNT_FIELDS,
    AREAS,
    GAPS,
    PURPOSES,
    FieldType,
    Section,
    SectionKind,
    Template,
    fill,
)
from cdi_queries.rules.template_lint import SAMPLE_DAY, sample_query
from cdi_queries.terms.lint import wording
from cdi_queries.views.provider.question import QuestionView, question_view
from cdi_queries.views.templates.dto import Change, FindingRow

ORIGINS = {"library": "Library", "own": "Client’s own"}
TYPES = {
    FieldType.TEXT: "words",
    FieldType.NUMBER: "a number",
    FieldType.DATE: "a date",
    FieldType.CHOICE: "one of a list",
}
SAMPLE_SOURCE = "Sample of a record"
NO_TITLE = "[Title]"


def kind_words(template: Template) -> str:
    """``Multiple choice``."""
    return str(QueryKind(template.kind.value).label)


def outline(template: Template) -> str:
    """The question with every field as its label in brackets."""
    values = {one.name: f"[{one.label}]" for one in template.fields}
    account = {name: f"[{label}]" for name, (label, _) in ACCOUNT_FIELDS.items()}
    return fill(template, values, account)[1]


def told(template: Template) -> list[tuple[str, str]]:
    """What a template says, field by field, in the order of the designer."""
    return [
        ("Name", template.name),
        ("Area", AREAS[template.area]),
        ("Asks about", GAPS[template.gap]),
        ("Kind", kind_words(template)),
        ("Use of yes or no", PURPOSES.get(template.purpose, "")),
        ("Title", template.title),
        ("Question", outline(template)),
        ("Fields to fill in", "; ".join(map(field_words, template.fields))),
        ("Answers", "; ".join(template.options)),
        ("The record must say", "; ".join(template.documented)),
        ("Look for", ", ".join(template.search_words)),
        ("Sample words of a record", "; ".join(template.sample_indicators)),
        ("Note for authors", template.internal_note),
    ]


def field_words(field: Section) -> str:
    """``Document: one of a list (progress note, consultation)``."""
    listed = f" ({', '.join(field.choices)})" if field.choices else ""
    optional = "" if field.required else ", may stay empty"
    return f"{field.label}: {TYPES[field.type]}{listed}{optional}"


def differences(before: Template, after: Template) -> tuple[Change, ...]:
    """The fields that differ; nothing is told as ``none``."""
    pairs = zip(told(before), told(after), strict=True)
    found = [Change(name, old or "none", new or "none") for (name, old), (_, new) in pairs if old != new]
    if not found and before.sections != after.sections:
        # Where a field's sample or the sections' borders alone differ, the question reads the same.
        found.append(Change("Sections", "other borders or samples", "as above"))
    return tuple(found)


def preview(template: Template) -> QuestionView:
    """The question as its provider would see it, filled with the samples."""
    query = sample_query(template, wording())
    content = QueryContent(
        kind=template.kind,
        title=query.title or NO_TITLE,
        body=query.body,
        options=tuple(AnswerOption(f"o{n}", one.text) for n, one in enumerate(query.options, 1)),
        indicators=tuple(
            QuotedIndicator(one.id, "", 0, 0, one.quote, SAMPLE_SOURCE, SAMPLE_DAY, "")
            for one in query.indicators
        ),
    )
    return question_view(content, wording())


def finding_rows(template: Template, findings: Iterable[Finding]) -> tuple[FindingRow, ...]:
    """What the lint says, each with the words it points at and the field of the form they stand in."""
    return tuple(
        FindingRow(
            rule=one.rule,
            tone="bad" if one.severity is Severity.ERROR else "warn",
            severity="Error" if one.severity is Severity.ERROR else "Warning",
            message=one.message,
            where=_where(one.span),
            words=one.span.text if one.span and len(one.span.text) <= 120 else "",
            target=_target(template, one.span),
        )
        for one in findings
    )


def _where(span: Span | None) -> str:
    if span is None:
        return "Question"
    name = span.field.partition("[")[0]
    return {"title": "Title", "options": "Answers", "indicators": "Sample words"}.get(name, "Question")


def _target(template: Template, span: Span | None) -> str:
    """Id of the field to go to; of the question the first section that holds the words."""
    if span is None:
        return "options"
    name = span.field.partition("[")[0]
    if name in ("title", "options"):
        return name
    if name == "indicators":
        return "sample_indicators"
    for at, section in enumerate(template.sections):
        parts = (section.text, section.before, section.after, section.label, section.sample, *section.choices)
        if any(span.text in part for part in parts):
            return f"s{at}-words" if section.kind is not SectionKind.ACCOUNT else f"s{at}-what"
    return "s0-words"
