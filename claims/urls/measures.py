"""Addresses of the room "measures" of a client's claims."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
