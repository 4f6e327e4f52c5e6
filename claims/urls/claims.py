"""Addresses of the room "claims" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.claims import listing, page

ROOM = "c/<slug:client_slug>/claims/"

urlpatterns: list[URLPattern] = [
    path(ROOM, listing.claims, name="claims"),
    path(f"{ROOM}find/", listing.find, name="find_claim"),
    path(f"{ROOM}<uuid:claim_id>/", page.claim, name="claim"),
    path(f"{ROOM}<uuid:claim_id>/check/", page.check, name="check_claim"),
    path("c/<slug:client_slug>/encounters/<uuid:encounter_id>/claim/", page.of_chart, name="claim_of_chart"),
]
