"""Who may see which numbers."""

from __future__ import annotations

from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from reporting.rules import definitions
from reporting.rules.kpi import Audience, Kpi

LEADERS = frozenset({Role.MANAGER, Role.VENDOR_ADMIN})
CLIENT_READERS = frozenset({Role.CLIENT_VIEWER, Role.CLIENT_ADMIN})


def audience_of(actor: Actor) -> Audience:
    """Which of the definitions' audiences the person belongs to.

    Raises:
        NotFound: a role without numbers; for it the pages do not exist.
    """
    if actor.role in LEADERS:
        return Audience.VENDOR
    if actor.role in CLIENT_READERS:
        return Audience.CLIENT
    raise NotFound


def require_leader(actor: Actor) -> None:
    """Only who leads the vendor's work at this client.

    Raises:
        NotFound: anybody else, the client's people included.
    """
    if audience_of(actor) is not Audience.VENDOR:
        raise NotFound


def visible_kpi(actor: Actor, name: str) -> Kpi:
    """The newest version of a KPI.

    Raises:
        NotFound: no such KPI, or not for this person's eyes: one answer.
    """
    kpi = definitions.get(name)
    if kpi not in definitions.current(audience_of(actor)):
        raise NotFound
    return kpi
