"""The gate before release: what a plan holds is let go by its draw, by its review or the correction that it
asks for, by a manager, or by the plan's end."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from coding_ops.core.errors import Conflict, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from encounters.actions.release import await_correction, choose, lift, lift_as_it_is
from encounters.models import Encounter, EncounterStatus, LiftReason, ReleaseHold
from qa_audit.access import require_releaser
from qa_audit.models import Review, SamplingPlan
from qa_audit.rules.plan_terms import Gate, PlanTerms
from qa_audit.selectors.frame import day_bounds
from qa_audit.selectors.gate import (
    awaiting_correction,
    charts_under_prebill_review,
    reviewed_holds,
    takes,
    undecided,
    undecided_between,
    wrong_codes_of,
)

SHORTEST_REASON, LONGEST_REASON = 5, 300


def decide_period(
    *, actor: Actor, client: Client, plan: SamplingPlan, first: date, last: date, chosen: frozenset[str]
) -> int:
    """A draw decided about the charts of its period: the chosen wait for their review, the others go.

    A chart that another review before release is under way for waits for that one.  Returns how many went.
    """
    begin, end = day_bounds(client, first, last)
    holds = list(
        undecided_between(client.pk, plan.pk, begin, end)
        .select_related("encounter")
        .select_for_update(of=("self",))
    )
    waiting = charts_under_prebill_review(client.pk, [one.encounter_id for one in holds])
    stay = {one.pk for one in holds if str(one.encounter_id) in chosen or one.encounter_id in waiting}
    choose(holds=[one for one in holds if one.pk in stay])
    return lift(
        actor=actor,
        holds=[one for one in holds if one.pk not in stay],
        reason=LiftReason.NOT_CHOSEN,
        now=timezone.now(),
    )


def let_go_after_review(*, actor: Actor, review: Review, reason: LiftReason) -> int:
    """Lets a chart go whose last review before release is done; returns how many holds ended.

    A version that one of its reviews found wrong stays held and waits for its correction.
    """
    if review.gate != Gate.PREBILL:
        return 0
    holds = reviewed_holds(review)
    wrong = wrong_codes_of(review.client_id, review.encounter_id) if holds else frozenset()
    await_correction(holds=[one for one in holds if one.revision_number in wrong])
    right = [one for one in holds if one.revision_number not in wrong]
    return lift(actor=actor, holds=right, reason=reason, now=timezone.now())


@transaction.atomic
def release_as_it_is(*, actor: Actor, hold: ReleaseHold, reason: str) -> None:
    """Lets a version go with its standing findings: every hold on it that waits for the correction ends.

    Raises:
        NotAllowed: no manager.
        Refused: no reason, or one too long for the ledger.
        Conflict: it does not wait for a correction any more, or its codes are open for one now.
    """
    require_releaser(actor)
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise Refused(
            f"Say in a few words why it is released as it is, in {LONGEST_REASON} characters at most.",
            code="release.reason",
        )
    # The chart first, as reopening and finalizing do: so none of them meets the other halfway.
    chart = Encounter.objects.select_for_update(of=("self",)).get(
        client_id=hold.client_id, pk=hold.encounter_id
    )
    holds = awaiting_correction(hold.client_id).filter(encounter=chart, revision_number=hold.revision_number)
    locked = list(holds.select_related("encounter").select_for_update(of=("self",)))
    if not locked:
        raise Conflict("This version does not wait for a correction any more.", code="release.not_held")
    if chart.status != EncounterStatus.FINAL:
        raise Conflict(
            "The codes are open for their correction: it is released once it is final.",
            code="release.reopened",
        )
    lift_as_it_is(actor=actor, holds=locked, reason=reason.strip(), now=timezone.now())


def let_go_of_plan(*, actor: Actor, plan: SamplingPlan, terms: PlanTerms | None) -> int:
    """Lets go what a plan would no longer hold: everything undecided when it ends (``terms`` of ``None``)
    or reviews after release, else what its new scope leaves out.  Chosen charts wait for their review."""
    holds = undecided(plan.client_id, plan.pk).select_related("encounter__specialty")
    locked = list(holds.select_for_update(of=("self",)))
    if terms is not None and terms.gate is Gate.PREBILL:
        locked = [one for one in locked if not takes(terms, one.encounter)]
    return lift(actor=actor, holds=locked, reason=LiftReason.ENDED, now=timezone.now())
