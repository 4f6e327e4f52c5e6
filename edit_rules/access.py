"""The doors to a client's rules."""

from __future__ import annotations

import uuid

from coding_ops.core.errors import NotAllowed, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from edit_rules.models import EditRule

EDITORS = frozenset({Role.MANAGER, Role.VENDOR_ADMIN})
REVIEWERS = EDITORS | {Role.QA_REVIEWER}
READERS = EDITORS | {Role.QA_REVIEWER, Role.CODER, Role.CLIENT_ADMIN}


def require_reader(actor: Actor) -> None:
    """Who may see a client's rules.

    Raises:
        NotFound: for this role the pages do not exist.
    """
    if actor.role not in READERS:
        raise NotFound


def require_editor(actor: Actor) -> None:
    """Who may change them.

    Raises:
        NotFound: the role has nothing to do with rules.
        NotAllowed: it may read them only.
    """
    require_reader(actor)
    if actor.role not in EDITORS:
        raise NotAllowed("You may read the rules, but not change them.", code="edit_rule.read_only")


def find_rule(*, actor: Actor, client_id: int, rule_id: uuid.UUID) -> EditRule:
    """A rule of an open client.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    require_reader(actor)
    found = EditRule.objects.filter(client_id=client_id, pk=rule_id).first()
    if found is None:
        raise NotFound
    return found


def find_reviewed(*, actor: Actor, client_id: int, rule_id: uuid.UUID) -> EditRule:
    """A rule whose findings the person may look through, chart by chart: a coder has their own charts.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    if actor.role not in REVIEWERS:
        raise NotFound
    return find_rule(actor=actor, client_id=client_id, rule_id=rule_id)
