"""Addresses of the room "accounts" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.accounts import account, page

ROOM = "c/<slug:client_slug>/claims/accounts/"

urlpatterns: list[URLPattern] = [
    path(ROOM, page.accounts, name="accounts"),
    path(ROOM + "<uuid:encounter_id>/", account.account, name="account"),
]
