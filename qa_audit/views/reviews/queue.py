"""``/work/reviews/``: what waits for a reviewer across clients, and the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from coding_ops.core.errors import NotFound
from coding_ops.tenancy.access import Reach, ReachedClient
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.views import words as chart_words
from qa_audit.access import VENDOR_REVIEWERS
from qa_audit.actions.reviews import take_next_review
from qa_audit.models import Review
from qa_audit.rules.review_states import ReviewState
from qa_audit.selectors.reviews import Waiting, in_hand, rebutted, waiting_for
from qa_audit.views.reviews import words
from qa_audit.views.reviews.dto import InHand, QueuePage, WaitingRow
from qa_audit.views.reviews.sheet_parts import review_href
from qa_audit.views.tabs import quality_href


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """In hand, rebuttals to answer, and what waits by client."""
    clients = _reviewed(request)
    actor, ids = actor_of(request), list(clients)
    waiting = waiting_for(actor, ids)
    mine, answers = in_hand(actor, ids), rebutted(actor, ids)
    count = sum(one.count for one in waiting)
    page = QueuePage(
        summary=f"{count} waiting, {len(mine)} in hand" + (f", {len(answers)} to answer" if answers else ""),
        mine=_rows(mine, clients),
        answers=_rows(answers, clients, answers=True),
        waiting=tuple(_waiting(one, clients[one.client_id]) for one in waiting),
        can_take=count > 0,
    )
    return render(request, "qa_audit/queue.html", {"page": page, "tabs": ()})


def _reviewed(request: HttpRequest) -> Mapping[int, ReachedClient]:
    """The clients at which the person reviews.

    Raises:
        NotFound: none.
    """
    reach: Reach = request.reach  # type: ignore[attr-defined]
    found = {client.id: client for client in reach.in_role(*VENDOR_REVIEWERS)}
    if not found:
        raise NotFound
    return found


def _rows(
    found: Iterable[Review], clients: Mapping[int, ReachedClient], *, answers: bool = False
) -> tuple[InHand, ...]:
    rows = []
    for one in found:
        client = clients[one.client_id]
        since = one.delivered_at if answers else one.taken_at
        count = getattr(one, "waiting", 0)
        rows.append(
            InHand(
                href=review_href(client.slug, one),
                visit=one.encounter.external_id,
                client=client.name,
                state=words.STATES[ReviewState(one.state)],
                mode=words.mode(one),
                since=chart_words.moment(since, client.timezone) if since else "",
                what=f"{count} rebuttal{'s' if count != 1 else ''}" if answers else "",
            )
        )
    return tuple(rows)


def _waiting(one: Waiting, client: ReachedClient) -> WaitingRow:
    return WaitingRow(
        slug=client.slug,
        name=client.name,
        href=f"{quality_href(client.slug)}reviews/?state={ReviewState.WAITING.value}",
        waiting=str(one.count),
        prebill=str(one.prebill) if one.prebill else "",
        oldest=chart_words.age(one.oldest, timezone.now()),
    )


@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """The next review: of ``client`` (its slug), else where a release waits, else the longest wait."""
    clients, actor = _reviewed(request), actor_of(request)
    reach: Reach = request.reach  # type: ignore[attr-defined]
    only = request.POST.get("client", "")
    for one in waiting_for(actor, [c.id for c in clients.values() if only in ("", c.slug)]):
        client = clients[one.client_id]
        mine = reach.actor(client.role, actor.request_id)
        taken = take_next_review(actor=mine, client_id=client.id)
        if taken is not None:
            return leave(request, review_href(client.slug, taken))
    messages.info(request, "No review waits that you may do.")
    return leave(request, "/work/reviews/")
