"""Keeping how a provider is reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from cdi_queries.access.queries import STEWARDS
from cdi_queries.models import ProviderContact, QueryLink
from cdi_queries.selectors.contacts import has_left, is_vendors_address, provider_accounts
from coding_ops.accounts.models import Specialty, User
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.models import Provider

KEEPERS = STEWARDS | {Role.CLIENT_ADMIN}
"""Who may change contacts; the test of the pages holds this against their door."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What is entered about a provider.  ``email`` empty: the account's; ``left_on``: first day gone."""

    email: str = ""
    specialty: Specialty | None = None
    account: User | None = None
    left_on: date | None = None
    stands_in: Provider | None = None


@transaction.atomic
def save_contact(*, actor: Actor, provider: Provider, contact: Contact) -> ProviderContact:
    """Keeps a provider's contact.  Links mailed to another address than the new one end.

    Raises:
        NotAllowed: the role keeps no contacts.
        InvalidInput: no mail address.
        Refused: an address of the vendor's people, an account that is no provider's, a wrong stand-in.
        Conflict: the account is another provider's.
    """
    if actor.role not in KEEPERS:
        raise NotAllowed(
            "Only CDI specialists, managers and client administrators change this.", code="contact.role"
        )
    email = contact.email.strip().lower()
    _check_email(email)
    _check_account(provider, contact.account)
    _check_stand_in(provider, contact.stands_in)
    kept, _ = ProviderContact.objects.select_for_update(of=("self",)).get_or_create(
        client_id=provider.client_id, provider=provider
    )
    changed = _changes(kept, provider, contact, email)
    if not changed:
        return kept
    kept.email, kept.specialty = email or None, contact.specialty
    kept.left_on, kept.stands_in = contact.left_on, contact.stands_in
    kept.save(update_fields=["email", "specialty", "left_on", "stands_in"])
    if "account" in changed:
        provider.user = contact.account
        provider.save(update_fields=["user"])
    if {"email", "account"} & set(changed):
        QueryLink.objects.filter(
            client_id=provider.client_id, provider=provider, used_at__isnull=True, revoked_at__isnull=True
        ).update(revoked_at=timezone.now())
    record_event(
        actor=actor,
        verb=Verb.PROVIDER_CONTACT_CHANGED,
        subject=kept,
        facts={"provider": str(provider.pk), "changed": changed},
    )
    return kept


def _changes(kept: ProviderContact, provider: Provider, contact: Contact, email: str) -> list[str]:
    """Names of what differs; what it was and is stays out of the ledger, the row's history holds it."""
    pairs = {
        "email": ((kept.email or ""), email),
        "specialty": (kept.specialty_id, contact.specialty.pk if contact.specialty else None),
        "account": (provider.user_id, contact.account.pk if contact.account else None),
        "left_on": (kept.left_on, contact.left_on),
        "stands_in": (kept.stands_in_id, contact.stands_in.pk if contact.stands_in else None),
    }
    return [name for name, (before, after) in pairs.items() if before != after]


def _check_email(email: str) -> None:
    if not email:
        return
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput(
            "Write one mail address, for example name@example.org.",
            code="contact.email",
            details={"path": "email"},
        ) from error
    if is_vendors_address(email):
        raise Refused(
            "This address belongs to somebody who codes for the client. A provider's questions go to the"
            " provider.",
            code="contact.vendor",
            details={"path": "email"},
        )


def _check_account(provider: Provider, account: User | None) -> None:
    if account is None or account.pk == provider.user_id:
        return
    if not provider_accounts(provider.client_id).filter(pk=account.pk).exists():
        raise Refused(
            "This account does not hold the role Provider at this client.",
            code="contact.account",
            details={"path": "account"},
        )
    taken = Provider.objects.filter(client_id=provider.client_id, user=account).exclude(pk=provider.pk)
    if taken.exists():
        raise Conflict(
            "This account belongs to another provider.", code="contact.taken", details={"path": "account"}
        )


def _check_stand_in(provider: Provider, stand_in: Provider | None) -> None:
    if stand_in is None:
        return
    if stand_in.pk == provider.pk:
        raise Refused(
            "Choose another provider to answer for them.",
            code="contact.stand_in",
            details={"path": "stands_in"},
        )
    theirs = ProviderContact.objects.filter(client_id=provider.client_id, provider=stand_in).first()
    if has_left(theirs, timezone.localdate()):
        raise Refused(
            f"{stand_in.name} has left too. Choose another provider.",
            code="contact.stand_in",
            details={"path": "stands_in"},
        )
