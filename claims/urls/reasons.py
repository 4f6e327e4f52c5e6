"""Addresses of the room "reasons" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.reasons import page

REASONS = "c/<slug:client_slug>/claims/reasons/"

urlpatterns: list[URLPattern] = [
    path(REASONS, page.reasons, name="reasons"),
    path(f"{REASONS}<uuid:reason_id>/end/", page.end, name="reason_end"),
]
