"""Taking a chart, keeping it, giving it back.

A lease runs out by itself when its holder stops sending heartbeats; nothing has to notice a killed
process.  ``fence`` names the lease: whoever comes back with an older one lost the chart meanwhile.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.accounts.selectors import credential_line
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.scope import fetch_in_one_round_trip
from encounters.actions.worklists import note_line_changed
from encounters.models import Encounter, Skip, SkipReason, WorkItem, WorkItemState, WorkSession
from encounters.selectors.pauses import is_paused

LEASE = timedelta(minutes=15)
IDLE_AFTER = timedelta(minutes=3)
KNOWN_FOR_SECONDS = 10.0
TAKE_NEXT = (
    "SELECT * FROM worklist_take_next(%(user)s, %(clients)s, %(today)s, make_interval(secs => %(lease)s),"
    " %(queues)s, %(generations)s, %(keys)s, %(name)s, %(request)s)"
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A chart in hand.  ``was_held`` when the person held it already."""

    item_id: uuid.UUID
    client_id: int
    encounter_id: uuid.UUID
    queue_id: uuid.UUID
    fence: int
    was_held: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """How far this process has come in a worklist, and under which generation it learnt so."""

    generation: int
    key: int
    learnt_at: float


class _Bounds(threading.local):
    """Per thread: what take-next may skip over, by client and worklist.  Losing it costs time, never a chart.

    It is forgotten after a few seconds, because a claim that was rolled back leaves a chart behind it
    without raising the generation.
    """

    def __init__(self) -> None:
        self.known: dict[int, dict[uuid.UUID, _Known]] = {}

    def live(self, client_ids: Sequence[int]) -> list[tuple[uuid.UUID, _Known]]:
        oldest = time.monotonic() - KNOWN_FOR_SECONDS
        return [
            (queue, known)
            for client_id in client_ids
            for queue, known in self.known.get(client_id, {}).items()
            if known.learnt_at >= oldest
        ]

    def learn(self, queue: uuid.UUID, client_id: int, generation: int, key: int) -> None:
        of_client = self.known.setdefault(client_id, {})
        now, before = time.monotonic(), of_client.get(queue)
        learnt_at = now
        if before and before.generation == generation and now - before.learnt_at < KNOWN_FOR_SECONDS:
            learnt_at = before.learnt_at
        of_client[queue] = _Known(generation, key, learnt_at)


_bounds = _Bounds()


def forget_bounds() -> None:
    """Start again from the head of every line."""
    _bounds.known.clear()


def take_next(*, actor: Actor, client_ids: Sequence[int], lease: timedelta = LEASE) -> Taken | None:
    """The next chart this coder may code at these clients, or ``None`` when nothing waits for them.

    Called again while a chart is in hand it returns that chart: a lost answer costs nothing.  It opens
    its own transaction.
    """
    bounds = _bounds.live(client_ids)
    row = _claim(actor, client_ids, lease, bounds)
    if row is None and bounds:
        # The bound may hide what was passed over while somebody else was just taking it.
        forget_bounds()
        row = _claim(actor, client_ids, lease, [])
    if row is None:
        return None
    item_id, client_id, encounter_id, queue_id, fence, key, generation, was_held = row
    if not was_held:
        _bounds.learn(queue_id, client_id, generation, key)
    return Taken(item_id, client_id, encounter_id, queue_id, fence, was_held)


def _claim(
    actor: Actor,
    client_ids: Sequence[int],
    lease: timedelta,
    bounds: list[tuple[uuid.UUID, _Known]],
) -> tuple[Any, ...] | None:
    # Arrays are written as text: adapting lists of ids one by one costs as much as sending them.
    values: dict[str, Any] = {
        "user": actor.person_id,
        "clients": _array(client_ids),
        "today": timezone.localdate(),
        "lease": lease.total_seconds(),
        "queues": _array(queue for queue, _ in bounds),
        "generations": _array(known.generation for _, known in bounds),
        "keys": _array(known.key for _, known in bounds),
        "name": actor.display_name,
        "request": actor.request_id,
    }
    if connection.in_atomic_block:
        # The function's scope would outlive it inside somebody's transaction (a test's).
        rows = fetch_in_one_round_trip(client_ids, TAKE_NEXT, values)
        return rows[0] if rows else None
    with connection.cursor() as cursor:
        cursor.execute(TAKE_NEXT, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _array(values: Iterable[object]) -> str:
    """A PostgreSQL array literal of ids and numbers."""
    return "{" + ",".join(map(str, values)) + "}"


@transaction.atomic
def take_chart(*, actor: Actor, item: WorkItem, now: datetime, lease: timedelta = LEASE) -> WorkItem:
    """Takes one named chart: a coder's own choice from the list, a reopened one, or one just picked up.

    Raises:
        Conflict: somebody else holds it, or this person holds another chart.
        Refused: it does not wait for a coder, or this coder's new charts are paused.
    """
    locked = _locked(item)
    if (
        locked.state == WorkItemState.LEASED
        and locked.holder_id == actor.user_id
        and not _ran_out(locked, now)
    ):
        locked.lease_expires_at = now + lease
        locked.save(update_fields=["lease_expires_at"])
        return locked
    if locked.state == WorkItemState.LEASED and not _ran_out(locked, now):
        raise Conflict("Somebody else is coding this chart.", code="lease.held")
    if locked.state in (WorkItemState.PENDED, WorkItemState.DONE):
        raise Refused(f"The chart is {locked.get_state_display().lower()}.", code="lease.not_waiting")
    _refuse_second_chart(actor, locked, now)
    if is_paused(locked.client_id, actor.person_id, locked.specialty_id):
        raise Refused("New charts of this client are paused for you: ask your manager.", code="lease.paused")
    if locked.state == WorkItemState.LEASED:
        _close_session(locked, now)
    locked.state, locked.holder_id = WorkItemState.LEASED, actor.user_id
    locked.leased_at, locked.lease_expires_at = now, now + lease
    locked.fence += 1
    locked.save()
    WorkSession.objects.create(
        client_id=locked.client_id,
        encounter_id=locked.encounter_id,
        user_id=actor.person_id,
        started_at=now,
        last_active_at=now,
        fence=locked.fence,
    )
    record_event(
        actor=actor,
        verb=Verb.CHART_TAKEN,
        subject=locked.encounter,
        facts={"queue": str(locked.queue_id), "fence": locked.fence},
    )
    return locked


def require_lease(*, actor: Actor, encounter: Encounter, fence: int, now: datetime) -> WorkItem:
    """The lease under which a change is saved, locked for the length of the transaction.

    Raises:
        Conflict: the lease ran out and somebody took the chart, or the holder has taken it anew elsewhere.
    """
    item = (
        WorkItem.objects.select_for_update(of=("self",))
        .filter(client_id=encounter.client_id, encounter=encounter)
        .select_related("holder")
        .first()
    )
    if item is None or item.state != WorkItemState.LEASED or item.holder_id != actor.user_id:
        holder = item.holder.full_name if item is not None and item.holder else ""
        now_with = f": {holder} does" if holder else ""
        raise Conflict(
            f"You no longer hold this chart{now_with}. Your change was not saved.",
            code="lease.lost",
            details={"holder": holder},
        )
    if item.fence != fence:
        raise Conflict(
            "You took this chart again in another window. Your change here was not saved: reload to go on.",
            code="lease.stale",
            details={"fence": item.fence},
        )
    if _ran_out(item, now):
        item.lease_expires_at = now + LEASE  # nobody took it meanwhile: late is not lost
        item.save(update_fields=["lease_expires_at"])
    return item


def free_item(*, encounter: Encounter, now: datetime) -> WorkItem | None:
    """The place in line of a chart that waits for a coder and that nobody holds, locked; else ``None``."""
    item = (
        WorkItem.objects.select_for_update(of=("self",))
        .filter(client_id=encounter.client_id, encounter=encounter)
        .first()
    )
    if item is None or item.state in (WorkItemState.PENDED, WorkItemState.DONE):
        return None
    if item.state == WorkItemState.LEASED and not _ran_out(item, now):
        return None
    return item


@transaction.atomic
def heartbeat(*, actor: Actor, encounter: Encounter, fence: int, active: bool, now: datetime) -> WorkItem:
    """Keeps the lease alive and counts working time: gaps longer than three minutes are idle.

    ``active`` says that the coder did something since the last beat; without it the lease lives on, but
    the time is not counted.
    """
    item = require_lease(actor=actor, encounter=encounter, fence=fence, now=now)
    item.lease_expires_at = now + LEASE
    item.save(update_fields=["lease_expires_at"])
    session = WorkSession.objects.select_for_update().get(
        client_id=item.client_id, encounter_id=item.encounter_id, fence=item.fence
    )
    if active:
        gap = now - session.last_active_at
        if gap <= IDLE_AFTER:
            session.active_seconds += int(gap.total_seconds())
        session.last_active_at = now
        session.save(update_fields=["active_seconds", "last_active_at"])
    return item


@transaction.atomic
def release_chart(*, actor: Actor, encounter: Encounter, fence: int, now: datetime) -> None:
    """Gives the chart back to its worklist; the draft stays with the chart."""
    item = require_lease(actor=actor, encounter=encounter, fence=fence, now=now)
    _back_in_line(item, now)
    record_event(actor=actor, verb=Verb.CHART_RELEASED, subject=encounter, facts={"fence": fence})


@transaction.atomic
def skip_chart(
    *, actor: Actor, encounter: Encounter, fence: int, reason: SkipReason, note: str, now: datetime
) -> None:
    """Passes the chart on to the others; this coder is not handed it again from this worklist."""
    item = require_lease(actor=actor, encounter=encounter, fence=fence, now=now)
    if reason == SkipReason.OTHER and not note.strip():
        raise Refused("Say in a few words why you skip this chart.", code="skip.note_missing")
    Skip.objects.create(
        client_id=item.client_id,
        encounter=encounter,
        user_id=actor.person_id,
        reason=reason,
        note=note.strip(),
        skipped_at=now,
    )
    if actor.user_id is not None and actor.user_id not in item.skipped_by:
        item.skipped_by = [*item.skipped_by, actor.user_id]
    _back_in_line(item, now)
    record_event(
        actor=actor,
        verb=Verb.CHART_SKIPPED,
        subject=encounter,
        reason=reason.label,
        facts={"reason": str(reason)},
    )


@transaction.atomic
def free_expired_leases(*, actor: Actor, client_id: int, now: datetime, limit: int = 500) -> int:
    """Puts charts back in line whose holder has gone silent; returns how many."""
    silent = WorkSession.objects.filter(client_id=client_id, ended_at__isnull=True).values("encounter_id")
    expired = list(
        WorkItem.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(
            client_id=client_id, encounter_id__in=silent, state=WorkItemState.LEASED, lease_expires_at__lt=now
        )
        .select_related("encounter")
        .order_by("lease_expires_at")[:limit]
    )
    for item in expired:
        holder = item.holder_id
        _back_in_line(item, now)
        record_event(
            actor=actor,
            verb=Verb.LEASE_EXPIRED,
            subject=item.encounter,
            facts={"holder": holder, "fence": item.fence},
        )
    return len(expired)


def end_lease(item: WorkItem, *, state: WorkItemState, now: datetime) -> None:
    """Takes a leased item out of its holder's hands into another state, and closes the work session."""
    _close_session(item, now)
    item.state = state
    item.holder, item.leased_at, item.lease_expires_at = None, None, None
    item.save()


def signature_of(actor: Actor) -> str:
    """The credential a chart is signed with.

    Raises:
        Refused: none is in force today; nothing is finalized unsigned.
    """
    credential = actor.credential or credential_line(
        User.objects.get(pk=actor.person_id), timezone.localdate()
    )
    if not credential:
        raise Refused(
            "You have no coding credential in force today, so you cannot finalize. Ask your administrator.",
            code="credential.missing",
        )
    return credential


def _back_in_line(item: WorkItem, now: datetime) -> None:
    end_lease(item, state=WorkItemState.QUEUED, now=now)
    note_line_changed(item.client_id, [item.queue_id])


def _locked(item: WorkItem) -> WorkItem:
    locked: WorkItem = (
        WorkItem.objects.select_for_update(of=("self",)).select_related("encounter").get(pk=item.pk)
    )
    return locked


def _ran_out(item: WorkItem, now: datetime) -> bool:
    return item.lease_expires_at is None or item.lease_expires_at <= now


def _refuse_second_chart(actor: Actor, wanted: WorkItem, now: datetime) -> None:
    newest = WorkSession.objects.filter(user_id=actor.person_id).order_by("-started_at").first()
    other = (
        newest is not None
        and newest.ended_at is None
        and WorkItem.objects.filter(
            client_id=newest.client_id,
            encounter_id=newest.encounter_id,
            holder_id=actor.person_id,
            lease_expires_at__gt=now,
        )
        .exclude(pk=wanted.pk)
        .exists()
    )
    if other:
        raise Conflict(
            "You have another chart open. Finalize it, put it on hold or give it back first.",
            code="lease.second_chart",
        )


def _close_session(item: WorkItem, now: datetime) -> None:
    WorkSession.objects.filter(
        client_id=item.client_id, encounter_id=item.encounter_id, fence=item.fence, ended_at__isnull=True
    ).update(ended_at=now)
