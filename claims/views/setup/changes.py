"""``…/setup/changes/``: who changed what of the set-up."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from claims.models import BillingProfile, Charge, Payer
from claims.selectors.setup import changes_of
from claims.views.setup import words
from claims.views.setup.dto import ChangesPage
from claims.views.setup.profile import require_setter_page
from claims.views.tabs import claim_tabs
from coding_ops.web.client_pages import client_of, for_client
from coding_ops.web.middleware import actor_of


@require_GET
@for_client
def changes(request: HttpRequest) -> HttpResponse:
    """The newest changes of profile, payers and charges, each with its fields before and after."""
    actor, client = actor_of(request), client_of(request)
    require_setter_page(actor)
    parts = (
        ("Profile", BillingProfile, "Nobody has written a profile yet."),
        ("Payers", Payer, "No payer was added yet."),
        ("Charges", Charge, "No charge was added yet."),
    )
    page = ChangesPage(
        setup_href=words.setup_href(client.slug),
        parts=tuple(
            (
                heading,
                words.change_rows(changes_of(model, client.id), client, inside=actor.is_vendor),
                empty,
            )
            for heading, model, empty in parts
        ),
    )
    context = {"page": page, "tabs": claim_tabs(actor.role, client.slug, "setup")}
    return render(request, "claims/setup_changes.html", context)
