"""One file: how far its reading is, what became of it, what it set aside; reading it again, closing."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from claims.access.files import find_file, find_problem, open_file, require_sender
from claims.access.roles import SENDERS
from claims.actions.files import SETTLED, dismiss_problem, retry_file
from claims.models import Remittance
from claims.selectors.payer_files import MOST_REMITTANCES, problem_page, remittances_of
from claims.views.files import words
from claims.views.files.dto import FilePage, PaymentRow
from claims.views.files.listing import READ_TASK
from claims.views.tabs import claim_tabs
from coding_ops.core.errors import Conflict, Refused
from coding_ops.tenancy.tasks import enqueue
from coding_ops.web.client_pages import client_of, for_client, moment
from coding_ops.web.http import is_partial, leave
from coding_ops.web.middleware import actor_of
from encounters.views.paging import at_of, turns


@require_GET
@for_client
def file(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    """The page; a script asks for its card alone, which shows counts and no name."""
    actor, client = actor_of(request), client_of(request)
    if is_partial(request):
        found = find_file(actor=actor, client_id=client.id, file_id=file_id)
        response = render(request, "exports/_progress.html", {"page": words.progress_of(found, client)})
        response["Vary"] = "HX-Request, Cookie"
        return response
    found = open_file(actor=actor, client_id=client.id, file_id=file_id)
    problems = problem_page(client.id, found.pk, at_of(request.GET))
    payments = remittances_of(client.id, found.pk)
    previous, following = turns(problems, {})
    may_retry = actor.role in SENDERS and found.state in SETTLED
    page = FilePage(
        name=words.name_of(found),
        about=" · ".join(
            (
                str(found.get_kind_display()),
                words.size(found.byte_count),
                moment(found.received_at, client.timezone),
                words.sender_of(found),
            )
        ),
        list_href=words.list_href(client.slug),
        retry_href=f"{words.file_href(client.slug, found.pk)}retry/" if may_retry else "",
        progress=words.progress_of(found, client),
        problems=tuple(words.problem_row(row, client) for row in problems.rows),
        payments=tuple(_payment(row) for row in payments[:MOST_REMITTANCES]),
        more_payments=len(payments) > MOST_REMITTANCES,
        next_page_href=following,
        previous_page_href=previous,
    )
    context = {
        "page": page,
        "may_send": actor.role in SENDERS,
        "tabs": claim_tabs(actor.role, client.slug, "files"),
    }
    response = render(request, "claims/files/file.html", context)
    response["Vary"] = "HX-Request, Cookie"
    return response


def _payment(row: Remittance) -> PaymentRow:
    return PaymentRow(
        payer=row.payer_name or row.payer_code or "(no name)",
        trace=row.trace_number,
        paid_on=f"{row.paid_on:%m/%d/%Y}" if row.paid_on else "",
        amount=words.dollars(row.payment_amount),
        claims=words.count(row.claim_count),
    )


@require_POST
@for_client
def retry(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    """Has the file read once more: what was posted stays, what is refused again stays open."""
    actor, client = actor_of(request), client_of(request)
    require_sender(actor)
    found = find_file(actor=actor, client_id=client.id, file_id=file_id)
    retry_file(actor=actor, file=found, now=timezone.now())
    enqueue(READ_TASK, client_id=client.id)
    messages.success(request, "The file will be read again in a moment.")
    return leave(request, words.file_href(client.slug, found.pk))


@require_http_methods(["GET", "POST"])
@for_client
def dismiss(request: HttpRequest, problem_id: uuid.UUID) -> HttpResponse:
    """A form that asks why; then the problem is closed."""
    actor, client = actor_of(request), client_of(request)
    require_sender(actor)
    problem = find_problem(actor=actor, client_id=client.id, problem_id=problem_id)
    back = words.file_href(client.slug, problem.file_id)
    reason, error = request.POST.get("reason", ""), ""
    if request.method == "POST":
        try:
            dismiss_problem(actor=actor, problem=problem, reason=reason, now=timezone.now())
        except Conflict:
            messages.info(request, "Somebody has closed this already.")
            return leave(request, back)
        except Refused as refusal:
            error = refusal.message
        else:
            messages.success(request, "Dismissed.")
            return leave(request, back)
    context = {
        "item": words.problem_row(problem, client),
        "reason": reason,
        "errors": {"reason": error} if error else {},
        "tabs": claim_tabs(actor.role, client.slug, "files"),
    }
    return render(request, "claims/files/dismiss.html", context, status=422 if error else 200)
