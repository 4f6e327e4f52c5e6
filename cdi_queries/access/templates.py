"""The doors to query templates: the vendor's people read them, CDI specialists and managers change them."""

from __future__ import annotations

from cdi_queries.access.queries import STEWARDS, require_steward
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role

READERS = STEWARDS | {Role.CODER, Role.QA_REVIEWER}


def require_reader(actor: Actor) -> None:
    """Who may read templates with their internal notes.

    Raises:
        NotFound: another role: they may not learn that there is such a page.
    """
    if actor.role not in READERS:
        raise NotFound


def require_designer(actor: Actor) -> None:
    """Who may save and switch templates.

    Raises:
        NotFound: a role that may not even read them.
        NotAllowed: it may look only.
    """
    require_reader(actor)
    require_steward(actor)


def may_design(actor: Actor) -> bool:
    """Whether the buttons of the designer are shown."""
    return actor.role in STEWARDS
