"""Addresses of the room "board" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.board import page

urlpatterns: list[URLPattern] = [path("c/<slug:client_slug>/claims/board/", page.board, name="board")]
