"""Addresses of the room "setup" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern, path

from claims.views.setup import changes, charges, payers, profile

SETUP = "c/<slug:client_slug>/claims/setup/"

urlpatterns: list[URLPattern] = [
    path(SETUP, profile.setup, name="setup"),
    path(f"{SETUP}profile/", profile.save, name="setup_profile"),
    path(f"{SETUP}payers/new/", payers.new, name="payer_new"),
    path(f"{SETUP}payers/<uuid:payer_key>/", payers.payer, name="payer"),
    path(f"{SETUP}charges/", charges.charges, name="charges"),
    path(f"{SETUP}charges/add/", charges.add, name="charge_add"),
    path(f"{SETUP}charges/upload/", charges.upload, name="charges_upload"),
    path(f"{SETUP}charges/download/", charges.download, name="charges_download"),
    path(f"{SETUP}charges/<uuid:charge_key>/end/", charges.end, name="charge_end"),
    path(f"{SETUP}changes/", changes.changes, name="setup_changes"),
]
