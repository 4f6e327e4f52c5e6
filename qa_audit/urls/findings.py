"""Addresses of findings: the coder's answers, the reviewer's, and the third person's."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
