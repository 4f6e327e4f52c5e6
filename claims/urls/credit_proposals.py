"""Addresses of the room "credits" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.credits import decisions, listing

CLAIMS = "c/<slug:client_slug>/claims/"
CREDITS = f"{CLAIMS}credits/"
urlpatterns: list[URLPattern] = [
    path(CREDITS, listing.credit_list, name="credits"),
    path(f"{CREDITS}<uuid:credit_id>/", decisions.credit, name="credit"),
    path(f"{CREDITS}returns/<uuid:notice_id>/", decisions.notice, name="money_to_return"),
    path(f"{CLAIMS}denials/<uuid:denial_id>/credit/", decisions.propose, name="credit_propose"),
]
