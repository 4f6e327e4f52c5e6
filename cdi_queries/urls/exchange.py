"""Ways out, policy, and the paper of a query."""

from __future__ import annotations

from django.urls import URLPattern, path

from cdi_queries.views.exchange import lists, setup

SETUP = "c/<slug:client_slug>/queries/setup/"

urlpatterns: list[URLPattern] = [
    path(SETUP, setup.setup, name="setup"),
    path(f"{SETUP}policy/", setup.save_policy, name="setup_policy"),
    path(f"{SETUP}way/", setup.save_way, name="setup_way"),
    path(f"{SETUP}way/test/", setup.send_test, name="setup_way_test"),
    path(f"{SETUP}messages/", lists.messages, name="setup_messages"),
    path(f"{SETUP}retention/", lists.retention, name="setup_retention"),
]
