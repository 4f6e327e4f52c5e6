"""Queues, lists, one query's trail, and what moves it."""

from __future__ import annotations

from django.urls import URLPattern, path

from cdi_queries.views.life import acts, listing, queue, trail

QUERIES = "c/<slug:client_slug>/queries/"
QUERY = QUERIES + "<uuid:query_id>/"

urlpatterns: list[URLPattern] = [
    path("work/queries/", queue.queue, name="queue"),
    path(QUERIES, listing.queries, name="queries"),
    path(QUERY, trail.trail, name="query"),
    path(QUERY + "cancel/", acts.cancel, name="query_cancel"),
    path(QUERY + "redirect/", acts.redirect, name="query_redirect"),
    path(QUERY + "renew/", acts.renew, name="query_renew"),
    path(QUERY + "close/", acts.close, name="query_close"),
    path(QUERY + "escalate/", acts.escalate, name="query_escalate"),
]
