"""The application refuses to start under a database role that row-level security does not bind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def database_role_is_plain(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """E001: the role is a superuser, bypasses row security, or owns tables."""
    if settings.DATABASE_ROLE == "owner":
        return []
    errors: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper, rolbypassrls,"
                " EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                "         WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p') AND n.nspname = 'public')"
                " FROM pg_roles r WHERE rolname = current_user"
            )
            is_superuser, bypasses, owns_tables = cursor.fetchone()
        for wrong, what in (
            (is_superuser, "is a superuser"),
            (bypasses, "has BYPASSRLS"),
            (owns_tables, "owns tables"),
        ):
            if wrong:
                errors.append(
                    Error(
                        f"The database role of DATABASE_URL {what}: clients would not be walled off.",
                        hint="Use the plain role; give the owner's URL as DATABASE_OWNER_URL for migrations.",
                        id="tenancy.E001",
                    )
                )
    return errors
