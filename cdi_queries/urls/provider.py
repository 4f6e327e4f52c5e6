"""What providers see: their list, the question, links and codes; how they are reached."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
