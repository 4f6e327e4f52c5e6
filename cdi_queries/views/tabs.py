"""The rooms of a client's CDI queries, as tabs above each of their pages."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.tenancy.models import Role

LEADERS = frozenset({Role.MANAGER, Role.VENDOR_ADMIN})
STEWARDS = LEADERS | {Role.CDI_SPECIALIST}
READERS = STEWARDS | {Role.CODER, Role.QA_REVIEWER}
CLIENT = frozenset({Role.CLIENT_ADMIN, Role.CLIENT_VIEWER})


@dataclass(frozen=True, slots=True)
class Room:
    """One room: its key, its name, its path below ``/c/<client>/queries/``, and whom it answers."""

    key: str
    label: str
    path: str
    roles: frozenset[Role]


ROOMS = (
    Room("life", "Queries", "", READERS | CLIENT | {Role.EXTERNAL_AUDITOR}),
    Room("triggers", "Opportunities", "opportunities/", STEWARDS),
    Room("templates", "Templates", "templates/", READERS),
    Room("measures", "Measures", "measures/", STEWARDS | {Role.QA_REVIEWER} | CLIENT),
    Room("education", "Education", "education/", STEWARDS | {Role.CLIENT_ADMIN}),
    Room("audits", "Audits", "audits/", STEWARDS | {Role.QA_REVIEWER, Role.CODER}),
    Room("setup", "Set-up", "setup/", STEWARDS | {Role.CLIENT_ADMIN}),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab as it is drawn."""

    label: str
    href: str
    current: bool


def queries_href(slug: str) -> str:
    """``/c/<client>/queries/``"""
    return f"/c/{slug}/queries/"


def query_tabs(role: Role | str, slug: str, current: str) -> tuple[Tab, ...]:
    """The rooms that answer this role; ``current`` is the key of the room the page belongs to."""
    base = queries_href(slug)
    return tuple(
        Tab(room.label, f"{base}{room.path}", room.key == current) for room in ROOMS if role in room.roles
    )
