"""The composer beside the note, and drafts."""

from __future__ import annotations

from django.urls import URLPattern, path

from cdi_queries.views.compose import pages

QUERY = "c/<slug:client_slug>/encounters/<uuid:encounter_id>/query/"

urlpatterns: list[URLPattern] = [
    path(QUERY, pages.compose, name="compose"),
    path(QUERY + "start/", pages.start, name="query_start"),
    path(QUERY + "prior/", pages.prior, name="query_prior"),
    path(QUERY + "<uuid:query_id>/", pages.draft, name="query_draft"),
    path(QUERY + "<uuid:query_id>/lint/", pages.lint, name="query_lint"),
    path(QUERY + "<uuid:query_id>/hold/", pages.hold, name="query_hold"),
]
