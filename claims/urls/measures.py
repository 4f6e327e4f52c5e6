"""Addresses of the room "measures" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.measures import page, rows

ROOM = "c/<slug:client_slug>/claims/measures/"

urlpatterns: list[URLPattern] = [
    path(ROOM, page.measures, name="measures"),
    path(ROOM + "claims/", rows.rows, name="measure_claims"),
]
