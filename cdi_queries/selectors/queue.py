"""What waits across a person's clients: answers to look at, questions that nobody answers, drafts, run out.

Of each client only the head of each part's index is read, all in one statement, so the page costs the same
however many queries lie behind it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from cdi_queries.models import CdiQuery
from cdi_queries.selectors.listing import as_rows
from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.closed import closed_charts
from encounters.access import REVIEWING

PART_ROWS = 20
MOST_COUNTED = 200
ESCALATED, ANSWERED, WAITING, DRAFTS, EXPIRED = "escalated", "answered", "waiting", "drafts", "expired"

# Of each part: what belongs to it, whose it is, and its order; an index serves each.  What one oversees and
# what is one's own are two statements, because one text for both would take one plan for both.
_MINE = "q.author_id = %(user)s"
_TO_ME = "q.advisor_id = %(user)s"
_PARTS: Final[Mapping[str, tuple[str, str, str]]] = {
    ESCALATED: ("q.state = 'sent'", _TO_ME, "asked_at"),
    ANSWERED: ("q.state = 'answered'", _MINE, "answered_at"),
    WAITING: ("q.state = 'sent'", _MINE, "asked_at"),
    DRAFTS: ("q.state = 'draft'", _MINE, "drafted_at DESC"),
    EXPIRED: ("q.state = 'expired'", _MINE, "drafted_at DESC"),
}
_ALWAYS_OWN = (ESCALATED, DRAFTS)
_ACROSS = """
SELECT head.at, head.id FROM unnest(%({clients})s::bigint[]) AS c (id) CROSS JOIN LATERAL (
    SELECT q.{order} AS at, q.id FROM cdi_queries_cdiquery q
    WHERE q.client_id = c.id AND {where} ORDER BY q.{order}{way}, q.id{way} LIMIT %(most)s) head
"""
_PART = """
(SELECT '{part}' AS part, one.id, row_number() OVER (ORDER BY one.at{way}, one.id{way}) AS place
 FROM ({heads}) one ORDER BY place LIMIT %(most)s)
"""


@dataclass(frozen=True, slots=True)
class Part:
    """The head of one part, and how many it holds; ``is_more``: counting stopped there."""

    rows: tuple[CdiQuery, ...] = ()
    count: int = 0
    is_more: bool = False


def queue_of(
    *, actor: Actor, clients: Sequence[ReachedClient], overseen: Sequence[ReachedClient]
) -> Mapping[str, Part]:
    """Every part of the queue across open clients, in the order of the page.

    Args:
        clients: where the person writes queries, or is named as an advisor.
        overseen: those of them at which everybody's are shown, not only their own.
    """
    found = _heads(actor, [one.id for one in clients], [one.id for one in overseen])
    wanted = [key for keys in found.values() for key in keys[:PART_ROWS]]
    queries = CdiQuery.objects.filter(client_id__in=[one.id for one in clients], pk__in=wanted)
    for one in overseen:
        if one.role in REVIEWING:  # a chart that its reviewer codes blind shows nowhere
            queries = queries.exclude(client_id=one.id, encounter_id__in=closed_charts(actor, one.id))
    rows = {one.pk: one for one in as_rows(queries)} if wanted else {}
    return {
        part: Part(
            tuple(rows[key] for key in keys[:PART_ROWS] if key in rows),
            len(keys),
            len(keys) >= MOST_COUNTED,
        )
        for part, keys in found.items()
    }


def _heads(actor: Actor, mine: Sequence[int], overseen: Sequence[int]) -> dict[str, list[uuid.UUID]]:
    """Ids of each part, in its order, at most ``MOST_COUNTED``."""
    own = [one for one in mine if one not in set(overseen)]
    values = {"user": actor.user_id, "most": MOST_COUNTED, "mine": list(mine), "own": own}
    with connection.cursor() as cursor:
        statement = "UNION ALL".join(_part(part) for part in _PARTS) + "ORDER BY part, place"
        cursor.execute(statement, {**values, "overseen": list(overseen)})
        found: dict[str, list[uuid.UUID]] = {part: [] for part in _PARTS}
        for part, key, _ in cursor.fetchall():
            found[part].append(key)
    return found


def _part(part: str) -> str:
    where, whose, order = _PARTS[part]
    order, way = order.removesuffix(" DESC"), " DESC" if order.endswith(" DESC") else ""
    heads = [_ACROSS.format(clients="mine", where=f"{where} AND {whose}", order=order, way=way)]
    if part not in _ALWAYS_OWN:
        own = _ACROSS.format(clients="own", where=f"{where} AND {whose}", order=order, way=way)
        heads = [own, _ACROSS.format(clients="overseen", where=where, order=order, way=way)]
    return _PART.format(part=part, heads=" UNION ALL ".join(heads), way=way)
