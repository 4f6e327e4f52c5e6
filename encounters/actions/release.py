"""Holding final codes back for a second look, and letting them go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import Actor
from encounters.models import CodeRevision, Encounter, HoldStage, LiftReason, ReleaseHold
from encounters.selectors.release import holders_of, open_holds


def hold_final(*, actor: Actor, encounter: Encounter, revision: CodeRevision) -> None:
    """Keeps a version that has just become final from going out, for each who wants to see it first."""
    for holder in holders_of(encounter):
        ReleaseHold.objects.create(
            client_id=encounter.client_id,
            encounter=encounter,
            revision_number=revision.number,
            holder_id=holder.id,
            words=holder.words,
            held_at=revision.finalized_at,
        )
        record_event(
            actor=actor,
            verb=Verb.RELEASE_HELD,
            subject=encounter,
            facts={"revision": revision.number, "holder": str(holder.id)},
        )


def choose(*, holds: Iterable[ReleaseHold]) -> int:
    """Marks holds whose charts were chosen: they wait for the review now.  Returns how many."""
    count = 0
    for hold in holds:
        hold.stage = HoldStage.REVIEW
        hold.save(update_fields=["stage"])
        count += 1
    return count


def lift(*, actor: Actor, holds: Iterable[ReleaseHold], reason: LiftReason, now: datetime) -> int:
    """Lets held versions go; returns how many."""
    count = 0
    for hold in holds:
        hold.lifted_at, hold.lift_reason = now, reason.value
        hold.save(update_fields=["lifted_at", "lift_reason"])
        record_event(
            actor=actor,
            verb=Verb.RELEASE_LIFTED,
            subject=hold.encounter,
            facts={"revision": hold.revision_number, "because": reason.value},
        )
        count += 1
    return count


def lift_reopened(*, actor: Actor, encounter: Encounter, now: datetime) -> int:
    """A version that is opened again is held no more: it will never go out, and the next is held anew."""
    holds = open_holds(encounter.client_id).filter(encounter=encounter).select_for_update(of=("self",))
    return lift(actor=actor, holds=list(holds), reason=LiftReason.REOPENED, now=now)
