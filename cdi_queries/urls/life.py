"""Queues, lists, one query's trail, and what moves it."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
