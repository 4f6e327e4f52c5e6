"""``/c/<client>/queries/education/providers/<provider>/``: one provider, and the charts behind a number."""

from __future__ import annotations

import uuid
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cdi_queries.access.education import find_provider
from cdi_queries.models import DocumentedChart
from cdi_queries.rules.education import Charts, Span, compare, period_of
from cdi_queries.rules.education import Standing as Says
from cdi_queries.rules.letter import answer_words, axes_words, charts, standing_words
from cdi_queries.selectors.education import (
    Standing,
    causes_and_answers,
    open_charts,
    provider_names,
    specialty_names,
    standings,
)
from cdi_queries.selectors.examples import code_counts
from cdi_queries.selectors.letters import PAGE_ROWS, effects_of, letters, with_steps
from cdi_queries.terms.education import education_terms
from cdi_queries.views.education import words
from cdi_queries.views.education.dto import ChartRow, ChartsPage, CodeRow, Counted, LetterRow, ProviderPage
from cdi_queries.views.tabs import query_tabs
from code_sets.rules.entries import with_dot
from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from encounters.access import charts_in_reach

MOST_LETTERS = 12


@require_GET
@for_client
def provider(request: HttpRequest, provider_id: uuid.UUID) -> HttpResponse:
    """``month``: the last month of the period."""
    actor, client = actor_of(request), client_of(request)
    who = find_provider(actor=actor, client_id=client.id, provider_id=provider_id)
    today = today_of(request)
    month = words.month_asked(request.GET.get("month", ""), today)
    span = period_of(month, education_terms())
    one = standings(client.id, span).get(who.pk) or Standing(who.pk, None, Charts(), Charts(), 0)
    causes, answers = causes_and_answers(client.id, who.pk, span, client.timezone)
    found = _letters(client, who.pk, today)
    page = ProviderPage(
        heading=provider_names(client.id, {who.pk})[who.pk],
        period=words.days(span),
        list_href=words.base_href(client.slug),
        months=words.month_choices(today, month),
        own=words.counted(one.own),
        peers=_peers(one),
        peers_label=_peers_label(one),
        says=standing_words(one.own, one.peers, one.peer_count, education_terms()),
        charts_href=_charts_href(client.slug, who.pk, month) if one.own.hits else "",
        codes=_codes(client, who.pk, span, month),
        questions=answer_words(answers),
        causes=tuple((text, f"{count:,}") for text, count in causes),
        letters=found,
        letter_words="" if found else words.next_letters(today),
        notes=words.notes(),
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "education")}
    return render(request, "cdi_queries/education_provider.html", context)


@require_GET
@for_client
def provider_charts(request: HttpRequest, provider_id: uuid.UUID) -> HttpResponse:
    """``month``, ``code`` (without its dot), ``page``: the charts that a number counted."""
    actor, client = actor_of(request), client_of(request)
    who = find_provider(actor=actor, client_id=client.id, provider_id=provider_id)
    month = words.month_asked(request.GET.get("month", ""), today_of(request))
    span = period_of(month, education_terms())
    code = request.GET.get("code", "").upper()[:8]
    counted = open_charts(client.id, who.pk, span, code)
    shown = counted.filter(encounter__in=charts_in_reach(actor, client.id))
    number = words.page_number(request.GET.get("page", ""))
    start = (number - 1) * PAGE_ROWS
    rows = list(shown.select_related("encounter")[start : start + PAGE_ROWS + 1])
    previous, following = words.turns(
        number, {"month": request.GET.get("month", ""), "code": code}, rows[PAGE_ROWS:]
    )
    total = counted.count()
    page = ChartsPage(
        heading=provider_names(client.id, {who.pk})[who.pk],
        summary=f"{charts(total)} of {words.days(span)}{f' with {with_dot(code)}' if code else ''}.",
        back_href=words.provider_href(client.slug, who.pk, month),
        rows=tuple(_chart(one, client.slug) for one in rows[:PAGE_ROWS]),
        closed_words=_closed(total - shown.count()),
        previous_page_href=previous,
        next_page_href=following,
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "education")}
    return render(request, "cdi_queries/education_charts.html", context)


def _letters(client: ReachedClient, provider_id: uuid.UUID, today: date) -> tuple[LetterRow, ...]:
    reads = with_steps(client.id, letters(client.id).filter(provider_id=provider_id)[:MOST_LETTERS])
    effects = effects_of(client.id, provider_id, reads, zone=client.timezone, today=today)
    return tuple(
        words.letter_row(
            one,
            client.slug,
            client.timezone,
            effect=effects.get(one.letter.pk),
        )
        for one in reads
    )


def _codes(client: ReachedClient, provider_id: uuid.UUID, span: Span, month: date) -> tuple[CodeRow, ...]:
    return tuple(
        CodeRow(
            code=with_dot(one.code),
            title=one.title,
            charts=charts(one.charts),
            href=_charts_href(client.slug, provider_id, month, one.code),
            asks=axes_words(one.axes) or words.DASH,
        )
        for one in code_counts(client.id, provider_id, span)
    )


def _charts_href(slug: str, provider_id: uuid.UUID, month: date, code: str = "") -> str:
    only = f"&code={code}" if code else ""
    return f"{words.base_href(slug)}providers/{provider_id}/charts/?month={month:%Y-%m}{only}"


def _peers(one: Standing) -> Counted:
    standing = compare(one.own, one.peers, one.peer_count, education_terms()).standing
    return Counted(words.DASH, "") if standing in (Says.TOO_FEW, Says.NO_PEERS) else words.counted(one.peers)


def _peers_label(one: Standing) -> str:
    specialty = specialty_names({one.specialty_id})[one.specialty_id]
    return (
        f"The {one.peer_count} others of {specialty}, together"
        if one.peer_count
        else "No others of the specialty"
    )


def _chart(one: DocumentedChart, slug: str) -> ChartRow:
    return ChartRow(
        href=f"/c/{slug}/encounters/{one.encounter_id}/",
        visit=one.encounter.external_id,
        service_on=f"{one.service_on:%m/%d/%Y}",
        codes="; ".join(f"{with_dot(code)} {title}" for code, title in one.open_codes),
    )


def _closed(count: int) -> str:
    if not count:
        return ""
    are = "is" if count == 1 else "are"
    return f"{charts(count)} of them {are} not listed: you review {'it' if count == 1 else 'them'} blind."
