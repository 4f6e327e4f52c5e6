"""The two database roles: an owner that migrates, and the plain role the application runs as."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from django.conf import settings


def app_role_name() -> str:
    """The plain role's name, read from ``DATABASE_URL``."""
    return unquote(urlsplit(settings.APP_DATABASE_URL).username or "")
