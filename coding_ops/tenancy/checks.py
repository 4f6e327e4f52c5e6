"""The application refuses to work under a database role that row-level security does not bind.

The system check says so before a migration and in ``manage.py check --database default``; web servers and
workers run no such checks, so each process also looks when it opens its first connection.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.signals import connection_created

_ROLE = (
    "SELECT r.rolsuper, r.rolbypassrls,"
    " EXISTS (SELECT FROM pg_class c WHERE c.relkind IN ('r', 'p')"
    "         AND c.relnamespace = 'public'::regnamespace AND c.relowner = r.oid),"
    " EXISTS (SELECT FROM pg_roles o WHERE o.oid <> r.oid AND pg_has_role(r.oid, o.oid, 'MEMBER')"
    "         AND (o.rolsuper OR o.rolbypassrls OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = o.oid"
    "              AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace)))"
    " FROM pg_roles r WHERE r.rolname = current_user"
)
_WRONG = ("is a superuser", "has BYPASSRLS", "owns tables", "may become a role that does")
_looked_at: set[str] = set()


def role_problems(cursor: Any) -> list[str]:
    """Why row-level security would not bind the role of this connection; empty when it does."""
    cursor.execute(_ROLE)
    return [
        f"The database role of DATABASE_URL {what}: clients would not be walled off."
        for what, wrong in zip(_WRONG, cursor.fetchone(), strict=True)
        if wrong
    ]


@register(Tags.database)
def database_role_is_plain(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """E001: the role is a superuser, bypasses row security, owns tables, or can become one that does."""
    if settings.DATABASE_ROLE == "owner":
        return []
    errors: list[CheckMessage] = []
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            errors += [
                Error(
                    problem,
                    hint="Use the plain role; give the owner's URL as DATABASE_OWNER_URL for migrations.",
                    id="tenancy.E001",
                )
                for problem in role_problems(cursor)
            ]
    return errors


def refuse_a_role_that_sees_everything(connection: Any, **kwargs: Any) -> None:
    """Receiver of ``connection_created``; looks once for each process and database.

    Raises:
        ImproperlyConfigured: the role is not bound by row-level security.
    """
    if settings.DATABASE_ROLE == "owner" or connection.alias in _looked_at:
        return
    with connection.cursor() as cursor:
        problems = role_problems(cursor)
    if problems:
        connection.close()
        raise ImproperlyConfigured(" ".join(problems))
    _looked_at.add(connection.alias)


connection_created.connect(refuse_a_role_that_sees_everything, dispatch_uid="tenancy.plain_role")
