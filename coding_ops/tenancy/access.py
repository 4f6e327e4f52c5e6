"""Which clients a person reaches, in which role: the first door of every request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import VENDOR_ROLES, Role


@dataclass(frozen=True, slots=True)
class ReachedClient:
    """A client that stands open to the person, and their role there."""

    id: int
    slug: str
    name: str
    timezone: str
    role: Role


@dataclass(frozen=True, slots=True)
class Reach:
    """All clients a person reaches today, and who they are when they act."""

    user_id: int
    display_name: str
    credential: str
    clients: tuple[ReachedClient, ...]

    def client(self, slug: str) -> ReachedClient:
        """The client of that slug.

        Raises:
            NotFound: no such client, or not theirs: the answer is the same.
        """
        for client in self.clients:
            if client.slug == slug:
                return client
        raise NotFound

    @property
    def vendor_clients(self) -> tuple[ReachedClient, ...]:
        """The clients they work for as one of the vendor's people."""
        return tuple(client for client in self.clients if client.role in VENDOR_ROLES)

    def in_role(self, *roles: Role) -> tuple[ReachedClient, ...]:
        """The clients at which they hold one of these roles."""
        return tuple(client for client in self.clients if client.role in roles)

    def actor(self, role: str, request_id: str) -> Actor:
        """The person acting in a role."""
        return Actor(self.user_id, self.display_name, role, self.credential, request_id)


# A standing membership opens a client only while the role's group holds a grant on it (django-guardian).
# Written out, because every request runs it: building it from the ORM costs more than PostgreSQL's answer.
WITH_REACH = """
SELECT u.*,
    ARRAY(SELECT json_build_object('id', c.id, 'slug', c.slug, 'name', c.name, 'timezone', c.timezone,
                                   'role', m.role)
          FROM tenancy_membership m JOIN tenancy_client c ON c.id = m.client_id
          WHERE m.user_id = u.id AND m.revoked_at IS NULL AND c.is_active
            AND (m.ends_on IS NULL OR m.ends_on >= %(today)s)
            AND EXISTS (SELECT FROM tenancy_clientgrouppermission g
                        JOIN accounts_user_groups ug ON ug.group_id = g.group_id
                        WHERE g.content_object_id = c.id AND ug.user_id = u.id)
          ORDER BY c.name) AS standing_memberships,
    ARRAY(SELECT k.name FROM accounts_codercredential k
          WHERE k.user_id = u.id AND k.issued_on <= %(today)s AND k.expires_on >= %(today)s
          ORDER BY k.name) AS live_credentials
FROM accounts_user u WHERE u.id = %(user)s
"""


def user_with_reach(user_id: int, today: date) -> User | None:
    """The account with its standing memberships and live credentials beside it, in one query."""
    return next(iter(User.objects.raw(WITH_REACH, {"user": user_id, "today": today})), None)


def reach_of(user: User) -> Reach:
    """What the person reaches today; free when the account was read by ``user_with_reach``."""
    if not hasattr(user, "standing_memberships"):
        found = user_with_reach(user.pk, timezone.localdate())
        if found is None:
            raise NotFound
        user = found
    rows: list[dict[str, Any]] = user.standing_memberships  # type: ignore[attr-defined]
    clients = tuple(
        ReachedClient(row["id"], row["slug"], row["name"], row["timezone"], Role(row["role"])) for row in rows
    )
    credential = ", ".join(user.live_credentials)  # type: ignore[attr-defined]
    return Reach(user.pk, user.full_name, credential, clients)
