"""One draft as its form draws it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from django.urls import reverse

from cdi_queries.models import CdiQuery, Channel, Impact, QueryKind
from cdi_queries.rules.arrange import STANDING, arranged, with_blank, without_blanks
from cdi_queries.rules.content import AnswerOption, QueryContent, from_json
from cdi_queries.rules.query import Kind
from cdi_queries.rules.template import PURPOSES, Template
from cdi_queries.selectors.compose import askable
from cdi_queries.terms.lint import wording
from cdi_queries.views.compose.chart_queries import draft_href
from cdi_queries.views.compose.dto import DraftForm, IndicatorRow, LintedForm, OptionRow, VerbalView
from cdi_queries.views.compose.form import Posted
from cdi_queries.views.compose.lint_rows import lint_of
from cdi_queries.views.compose.shown import Shown
from cdi_queries.views.compose.template_use import field_rows, template_groups, used_template
from cdi_queries.views.provider.question import QuestionView, question_view, source_of, visit_facts
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from encounters.models import EncounterStatus, Provider
from encounters.views import words
from encounters.views.chart_page import Chart


def draft_form(chart: Chart, query: CdiQuery, shown: Shown, actor: Actor, today: date) -> DraftForm:
    """Everything the form shows; the encounter of ``chart`` was read with its patient and provider."""
    posted, encounter = shown.posted, chart.open.encounter
    content = _in_order(shown.content or from_json(query.content))
    template = used_template(query)
    reasons = posted.reasons if posted else {}
    href = draft_href(chart.client.slug, query)
    is_held = encounter.status in (EncounterStatus.FINAL, EncounterStatus.PENDED)
    return DraftForm(
        href=href,
        lint_href=reverse("cdi_queries:query_lint", args=[chart.client.slug, encounter.pk, query.pk]),
        title=content.title,
        body=content.body,
        kinds=tuple(Choice(value, label, value == content.kind.value) for value, label in QueryKind.choices),
        kind=content.kind.value,
        purposes=_purposes(content),
        indicators=tuple(_indicators(chart, content)),
        options=tuple(_option(one, content) for one in _typed(content)),
        templates=template_groups(query, content),
        template_name=template.name if template else "",
        fields=field_rows(template, _values(posted, content), check=shown.checked) if template else (),
        providers=_providers(chart, query, posted, today),
        provider_words=posted.provider_words if posted else "",
        impacts=tuple(Choice(value, label, value in query.impacts) for value, label in Impact.choices),
        internal_note=query.internal_note or "",
        verbal=_verbal(query, content, posted, actor, today, shown.errors),
        lint=lint_of(query, content, reasons, template),
        author="" if query.author_id == actor.user_id else query.author.full_name,
        can_hold=not is_held,
        hold=posted.hold if posted else True,
        preview=_preview(chart, content, actor) if shown.preview else None,
        errors=shown.errors,
    )


def linted_form(
    query: CdiQuery, posted: Posted, content: QueryContent, template: Template | None
) -> LintedForm:
    """What of the form changes as one types: the lint, and the words of a template."""
    in_order = _in_order(content)
    lint = lint_of(query, in_order, posted.reasons, template)
    return LintedForm(in_order.title, in_order.body, template.name if template else "", lint)


def _in_order(content: QueryContent) -> QueryContent:
    return replace(content, options=arranged(content.kind, content.options, wording()))


def _values(posted: Posted | None, content: QueryContent) -> Mapping[str, str]:
    return posted.fields if posted and posted.fields else dict(content.fields)


def _typed(content: QueryContent) -> tuple[AnswerOption, ...]:
    """The answers with an empty one to type into, before those that are always there."""
    if content.kind is not Kind.MULTIPLE_CHOICE:
        return content.options
    options = with_blank(content).options
    return (
        *(one for one in options if one.id not in STANDING),
        *(one for one in options if one.id in STANDING),
    )


def _option(one: AnswerOption, content: QueryContent) -> OptionRow:
    links: tuple[Choice, ...] = ()
    if content.kind is Kind.MULTIPLE_CHOICE and one.id not in STANDING:
        links = tuple(
            Choice(indicator.id, f"{place}", indicator.id in one.indicator_ids)
            for place, indicator in enumerate(content.indicators, start=1)
        )
    return OptionRow(one.id, one.text, one.id in STANDING, links)


def _indicators(chart: Chart, content: QueryContent) -> Iterable[IndicatorRow]:
    here = str(chart.version.pk) if chart.version else ""
    shown = {str(pk) for document in chart.documents for pk in document.version_ids}
    for one in content.indicators:
        at = f"?version={one.version_id}#at-{one.start}"
        first = one.lines.partition("–")[0]
        href = f"#{first}" if one.version_id == here else f"{chart.href}query/{at}"
        if one.version_id not in shown:  # of another visit
            href = ""
        place = f"{one.version_id}:{one.start}:{one.end}"
        yield IndicatorRow(one.id, one.quote, source_of(one), href, place, one.is_prior, one.relevance)


def _purposes(content: QueryContent) -> tuple[Choice, ...]:
    first = Choice("", "Choose", not content.purpose)
    return (first, *(Choice(value, label, value == content.purpose) for value, label in PURPOSES.items()))


def _providers(chart: Chart, query: CdiQuery, posted: Posted | None, today: date) -> tuple[Choice, ...]:
    always: list[uuid.UUID] = [
        pk for pk in (query.provider_id, chart.open.encounter.rendering_provider_id) if pk is not None
    ]
    found = askable(query.client_id, today, posted.provider_words if posted else "", always)
    empty = Choice("", "Choose the provider", query.provider_id is None)
    return (empty, *(Choice(str(one.pk), _who(one), one.pk == query.provider_id) for one in found))


def _who(provider: Provider) -> str:
    return ", ".join(part for part in (provider.name, provider.professional_credential) if part)


def _verbal(
    query: CdiQuery,
    content: QueryContent,
    posted: Posted | None,
    actor: Actor,
    today: date,
    errors: Mapping[str, str],
) -> VerbalView:
    kept = content.verbal
    chosen = posted.answer_option if posted else ""
    answers = [Choice("", "None of the list, in the provider’s own words", not chosen)]
    answers += [Choice(one.id, one.text, one.id == chosen) for one in without_blanks(content).options]
    day = words.day(kept.asked_on) if kept else words.day(today)
    return VerbalView(
        is_on=query.channel == Channel.VERBAL,
        asked_by=kept.asked_by if kept else actor.display_name,
        asked_of=kept.asked_of if kept else (query.provider.name if query.provider else ""),
        asked_on=posted.asked_on if posted and posted.asked_on else day,
        answers=tuple(answers),
        words=posted.answer_words if posted else "",
        error=errors.get("asked_on", ""),
    )


def _preview(chart: Chart, content: QueryContent, actor: Actor) -> QuestionView:
    """The question as the provider will see it: the same view, the same template."""
    asked = f"Asked by {actor.display_name}"
    facts = visit_facts(chart.open.encounter)
    return question_view(without_blanks(content), wording(), visit=facts, asked=asked)
