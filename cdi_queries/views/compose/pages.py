"""The Query tool: its panel, a new draft, words of another visit, and the lint as one types."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cdi_queries.access.queries import find_query, require_author
from cdi_queries.actions.sending import hold_chart
from cdi_queries.views.compose import acts
from cdi_queries.views.compose.chart_queries import draft_href, queries_of_chart
from cdi_queries.views.compose.draft_form import linted_form
from cdi_queries.views.compose.panel import draft_of, may_write, own_draft, show_panel
from cdi_queries.views.compose.shown import Shown
from cdi_queries.views.compose.starting import add_words, begin, posted_spans
from cdi_queries.views.compose.template_use import used_template
from coding_ops.core.errors import Conflict, DomainError, InvalidInput, NotAllowed, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import is_partial, leave
from coding_ops.web.middleware import actor_of
from encounters.access import find_chart, require_coder
from encounters.views.chart_page import Chart
from encounters.views.doors import fence_of, uuid_of
from encounters.views.tools import chart_shown


@require_GET
@for_client
def compose(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """The panel, with one's newest draft about this chart open.  A client's person has no such page."""
    return show_panel(request, _chart(request, encounter_id), Shown())


@require_POST
@for_client
def start(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``evidence`` with ``quote``, or ``lines``; ``template``, ``trigger``; ``new`` for a draft of its own.

    Without ``new`` the words go into one's newest draft about this chart, if there is one.
    """
    chart = _chart(request, encounter_id)
    actor, encounter = _to_write(request, chart), chart.open.encounter
    standing = own_draft(actor, queries_of_chart(actor, chart)) if not request.POST.get("new") else None
    try:
        spans = posted_spans(request, encounter)
        if standing is not None:
            draft, count = add_words(
                actor=actor, query=standing, spans=spans, zone=client_of(request).timezone
            )
            say = acts.added(count)
        else:
            draft = begin(
                request,
                encounter,
                spans,
                request.POST.get("template", ""),
                request.POST.get("trigger", "")[:60],
            )
            say = f"Draft begun. {acts.added(len(spans)) if spans else ''}".strip()
    except (Conflict, NotFound, NotAllowed):
        raise
    except DomainError as error:
        shown = Shown(draft=standing, errors={"begin": error.message})
        return show_panel(request, chart, shown, say=error.message, status=422)
    if not is_partial(request):
        return leave(request, draft_href(chart.client.slug, draft))
    return show_panel(request, chart, Shown(draft=draft), say=say)


@require_POST
@for_client
def prior(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``draft``, ``evidence`` with ``quote`` or ``lines``, ``relevance``: words of this visit for a draft
    about another visit of the same patient."""
    chart = _chart(request, encounter_id)
    actor, client = _to_write(request, chart), client_of(request)
    relevance = " ".join(request.POST.get("relevance", "").split())[:300]
    try:
        draft = find_query(actor=actor, client_id=client.id, query_id=uuid_of(request.POST.get("draft", "")))
        if draft.encounter.patient_id != chart.open.encounter.patient_id:
            raise NotFound
        require_author(actor, draft)
        spans = posted_spans(request, chart.open.encounter)
        if not spans:
            raise InvalidInput("Select the words in this note first.", code="evidence.empty")
        _, count = add_words(actor=actor, query=draft, spans=spans, zone=client.timezone, relevance=relevance)
    except (Conflict, NotFound, NotAllowed):
        raise
    except DomainError as error:
        shown = Shown(errors={"prior": error.message}, relevance=relevance)
        return show_panel(request, chart, shown, say=error.message, status=422)
    if not is_partial(request):
        return leave(request, draft_href(client.slug, draft))
    return show_panel(
        request, chart, Shown(), say=f"{acts.added(count)} It is marked as of an earlier visit."
    )


@require_http_methods(["GET", "POST"])
@for_client
def draft(request: HttpRequest, encounter_id: uuid.UUID, query_id: uuid.UUID) -> HttpResponse:
    """GET: the panel with this draft open.  POST: its whole form with ``act``, see ``acts``."""
    chart = _chart(request, encounter_id)
    query = draft_of(actor_of(request), chart.open.encounter, query_id)
    if query is None:
        if request.method == "POST":
            raise Conflict(
                "The query is no longer a draft. Nothing was saved: reload the page.",
                code="query.not_a_draft",
            )
        return show_panel(request, chart, Shown(blank=True))
    if request.method == "GET":
        return show_panel(request, chart, Shown(draft=query, preview=request.GET.get("step") == "preview"))
    _to_write(request, chart)
    return acts.act(request, chart, query)


@require_POST
@for_client
def hold(request: HttpRequest, encounter_id: uuid.UUID, query_id: uuid.UUID) -> HttpResponse:
    """The chart in one's hands waits for a query that somebody sent meanwhile; on to the worklist."""
    chart = _chart(request, encounter_id)
    actor, encounter = actor_of(request), chart.open.encounter
    require_coder(chart.open)
    query = find_query(actor=actor, client_id=encounter.client_id, query_id=query_id)
    if query.encounter_id != encounter.pk:
        raise NotFound
    hold_chart(actor=actor, query=query, fence=fence_of(request))
    messages.success(request, f"Visit {encounter.external_id} waits for the answer.")
    return leave(request, "/work/")


@require_POST
@for_client
def lint(request: HttpRequest, encounter_id: uuid.UUID, query_id: uuid.UUID) -> HttpResponse:
    """The lint of the form as it is now; nothing is stored."""
    actor, client = actor_of(request), client_of(request)
    if not actor.is_vendor:
        raise NotFound
    # Nothing of the record is shown that its author has not before them: no further look is noted.
    encounter = find_chart(actor=actor, client_id=client.id, encounter_id=encounter_id)
    query = draft_of(actor, encounter, query_id)
    if query is None:
        raise Conflict("The query is no longer a draft: reload the page.", code="query.not_a_draft")
    template = used_template(query)
    posted, content = acts.typed(request, query, template)
    return render(
        request,
        "cdi_queries/_compose_lint.html",
        {"draft": linted_form(query, posted, content, template), "lint_alone": True},
    )


def _chart(request: HttpRequest, encounter_id: uuid.UUID) -> Chart:
    if not actor_of(request).is_vendor:
        raise NotFound
    return chart_shown(request, encounter_id)


def _to_write(request: HttpRequest, chart: Chart) -> Actor:
    actor = actor_of(request)
    require_author(actor)
    if not may_write(actor, chart):
        raise NotAllowed("You may read this chart, but you do not hold it.", code="chart.not_held")
    return actor
