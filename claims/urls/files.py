"""Addresses of the room "files" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.files import listing, page, unmatched

FILES = "c/<slug:client_slug>/claims/files/"

urlpatterns: list[URLPattern] = [
    path(FILES, listing.files, name="files"),
    path(FILES + "unmatched/", unmatched.unmatched, name="unmatched"),
    path(FILES + "unmatched/match/", unmatched.match, name="match_unmatched"),
    path(FILES + "problems/<uuid:problem_id>/dismiss/", page.dismiss, name="dismiss_problem"),
    path(FILES + "<uuid:file_id>/", page.file, name="file"),
    path(FILES + "<uuid:file_id>/retry/", page.retry, name="retry_file"),
]
