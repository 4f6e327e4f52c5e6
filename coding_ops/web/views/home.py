"""``/``: where each person's work begins."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coding_ops.tenancy.access import Reach
from coding_ops.tenancy.models import Role

LEADS = (Role.MANAGER, Role.VENDOR_ADMIN)


def start_of(reach: Reach) -> str:
    """The first page of a person: coders their worklist, reviewers their reviews, CDI specialists their
    queries, providers what is asked of them, leaders the numbers.

    Others begin at their client.  Empty when no client is open to them today.
    """
    if reach.in_role(Role.CODER):
        return "/work/"
    if reach.in_role(Role.QA_REVIEWER):
        return "/work/reviews/"
    if reach.in_role(Role.CDI_SPECIALIST):
        return "/work/queries/"
    if asked := reach.in_role(Role.PROVIDER):
        return f"/c/{asked[0].slug}/asked/"
    if len(reach.clients) == 1:
        return f"/c/{reach.clients[0].slug}/"
    if reach.in_role(*LEADS):
        return "/work/dashboard/"
    if reach.vendor_clients:
        return "/work/"
    return f"/c/{reach.clients[0].slug}/" if reach.clients else ""


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Sends on to the first page, or says that no client is open to this person."""
    reach: Reach = request.reach  # type: ignore[attr-defined]
    start = start_of(reach)
    return HttpResponseRedirect(start) if start else render(request, "no_client.html")
