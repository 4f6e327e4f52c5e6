"""Addresses of RADV and payer audit rehearsals."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
