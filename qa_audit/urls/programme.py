"""Addresses of the programme's overview and people's accuracy."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views import programme

QUALITY = "c/<slug:client_slug>/quality/"

urlpatterns: list[URLPattern] = [
    path(QUALITY, programme.overview, name="programme"),
]
