"""Putting an encounter on hold, with an owner and a date, and taking it off again.

A hold that waits for the answer to a query is made and ended by the query, never by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import CLIENT_ROLES
from encounters.actions.leases import end_lease, free_item, require_lease
from encounters.actions.worklists import enqueue_encounter
from encounters.models import Encounter, OwnerParty, Pend, PendReason, WorkItem, WorkItemState
from encounters.rules import encounter_states as states
from encounters.selectors.deadlines import due_at_of


@dataclass(frozen=True, slots=True)
class Hold:
    """What the coder says of a hold."""

    reason: PendReason
    owner_party: OwnerParty
    due_on: date
    note: str = ""


@transaction.atomic
def pend_encounter(*, actor: Actor, encounter: Encounter, fence: int, hold: Hold) -> Pend:
    """Puts the chart on hold and out of the coder's hands; the draft stays.

    Raises:
        Refused: a due date in the past, or no words for "other".
        Conflict: the chart is no longer held.
    """
    now = timezone.now()
    item = require_lease(actor=actor, encounter=encounter, fence=fence, now=now)
    if hold.due_on < timezone.localdate():
        raise Refused("The day by which it is wanted lies in the past.", code="pend.due_on")
    if hold.reason == PendReason.OTHER and not hold.note.strip():
        raise Refused("Say in a few words what the chart waits for.", code="pend.note_missing")
    return _put_on_hold(actor, encounter, item, hold, now)


@transaction.atomic
def hold_for_query(
    *, actor: Actor, encounter: Encounter, due_on: date, fence: int | None = None
) -> Pend | None:
    """Puts the chart on hold until its provider has answered; ``None`` when it cannot be held.

    It cannot while another coder works on it, when it is final, or when it is on hold already: the query goes
    out all the same.  ``fence`` names the author's own lease, which ends.

    Raises:
        Conflict: ``fence`` is given and the chart is no longer held under it.
    """
    now = timezone.now()
    if fence is not None:
        item = require_lease(actor=actor, encounter=encounter, fence=fence, now=now)
    else:
        found = free_item(encounter=encounter, now=now)
        if found is None:
            return None
        item = found
    hold = Hold(PendReason.QUERY, OwnerParty.PROVIDER, due_on)
    return _put_on_hold(actor, encounter, item, hold, now)


def _put_on_hold(actor: Actor, encounter: Encounter, item: WorkItem, hold: Hold, now: datetime) -> Pend:
    locked = Encounter.objects.select_for_update(of=("self",)).get(pk=encounter.pk)
    locked.status = states.transition(locked.status, states.Verb.PEND).value
    locked.save(update_fields=["status"])
    pend: Pend = Pend.objects.create(
        client_id=locked.client_id,
        encounter=locked,
        reason=hold.reason,
        owner_party=hold.owner_party,
        note=hold.note.strip(),
        due_on=hold.due_on,
        opened_by_id=actor.person_id,
        opened_at=now,
    )
    end_lease(item, state=WorkItemState.PENDED, now=now)
    record_event(
        actor=actor,
        verb=Verb.ENCOUNTER_PENDED,
        subject=locked,
        reason=hold.reason.label,
        facts={"owner": str(hold.owner_party), "due_on": hold.due_on.isoformat(), "pend": str(pend.pk)},
    )
    return pend


@transaction.atomic
def resume_encounter(*, actor: Actor, encounter: Encounter, answer: str) -> Encounter:
    """Takes the chart off hold and puts it back in line; time that was not the vendor's is given back.

    A client's person can answer only a hold that waits for the client or its provider.
    """
    locked = Encounter.objects.select_for_update(of=("self",)).get(pk=encounter.pk)
    pend = (
        Pend.objects.select_for_update()
        .filter(client_id=locked.client_id, encounter=locked, closed_at__isnull=True)
        .first()
    )
    if pend is None:
        raise Conflict("The chart is not on hold.", code="pend.absent")
    if pend.reason == PendReason.QUERY:
        raise Refused(
            "The chart waits for the answer to a query. Cancel the query to take it back.",
            code="pend.waits_for_query",
        )
    if actor.role in CLIENT_ROLES and pend.owner_party not in (OwnerParty.CLIENT, OwnerParty.PROVIDER):
        raise NotAllowed("This hold does not wait for you.", code="pend.not_yours")
    if len(answer.strip()) < 3:
        raise Refused("Say in a few words what has changed.", code="pend.answer_missing")
    return _take_off_hold(actor, locked, pend, answer.strip())


@transaction.atomic
def end_query_hold(*, actor: Actor, encounter: Encounter, pend: Pend, answer: str) -> Encounter:
    """Ends the hold of a query: the chart comes back before all others of its worklist.

    ``answer`` says how it ended ("Answered"), never what the provider said.  A hold that has ended already
    stays as it is.
    """
    locked = Encounter.objects.select_for_update(of=("self",)).get(pk=encounter.pk)
    standing = (
        Pend.objects.select_for_update()
        .filter(client_id=locked.client_id, pk=pend.pk, closed_at__isnull=True)
        .first()
    )
    if standing is None:
        return locked
    return _take_off_hold(actor, locked, standing, answer, first=True)


def _take_off_hold(
    actor: Actor, locked: Encounter, pend: Pend, answer: str, *, first: bool = False
) -> Encounter:
    now: datetime = timezone.now()
    pend.closed_at, pend.closed_by_id, pend.answer = now, actor.user_id, answer
    pend.save(update_fields=["closed_at", "closed_by", "answer"])
    locked.status = states.transition(locked.status, states.resume_verb(locked.revision_count)).value
    locked.due_at = due_at_of(locked)
    locked.save(update_fields=["status", "due_at"])
    item = WorkItem.objects.select_related("queue").get(client_id=locked.client_id, encounter=locked)
    enqueue_encounter(encounter=locked, queue=item.queue, now=now, first=first)
    record_event(
        actor=actor,
        verb=Verb.ENCOUNTER_RESUMED,
        subject=locked,
        facts={"pend": str(pend.pk), "owner": pend.owner_party},
    )
    return locked
