"""Addresses of the API about queries, below ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from cdi_queries.api import views

app_name = "cdi_queries_api"
QUERIES = "clients/<slug:client_slug>/queries/"
QUERY = QUERIES + "<uuid:query_id>/"

urlpatterns = [
    path(QUERIES, views.QueryList.as_view(), name="list"),
    path(QUERY, views.QueryDetail.as_view(), name="query"),
    path(QUERY + "fhir/", views.QueryFhir.as_view(), name="fhir"),
    path(QUERY + "send/", views.QuerySend.as_view(), name="send"),
    path(QUERY + "answer/", views.QueryAnswerView.as_view(), name="answer"),
    path(QUERY + "cancel/", views.QueryCancel.as_view(), name="cancel"),
]
