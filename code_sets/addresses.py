"""Addresses of the code book, for the pages of other apps that lead there."""

from __future__ import annotations

from datetime import date

from django.urls import reverse


def book_href(system: str, code: str, on: date) -> str:
    """The page of a code or heading (no dot) as of a day."""
    return f"{reverse('code_sets:code', args=[system, code])}?on={on:%Y-%m-%d}"


def system_href(system: str, on: date) -> str:
    """The top of a code system as of a day."""
    return f"{reverse('code_sets:system', args=[system])}?on={on:%Y-%m-%d}"
