"""Writing to the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models
from psycopg2.extras import execute_values

from coding_ops.audit.models import Verb
from coding_ops.core.ids import uuid7
from coding_ops.tenancy.actor import Actor

INSERT = (
    "INSERT INTO audit_auditevent (id, client_id, verb, actor_id, actor_name, role, credential,"
    " subject_type, subject_id, reason, facts, request_id)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)"
)


def record_event(
    *,
    actor: Actor,
    verb: Verb,
    subject: models.Model,
    client_id: int | None = None,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Adds one event to the client's chain, in the caller's transaction.

    ``facts`` holds ids, codes and counts, never patient data.  The chain of one client is written by one
    transaction at a time until it commits, so this is the last thing an action does.
    """
    owner = client_id if client_id is not None else subject.client_id  # type: ignore[attr-defined]
    record_raw(
        actor=actor,
        verb=verb,
        client_id=owner,
        subject_type=subject._meta.model_name or "",
        subject_id=str(subject.pk),
        reason=reason,
        facts=facts,
    )


def record_raw(
    *,
    actor: Actor,
    verb: Verb,
    client_id: int,
    subject_type: str,
    subject_id: str,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    """``record_event`` for a subject that is known by type and id only."""
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT,
            [
                str(uuid7()),
                client_id,
                verb.value,
                actor.user_id,
                actor.display_name,
                actor.role,
                actor.credential,
                subject_type,
                subject_id,
                reason,
                json.dumps(dict(facts or {}), sort_keys=True),
                actor.request_id,
            ],
        )


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be recorded together with others."""

    verb: Verb
    subject_type: str
    subject_id: str
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def record_events(*, actor: Actor, client_id: int, events: Sequence[NewEvent]) -> None:
    """``record_raw`` for many events of one act, in their order, in one statement."""
    rows = [
        (
            str(uuid7()),
            client_id,
            event.verb.value,
            actor.user_id,
            actor.display_name,
            actor.role,
            actor.credential,
            event.subject_type,
            event.subject_id,
            event.reason,
            json.dumps(dict(event.facts), sort_keys=True),
            actor.request_id,
        )
        for event in events
    ]
    if not rows:
        return
    statement, _, _ = INSERT.partition(" VALUES ")
    template = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)"
    with connection.cursor() as cursor:
        execute_values(cursor.cursor, f"{statement} VALUES %s", rows, template=template, page_size=500)
