"""Finishing a code set, and opening a finished one again with a reason."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.audit.selectors import newest_event
from coding_ops.core.errors import Conflict, Refused
from coding_ops.tenancy.actor import Actor
from encounters.actions.changes import code_set
from encounters.actions.chart_final import tell_final
from encounters.actions.edit_record import keep_outcomes, pins_of, record_of
from encounters.actions.leases import end_lease, require_lease, signature_of
from encounters.actions.release import hold_final, lift_reopened
from encounters.actions.worklists import enqueue_encounter
from encounters.models import CodeRevision, Encounter, WorkItem, WorkItemState
from encounters.rules import encounter_states as states
from encounters.rules.encounter_states import ReopenReason
from encounters.rules.readiness import Finding, Readiness
from encounters.selectors.deadlines import first_due_at
from encounters.selectors.drg import final_record
from encounters.selectors.readiness import assignments_of, judged


class NotReady(Refused):
    """Something blocks finalize; ``readiness`` says what, where, and how to mend it."""

    def __init__(self, readiness: Readiness) -> None:
        first = readiness.blocking[0]
        more = len(readiness.blocking) - 1
        super().__init__(
            f"{first.message} {first.how_to_fix}" + (f" And {more} more." if more else ""),
            code=first.rule,
            details={"blocking": [_as_json(finding) for finding in readiness.blocking]},
        )
        self.readiness = readiness


@transaction.atomic
def finalize(*, actor: Actor, encounter: Encounter, fence: int) -> CodeRevision:
    """Makes the working set the encounter's next version, signs it, and takes it off the worklist.

    Raises:
        NotReady: a code without evidence or a recorded exception, or anything else that blocks.
        Refused: the coder has no credential in force, or a query about the chart waits for its answer.
        Conflict: the chart is no longer held.
    """
    now = timezone.now()
    item = require_lease(actor=actor, encounter=encounter, fence=fence, now=now)
    locked = _locked(encounter)
    rows = assignments_of(locked)
    found = judged(locked, rows)
    readiness = found.readiness
    if not readiness.is_ready:
        raise NotReady(readiness)
    credential = signature_of(actor)
    reopening = _reason_of_reopening(locked)
    number = locked.revision_count + 1
    pins = pins_of(locked, found.edits, now)
    revision: CodeRevision = CodeRevision.objects.create(
        client_id=locked.client_id,
        encounter=locked,
        number=number,
        codes=code_set(locked),
        edits=record_of(found.edits, rows, pins) | final_record(locked, rows),
        reason=reopening["reason"],
        note=reopening["note"],
        finalized_by_id=actor.person_id,
        credential=credential,
        finalized_at=now,
    )
    locked.status = states.transition(locked.status, states.Verb.FINALIZE).value
    locked.revision_count = number
    locked.final_at = now
    locked.assigned_coder_id = actor.user_id
    locked.pinned_releases = pins
    locked.save(update_fields=["status", "revision_count", "final_at", "assigned_coder", "pinned_releases"])
    keep_outcomes(actor=actor, encounter=locked, revision=revision, edits=found.edits, rows=rows)
    end_lease(item, state=WorkItemState.DONE, now=now)
    record_event(
        actor=actor,
        verb=Verb.ENCOUNTER_FINALIZED,
        subject=locked,
        reason=reopening["reason"],
        facts={
            "revision": number,
            "codes": [row["code"] for row in revision.codes],
            "cited": readiness.cited_count,
            "excepted": readiness.excepted_count,
            "warnings": [finding.rule for finding in readiness.warnings],
            "overridden": [one.rule for one in found.edits.findings if one.is_let_stand],
        },
    )
    hold_final(actor=actor, encounter=locked, revision=revision)
    tell_final(actor=actor, encounter=locked, revision=revision)
    return revision


@transaction.atomic
def reopen(
    *, actor: Actor, encounter: Encounter, reason: ReopenReason, note: str, first: bool = False
) -> Encounter:
    """Opens a final code set again: the chart goes back in line, its old version stays as it was.

    ``first``: before all others of its worklist.

    Its hours start anew: it was delivered once, and is owed again from now on.

    Raises:
        Refused: no explanation.
        Conflict: it is not final.
    """
    if len(note.strip()) < 10:
        raise Refused("Say in a sentence why the codes are opened again.", code="reopen.note_missing")
    verb = states.Verb.LATE_DOCUMENT if reason == ReopenReason.LATE_DOCUMENTATION else states.Verb.REOPEN
    locked = _locked(encounter)
    now = timezone.now()
    locked.status = states.transition(locked.status, verb).value
    locked.due_at = first_due_at(locked.client, now)
    locked.save(update_fields=["status", "due_at"])
    lift_reopened(actor=actor, encounter=locked, now=now)
    item = (
        WorkItem.objects.filter(client_id=locked.client_id, encounter=locked).select_related("queue").first()
    )
    if item is None:
        raise Conflict(
            "The chart has never been in a worklist, so it cannot go back into one.", code="reopen.no_queue"
        )
    enqueue_encounter(encounter=locked, queue=item.queue, now=now, first=first)
    record_event(
        actor=actor,
        verb=Verb.ENCOUNTER_REOPENED,
        subject=locked,
        reason=note.strip(),
        facts={"reason": reason.value, "revision": locked.revision_count},
    )
    return locked


def _reason_of_reopening(encounter: Encounter) -> dict[str, str]:
    """Why this is not the first version: from the ledger's newest reopening of this encounter."""
    if encounter.revision_count == 0:
        return {"reason": "", "note": ""}
    event = newest_event(encounter, Verb.ENCOUNTER_REOPENED)
    if event is None:
        raise Conflict(
            "The chart was final, but the ledger has no reopening. Report this.", code="reopen.absent"
        )
    return {"reason": event.facts["reason"], "note": event.reason}


def _locked(encounter: Encounter) -> Encounter:
    locked: Encounter = (
        Encounter.objects.select_for_update(of=("self",))
        .filter(client_id=encounter.client_id)
        .get(pk=encounter.pk)
    )
    return locked


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "assignment": finding.assignment_key,
        "where": finding.where,
        "message": finding.message,
        "how_to_fix": finding.how_to_fix,
        "citation": finding.citation,
        "edit": finding.edit_key,
    }
