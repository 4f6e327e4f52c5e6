"""Rows of what providers see: their list, links without signing in, and how they are reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cdi_queries.actions.links import token_of
from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import EVERYBODY, LEADERS, PAGES, Act, Row, Sent, get, of, post

ASKED = PAGES + "asked/"
ONE = ASKED + "<uuid:query_id>/"
LINK = "q/<str:token>/"
CONTACTS = PAGES + "queries/setup/providers/"
PROVIDER = of(Role.PROVIDER)
KEEPERS = LEADERS | of(Role.CDI_SPECIALIST, Role.CLIENT_ADMIN)


def real(full: Full) -> Mapping[str, Any]:
    return {"token": token_of(full.asked.link)}


def nothing(_full: Full) -> Sent:
    return {}


def passed(full: Full) -> Sent:
    return {"provider": str(full.asked.other.pk), "reason": "Saw the patient"}


def linked(*methods: str) -> Row:
    """A page behind a link: whoever has the address gets it, or is led back to the code."""
    return Row({method: Act(EVERYBODY, nothing, real) for method in methods}, public=True)


PROVIDER_MATRIX: dict[str, Row] = {
    ASKED: get(PROVIDER),
    ONE: Row({"GET": Act(PROVIDER), "POST": Act(PROVIDER, lambda full: {"option": "o4"})}),
    ONE + "complete/": post(PROVIDER, lambda full: {"where": "Progress note"}),
    ONE + "pass/": Row({"GET": Act(PROVIDER), "POST": Act(PROVIDER, passed)}),
    LINK: linked("GET"),
    LINK + "code/": linked("POST"),
    # Without a code it takes nothing, so nobody has an act here; its own tests go through it.
    LINK + "open/": Row({}, public=True),
    LINK + "answer/": linked("POST"),
    LINK + "complete/": linked("POST"),
    LINK + "pass/": linked("GET", "POST"),
    LINK + "renew/": linked("POST"),
    CONTACTS: get(KEEPERS, show="unreachable"),
    CONTACTS + "<uuid:provider_id>/": Row(
        {"GET": Act(KEEPERS), "POST": Act(KEEPERS, lambda full: {"email": "new@example.test"})}
    ),
}

PROVIDER_FILLED_BY: dict[str, Callable[[Full], Any]] = {
    # A link that nobody has: what a real one shows is asked with ``real``.
    "token": lambda full: "nothing",
}
