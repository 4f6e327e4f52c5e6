"""``/c/<client>/claims/submissions/``: what waits to go out, and the files that were written."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from claims.access.roles import LEADERS
from claims.access.submissions import require_submitter, submissions_in_reach
from claims.actions.submissions import build_submission
from claims.models import Submission
from claims.selectors.due import is_billed_by_us
from claims.selectors.submissions import blocked_count, waiting_groups
from claims.views.submissions.dto import SubmissionList
from claims.views.submissions.words import (
    claims_words,
    list_href,
    submission_href,
    submission_row,
    waiting_row,
)
from claims.views.tabs import claim_tabs, claims_href
from coding_ops.tenancy.tasks import enqueue
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.selectors.paging import page_of
from encounters.views.paging import at_of, turns

RECHECK_TASK = "claims.recheck_blocked"


@require_http_methods(["GET", "POST"])
@for_client
def submissions(request: HttpRequest) -> HttpResponse:
    """GET ``after``, ``before``; a POST with ``receiver`` and ``form`` asks for a file, one with ``act``
    "recheck" has the blocked claims looked at again."""
    actor, client = actor_of(request), client_of(request)
    if request.method == "POST" and request.POST.get("act") == "recheck":
        require_submitter(actor)
        enqueue(RECHECK_TASK, client_id=client.id)
        messages.success(
            request, "Blocked claims are looked at again; those that are whole now join in a moment."
        )
        return leave(request, list_href(client.slug))
    if request.method == "POST":
        made = build_submission(
            actor=actor,
            client_id=client.id,
            receiver_id=request.POST.get("receiver", ""),
            form=request.POST.get("form", ""),
            now=timezone.now(),
        )
        return leave(request, submission_href(client.slug, made.pk))
    files = submissions_in_reach(actor, client.id)
    anchors = Submission.objects.filter(client_id=client.id)
    found = page_of(files, anchors, at_of(request.GET), by="asked_at", newest_first=True)
    previous, following = turns(found, {})
    waiting = waiting_groups(client.id)
    blocked = blocked_count(client.id)
    page = SubmissionList(
        href=list_href(client.slug),
        waiting=tuple(waiting_row(one) for one in waiting),
        waiting_words=_words(client.id, bool(waiting)),
        blocked=claims_words(blocked) if blocked else "",
        blocked_href=f"{claims_href(client.slug)}?state=blocked",
        rows=tuple(submission_row(row, client) for row in found.rows),
        may_write=actor.role in LEADERS,
        next_page_href=following,
        previous_page_href=previous,
    )
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "submissions")}
    return render(request, "claims/submissions/list.html", context)


def _words(client_id: int, waits: bool) -> str:
    if waits:
        return ""
    if is_billed_by_us(client_id):
        return "No claim waits. Claims are made when codes are final and nobody holds them."
    return (
        "Claims are not written here: the client has no billing profile yet, or bills for itself. See Set-up."
    )
