"""Addresses of the review queue and the worksheet."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
