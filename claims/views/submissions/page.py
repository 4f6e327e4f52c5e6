"""One file of claims: how far it is, its download, that it was sent, that it is taken back."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from claims.access.claims import claims_in_reach
from claims.access.roles import LEADERS
from claims.access.submissions import find_submission, require_submitter, take_content
from claims.actions.out_folder import file_name, send_to_folder
from claims.actions.submissions import mark_sent, take_back
from claims.models import Submission, SubmissionState
from claims.selectors.submissions import claims_of
from claims.views.submissions import words
from claims.views.submissions.dto import SubmissionPage
from claims.views.tabs import claim_tabs
from coding_ops.core.errors import InvalidInput, Refused
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import is_partial, leave
from coding_ops.web.middleware import actor_of
from encounters.selectors.paging import page_of
from encounters.views.paging import at_of, turns


@require_GET
@for_client
def submission(request: HttpRequest, submission_id: uuid.UUID) -> HttpResponse:
    """The page; a script asks for its card alone while the file is being written."""
    actor, client = actor_of(request), client_of(request)
    found = find_submission(actor=actor, client_id=client.id, submission_id=submission_id)
    if is_partial(request):
        card = words.card_of(found, client, is_leader=actor.role in LEADERS)
        response = render(request, "exports/_progress.html", {"page": card})
    else:
        context = {
            "page": _page(request, actor, client, found),
            "tabs": claim_tabs(actor.role, client.slug, "submissions"),
        }
        response = render(request, "claims/submissions/file.html", context)
    response["Vary"] = "HX-Request, Cookie"
    return response


def _page(request: HttpRequest, actor: Actor, client: ReachedClient, found: Submission) -> SubmissionPage:
    reach = claims_in_reach(actor, client.id)
    inside = claims_of(found).filter(pk__in=reach.values("pk")).select_related("payer")
    rows = page_of(inside, inside, at_of(request.GET), by="control_number", newest_first=False)
    previous, following = turns(rows, {})
    href = words.submission_href(client.slug, found.pk)
    may_send = actor.role in LEADERS and found.state == SubmissionState.READY
    test = " · test file" if found.is_test else ""
    return SubmissionPage(
        title=f"File {words.number_of(found)}",
        about=f"{found.get_form_display()} claims for {found.receiver_name}{test}",
        list_href=words.list_href(client.slug),
        card=words.card_of(found, client, is_leader=actor.role in LEADERS),
        sent_href=f"{href}sent/" if may_send else "",
        has_folder=bool(settings.CLAIMS_FOLDER),
        back_href=f"{href}take-back/" if may_send else "",
        claims=tuple(words.claim_row(row, client.slug) for row in rows.rows),
        next_page_href=following,
        previous_page_href=previous,
    )


@require_GET
@for_client
def download(request: HttpRequest, submission_id: uuid.UUID) -> HttpResponse:
    """The file itself; the read is noted, and nothing on the way keeps a copy."""
    actor, client = actor_of(request), client_of(request)
    found, content = take_content(actor=actor, client_id=client.id, submission_id=submission_id)
    answer = HttpResponse(content, content_type="application/edi-x12")
    answer["Content-Disposition"] = f'attachment; filename="{file_name(found)}"'
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@for_client
def sent(request: HttpRequest, submission_id: uuid.UUID) -> HttpResponse:
    """Somebody brought the file to its receiver; ``way`` "folder" puts it where a transport takes it."""
    actor, client = actor_of(request), client_of(request)
    require_submitter(actor)
    found = find_submission(actor=actor, client_id=client.id, submission_id=submission_id)
    now = timezone.now()
    if request.POST.get("way") == "folder":
        if not settings.CLAIMS_FOLDER:
            raise Refused("This installation has no folder of outgoing files.", code="submission.no_folder")
        root = Path(settings.CLAIMS_FOLDER)
        done = send_to_folder(actor=actor, submission=found, slug=client.slug, root=root, now=now)
        said = "The file lies in the folder of outgoing files and is marked as sent"
    else:
        done, said = mark_sent(actor=actor, submission=found, now=now), "Marked as sent"
    messages.success(request, f"{said}, with {words.claims_words(done.written_count)}.")
    return leave(request, words.submission_href(client.slug, found.pk))


@require_http_methods(["GET", "POST"])
@for_client
def back(request: HttpRequest, submission_id: uuid.UUID) -> HttpResponse:
    """A form that asks why; then the file's claims wait for another one."""
    actor, client = actor_of(request), client_of(request)
    require_submitter(actor)
    found = find_submission(actor=actor, client_id=client.id, submission_id=submission_id)
    href = words.submission_href(client.slug, found.pk)
    reason, error = request.POST.get("reason", ""), ""
    if request.method == "POST":
        try:
            take_back(actor=actor, submission=found, reason=reason)
        except InvalidInput as refusal:
            error = refusal.message
        else:
            messages.success(request, "Taken back. Its claims wait for another file.")
            return leave(request, href)
    context = {
        "title": f"File {words.number_of(found)}",
        "href": href,
        "reason": reason,
        "errors": {"reason": error} if error else {},
        "tabs": claim_tabs(actor.role, client.slug, "submissions"),
    }
    return render(request, "claims/submissions/take_back.html", context, status=422 if error else 200)
