"""``/c/<client>/queries/<id>/``: one query from draft to close, and what may be done with it now."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from cdi_queries.access.queries import AUTHORS, STEWARDS, is_inside, open_query
from cdi_queries.models import CancelReason, CdiQuery, QueryAnswer, QueryStatus, QueryStep
from cdi_queries.rules.escalation import Level
from cdi_queries.rules.query_states import STEPS, QueryState, QueryVerb
from cdi_queries.selectors.contacts import askable
from cdi_queries.selectors.listing import template_names
from cdi_queries.selectors.proposals import proposals_for
from cdi_queries.terms.triggers import trigger_book
from cdi_queries.views.life import shift_parts, words
from cdi_queries.views.life import trail_parts as parts
from cdi_queries.views.life.listing import READERS
from cdi_queries.views.life.rows import OWN_WORDS, trail_href
from cdi_queries.views.life.trail_dto import Acts, CodeShift, Inside, Paper, ProposedCode, TrailPage
from cdi_queries.views.tabs import queries_href, query_tabs
from code_sets.addresses import book_href
from code_sets.rules.entries import shown_code
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, today_of
from coding_ops.web.middleware import actor_of
from encounters.access import charts_in_reach
from encounters.actions.changes import code_set
from encounters.models import EncounterStatus
from encounters.selectors.release import released_revisions
from encounters.views.chart_page import banner_of, chart_href

MOST_PROVIDERS = 300


def opened(request: HttpRequest, query_id: uuid.UUID) -> CdiQuery:
    """The query with its words, the read noted.

    Raises:
        NotFound: absent, not theirs to see, or the role has pages of its own.
    """
    actor, client = actor_of(request), client_of(request)
    if actor.role not in READERS:
        raise NotFound
    return open_query(actor=actor, client_id=client.id, query_id=query_id)


@require_GET
@for_client
def trail(request: HttpRequest, query_id: uuid.UUID) -> HttpResponse:
    """The words as sent with their digest, the steps, the answer, the codes before and after."""
    return show_trail(request, opened(request, query_id))


def show_trail(
    request: HttpRequest,
    query: CdiQuery,
    *,
    failed: str = "",
    errors: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page; with ``failed`` the act that was refused, its errors and what was typed, as a 422."""
    actor, client, now = actor_of(request), client_of(request), timezone.now()
    answer = QueryAnswer.objects.filter(client_id=client.id, query=query).first()
    steps = list(QueryStep.objects.filter(client_id=client.id, query=query).select_related("provider"))
    may_open = charts_in_reach(actor, client.id).filter(pk=query.encounter_id).exists()
    chart = chart_href(client.slug, query.encounter_id) if may_open else ""
    about = template_names([query]).get((client.id, query.template_key), query.template_key or OWN_WORDS)
    page = TrailPage(
        href=trail_href(client.slug, query),
        list_href=queries_href(client.slug),
        banner=banner_of(query.encounter),
        state=words.state(query),
        tone=words.TONES[QueryStatus(query.state)],
        lead=parts.lead_of(query, now, client.timezone),
        facts=parts.facts_of(query, about, client.timezone, inside=is_inside(actor)),
        chart_href=chart,
        history_href=f"{chart}history/" if chart else "",
        draft_href=_draft_href(client, query) if chart and query.state == QueryStatus.DRAFT else "",
        question=parts.question_of(query, answer),
        answer=parts.answer_of(query, answer, chart, client.timezone),
        steps=parts.steps_of(query, steps, client, inside=is_inside(actor)),
        codes=_codes(query, actor),
        inside=_inside(query, answer) if is_inside(actor) else None,
        acts=_acts(request, query, failed, errors or {}, values or {}),
        paper=_paper(client, query, inside=is_inside(actor)) if query.sent_at else None,
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "life")}
    return render(request, "cdi_queries/trail.html", context, status=422 if failed else 200)


def _draft_href(client: ReachedClient, query: CdiQuery) -> str:
    return reverse("cdi_queries:query_draft", args=[client.slug, query.encounter_id, query.pk])


def _codes(query: CdiQuery, actor: Actor) -> CodeShift | None:
    if is_inside(actor):
        standing = code_set(query.encounter) if query.state == QueryStatus.ANSWERED else ()
        return shift_parts.codes_inside(query, standing)
    encounter = query.encounter
    is_final = encounter.status == EncounterStatus.FINAL
    newest = released_revisions(encounter).first() if is_final else None
    is_released = newest is not None and newest.number == encounter.revision_count
    return shift_parts.codes_outside(query, is_released=is_released)


def _inside(query: CdiQuery, answer: QueryAnswer | None) -> Inside:
    on = query.encounter.coding_on
    proposals = proposals_for(query, answer) if answer and query.state == QueryStatus.ANSWERED else ()
    return Inside(
        edition=query.lint_edition,
        lint=parts.lint_of(query),
        impacts=parts.impacts_of(query),
        note=query.internal_note or "",
        trigger=_trigger(query),
        effect=shift_parts.effect_of(query),
        proposals=tuple(
            ProposedCode(
                shown_code(one.system, one.code), one.title, one.why, book_href(one.system, one.code, on)
            )
            for one in proposals
        ),
    )


def _paper(client: ReachedClient, query: CdiQuery, *, inside: bool) -> Paper:
    """The provider's copy for everybody; the one with the lint and the codes for the vendor's people."""
    copies = (("provider", "PDF"), ("inside", "PDF, inside copy")) if inside else (("provider", "PDF"),)
    return Paper(reverse("exports:list", args=[client.slug]), str(query.pk), copies)


def _trigger(query: CdiQuery) -> str:
    """The rule that pointed at the gap, by name; by its key when the edition has it no more."""
    rule = trigger_book().rule(query.trigger_key)
    return rule.name if rule else query.trigger_key


# --- what may be done ----------------------------------------------------------------------------------


def may_move(actor: Actor, query: CdiQuery) -> bool:
    """Its author, CDI specialists and leaders."""
    return actor.role in STEWARDS or (actor.role in AUTHORS and actor.user_id == query.author_id)


def _acts(
    request: HttpRequest,
    query: CdiQuery,
    failed: str,
    errors: Mapping[str, str],
    values: Mapping[str, str],
) -> Acts:
    actor = actor_of(request)
    if not may_move(actor, query):
        return Acts()
    state = QueryState(query.state)
    ended = query.encounter.status in (EncounterStatus.FINAL, EncounterStatus.CANCELLED)
    waits = state is QueryState.SENT
    providers, more = _providers(request, query, values) if waits else ((), False)
    told = query.escalation_level >= Level.ADVISOR and query.advisor_id is not None
    return Acts(
        cancel=_reasons(values) if (state, QueryVerb.CANCEL) in STEPS else (),
        redirect=providers,
        asks_npi=more,
        can_close=(state, QueryVerb.CLOSE) in STEPS and ended,
        can_renew=(state, QueryVerb.RENEW) in STEPS,
        can_escalate=waits and not told,
        failed=failed,
        errors=errors,
        values=values,
    )


def _reasons(values: Mapping[str, str]) -> tuple[Choice, ...]:
    chosen = values.get("reason", "")
    return (
        Choice("", "Choose a reason", not chosen),
        *(Choice(one.value, str(one.label), one.value == chosen) for one in CancelReason),
    )


def _providers(
    request: HttpRequest, query: CdiQuery, values: Mapping[str, str]
) -> tuple[tuple[Choice, ...], bool]:
    """Who else can be asked, and whether there are more than a list can hold."""
    here = list(askable(query.client_id, today_of(request))[: MOST_PROVIDERS + 1])
    found = [one for one in here if one.pk != query.provider_id]
    chosen = values.get("provider", "")
    choices = (Choice(str(one.pk), one.name, str(one.pk) == chosen) for one in found[:MOST_PROVIDERS])
    return (Choice("", "Choose a provider", not chosen), *choices), len(here) > MOST_PROVIDERS
