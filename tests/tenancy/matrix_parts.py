"""What a row of the matrix is made of: roles, a method with what is sent, an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
Sent = Mapping[str, Any]
Roles = frozenset[Role]


def of(*roles: Role) -> Roles:
    return frozenset(roles)


EVERYBODY = frozenset(Role)
CODER = of(Role.CODER)
LEADERS = of(Role.MANAGER, Role.VENDOR_ADMIN)
REVIEWERS = of(Role.QA_REVIEWER, Role.CDI_SPECIALIST) | LEADERS
READERS = of(Role.CLIENT_VIEWER, Role.CLIENT_ADMIN)
CLIENT = READERS | of(Role.PROVIDER)
VENDOR = CODER | REVIEWERS
CLOSES_HOLDS = CODER | LEADERS | of(Role.CLIENT_ADMIN, Role.PROVIDER)
SENDERS = LEADERS | of(Role.CLIENT_ADMIN)
RULE_READERS = LEADERS | CODER | of(Role.QA_REVIEWER, Role.CLIENT_ADMIN)
SCORERS = CODER | LEADERS | of(Role.QA_REVIEWER)
OPENS_HELD = VENDOR | CLIENT
"""Who opens a chart that the coder holds: not the auditor, who sees final charts only."""
OPENS_FINAL = EVERYBODY


@dataclass(frozen=True, slots=True)
class Act:
    """One method: who may, what is sent, and which rows it is about."""

    roles: Roles
    send: Callable[[Full], Sent] = lambda full: {}
    ids: Callable[[Full], Mapping[str, Any]] = lambda full: {}
    """Ids in the address other than those of the held chart and its first code."""


@dataclass(frozen=True, slots=True)
class Row:
    """One address.  Methods that are not named answer 404 or 405 to everybody."""

    acts: Mapping[str, Act]
    public: bool = False
    """Answers people who are not signed in: nothing of a client is in it."""


def leased(full: Full) -> Sent:
    return {"fence": full.fence}


def in_three_days() -> str:
    return (timezone.localdate() + timedelta(days=3)).isoformat()


def get(roles: Roles, **query: Any) -> Row:
    return Row({"GET": Act(roles, lambda full: query)})


def post(roles: Roles, send: Callable[[Full], Sent] = leased) -> Row:
    return Row({"POST": Act(roles, send)})


PAGES = "c/<slug:client_slug>/"
