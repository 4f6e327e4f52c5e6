"""Which queries a person's list shows."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from cdi_queries.access.queries import queries_in_reach
from cdi_queries.models import CdiQuery
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.models import Pend, WorkSession


def queries_to_list(actor: Actor, client_id: int) -> QuerySet[CdiQuery]:
    """What this person's list shows: their reach, but a coder's charts are only those in their hands.

    Of charts that a coder has finished the reach opens each query, yet a list of them would be read chart by
    chart.
    """
    if actor.role == Role.CODER:
        queries: QuerySet[CdiQuery] = CdiQuery.objects.filter(client_id=client_id)
        return queries.filter(Q(author_id=actor.person_id) | Q(encounter_id__in=_in_hand(actor, client_id)))
    return queries_in_reach(actor, client_id)


def _in_hand(actor: Actor, client_id: int) -> list[uuid.UUID]:
    """Charts that a coder holds now or has put on hold: few, found by small indexes."""
    held = WorkSession.objects.filter(
        client_id=client_id,
        user_id=actor.person_id,
        ended_at__isnull=True,
        encounter__work_items__holder_id=actor.person_id,
    ).values_list("encounter_id", flat=True)
    waiting = Pend.objects.filter(
        client_id=client_id, opened_by_id=actor.person_id, closed_at__isnull=True
    ).order_by()
    return list(held.union(waiting.values_list("encounter_id", flat=True), all=True))
