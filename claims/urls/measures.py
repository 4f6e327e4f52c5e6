"""Addresses of the room "measures" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.measures import page, rows

urlpatterns: list[URLPattern] = [
    path("measures/", page.measures, name="measures"),
    path("measures/claims/", rows.rows, name="measure_claims"),
]
