"""``/c/<client>/claims/files/unmatched/``: payments whose claim is not known, and whose number that is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from claims.access.claims import claims_in_reach
from claims.access.files import open_files, require_sender
from claims.access.roles import SENDERS
from claims.models import Acknowledgement, Claim, RemittedClaim
from claims.selectors.payer_files import claims_by_number, unmatched_payments, unmatched_statuses
from claims.views.files.dto import FoundClaim, StatusRow, UnmatchedPage, UnmatchedRow
from claims.views.files.listing import READ_TASK
from claims.views.files.words import dollars, file_href, list_href
from claims.views.tabs import claim_tabs, claims_href
from coding_ops.tenancy.tasks import enqueue
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.http import leave
from coding_ops.web.middleware import actor_of
from encounters.selectors.paging import At
from encounters.views.paging import at_of, turns

LONGEST_NUMBER = 50
NO_NUMBER = "Write the control number of a claim, ours or the payer's."


@require_http_methods(["GET", "POST"])
@for_client
def unmatched(request: HttpRequest) -> HttpResponse:
    """``after``, ``before``; a POST with ``number`` looks for one control number, which is in no address."""
    actor, client = actor_of(request), client_of(request)
    open_files(actor, client.id)
    is_search = request.method == "POST"
    number = request.POST.get("number", "").strip() if is_search else ""
    errors = {"number": NO_NUMBER} if is_search and not 0 < len(number) <= LONGEST_NUMBER else {}
    searched = number if not errors else ""
    found = unmatched_payments(client.id, At() if is_search else at_of(request.GET), searched)
    previous, following = ("", "") if is_search else turns(found, {})
    page = UnmatchedPage(
        href=f"{list_href(client.slug)}unmatched/",
        list_href=list_href(client.slug),
        match_href=f"{list_href(client.slug)}unmatched/match/",
        number=number,
        is_search=bool(searched),
        rows=tuple(_row(one, client.slug) for one in found.rows),
        statuses=tuple(_status(one, client.slug) for one in unmatched_statuses(client.id, searched))
        if searched
        else (),
        found=tuple(
            _claim(one, client.slug)
            for one in claims_by_number(claims_in_reach(actor, client.id), client.id, searched)
        )
        if searched
        else (),
        may_send=actor.role in SENDERS,
        errors=errors,
        next_page_href=following,
        previous_page_href=previous,
    )
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "files")}
    return render(request, "claims/files/unmatched.html", context, status=422 if errors else 200)


@require_POST
@for_client
def match(request: HttpRequest) -> HttpResponse:
    """Has the claims of what waits looked for at once; otherwise that is done every minute."""
    actor, client = actor_of(request), client_of(request)
    require_sender(actor)
    enqueue(READ_TASK, client_id=client.id)
    messages.success(
        request, "Claims are looked for now. What found its claim has left this list in a minute."
    )
    return leave(request, f"{list_href(client.slug)}unmatched/")


def _row(one: RemittedClaim, slug: str) -> UnmatchedRow:
    paid = one.remittance
    return UnmatchedRow(
        number=one.control_number or "(none)",
        payer=paid.payer_name or paid.payer_code or "(no name)",
        trace=paid.trace_number,
        paid_on=f"{paid.paid_on:%m/%d/%Y}" if paid.paid_on else "",
        charge=dollars(one.charge_amount),
        paid=dollars(one.paid_amount),
        file_href=file_href(slug, paid.file_id),
    )


def _status(one: Acknowledgement, slug: str) -> StatusRow:
    codes = [code for code in (one.category_code, one.status_code, one.entity_code) if code]
    return StatusRow(
        kind=str(one.get_kind_display()),
        outcome=str(one.get_outcome_display()),
        codes=":".join(codes),
        answered=f"{one.answered_on:%m/%d/%Y}" if one.answered_on else "",
        file_href=file_href(slug, one.file_id),
    )


def _claim(one: Claim, slug: str) -> FoundClaim:
    return FoundClaim(
        href=f"{claims_href(slug)}{one.pk}/",
        number=one.control_number,
        state=str(one.get_state_display()),
        payer=one.payer.name if one.payer else "",
        amount=dollars(one.total_charge_amount),
        service=f"{one.service_from_on:%m/%d/%Y}",
    )
