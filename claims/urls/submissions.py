"""Addresses of the room "submissions" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.submissions import listing, page

SUBMISSIONS = "c/<slug:client_slug>/claims/submissions/"
ONE = SUBMISSIONS + "<uuid:submission_id>/"

urlpatterns: list[URLPattern] = [
    path(SUBMISSIONS, listing.submissions, name="submissions"),
    path(ONE, page.submission, name="submission"),
    path(ONE + "file/", page.download, name="submission_file"),
    path(ONE + "sent/", page.sent, name="submission_sent"),
    path(ONE + "take-back/", page.back, name="submission_back"),
]
