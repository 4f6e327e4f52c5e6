"""The library and a client's own templates."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
