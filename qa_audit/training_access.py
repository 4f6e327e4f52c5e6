"""The doors to trainings and root causes: reviewers and managers open any, a coder their own."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from qa_audit.models import RootCause, TrainingAssignment

TRAINERS = frozenset({Role.QA_REVIEWER, Role.MANAGER, Role.VENDOR_ADMIN})


def require_trainer(actor: Actor) -> None:
    """Topics and root causes are not shown to coders, nor to a client's people.

    Raises:
        NotFound: another role.
    """
    if actor.role not in TRAINERS:
        raise NotFound


def trainings_in_reach(actor: Actor, client_id: int) -> QuerySet[TrainingAssignment]:
    """The assignments of an open client that this person may open."""
    found: QuerySet[TrainingAssignment] = TrainingAssignment.objects.filter(client_id=client_id)
    if actor.role in TRAINERS:
        return found
    return found.filter(coder_id=actor.person_id) if actor.role == Role.CODER else found.none()


def find_training(*, actor: Actor, client_id: int, assignment_id: uuid.UUID) -> TrainingAssignment:
    """An assignment with its people.

    Raises:
        NotFound: absent, another client's, or not theirs to see.
    """
    found = (
        trainings_in_reach(actor, client_id)
        .filter(pk=assignment_id)
        .select_related("coder", "assigned_by", "client")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def find_root_cause(*, actor: Actor, client_id: int, cause_id: uuid.UUID) -> RootCause:
    """A root cause with its people.

    Raises:
        NotFound: absent, another client's, or not theirs to see.
    """
    require_trainer(actor)
    found: RootCause | None = (
        RootCause.objects.filter(client_id=client_id, pk=cause_id)
        .select_related("owner", "opened_by", "closed_by")
        .first()
    )
    if found is None:
        raise NotFound
    return found
