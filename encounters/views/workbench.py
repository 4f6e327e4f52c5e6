"""The chart page, what keeps its lease alive, and taking the next chart."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from coding_ops.core.errors import NotAllowed, NotFound
from coding_ops.tenancy.access import Reach, ReachedClient
from coding_ops.tenancy.models import Role
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import is_partial, leave, show
from coding_ops.web.middleware import actor_of
from encounters.access import REVIEWING
from encounters.actions.finalize import NotReady
from encounters.actions.finalize import finalize as finalize_codes
from encounters.actions.leases import heartbeat as beat
from encounters.actions.leases import take_next
from encounters.selectors.worklist import PAGE_ROWS, worklist_and_pauses
from encounters.selectors.worklist import worklist as list_waiting
from encounters.views.chart_page import blockers_of, chart_href, chart_page
from encounters.views.codes import changing
from encounters.views.doors import opened, to_change
from encounters.views.dto import QueueStrip, WorklistPage
from encounters.views.final_chart import final_chart
from encounters.views.queue_html import table_rows
from encounters.views.queue_rows import pause_words, rows_of

STRIP_ROWS = 14
FILTERS = (("", "All"), ("mine", "Mine"), ("held", "On hold"))


@require_GET
@for_client
def chart(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """``?version=<id>`` chooses the document version on the paper.  Outside: the final codes only."""
    if not actor_of(request).is_vendor:
        return final_chart(request, encounter_id)
    found = opened(request, encounter_id, request.GET.get("version", ""))
    if request.GET.get("version") and found.version is None:
        raise NotFound
    now = timezone.now()
    page = chart_page(found, actor_of(request), now, _strip(request) if found.open.may_code else None)
    return render(request, "workbench/page.html", {"page": page})


def _strip(request: HttpRequest) -> QueueStrip:
    """What comes after this chart at this client."""
    actor, client = actor_of(request), client_of(request)
    waiting = list_waiting(actor=actor, client_ids=[client.id], limit=STRIP_ROWS)
    rows = rows_of(waiting, {client.id: client}, timezone.now(), opens_all=False)
    return QueueStrip("Worklist", "next in line", rows, "/work/")


@changing
def heartbeat(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """204 while the chart is held; 409 with both sides when it was lost."""
    actor, encounter, fence = to_change(request, encounter_id)
    active = request.POST.get("active") == "1"
    beat(actor=actor, encounter=encounter, fence=fence, active=active, now=timezone.now())
    return HttpResponse(status=204)


@changing
def finalize(request: HttpRequest, encounter_id: uuid.UUID) -> HttpResponse:
    """Makes the codes final and takes the next chart; 422 says what is missing and where."""
    actor, encounter, fence = to_change(request, encounter_id)
    try:
        revision = finalize_codes(actor=actor, encounter=encounter, fence=fence)
    except NotReady as error:
        found = opened(request, encounter_id)
        context = {
            "page": chart_page(found, actor, timezone.now()),
            "blockers": blockers_of(found, error.readiness),
            "errors": {},
            "say": f"Not final yet. {error.message}",
        }
        return show(request, "workbench/page.html", "workbench/_refused.html", context, status=422)
    messages.success(request, f"Visit {encounter.external_id} is final, version {revision.number}.")
    if is_partial(request):
        # The script posts on to the next chart: taking one is a transaction of its own.
        return HttpResponse(status=204, headers={"X-Next": "/work/next/"})
    return leave(request, "/work/")


@require_GET
def worklist(request: HttpRequest) -> HttpResponse:
    """``/work/``: what this person is handed next, across their clients."""
    reach: Reach = request.reach  # type: ignore[attr-defined]
    actor = actor_of(request)
    clients = {client.id: client for client in reach.vendor_clients}
    chosen = {c.id: c for c in clients.values() if c.slug == request.GET.get("client")} or clients
    only = request.GET.get("show", "")
    number = request.GET.get("page", "1")
    offset = (int(number) - 1) * PAGE_ROWS if number.isdecimal() and 0 < int(number) < 1000 else 0
    overseen = [c.id for c in chosen.values() if c.role in REVIEWING]
    found, paused = worklist_and_pauses(
        actor=actor,
        client_ids=list(chosen),
        overseen_ids=overseen,
        only=only if only in ("mine", "held") else "",
        limit=PAGE_ROWS + 1,
        offset=offset,
    )
    now = timezone.now()
    rows = rows_of(found[:PAGE_ROWS], clients, now, opens_all=bool(overseen))
    late = sum(1 for row in rows if row.due_tone == "bad")
    query = f"&client={request.GET['client']}" if len(chosen) < len(clients) else ""
    position = offset // PAGE_ROWS + 1
    page = WorklistPage(
        heading="Worklist",
        summary=_summary(len(rows), len(found) > PAGE_ROWS, late),
        rows=rows,
        rows_html=table_rows(rows, show_client=len(chosen) > 1),
        filters=tuple(Choice(v, label, v == only, f"?show={v}{query}") for v, label in FILTERS),
        clients=_client_choices(clients, chosen, only) if len(clients) > 1 else (),
        take_href="/work/next/",
        next_page_href=f"?show={only}{query}&page={position + 1}" if len(found) > PAGE_ROWS else "",
        previous_page_href=f"?show={only}{query}&page={position - 1}" if position > 1 else "",
        empty_words=_empty(only),
        show_client=len(chosen) > 1,
        can_take=any(client.role == Role.CODER for client in clients.values()),
        notice=" ".join(pause_words(one, clients[one.client_id]) for one in paused),
    )
    return render(request, "work/worklist.html", {"page": page})


# Session, account with its reach, and the list: three round trips, and no transaction around them.
worklist.opens_own_transaction = True  # type: ignore[attr-defined]


def _summary(count: int, more: bool, late: int) -> str:
    shown = f"{count}{' or more' if more else ''} in line"
    return f"{shown}, {late} past due" if late else shown


def _empty(only: str) -> str:
    return {
        "mine": "You hold no chart. Take the next one.",
        "held": "Nothing is on hold.",
    }.get(only, "Nothing waits for you. New charts appear here as they arrive.")


def _client_choices(
    clients: Mapping[int, ReachedClient], chosen: Mapping[int, ReachedClient], only: str
) -> tuple[Choice, ...]:
    every = Choice("", "All clients", len(chosen) == len(clients), f"?show={only}")
    one = len(chosen) < len(clients)
    return (
        every,
        *(
            Choice(c.slug, c.name, one and c.id in chosen, f"?show={only}&client={c.slug}")
            for c in clients.values()
        ),
    )


@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """The next chart of this person, or the list with a word when there is none."""
    reach: Reach = request.reach  # type: ignore[attr-defined]
    coding = reach.in_role(Role.CODER)
    if not coding:
        raise NotAllowed("Only coders take charts.", code="take.not_a_coder")
    taken = take_next(
        actor=reach.actor(Role.CODER, request.request_id),  # type: ignore[attr-defined]
        client_ids=[client.id for client in coding],
    )
    if taken is None:
        messages.info(request, "Nothing waits for you that you may code.")
        return leave(request, "/work/")
    slug = next(client.slug for client in coding if client.id == taken.client_id)
    return leave(request, chart_href(slug, taken.encounter_id))


# It opens a transaction of its own, so that the claim is one round trip and commits at once.
take.opens_own_transaction = True  # type: ignore[attr-defined]
