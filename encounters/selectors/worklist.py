"""The worklist as it is handed out: mine first, then what waits, in one statement.

It shows visit numbers and no names: a coder needs to know a patient only when the chart is in hand, and a
list that opens no sealed column needs no record of a read.

Of each worklist only the head of one partial index is read (``work_item_next``), so the page costs the same
whether ten charts wait or a million.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from coding_ops.tenancy.scope import current_client_ids, fetch_in_one_round_trip

PAGE_ROWS = 50
SEES_ALL_QUEUES = frozenset({Role.MANAGER, Role.VENDOR_ADMIN, Role.QA_REVIEWER, Role.CDI_SPECIALIST})

_PICKED = """
WITH queues AS MATERIALIZED (
    SELECT q.id, q.client_id, q.name FROM encounters_workqueue q
    WHERE q.client_id = ANY (%(clients)s) AND q.is_active AND (
        q.client_id = ANY (%(overseen)s) OR EXISTS (
            SELECT FROM encounters_workqueuegrouppermission gp
            JOIN accounts_user_groups ug ON ug.group_id = gp.group_id
            JOIN auth_permission p ON p.id = gp.permission_id
            WHERE gp.content_object_id = q.id AND ug.user_id = %(user)s AND p.codename = 'take_charts'))
),
picked AS (
    -- The chart in hand is the newest work session's: an index on the holder would fill with dead entries.
    (SELECT 0 AS part, w.* FROM (
        SELECT s.client_id, s.encounter_id, s.ended_at FROM encounters_worksession s
        WHERE s.user_id = %(user)s ORDER BY s.started_at DESC LIMIT 1) newest
     JOIN encounters_workitem w ON w.client_id = newest.client_id AND w.encounter_id = newest.encounter_id
     WHERE newest.ended_at IS NULL AND w.holder_id = %(user)s AND w.state = 'leased'
       AND w.client_id = ANY (%(clients)s) AND %(only)s IN ('', 'mine'))
    UNION ALL
    (SELECT 1, head.* FROM queues q CROSS JOIN LATERAL (
        SELECT w.* FROM encounters_workitem w
        WHERE w.client_id = q.client_id AND w.queue_id = q.id AND w.state = 'queued'
          AND NOT w.skipped_by @> ARRAY[%(user)s]::bigint[]
        ORDER BY w.client_id, w.queue_id, w.order_key, w.id LIMIT %(reach)s) head
     WHERE %(only)s = '')
    UNION ALL
    (SELECT 1, held.* FROM queues q CROSS JOIN LATERAL (
        SELECT w.* FROM encounters_workitem w JOIN encounters_pend d
          ON d.client_id = w.client_id AND d.encounter_id = w.encounter_id AND d.closed_at IS NULL
        WHERE w.client_id = q.client_id AND w.queue_id = q.id AND w.state = 'pended'
          AND (q.client_id = ANY (%(overseen)s) OR d.opened_by_id = %(user)s)
        ORDER BY w.order_key, w.id LIMIT %(reach)s) held
     WHERE %(only)s = 'held')
    ORDER BY part, order_key, id LIMIT %(limit)s OFFSET %(offset)s
)
"""
_COLUMNS = """
SELECT w.encounter_id, w.client_id, w.state, w.due_at, w.risk, w.queued_at, e.external_id, e.kind,
       e.service_on, s.name, e.revision_count, queues.name"""
_FROM = """
FROM picked w
JOIN encounters_encounter e ON e.client_id = w.client_id AND e.id = w.encounter_id
LEFT JOIN accounts_specialty s ON s.id = w.specialty_id
LEFT JOIN queues ON queues.id = w.queue_id
"""
_LIST = _PICKED + _COLUMNS + _FROM + "ORDER BY w.part, w.order_key, w.id"
_PAUSES = """
UNION ALL
SELECT NULL, p.client_id, 'paused', p.since, 0, p.since, coalesce(u.full_name, ''), '', p.until, s.name, 0,
       NULL, -1, 0, p.id
FROM encounters_workpause p
LEFT JOIN accounts_specialty s ON s.id = p.specialty_id
LEFT JOIN accounts_user u ON u.id = p.paused_by_id
WHERE p.client_id = ANY (%(clients)s) AND p.coder_id = %(user)s AND p.lifted_at IS NULL
  AND (p.until IS NULL OR p.until >= %(today)s)
ORDER BY 13, 14, 15
"""
# The pauses come as rows in front, so that a page that tells them asks no second time.
_LIST_AND_PAUSES = _PICKED + _COLUMNS + ", w.part, w.order_key, w.id" + _FROM + _PAUSES
_WAITING_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of a worklist.  ``state``: ``leased`` (mine), ``queued`` or ``pended``."""

    encounter_id: uuid.UUID
    client_id: int
    state: str
    due_at: datetime
    risk: int
    queued_at: datetime
    visit_id: str
    kind: str
    service_on: date
    specialty: str | None
    revision_count: int
    queue: str | None


@dataclass(frozen=True, slots=True)
class Paused:
    """New charts of a client, or of one specialty there, are paused for this person.

    ``by`` is empty when a rule of the client's programme decided it; ``until``: the last day, if one is set.
    """

    client_id: int
    since: datetime
    until: date | None
    by: str
    specialty: str | None


def worklist(
    *,
    actor: Actor,
    client_ids: Sequence[int],
    overseen_ids: Sequence[int] = (),
    only: str = "",
    limit: int = PAGE_ROWS,
    offset: int = 0,
) -> list[Waiting]:
    """``limit`` rows in the order in which charts are handed out, those of this person first.

    Within an open scope, e.g. beside a chart, it is one query more; outside of one it opens the scope by
    itself, in the same round trip.

    Args:
        client_ids: clients that are open in this scope.
        overseen_ids: those at which the person sees every worklist, not only granted ones.
        only: ``"mine"``, ``"held"`` (on hold) or empty for mine and waiting.
    """
    values = _values(actor, client_ids, overseen_ids, only, limit, offset)
    return [Waiting(*row) for row in _fetch(client_ids, _LIST, values)]


def worklist_and_pauses(
    *,
    actor: Actor,
    client_ids: Sequence[int],
    overseen_ids: Sequence[int] = (),
    only: str = "",
    limit: int = PAGE_ROWS,
    offset: int = 0,
) -> tuple[list[Waiting], list[Paused]]:
    """As ``worklist``, with the pauses of this person's new charts, in the same round trip."""
    values = _values(actor, client_ids, overseen_ids, only, limit, offset)
    rows = _fetch(client_ids, _LIST_AND_PAUSES, values | {"today": timezone.localdate()})
    waiting = [Waiting(*row[:_WAITING_COLUMNS]) for row in rows if row[2] != "paused"]
    paused = [Paused(row[1], row[3], row[8], row[6], row[9]) for row in rows if row[2] == "paused"]
    return waiting, paused


def _values(
    actor: Actor, client_ids: Sequence[int], overseen_ids: Sequence[int], only: str, limit: int, offset: int
) -> dict[str, Any]:
    return {
        "user": actor.user_id,
        "clients": list(client_ids),
        "overseen": list(overseen_ids),
        "only": only,
        "limit": limit,
        "offset": offset,
        "reach": limit + offset,
    }


def _fetch(client_ids: Sequence[int], sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    if not current_client_ids():
        return fetch_in_one_round_trip(client_ids, sql, values)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
