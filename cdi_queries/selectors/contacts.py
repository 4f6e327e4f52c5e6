"""How the providers of a client are reached, and who of them may be asked."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from cdi_queries.models import CdiQuery, ProviderContact, QueryStatus
from coding_ops.accounts.models import User
from coding_ops.tenancy.models import VENDOR_ROLES, Membership, Role
from encounters.models import Provider


def contact_of(client_id: int, provider_id: uuid.UUID) -> ProviderContact | None:
    """What is kept of a provider, with who stands in; None until somebody enters it."""
    return (
        ProviderContact.objects.filter(client_id=client_id, provider_id=provider_id)
        .select_related("stands_in", "specialty")
        .first()
    )


def address_of(provider: Provider, contact: ProviderContact | None) -> str:
    """Where mail to the provider goes: the address entered, else the account's; empty for none."""
    if contact is not None and contact.email:
        return str(contact.email)
    return provider.user.email if provider.user is not None and provider.user.is_active else ""


def has_left(contact: ProviderContact | None, today: date) -> bool:
    """Whether the provider is no longer with the client on a day."""
    return contact is not None and contact.left_on is not None and contact.left_on <= today


def day_at(zone: str, at: datetime) -> date:
    """The day it is at the client's."""
    return at.astimezone(ZoneInfo(zone)).date()


def askable(client_id: int, today: date) -> QuerySet[Provider]:
    """The providers who are with the client on a day, by name."""
    gone = ProviderContact.objects.filter(client_id=client_id, left_on__lte=today).values("provider_id")
    providers: QuerySet[Provider] = (
        Provider.objects.filter(client_id=client_id).exclude(pk__in=gone).order_by("name", "pk")
    )
    return providers


def waiting_for(provider: Provider) -> int:
    """How many questions wait for a provider."""
    return CdiQuery.objects.filter(
        client_id=provider.client_id, provider=provider, state=QueryStatus.SENT
    ).count()


@dataclass(frozen=True, slots=True)
class Listed:
    """A provider with what is kept of them, and how many questions wait for them."""

    provider: Provider
    contact: ProviderContact | None
    waiting: int


def listed_providers(
    client_id: int, *, text: str, unreachable: bool, start: int, limit: int
) -> tuple[list[Listed], bool]:
    """A page of the client's providers by name, and whether more follow.

    ``unreachable``: only those with neither an address nor an account that can be written to.
    """
    kept = ProviderContact.objects.filter(client_id=client_id, provider=OuterRef("pk"))
    found = (
        Provider.objects.filter(client_id=client_id)
        .select_related("user")
        .annotate(sealed_address=Subquery(kept.values("email")[:1]))
        .order_by("name", "pk")
    )
    if text:
        found = found.filter(Q(name__icontains=text) | Q(npi__startswith=text))
    if unreachable:
        found = found.filter(Q(user__isnull=True) | Q(user__is_active=False), sealed_address__isnull=True)
    rows = list(found[start : start + limit + 1])
    shown, more = rows[:limit], len(rows) > limit
    ids = [one.pk for one in shown]
    contacts = {
        one.provider_id: one
        for one in ProviderContact.objects.filter(client_id=client_id, provider_id__in=ids).select_related(
            "stands_in", "specialty"
        )
    }
    counts = dict(
        CdiQuery.objects.filter(client_id=client_id, provider_id__in=ids, state=QueryStatus.SENT)
        .values_list("provider_id")
        .annotate(n=Count("pk"))
        .values_list("provider_id", "n")
    )
    return [Listed(one, contacts.get(one.pk), counts.get(one.pk, 0)) for one in shown], more


def provider_accounts(client_id: int) -> QuerySet[User]:
    """Accounts that hold the role of a provider at this client: only they can be a provider's own."""
    standing = Membership.objects.filter(client_id=client_id, role=Role.PROVIDER, revoked_at__isnull=True)
    accounts: QuerySet[User] = User.objects.filter(
        pk__in=standing.values("user_id"), is_active=True
    ).order_by(F("full_name"))
    return accounts


def is_vendors_address(address: str) -> bool:
    """Whether an address is that of one of the vendor's people, who must not answer in a provider's place."""
    return Membership.objects.filter(
        user__email=address.strip().lower(), role__in=VENDOR_ROLES, revoked_at__isnull=True
    ).exists()
