"""Addresses of sampling plans, draws and the release gate."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
