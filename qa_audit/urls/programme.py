"""Addresses of the programme's overview and people's accuracy."""

from __future__ import annotations

from django.urls import URLPattern, path

from qa_audit.views.programme import audited_rows, overview, people, replay

QUALITY = "c/<slug:client_slug>/quality/"

urlpatterns: list[URLPattern] = [
    path("work/accuracy/", people.own_accuracy, name="own_accuracy"),
    path(QUALITY, overview.overview, name="programme"),
    path(QUALITY + "rows/", audited_rows.rows, name="audited_rows"),
    path(QUALITY + "replay/", replay.replay_page, name="replay"),
    path(QUALITY + "people/<int:user_id>/", people.person, name="person"),
]
