"""The way from a request to a chart, and the answer when it was lost on the way."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.web.client_pages import client_of
from coding_ops.web.http import is_partial
from coding_ops.web.middleware import actor_of
from encounters.access import find_chart, open_chart
from encounters.models import Encounter
from encounters.selectors.held import held_once, holder_of
from encounters.selectors.readiness import shown_code
from encounters.views import words
from encounters.views.chart_page import Chart, chart_href, read_chart
from encounters.views.dto import Conflict as ConflictView
from encounters.views.dto import ConflictSide


def uuid_of(text: str) -> uuid.UUID:
    """An id out of a form or query.

    Raises:
        NotFound: it has not the form of one: the answer is that of an id that does not exist.
    """
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFound from error


def fence_of(request: HttpRequest) -> int:
    """The lease under which the page was opened.

    Raises:
        InvalidInput: the form carries none.
    """
    posted = request.POST.get("fence", "")
    if not posted.isdecimal() or len(posted) > 9:
        raise InvalidInput("The form is incomplete: reload the page.", code="fence.missing")
    return int(posted)


def opened(request: HttpRequest, encounter_id: uuid.UUID, version: str = "") -> Chart:
    """The chart with all that its page shows; the read is recorded."""
    client = client_of(request)
    actor = actor_of(request)
    chart = open_chart(actor=actor, client_id=client.id, encounter_id=encounter_id)
    return read_chart(client, chart, actor, uuid_of(version) if version else None)


def to_change(request: HttpRequest, encounter_id: uuid.UUID) -> tuple[Actor, Encounter, int]:
    """Who changes what under which lease.

    Raises:
        NotFound: not theirs to see, and it never was.
        NotAllowed: they may see it, but their role does not code.
        Conflict: they held it once, and somebody else does now.
    """
    actor, client, fence = actor_of(request), client_of(request), fence_of(request)
    try:
        encounter = find_chart(actor=actor, client_id=client.id, encounter_id=encounter_id)
        if actor.role != Role.CODER:
            # Before the lease is looked at: a client's person must not learn from a 409 who codes the chart.
            raise NotAllowed("You may read this chart, but you do not code it.", code="chart.role")
        return actor, encounter, fence
    except NotFound:
        if not held_once(client_id=client.id, encounter_id=encounter_id, user_id=actor.user_id, fence=fence):
            raise
        raise Conflict(
            "You no longer hold this chart. Your change was not saved.", code="lease.lost"
        ) from None


def conflict_answer(
    request: HttpRequest, encounter_id: uuid.UUID, error: Conflict, tried: tuple[str, ...]
) -> HttpResponse:
    """409 with both versions: what is saved and what this page tried.

    The saved codes are shown only while the person may still see the chart; who lost it to somebody else
    learns the holder's name and the time, and keeps their own words.
    """
    actor, client = actor_of(request), client_of(request)
    holder = holder_of(client_id=client.id, encounter_id=encounter_id, user_id=actor.user_id)
    since = f" since {words.clock(holder.since, client.timezone)}" if holder.since else ""
    who = f"Held by {'you, in another window' if holder.is_me else holder.name or 'nobody'}{since}"
    try:
        chart = opened(request, encounter_id)
        saved = tuple(
            "-".join([f"{chart.keys[row.pk]} {shown_code(row)}", *row.modifiers]) for row in chart.rows
        )
        reload_href = chart.href
    except NotFound:
        saved, reload_href = ("Its codes are open to who holds it.",), "/work/"
    if holder.is_me:
        reload_href = chart_href(client.slug, encounter_id)
    view = ConflictView(
        error.message,
        ConflictSide("What is saved", who, saved),
        ConflictSide("What you tried", f"Not saved, {words.clock(timezone.now(), client.timezone)}", tried),
        reload_href,
    )
    template = "workbench/_conflict.html" if is_partial(request) else "workbench/conflict.html"
    return render(request, template, {"conflict": view}, status=409)
