"""Addresses of the programme's overview and people's accuracy."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
