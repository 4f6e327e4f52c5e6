"""Reads about people."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from coding_ops.accounts.models import CoderCredential, User


def credentials_in_force(user: User, on: date) -> QuerySet[CoderCredential]:
    """The certificates of ``user`` that count on the day ``on``, in alphabetical order."""
    return CoderCredential.objects.filter(user=user, issued_on__lte=on, expires_on__gte=on).order_by("name")


def credential_line(user: User, on: date) -> str:
    """Those certificates as signed below a chart, e.g. ``"CPC, CRC"``; empty when there is none."""
    return ", ".join(credentials_in_force(user, on).values_list("name", flat=True))
