"""The rooms of a client's claims, as tabs above each of their pages."""

from __future__ import annotations

from claims.access.roles import CLIENT_READERS, FILE_READERS, INSIDE_READERS, LEADERS, READERS, SETTERS
from coding_ops.tenancy.models import Role
from coding_ops.web.tabs import Room, Tab, tabs_of

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


def claims_href(slug: str) -> str:
    """``/c/<client>/claims/``"""
    return f"/c/{slug}/claims/"


def claim_tabs(role: Role | str, slug: str, current: str) -> tuple[Tab, ...]:
    """The rooms that answer this role; ``current`` is the key of the room the page belongs to."""
    return tabs_of(ROOMS, role, claims_href(slug), current)
