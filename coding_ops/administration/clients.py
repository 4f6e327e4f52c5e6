"""Making clients and granting people their roles."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm

from coding_ops.accounts.models import User
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput
from coding_ops.tenancy import crypto
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import VENDOR_ROLES, Client, Membership, Role
from coding_ops.tenancy.models.client import RESERVED_SLUGS
from coding_ops.tenancy.scope import client_transaction

CLIENT_PERMISSIONS: dict[Role, tuple[str, ...]] = {
    Role.CODER: ("code_encounters",),
    Role.QA_REVIEWER: ("review_encounters",),
    Role.CDI_SPECIALIST: ("review_encounters",),
    Role.MANAGER: ("review_encounters", "manage_work"),
    Role.VENDOR_ADMIN: ("review_encounters", "manage_work"),
    Role.CLIENT_VIEWER: ("view_own_records",),
    Role.PROVIDER: ("view_own_visits",),
    Role.CLIENT_ADMIN: ("view_own_records",),
    Role.EXTERNAL_AUDITOR: ("review_encounters",),
}


def role_group(client: Client, role: Role) -> Group:
    """The group of everybody who holds this role at this client; grants are made to it."""
    group, _ = Group.objects.get_or_create(name=f"client:{client.pk}:{role}")
    return group


def create_client(*, actor: Actor, slug: str, name: str, **attributes: Any) -> Client:
    """A new client with its data key, its role groups and their grants; a transaction of its own."""
    if slug in RESERVED_SLUGS:
        raise InvalidInput(f"{slug!r} is a part of the application's own addresses; choose another.")
    with transaction.atomic():
        client = Client(slug=slug, name=name, **attributes)
        client.full_clean()
        client.save()
        for role, codenames in CLIENT_PERMISSIONS.items():
            group = role_group(client, role)
            for codename in codenames:
                assign_perm(codename, group, client)
        with client_transaction([client.pk]):
            crypto.create_client_key(client.pk)
            record_event(actor=actor, verb=Verb.CLIENT_CREATED, subject=client, client_id=client.pk)
    return client


@transaction.atomic
def grant_membership(
    *, actor: Actor, client: Client, user: User, role: Role, ends_on: date | None = None
) -> Membership:
    """Gives a person a role at a client, in place of the one they had there; its scope must be open."""
    if role == Role.EXTERNAL_AUDITOR and ends_on is None:
        raise InvalidInput("An external auditor's grant needs its last day.", code="membership.needs_end")
    # One grant at a time for each person: two at once could make an account the vendor's and a client's.
    User.objects.select_for_update().only("pk").get(pk=user.pk)
    _refuse_mixed_account(client, user, role)
    _end_standing_role(client, user)
    membership = Membership.objects.create(client=client, user=user, role=role, ends_on=ends_on)
    user.groups.add(role_group(client, role))
    record_event(
        actor=actor,
        verb=Verb.MEMBERSHIP_GRANTED,
        subject=membership,
        facts={"user": user.pk, "role": str(role), "ends_on": ends_on.isoformat() if ends_on else None},
    )
    return membership


@transaction.atomic
def revoke_membership(*, actor: Actor, client: Client, user: User, reason: str) -> None:
    """Ends the person's standing role at the client; nothing happens when there is none."""
    ended = _end_standing_role(client, user)
    if ended is not None:
        record_event(
            actor=actor,
            verb=Verb.MEMBERSHIP_REVOKED,
            subject=ended,
            reason=reason,
            facts={"user": user.pk, "role": ended.role},
        )


def _refuse_mixed_account(client: Client, user: User, role: Role) -> None:
    """An account is either the vendor's or a client's: a client's person never sees the vendor's side."""
    vendors = role in VENDOR_ROLES
    for other in Membership.objects.filter(user=user, revoked_at__isnull=True).exclude(client=client):
        if Role.EXTERNAL_AUDITOR in (role, other.role):
            continue
        if (other.role in VENDOR_ROLES) != vendors:
            raise InvalidInput(
                "One account is either the vendor's or a client's; use a second account.",
                code="membership.mixed",
            )


def _end_standing_role(client: Client, user: User) -> Membership | None:
    membership = Membership.objects.filter(client=client, user=user, revoked_at__isnull=True).first()
    if membership is not None:
        user.groups.remove(role_group(client, Role(membership.role)))
        membership.revoked_at = timezone.now()
        membership.save(update_fields=["revoked_at"])
    return membership
