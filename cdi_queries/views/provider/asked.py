"""``/c/<client>/asked/``: a provider's own questions, and one of them to answer."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cdi_queries.access.queries import asked_of, open_query
from cdi_queries.actions.answers import Answer, answer_query
from cdi_queries.actions.opening import note_opened
from cdi_queries.actions.routing import redirect_query
from cdi_queries.models import AnsweredBy, CdiQuery, QueryAnswer, QueryStatus
from cdi_queries.rules.content import from_json
from cdi_queries.rules.links import Standing
from cdi_queries.selectors.contacts import contact_of, day_at, has_left
from cdi_queries.views.provider import parts
from cdi_queries.views.provider.dto import AskedPage, AskedRow
from coding_ops.core.errors import Conflict, DomainError, InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.access import note_listed
from encounters.selectors.paging import PAGE_ROWS, page_of
from encounters.views import words
from encounters.views.paging import at_of, turns

SIGNED_IN = "cdi_queries/asked_room.html"
ENDINGS = {QueryStatus.CANCELLED: Standing.CANCELLED, QueryStatus.EXPIRED: Standing.RAN_OUT}


@require_GET
@for_client
def asked(request: HttpRequest) -> HttpResponse:
    """What waits for the provider, longest first, then what was asked before, newest first."""
    actor, client = actor_of(request), client_of(request)
    _require_provider(actor)
    mine = asked_of(actor, client.id).select_related("encounter__patient")
    at = at_of(request.GET)
    is_first = at.after is None and at.before is None
    waiting = []
    if is_first:
        waiting = list(mine.filter(state=QueryStatus.SENT).order_by("asked_at", "pk")[: PAGE_ROWS + 1])
    ended = page_of(mine.exclude(state=QueryStatus.SENT), mine, at, by="sent_at", newest_first=True)
    shown = waiting[:PAGE_ROWS]
    note_listed(actor, client.id, [one.encounter for one in (*shown, *ended.rows)], None)
    answers = {
        one.query_id: one
        for one in QueryAnswer.objects.filter(
            client_id=client.id, query_id__in=[one.pk for one in ended.rows]
        )
    }
    previous, following = turns(ended, {})
    page = AskedPage(
        waiting=tuple(_row(client.slug, one, client.timezone, None) for one in shown),
        more_waiting="More wait behind these; they come up as you answer." if waiting[PAGE_ROWS:] else "",
        ended=tuple(_row(client.slug, one, client.timezone, answers.get(one.pk)) for one in ended.rows),
        is_first=is_first,
        previous_page_href=previous,
        next_page_href=following,
    )
    return render(request, "cdi_queries/asked.html", {"page": page})


@require_http_methods(["GET", "POST"])
@for_client
def question(request: HttpRequest, query_id: uuid.UUID) -> HttpResponse:
    """GET: the question, or what became of it.  POST ``option``, ``words``: the answer."""
    query = _opened(request, query_id)
    if request.method == "GET" or not _waits(request, query):
        return _shown(request, query)
    actor = actor_of(request)
    given = parts.answer_of(request.POST, query, AnsweredBy.ACCOUNT, actor.display_name)
    return _answered(request, query, given)


@require_POST
@for_client
def complete(request: HttpRequest, query_id: uuid.UUID) -> HttpResponse:
    """``where``: the record says it already, and where."""
    query = _opened(request, query_id)
    if not _waits(request, query):
        return _shown(request, query)
    try:
        given = parts.complete_of(request.POST, query, AnsweredBy.ACCOUNT, actor_of(request).display_name)
    except InvalidInput as error:
        return _again(request, query, error)
    return _answered(request, query, given)


@require_http_methods(["GET", "POST"])
@for_client
def pass_on(request: HttpRequest, query_id: uuid.UUID) -> HttpResponse:
    """GET: who else may be asked.  POST ``provider``, ``reason``: asks them instead."""
    actor, client = actor_of(request), client_of(request)
    query = _opened(request, query_id)
    now = timezone.now()
    href = _href(client.slug, query)
    if not _waits(request, query):
        return _shown(request, query)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            other = parts.passed_to(query, client.timezone, now, request.POST)
            redirect_query(
                actor=actor, query=query, provider=other, reason=request.POST.get("reason", ""), now=now
            )
        except (InvalidInput, Refused) as error:
            errors[str(error.details.get("path", "reason"))] = error.message
        else:
            messages.success(request, f"Passed on to {other.name}.")
            return leave(request, f"/c/{client.slug}/asked/")
    page = parts.pass_page(query, client.timezone, now, href=href, sent=request.POST, errors=errors)
    context = {"page": page, "base": SIGNED_IN}
    return render(request, "cdi_queries/asked_pass.html", context, status=422 if errors else 200)


def _answered(request: HttpRequest, query: CdiQuery, given: Answer) -> HttpResponse:
    actor, client = actor_of(request), client_of(request)
    try:
        answer_query(actor=actor, query=query, answer=given)
    except InvalidInput as error:
        return _again(request, query, error)
    except Conflict:
        # Answered or taken back meanwhile, in another window: the page says which.
        query.refresh_from_db()
        return _shown(request, query, status=409)
    messages.success(request, "Your answer is kept.")
    return leave(request, _href(client.slug, query))


def _shown(request: HttpRequest, query: CdiQuery, *, status: int = 200) -> HttpResponse:
    """The page of a query as it stands."""
    actor, client = actor_of(request), client_of(request)
    now = timezone.now()
    list_href = f"/c/{client.slug}/asked/"
    if query.state in (QueryStatus.ANSWERED, QueryStatus.CLOSED):
        kept = parts.kept_page(query, client.timezone, room=f"/c/{client.slug}/")
        return render(
            request, "cdi_queries/asked_kept.html", {"page": kept, "base": SIGNED_IN}, status=status
        )
    if not _waits(request, query):
        standing = ENDINGS.get(QueryStatus(query.state), Standing.LEFT)
        ended = parts.ended_page(standing, list_href=list_href)
        return render(
            request, "cdi_queries/asked_ended.html", {"page": ended, "base": SIGNED_IN}, status=status
        )
    note_opened(actor=actor, query=query, now=now)
    return _asked(request, query, None, {})


def _waits(request: HttpRequest, query: CdiQuery) -> bool:
    """Whether the query waits for this provider, and they are still with the client."""
    client = client_of(request)
    contact = contact_of(client.id, query.provider_id) if query.provider_id else None
    return query.state == QueryStatus.SENT and not has_left(contact, day_at(client.timezone, timezone.now()))


def _again(request: HttpRequest, query: CdiQuery, error: DomainError) -> HttpResponse:
    return _asked(request, query, request.POST, parts.errors_of(error, query))


def _asked(
    request: HttpRequest, query: CdiQuery, sent: QueryDict | None, errors: dict[str, str]
) -> HttpResponse:
    client = client_of(request)
    page = parts.question_page(
        query,
        client.timezone,
        href=_href(client.slug, query),
        list_href=f"/c/{client.slug}/asked/",
        sent=sent,
        errors=errors,
    )
    return render(
        request,
        "cdi_queries/asked_question.html",
        {"page": page, "base": SIGNED_IN},
        status=422 if errors else 200,
    )


def _opened(request: HttpRequest, query_id: uuid.UUID) -> CdiQuery:
    actor, client = actor_of(request), client_of(request)
    _require_provider(actor)
    return open_query(actor=actor, client_id=client.id, query_id=query_id)


def _require_provider(actor: Actor) -> None:
    """Only who is asked has a list; a client's administrators and readers see queries on their own page."""
    if actor.role != Role.PROVIDER:
        raise NotFound


def _href(slug: str, query: CdiQuery) -> str:
    return f"/c/{slug}/asked/{query.pk}/"


def _row(slug: str, query: CdiQuery, zone: str, answer: QueryAnswer | None) -> AskedRow:
    patient = query.encounter.patient
    state, tone = parts.state_words(query)
    if query.state == QueryStatus.SENT:
        when = f"Asked {moment(query.asked_at, zone)}" if query.asked_at else ""
        if query.due_at:
            when += f", expected by {words.day(day_at(zone, query.due_at))}"
    elif query.answered_at:
        when = f"Answered {moment(query.answered_at, zone)}"
    else:
        when = f"Ended {moment(query.ended_at, zone)}" if query.ended_at else ""
    return AskedRow(
        href=_href(slug, query),
        title=from_json(query.content).title,
        patient=", ".join(part for part in (patient.family_name, patient.given_name) if part),
        visit=f"Visit {words.day(query.encounter.service_on)}, {query.encounter.external_id}",
        when=when,
        state=state,
        tone=tone,
        answer=parts.answer_lines(answer),
    )
