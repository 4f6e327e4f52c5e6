"""The doors to what trigger rules found."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from cdi_queries.access.queries import require_steward
from cdi_queries.models import TriggerHit
from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.closed import closed_charts


def hits_in_reach(actor: Actor, client_id: int) -> QuerySet[TriggerHit]:
    """The gaps of charts that this person may open; the scope must be open.

    Raises:
        NotFound, NotAllowed: the role does not look for gaps.
    """
    require_steward(actor)
    hits: QuerySet[TriggerHit] = TriggerHit.objects.filter(client_id=client_id)
    return hits.exclude(encounter_id__in=closed_charts(actor, client_id))


def find_hit(*, actor: Actor, client_id: int, hit_id: uuid.UUID) -> TriggerHit:
    """One gap without its words being shown.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    found = (
        hits_in_reach(actor, client_id)
        .filter(pk=hit_id)
        .select_related("encounter", "encounter__rendering_provider", "provider", "specialty", "decided_by")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def open_hit(*, actor: Actor, client_id: int, hit_id: uuid.UUID) -> TriggerHit:
    """One gap with the words it points at; they are a patient's, so the read of the chart is noted.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    hit = find_hit(actor=actor, client_id=client_id, hit_id=hit_id)
    note_read(
        actor=actor,
        verb=Verb.CHART_VIEWED,
        client_id=client_id,
        subject_type="encounter",
        subject_id=str(hit.encounter_id),
    )
    return hit
