"""Addresses of the API about rules, below ``/api/v1/``."""

from __future__ import annotations

from django.urls import path

from edit_rules.api import views

app_name = "edit_rules_api"

urlpatterns = [
    path("clients/<slug:client_slug>/edit-rules/", views.RuleList.as_view(), name="list"),
]
