"""Which clients a person reaches, in which role: the first door of every request."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
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


def reach_of(user: User) -> Reach:
    """Reads the person's standing memberships and credentials of today, in one query."""
    today = timezone.localdate()
    live = CoderCredential.objects.filter(
        user_id=OuterRef("user_id"), issued_on__lte=today, expires_on__gte=today
    ).order_by("name")
    rows = (
        Membership.objects.filter(user=user, revoked_at__isnull=True, client__is_active=True)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today))
        .annotate(live_credentials=ArraySubquery(live.values("name")))
        .order_by("client__name")
        .values_list(
            "client_id", "client__slug", "client__name", "client__timezone", "role", "live_credentials"
        )
    )
    clients, credential = [], ""
    for client_id, slug, name, zone, role, names in rows:
        clients.append(ReachedClient(client_id, slug, name, zone, Role(role)))
        credential = ", ".join(names)
    return Reach(user.pk, user.full_name, credential, tuple(clients))
