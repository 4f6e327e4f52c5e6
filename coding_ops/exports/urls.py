"""Addresses of exports, below each client's."""

from __future__ import annotations

from django.urls import URLPattern, path

from coding_ops.exports import views

app_name = "exports"
ROOM = "c/<slug:client_slug>/exports/"
urlpatterns: list[URLPattern] = [
    path(ROOM, views.exports, name="list"),
    path(f"{ROOM}<uuid:export_id>/", views.export, name="export"),
    path(f"{ROOM}<uuid:export_id>/file/", views.download, name="file"),
]
