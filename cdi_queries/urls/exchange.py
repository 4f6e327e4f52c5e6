"""Ways out, policy, and the paper of a query."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
