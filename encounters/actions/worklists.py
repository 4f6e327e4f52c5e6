"""Making worklists, granting them, and putting encounters into them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F
from guardian.shortcuts import assign_perm

from coding_ops.administration.clients import role_group
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client, Role
from encounters.models import Encounter, WorkItem, WorkItemState, WorkQueue
from encounters.rules.worklist_order import EPOCH, HIGHEST_RISK, order_key


@transaction.atomic
def create_queue(
    *,
    actor: Actor,
    client: Client,
    name: str,
    specialty_codes: Iterable[str] = (),
    kinds: Iterable[str] = (),
    position: int = 1,
) -> WorkQueue:
    """A new worklist of the client, granted to the client's coders."""
    queue: WorkQueue = WorkQueue.objects.create(
        client=client, name=name, specialty_codes=list(specialty_codes), kinds=list(kinds), position=position
    )
    record_event(actor=actor, verb=Verb.QUEUE_CREATED, subject=queue, facts={"name": name})
    grant_queue(actor=actor, queue=queue, client=client, role=Role.CODER)
    return queue


@transaction.atomic
def grant_queue(*, actor: Actor, queue: WorkQueue, client: Client, role: Role) -> None:
    """Lets everybody of a role at the client take charts from the worklist."""
    assign_perm("take_charts", role_group(client, role), queue)
    record_event(actor=actor, verb=Verb.QUEUE_GRANTED, subject=queue, facts={"role": str(role)})


def matching_queue(queues: Iterable[WorkQueue], specialty_code: str, kind: str) -> WorkQueue | None:
    """The first active worklist, in their order, that accepts the chart."""
    for queue in sorted(queues, key=lambda q: (q.position, q.name)):
        if not queue.is_active:
            continue
        if queue.specialty_codes and specialty_code not in queue.specialty_codes:
            continue
        if queue.kinds and kind not in queue.kinds:
            continue
        return queue
    return None


@transaction.atomic
def enqueue_encounter(
    *, encounter: Encounter, queue: WorkQueue, now: datetime, first: bool = False
) -> WorkItem:
    """Puts a codable encounter in line, or back in line, and tells workers that the line changed in front.

    ``first``: before all others, whatever its due time; of several, who came first.
    Part of a larger act (intake, resume, reopen), which records the event.
    """
    if encounter.due_at is None:
        raise Refused("The encounter has no due time yet, so it has no place in line.")
    place = order_key(EPOCH, HIGHEST_RISK, now) if first else order_key(encounter.due_at, encounter.risk, now)
    item, created = WorkItem.objects.get_or_create(
        client_id=encounter.client_id,
        encounter=encounter,
        defaults={
            "queue": queue,
            "specialty_id": encounter.specialty_id,
            "due_at": encounter.due_at,
            "risk": encounter.risk,
            "order_key": place,
            "queued_at": now,
        },
    )
    if not created:
        item.queue = queue
        item.state = WorkItemState.QUEUED
        item.due_at, item.risk, item.queued_at = encounter.due_at, encounter.risk, now
        item.order_key = place
        item.holder, item.leased_at, item.lease_expires_at = None, None, None
        item.skipped_by = []
        item.save()
    note_line_changed(encounter.client_id, [queue.pk])
    return item


def note_line_changed(client_id: int, queue_ids: Iterable[object]) -> None:
    """Raises the worklists' generation, in the transaction that put something in front of the line."""
    WorkQueue.objects.filter(client_id=client_id, pk__in=list(queue_ids)).update(
        generation=F("generation") + 1
    )
