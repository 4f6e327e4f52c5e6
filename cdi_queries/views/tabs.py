"""The rooms of a client's CDI queries, as tabs above each of their pages."""

from __future__ import annotations

from coding_ops.tenancy.models import Role
from coding_ops.web.tabs import Room, Tab, tabs_of

LEADERS = frozenset({Role.MANAGER, Role.VENDOR_ADMIN})
STEWARDS = LEADERS | {Role.CDI_SPECIALIST}
READERS = STEWARDS | {Role.CODER, Role.QA_REVIEWER}
CLIENT = frozenset({Role.CLIENT_ADMIN, Role.CLIENT_VIEWER})


ROOMS = (
    Room("life", "Queries", "", READERS | CLIENT | {Role.EXTERNAL_AUDITOR}),
    Room("triggers", "Opportunities", "opportunities/", STEWARDS),
    Room("templates", "Templates", "templates/", READERS),
    Room("measures", "Measures", "measures/", STEWARDS | {Role.QA_REVIEWER} | CLIENT),
    Room("education", "Education", "education/", STEWARDS | {Role.CLIENT_ADMIN}),
    Room("audits", "Audits", "audits/", STEWARDS | {Role.QA_REVIEWER, Role.CODER}),
    Room("setup", "Set-up", "setup/", STEWARDS | {Role.CLIENT_ADMIN}),
)


def queries_href(slug: str) -> str:
    """``/c/<client>/queries/``"""
    return f"/c/{slug}/queries/"


def query_tabs(role: Role | str, slug: str, current: str) -> tuple[Tab, ...]:
    """The rooms that answer this role; ``current`` is the key of the room the page belongs to."""
    return tabs_of(ROOMS, role, queries_href(slug), current)
