"""The rooms of a client's claims, as tabs above each of their pages."""

from __future__ import annotations

from dataclasses import dataclass

from claims.access.roles import CLIENT_READERS, FILE_READERS, INSIDE_READERS, LEADERS, READERS, SETTERS
from coding_ops.tenancy.models import Role


@dataclass(frozen=True, slots=True)
class Room:
    """One room: its key, its name, its path below ``/c/<client>/claims/``, and whom it answers."""

    key: str
    label: str
    path: str
    roles: frozenset[Role]


ROOMS = (
    Room("claims", "Claims", "", READERS),
    Room("denials", "Denials", "denials/", READERS),
    Room("board", "Board", "board/", READERS),
    Room("appeals", "Appeals", "appeals/", INSIDE_READERS | CLIENT_READERS),
    Room("credits", "Credits", "credits/", LEADERS | CLIENT_READERS),
    Room("accounts", "Accounts", "accounts/", LEADERS | CLIENT_READERS),
    Room("measures", "Measures", "measures/", INSIDE_READERS | CLIENT_READERS),
    Room("files", "Files", "files/", FILE_READERS),
    Room("submissions", "Submissions", "submissions/", LEADERS | CLIENT_READERS),
    Room("drift", "Drift", "drift/", LEADERS | {Role.QA_REVIEWER} | CLIENT_READERS),
    Room("reasons", "Reasons", "reasons/", LEADERS | {Role.QA_REVIEWER}),
    Room("setup", "Set-up", "setup/", SETTERS),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab as it is drawn."""

    label: str
    href: str
    current: bool


def claims_href(slug: str) -> str:
    """``/c/<client>/claims/``"""
    return f"/c/{slug}/claims/"


def claim_tabs(role: Role | str, slug: str, current: str) -> tuple[Tab, ...]:
    """The rooms that answer this role; ``current`` is the key of the room the page belongs to."""
    base = claims_href(slug)
    return tuple(
        Tab(room.label, f"{base}{room.path}", room.key == current) for room in ROOMS if role in room.roles
    )
