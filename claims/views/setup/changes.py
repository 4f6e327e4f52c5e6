"""``…/setup/changes/``: who changed what of the set-up."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from claims.models import BillingProfile, Payer
from claims.selectors.setup import changes_of, payers_of
from claims.views.setup import words
from claims.views.setup.dto import ChangesPage
from claims.views.setup.profile import require_setter_page
from claims.views.tabs import claim_tabs
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of


@require_GET
@for_client
def changes(request: HttpRequest) -> HttpResponse:
    """The newest changes of profile and payers, each with its fields before and after."""
    actor, client = actor_of(request), client_of(request)
    require_setter_page(actor)
    names = {one.pk: one.name for one in payers_of(client.id)}
    inside = actor.is_vendor
    page = ChangesPage(
        setup_href=words.setup_href(client.slug),
        parts=(
            (
                "Profile",
                words.change_rows(changes_of(BillingProfile, client.id), client, {}, inside=inside),
                "Nobody has written a profile yet.",
            ),
            (
                "Payers",
                words.change_rows(changes_of(Payer, client.id), client, names, inside=inside),
                "No payer was added yet.",
            ),
        ),
    )
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "setup")}
    return render(request, "claims/setup_changes.html", context)
