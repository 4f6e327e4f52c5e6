"""Holding final codes back for a second look, and letting them go."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import Actor
from encounters.models import CodeRevision, Encounter, HoldStage, LiftReason, ReleaseHold
from encounters.selectors.release import holders_of, open_holds


def hold_final(*, actor: Actor, encounter: Encounter, revision: CodeRevision) -> None:
    """Keeps a version that has just become final from going out, for each who wants to see it first.

    Who held the version before it until this correction has had its look: that hold ends here, and the
    correction goes out unless somebody else holds it.
    """
    had_their_look = _end_corrections(actor=actor, encounter=encounter, revision=revision)
    for holder in holders_of(encounter):
        if holder.id in had_their_look:
            continue
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
    return _move(holds, HoldStage.REVIEW)


def await_correction(*, holds: Iterable[ReleaseHold]) -> int:
    """Marks holds whose review found wrong codes: they wait for a newer version.  Returns how many."""
    return _move(holds, HoldStage.CORRECTION)


def _move(holds: Iterable[ReleaseHold], stage: HoldStage) -> int:
    count = 0
    for hold in holds:
        hold.stage = stage
        hold.save(update_fields=["stage"])
        count += 1
    return count


def lift(*, actor: Actor, holds: Iterable[ReleaseHold], reason: LiftReason, now: datetime) -> int:
    """Ends holds for a reason; returns how many."""
    count = 0
    for hold in holds:
        _end(hold, reason, now)
        record_event(
            actor=actor,
            verb=Verb.RELEASE_LIFTED,
            subject=hold.encounter,
            facts={"revision": hold.revision_number, "because": reason.value},
        )
        count += 1
    return count


def lift_as_it_is(*, actor: Actor, holds: Sequence[ReleaseHold], reason: str, now: datetime) -> None:
    """Lets one version go with its standing findings, by a person's recorded decision.

    ``holds`` are of one chart and one version, at least one.
    """
    for hold in holds:
        _end(hold, LiftReason.AS_IT_IS, now)
    record_event(
        actor=actor,
        verb=Verb.RELEASED_AS_IT_IS,
        subject=holds[0].encounter,
        reason=reason,
        facts={"revision": holds[0].revision_number},
    )


def lift_reopened(*, actor: Actor, encounter: Encounter, now: datetime) -> int:
    """A version that is opened again will never go out, and the next is held anew.

    What waits for its correction goes on waiting: opening the codes is no correction yet.
    """
    holds = open_holds(encounter.client_id).filter(encounter=encounter).exclude(stage=HoldStage.CORRECTION)
    locked = list(holds.select_for_update(of=("self",)))
    return lift(actor=actor, holds=locked, reason=LiftReason.REOPENED, now=now)


def _end_corrections(*, actor: Actor, encounter: Encounter, revision: CodeRevision) -> frozenset[uuid.UUID]:
    """Ends what waited for a version newer than the reviewed one; returns whose holds they were."""
    holds = open_holds(encounter.client_id).filter(
        encounter=encounter, stage=HoldStage.CORRECTION, revision_number__lt=revision.number
    )
    locked = list(holds.select_related("encounter").select_for_update(of=("self",)))
    lift(actor=actor, holds=locked, reason=LiftReason.CORRECTED, now=revision.finalized_at)
    return frozenset(hold.holder_id for hold in locked)


def _end(hold: ReleaseHold, reason: LiftReason, now: datetime) -> None:
    hold.lifted_at, hold.lift_reason = now, reason.value
    hold.save(update_fields=["lifted_at", "lift_reason"])
