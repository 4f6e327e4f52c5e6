"""Which clients a person reaches, in which role: the first door of every request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from coding_ops.accounts.models import CoderCredential, User
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import VENDOR_ROLES, Membership, Role


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


def with_reach(users: QuerySet[User], today: date) -> QuerySet[User]:
    """Users with their standing memberships and live credentials beside them: one query for the request."""
    memberships = (
        Membership.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=today),
            user_id=OuterRef("pk"),
            revoked_at__isnull=True,
            client__is_active=True,
        )
        .order_by("client__name")
        .values(
            row=JSONObject(
                id="client_id",
                slug="client__slug",
                name="client__name",
                timezone="client__timezone",
                role="role",
            )
        )
    )
    credentials = (
        CoderCredential.objects.filter(user_id=OuterRef("pk"), issued_on__lte=today, expires_on__gte=today)
        .order_by("name")
        .values("name")
    )
    return users.annotate(
        standing_memberships=ArraySubquery(memberships), live_credentials=ArraySubquery(credentials)
    )


def reach_of(user: User) -> Reach:
    """What the person reaches today; free when the account was read by ``with_reach``."""
    if not hasattr(user, "standing_memberships"):
        user = with_reach(User.objects.filter(pk=user.pk), timezone.localdate()).get()
    rows: list[dict[str, Any]] = user.standing_memberships  # type: ignore[attr-defined]
    clients = tuple(
        ReachedClient(row["id"], row["slug"], row["name"], row["timezone"], Role(row["role"])) for row in rows
    )
    credential = ", ".join(user.live_credentials)  # type: ignore[attr-defined]
    return Reach(user.pk, user.full_name, credential, clients)
