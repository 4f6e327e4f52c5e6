"""Tagging the evidence of a diagnosis: monitored, evaluated, assessed, treated."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from encounters.actions.changes import code_set, note_change
from encounters.actions.leases import require_lease
from encounters.models import CodeKind, Encounter, EvidenceLink, Meat


@transaction.atomic
def tag_meat(
    *, actor: Actor, encounter: Encounter, fence: int, evidence_id: uuid.UUID, letter: str
) -> EvidenceLink:
    """Says what the cited words show was done about a diagnosis; an empty letter takes the tag off.

    Raises:
        NotFound: no evidence of this chart.
        InvalidInput: no letter of M, E, A, T.
        Refused: the words support a service, not a diagnosis.
        Conflict: the chart is no longer held.
    """
    require_lease(actor=actor, encounter=encounter, fence=fence, now=timezone.now())
    if letter and letter not in Meat.values:
        raise InvalidInput("A tag is M, E, A or T.", code="meat.letter")
    link = (
        EvidenceLink.objects.select_for_update(of=("self",))
        .select_related("assignment", "document_version")
        .filter(client_id=encounter.client_id, pk=evidence_id, assignment__encounter=encounter)
        .first()
    )
    if link is None:
        raise NotFound
    if link.assignment.kind != CodeKind.DIAGNOSIS:
        raise Refused("Only the evidence of a diagnosis is tagged.", code="meat.on_service")
    before = code_set(encounter)
    link.meat = letter
    link.save(update_fields=["meat"])
    change = note_change(actor=actor, encounter=encounter, verb=Verb.MEAT_TAGGED, before=before)
    record_event(
        actor=actor,
        verb=Verb.MEAT_TAGGED,
        subject=encounter,
        facts={"code": link.assignment.code, "meat": letter, "change": change.number},
    )
    return link
