"""What the source system does to a visit as a whole: complete it, take it back, state it again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import Actor
from encounters.actions.leases import end_lease
from encounters.actions.worklists import enqueue_encounter
from encounters.models import Encounter, Pend, WorkItem, WorkItemState, WorkQueue
from encounters.rules import encounter_states as states
from encounters.selectors.deadlines import first_due_at

CANCELLED_BY_SOURCE = "The source system took the visit back."


@transaction.atomic
def make_ready(*, encounter: Encounter, queue: WorkQueue, now: datetime) -> None:
    """Puts a received encounter in line: it is documented now.  Part of intake, which records the event.

    Raises:
        Conflict: it is not waiting for documentation.
    """
    encounter.status = states.transition(encounter.status, states.Verb.MAKE_READY).value
    encounter.available_at = now
    encounter.due_at = first_due_at(encounter.client, now)
    encounter.save(update_fields=["status", "available_at", "due_at"])
    enqueue_encounter(encounter=encounter, queue=queue, now=now)


@transaction.atomic
def cancel_encounter(*, actor: Actor, encounter: Encounter, now: datetime, by_user_id: int | None) -> None:
    """Takes a visit off the worklist because it never happened.  Its documents and codes stay as they are.

    A hold is closed in the name of who sent the file, or of who put it on hold when a system did.

    Raises:
        Conflict: it is final or cancelled already.
    """
    encounter.status = states.transition(encounter.status, states.Verb.CANCEL).value
    encounter.save(update_fields=["status"])
    for pend in Pend.objects.filter(
        client_id=encounter.client_id, encounter=encounter, closed_at__isnull=True
    ):
        pend.closed_at, pend.closed_by_id = now, by_user_id or pend.opened_by_id
        pend.answer = CANCELLED_BY_SOURCE
        pend.save(update_fields=["closed_at", "closed_by", "answer"])
    item = WorkItem.objects.filter(client_id=encounter.client_id, encounter=encounter).first()
    if item is not None:
        end_lease(item, state=WorkItemState.DONE, now=now)
    record_event(actor=actor, verb=Verb.ENCOUNTER_CANCELLED, subject=encounter, reason=CANCELLED_BY_SOURCE)


@transaction.atomic
def reinstate_encounter(*, actor: Actor, encounter: Encounter) -> None:
    """Brings back a cancelled visit that the source states again; whether it is codable is judged anew.

    Raises:
        Conflict: it is not cancelled.
    """
    encounter.status = states.transition(encounter.status, states.Verb.REINSTATE).value
    encounter.save(update_fields=["status"])
    record_event(
        actor=actor,
        verb=Verb.ENCOUNTER_UPDATED,
        subject=encounter,
        reason="The source system stated the visit again.",
        facts={"fields": ["status"]},
    )
