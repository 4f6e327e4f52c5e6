"""``/c/<client>/holds/``: what waits for an answer, and how the answered ones ended.

It shows visit numbers and no names.  The answer is given on a page of its own (``verbs.resume``), where the
person sees whose chart it is, and that is a recorded read.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import CLIENT_ROLES
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of
from encounters.access import MAY_RESUME, holds_in_reach
from encounters.models import OwnerParty, Pend
from encounters.selectors.holds import holds_page
from encounters.views import words
from encounters.views.list_dto import HoldRow, HoldsPage
from encounters.views.paging import at_of, turn, turns

OPEN, CLOSED = "", "closed"


@require_GET
@for_client
def holds(request: HttpRequest) -> HttpResponse:
    """``show=closed``, ``after``, ``before``."""
    actor, client = actor_of(request), client_of(request)
    show = request.GET.get("show", OPEN)
    if show not in (OPEN, CLOSED):
        raise NotFound
    closed = show == CLOSED
    found = holds_page(holds_in_reach(actor, client.id), at_of(request.GET), closed=closed)
    now = timezone.now()
    previous, following = turns(found, {"show": show})
    page = HoldsPage(
        heading="Holds",
        summary=_summary(len(found.rows), found.has_next, closed),
        rows=tuple(_row(actor, client, hold, now) for hold in found.rows),
        filters=(
            Choice(OPEN, "Open", not closed, reverse("encounters:holds", args=[client.slug])),
            Choice(CLOSED, "Answered", closed, turn({"show": CLOSED})),
        ),
        closed=closed,
        may_answer=actor.role in MAY_RESUME,
        empty_words=_empty(actor, closed),
        previous_page_href=previous,
        next_page_href=following,
    )
    return render(request, "encounters/holds.html", {"page": page})


def _summary(count: int, more: bool, closed: bool) -> str:
    if not count:
        return ""
    noun = "hold" if count == 1 else "holds"
    order = "newest answer first" if closed else "longest wait first"
    return f"{count} {noun}, {order}{'; more on the next page' if more else ''}"


def _empty(actor: Actor, closed: bool) -> str:
    if closed:
        return "No hold has been answered yet."
    if actor.role in CLIENT_ROLES:
        return "Nothing waits for you. A visit that cannot be coded without your answer appears here."
    return "Nothing is on hold. A coder puts a chart on hold from its page."


def _row(actor: Actor, client: ReachedClient, hold: Pend, now: datetime) -> HoldRow:
    zone = ZoneInfo(client.timezone)
    late = hold.closed_at is None and hold.due_on < now.astimezone(zone).date()
    href = f"/c/{client.slug}/encounters/{hold.encounter_id}/"
    may_answer = hold.closed_at is None and actor.role in MAY_RESUME
    return HoldRow(
        href=href,
        visit_id=hold.encounter.external_id,
        service_on=words.day(hold.encounter.service_on),
        reason=str(hold.get_reason_display()),
        note=hold.note,
        owner=str(OwnerParty(hold.owner_party).label),
        since=words.day(hold.opened_at.astimezone(zone).date()),
        age=words.age(hold.opened_at, hold.closed_at or now),
        due=words.day(hold.due_on),
        due_tone="bad" if late else "",
        answer_href=f"{href}resume/" if may_answer else "",
        outcome=hold.answer,
        closed=words.day(hold.closed_at.astimezone(zone).date()) if hold.closed_at else "",
    )
