"""Addresses of the room "denials" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.denials import acts, listing, page

DENIALS = "c/<slug:client_slug>/claims/denials/"
DENIAL = f"{DENIALS}<uuid:denial_id>/"

urlpatterns: list[URLPattern] = [
    path(DENIALS, listing.denials, name="denials"),
    path(DENIAL, page.denial, name="denial"),
    path(f"{DENIAL}assign/", acts.assign, name="denial_assign"),
    path(f"{DENIAL}cause/", acts.cause, name="denial_cause"),
    path(f"{DENIAL}write-off/", acts.give_up, name="denial_write_off"),
    path(f"{DENIAL}reopen/", acts.reopen, name="denial_reopen"),
    path(f"{DENIAL}rule/", acts.rule, name="denial_rule"),
]
