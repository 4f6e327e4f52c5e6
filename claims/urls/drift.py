"""Addresses of the room "drift" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.drift import compare, listing

DRIFT = "c/<slug:client_slug>/claims/drift/"

urlpatterns: list[URLPattern] = [
    path(DRIFT, listing.drift, name="drift"),
    path(DRIFT + "<uuid:claim_id>/", compare.compare, name="drift_claim"),
]
