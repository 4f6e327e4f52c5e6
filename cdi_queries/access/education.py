"""The doors to education: figures by provider for who teaches and administers, a letter for its provider."""

from __future__ import annotations

import uuid

from cdi_queries.access.queries import STEWARDS
from cdi_queries.models import EducationLetter
from cdi_queries.selectors.letters import letters, own_letters
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.models import Provider

EDUCATORS = STEWARDS | {Role.CLIENT_ADMIN}
"""Who sees the figures of every provider and their letters."""


def require_educator(actor: Actor) -> None:
    """Who may see documentation by provider.

    Raises:
        NotFound: a role for which the page does not exist.
    """
    if actor.role not in EDUCATORS:
        raise NotFound


def require_provider(actor: Actor) -> None:
    """Who has letters of their own.

    Raises:
        NotFound: a role for which the page does not exist.
    """
    if actor.role != Role.PROVIDER:
        raise NotFound


def find_provider(*, actor: Actor, client_id: int, provider_id: uuid.UUID) -> Provider:
    """A provider of an open client.

    Raises:
        NotFound: absent, another client's, or the page does not exist for this role: one answer.
    """
    require_educator(actor)
    found = Provider.objects.filter(client_id=client_id, pk=provider_id).first()
    if found is None:
        raise NotFound
    return found


def find_letter(*, actor: Actor, client_id: int, letter_id: uuid.UUID) -> EducationLetter:
    """A letter: to its provider, or to who sees every provider's.

    Raises:
        NotFound: absent, another client's, or another provider's: one answer.
    """
    if actor.role == Role.PROVIDER:
        reach = own_letters(actor, client_id)
    elif actor.role in EDUCATORS:
        reach = letters(client_id)
    else:
        raise NotFound
    found: EducationLetter | None = reach.filter(pk=letter_id).select_related("provider", "client").first()
    if found is None:
        raise NotFound
    return found
