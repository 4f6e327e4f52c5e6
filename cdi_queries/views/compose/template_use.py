"""Templates in the composer: which are offered first, and what the chosen one puts into the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cdi_queries.models import CdiQuery
from cdi_queries.rules.arrange import arranged, known_links, numbered
from cdi_queries.rules.content import QueryContent
from cdi_queries.rules.diagnoses import mentions, record_of
from cdi_queries.rules.template import AREAS, FieldType, Section, Template, field_problems, fill
from cdi_queries.selectors.linting import documented_terms
from cdi_queries.selectors.templates import account_values, template_of, templates_for
from cdi_queries.terms.lint import lexicon, wording
from cdi_queries.terms.triggers import trigger_book
from cdi_queries.views.compose.dto import FieldRow, TemplateGroup
from coding_ops.core.errors import NotFound, Refused
from coding_ops.web.choices import Choice
from encounters.models import Encounter, Provider

SUGGESTED = "Suggested"
#: Most templates in the group of suggested ones.
MOST_SUGGESTED = 8


def used_template(query: CdiQuery) -> Template | None:
    """The template whose words the draft has; ``None`` when its words are the author's own."""
    if not query.template_key:
        return None
    try:
        return template_of(query.client_id, query.template_key, query.template_version)
    except NotFound:
        return None


def template_groups(query: CdiQuery, content: QueryContent) -> tuple[TemplateGroup, ...]:
    """Everything that may be chosen, by area; before it what the trigger and the quoted words point at."""
    templates = templates_for(query.client_id)
    first = sorted(
        (one for one in templates if _fit(one, query, content)),
        key=lambda one: -_fit(one, query, content),
    )[:MOST_SUGGESTED]
    groups = [TemplateGroup(SUGGESTED, tuple(map(_choice, first)))] if first else []
    for area, label in AREAS.items():
        found = tuple(_choice(one) for one in templates if one.area == area and one not in first)
        if found:
            groups.append(TemplateGroup(label, found))
    return tuple(groups)


def _fit(template: Template, query: CdiQuery, content: QueryContent) -> int:
    """How much speaks for a template: its trigger before all, then words it looks for that are quoted."""
    quotes = " ".join(one.quote for one in content.indicators).casefold()
    hits = sum(word.casefold() in quotes for word in template.search_words)
    rule = trigger_book().rule(query.trigger_key)
    pointed = query.trigger_key in template.triggers or (rule is not None and rule.template == template.key)
    return hits + (100 if pointed else 0)


def _choice(template: Template) -> Choice:
    return Choice(template.key, template.name, count=" ".join(template.search_words))


def taken(
    content: QueryContent, template: Template, encounter: Encounter, provider: Provider | None
) -> QueryContent:
    """The draft with a template's words and answers; its indicators stay, linked to nothing yet.

    Raises:
        Refused: the template asks about something documented, and the record does not hold it.
    """
    require_documented(template, encounter, content)
    title, body = fill(template, {}, account_values(encounter, provider))
    return replace(
        content,
        kind=template.kind,
        title=title,
        body=body,
        options=arranged(template.kind, numbered(template.options), wording()),
        purpose=template.purpose,
        fields=(),
    )


def refilled(
    content: QueryContent,
    template: Template,
    values: Mapping[str, str],
    encounter: Encounter,
    provider: Provider | None,
) -> QueryContent:
    """The draft with what was entered into the template's fields; its words follow from them alone."""
    known = {one.name for one in template.fields}
    kept = {name: value for name, value in values.items() if name in known}
    title, body = fill(template, kept, account_values(encounter, provider))
    return known_links(
        replace(
            content,
            kind=template.kind,
            title=title,
            body=body,
            purpose=template.purpose,
            fields=tuple(sorted(kept.items())),
        )
    )


def require_documented(template: Template, encounter: Encounter, content: QueryContent) -> None:
    """The record holds what the template builds on.

    Raises:
        Refused: names what is missing and what to do.
    """
    quotes = [one.quote for one in content.indicators if not one.is_prior]
    record = record_of((*documented_terms(encounter), *quotes), lexicon())
    for term in template.documented:
        # A term that no list of diagnoses knows ("a wound") is left to who reads the record.
        if not all(map(record.holds, mentions(term, lexicon()))):
            raise Refused(
                f"“{template.name}” asks about {term}, which this record does not document."
                " Choose another template, or write the question.",
                code="query.template_not_documented",
                details={"field": "template"},
            )


def field_rows(template: Template, values: Mapping[str, str], *, check: bool) -> tuple[FieldRow, ...]:
    """The template's fields; ``check`` says beside each what is missing or wrong."""
    problems = field_problems(template, values) if check else {}
    return tuple(_field(one, values.get(one.name, ""), problems.get(one.name, "")) for one in template.fields)


def _field(one: Section, value: str, error: str) -> FieldRow:
    choices = ("", *one.choices) if one.type is FieldType.CHOICE else ()
    return FieldRow(
        name=one.name,
        label=one.label,
        type=one.type.value,
        value=value,
        required=one.required,
        choices=tuple(Choice(each, each or "Choose", each == value) for each in choices),
        error=error,
    )
