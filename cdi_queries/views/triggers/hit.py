"""``/c/<client>/queries/opportunities/<id>/``: one gap, the words that show it, and what to do about it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from cdi_queries.access.queries import require_author
from cdi_queries.access.triggers import find_hit, open_hit
from cdi_queries.actions.triggers import accept_hit, dismiss_hit, put_back_hit
from cdi_queries.models import CdiQuery, DismissReason, HitState, TriggerHit
from cdi_queries.selectors import compose
from cdi_queries.selectors.templates import templates_for
from cdi_queries.selectors.triggers import spans_of
from cdi_queries.terms.triggers import trigger_book
from cdi_queries.views.compose.chart_queries import draft_href
from cdi_queries.views.compose.starting import begin
from cdi_queries.views.tabs import queries_href, query_tabs
from cdi_queries.views.triggers import words
from cdi_queries.views.triggers.dto import HitPage, Words
from cdi_queries.views.triggers.listing import opportunities_href
from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.models import DocumentVersion
from encounters.views.chart_page import chart_href

#: What the composer answers when a template asks about a condition that the record does not name.
NOT_DOCUMENTED = "query.template_not_documented"


@require_GET
@for_client
def opportunity(request: HttpRequest, hit_id: uuid.UUID) -> HttpResponse:
    """The gap with its words; the read of the chart is noted."""
    hit = open_hit(actor=actor_of(request), client_id=client_of(request).id, hit_id=hit_id)
    return _page(request, hit)


@require_POST
@for_client
def write(request: HttpRequest, hit_id: uuid.UUID) -> HttpResponse:
    """Begins a query with these words and the template that fits, and opens it beside the note."""
    actor, client = actor_of(request), client_of(request)
    hit = open_hit(actor=actor, client_id=client.id, hit_id=hit_id)
    require_author(actor)
    draft, say = _begun(request, hit)
    accept_hit(actor=actor, hit=hit, query=draft)
    messages.success(request, say)
    return leave(request, draft_href(client.slug, draft))


def _begun(request: HttpRequest, hit: TriggerHit) -> tuple[CdiQuery, str]:
    """The draft, and what is said of it; without the template where the record does not hold what it
    builds on: the rule saw a code or a value, and no note names the condition."""
    spans = [compose.Span(one.version_id, one.start, one.end) for one in spans_of(hit)]
    try:
        with transaction.atomic():
            draft = begin(request, hit.encounter, spans, _template(hit)[0], hit.rule_key)
        return draft, "A draft was begun with the words that were found."
    except Refused as error:
        if error.code != NOT_DOCUMENTED:
            raise
        draft = begin(request, hit.encounter, spans, "", hit.rule_key)
        return draft, f"A draft was begun without a template. {error.message}"


@require_POST
@for_client
def dismiss(request: HttpRequest, hit_id: uuid.UUID) -> HttpResponse:
    """``reason`` of the list, and ``note``."""
    actor, client = actor_of(request), client_of(request)
    hit = open_hit(actor=actor, client_id=client.id, hit_id=hit_id)
    try:
        dismiss_hit(
            actor=actor,
            hit=hit,
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", ""),
        )
    except InvalidInput as error:
        errors = {str(error.details.get("path", "")): error.message}
        return _page(request, hit, request.POST, errors)
    messages.success(request, "Dismissed. This gap is not raised again in this chart.")
    return leave(request, opportunities_href(client.slug))


@require_POST
@for_client
def put_back(request: HttpRequest, hit_id: uuid.UUID) -> HttpResponse:
    """Puts a dismissed gap back on the list."""
    actor, client = actor_of(request), client_of(request)
    hit = find_hit(actor=actor, client_id=client.id, hit_id=hit_id)
    put_back_hit(actor=actor, hit=hit)
    messages.success(request, "Back on the list.")
    return leave(request, f"{opportunities_href(client.slug)}{hit.pk}/")


def _template(hit: TriggerHit) -> tuple[str, str]:
    """Key and name of the template that asks about it; empty where the client has switched it off."""
    rule = trigger_book().rule(hit.rule_key)
    wanted = rule.template if rule else ""
    found = next((one for one in templates_for(hit.client_id) if one.key == wanted), None)
    return (found.key, found.name) if found else ("", "")


def _page(
    request: HttpRequest,
    hit: TriggerHit,
    sent: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    rule, state = trigger_book().rule(hit.rule_key), HitState(hit.state)
    base, chosen = opportunities_href(client.slug), (sent or {}).get("reason", "")
    page = HitPage(
        href=f"{base}{hit.pk}/",
        list_href=base,
        chart_href=chart_href(client.slug, hit.encounter_id),
        heading=words.rule_name(hit.rule_key),
        lead=f"{rule.looks_at}. {rule.source}." if rule else "",
        state=str(state.label),
        tone=words.TONES[state],
        facts=_facts(hit, client.timezone),
        words=_words(hit, client.slug, client.timezone),
        template=_template(hit)[1],
        query_href=f"{queries_href(client.slug)}{hit.query_id}/" if hit.query_id else "",
        is_open=state == HitState.OPEN,
        may_put_back=state == HitState.DISMISSED,
        reasons=tuple(Choice(value, str(label), value == chosen) for value, label in DismissReason.choices),
        note=(sent or {}).get("note", ""),
        errors=errors or {},
    )
    context = {"page": page, "tabs": query_tabs(actor.role, client.slug, "triggers")}
    return render(request, "cdi_queries/opportunity.html", context, status=422 if errors else 200)


def _facts(hit: TriggerHit, zone: str) -> tuple[tuple[str, str], ...]:
    encounter = hit.encounter
    decided = ""
    if hit.decided_at:
        by = f" by {hit.decided_by.full_name}" if hit.decided_by else ""
        decided = f"{moment(hit.decided_at, zone)}{by}"
    reason = str(DismissReason(hit.reason).label) if hit.reason else ""
    facts = (
        ("Visit", encounter.external_id),
        ("Day of service", f"{encounter.service_on:%m/%d/%Y}"),
        ("About", hit.subject.replace("_", " ")),
        ("Provider", hit.provider.name if hit.provider else ""),
        ("Specialty", hit.specialty.name if hit.specialty else ""),
        ("Found", moment(hit.found_at, zone)),
        ("Decided", decided),
        ("Why it needs no query", reason),
        ("Note", hit.note or ""),
    )
    return tuple((name, value) for name, value in facts if value)


def _words(hit: TriggerHit, slug: str, zone: str) -> tuple[Words, ...]:
    """Each place with its document and day: one query."""
    spans = spans_of(hit)
    versions = {
        one.pk: one
        for one in DocumentVersion.objects.filter(
            client_id=hit.client_id, pk__in={span.version_id for span in spans}
        )
        .select_related("document")
        .defer("text")
    }
    chart = chart_href(slug, hit.encounter_id)
    return tuple(
        Words(
            span.quote,
            _source(versions[span.version_id], zone),
            f"{chart}?version={span.version_id}#at-{span.start}",
        )
        for span in spans
        if span.version_id in versions
    )


def _source(version: DocumentVersion, zone: str) -> str:
    written = (version.authored_at or version.received_at).astimezone(ZoneInfo(zone))
    return f"{version.document.title}, {written:%m/%d/%Y}"
