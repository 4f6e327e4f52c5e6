"""Coding a chart again because of a denial or a rejection, at no cost to the client."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from claims.access.answers import require_worker
from claims.actions.denials.moving import Move, move_denials
from claims.actions.steps import add_step, locked_claim, locked_denial
from claims.models import Claim, ClaimStepKind, Denial, DenialStatus, Rework
from claims.rules.denial_states import DenialVerb
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.tenancy.actor import Actor
from encounters.actions.finalize import reopen
from encounters.models import CodeRevision, Encounter
from encounters.rules.encounter_states import ReopenReason

SHORTEST_REASON = 10
LONGEST_REASON = 500
TOLD_IN_CHART = "A denial or rejection: coded again at no cost. The reason is kept with the claim."
"""The chart's own note: the person's words stay sealed with the rework."""


@transaction.atomic
def ask_rework(
    *, actor: Actor, claim: Claim, reason: str, now: datetime, denial: Denial | None = None
) -> Rework:
    """Opens the chart again, before all others of its worklist, and keeps account of it.

    Raises:
        NotAllowed: not one who works denials.
        InvalidInput: no reason, or one too long.
        Refused: the claim is tied to no chart of ours.
        Conflict: being coded again already, or the chart is not final.
    """
    require_worker(actor)
    words = _words(reason)
    locked = locked_claim(claim)
    encounter = _chart_of(locked)
    reopen(actor=actor, encounter=encounter, reason=ReopenReason.DENIAL, note=TOLD_IN_CHART, first=True)
    made: Rework = Rework.objects.create(
        client_id=locked.client_id,
        encounter=encounter,
        claim=locked,
        denial=denial,
        reason=words,
        asked_by_id=actor.person_id,
        asked_at=now,
        before_revision=encounter.revision_count,
    )
    if denial is not None:
        _take_up(denial, now)
    facts = {"rework": str(made.pk)}
    add_step(actor=actor, claim=locked, kind=ClaimStepKind.REWORKED, at=now, facts=facts, note=words)
    record_event(
        actor=actor,
        verb=Verb.REWORK_ASKED,
        subject=made,
        facts={"claim": str(locked.pk), "denial": str(denial.pk) if denial else None},
    )
    return made


def _words(reason: str) -> str:
    words = reason.strip()
    if not SHORTEST_REASON <= len(words) <= LONGEST_REASON:
        raise InvalidInput(
            f"Say in a sentence what must be looked at, in {LONGEST_REASON} characters at most.",
            code="rework.reason",
            details={"path": "reason"},
        )
    return words


def _chart_of(claim: Claim) -> Encounter:
    chart: Encounter | None = claim.encounter
    if chart is None:
        raise Refused(
            "This claim is tied to no chart of ours, so there is nothing to code again.", code="rework.chart"
        )
    if Rework.objects.filter(client_id=claim.client_id, encounter=chart, done_at__isnull=True).exists():
        raise Conflict("This chart is being coded again already.", code="rework.standing")
    return chart


def _take_up(denial: Denial, now: datetime) -> None:
    locked = locked_denial(denial)
    if locked.state == DenialStatus.OPEN:
        move_denials(client_id=locked.client_id, moves=[Move(locked, DenialVerb.WORK)], now=now)


def chart_is_final(*, actor: Actor, encounter: Encounter, revision: CodeRevision) -> None:
    """Ends a standing rework with the version that was just made; part of making it final."""
    standing = Rework.objects.filter(
        client_id=encounter.client_id,
        encounter=encounter,
        done_at__isnull=True,
        before_revision__lt=revision.number,
    )
    standing.update(done_at=revision.finalized_at, after_revision=revision.number)
