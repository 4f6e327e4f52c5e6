"""Patterns by provider, letters, acknowledgements."""

from __future__ import annotations

from django.urls import URLPattern, path

from cdi_queries.views.education import letters, overview, provider

EDUCATION = "c/<slug:client_slug>/queries/education/"
PROVIDER = EDUCATION + "providers/<uuid:provider_id>/"
LETTERS = "c/<slug:client_slug>/letters/"
LETTER = LETTERS + "<uuid:letter_id>/"

urlpatterns: list[URLPattern] = [
    path(EDUCATION, overview.overview, name="education"),
    path(PROVIDER, provider.provider, name="education_provider"),
    path(PROVIDER + "charts/", provider.provider_charts, name="education_charts"),
    path(LETTERS, letters.own, name="letters"),
    path(LETTER, letters.letter, name="letter"),
    path(LETTER + "pdf/", letters.paper, name="letter_paper"),
    path(LETTER + "acknowledge/", letters.acknowledge, name="letter_acknowledge"),
]
