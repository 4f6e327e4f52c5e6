"""Rules that point at gaps, and what they found."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
