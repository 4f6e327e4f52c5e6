"""Addresses of findings: the coder's answers, the reviewer's, and the third person's."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views.findings import answers, listing

ROOM = "c/<slug:client_slug>/quality/findings/"
urlpatterns: list[URLPattern] = [
    path("work/findings/", listing.own_findings, name="own_findings"),
    path(ROOM, listing.findings, name="findings"),
    path(f"{ROOM}reviewers/", listing.reviewers, name="finding_reviewers"),
    path(f"{ROOM}<uuid:line_id>/answer/", answers.answer, name="answer_finding"),
    path(f"{ROOM}<uuid:line_id>/extend/", answers.extend, name="extend_findings"),
]
