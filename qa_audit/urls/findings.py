"""Addresses of findings: the coder's answers, the reviewer's, and the third person's."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views import answers, findings

ROOM = "c/<slug:client_slug>/quality/findings/"
urlpatterns: list[URLPattern] = [
    path("work/findings/", findings.own_findings, name="own_findings"),
    path(ROOM, findings.findings, name="findings"),
    path(f"{ROOM}reviewers/", findings.reviewers, name="finding_reviewers"),
    path(f"{ROOM}<uuid:line_id>/answer/", answers.answer, name="answer_finding"),
    path(f"{ROOM}<uuid:line_id>/extend/", answers.extend, name="extend_findings"),
]
