"""The gate before release: what a plan holds is let go by its draw, by its review, or by the plan's end."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from encounters.actions.release import choose, lift
from encounters.models import LiftReason
from qa_audit.models import Review, SamplingPlan
from qa_audit.rules.plan_terms import Gate, PlanTerms
from qa_audit.selectors.frame import day_bounds
from qa_audit.selectors.gate import (
    charts_under_prebill_review,
    reviewed_holds,
    takes,
    undecided,
    undecided_between,
)


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
    """Lets a chart go whose last review before release is done; returns how many holds ended."""
    if review.gate != Gate.PREBILL:
        return 0
    return lift(actor=actor, holds=reviewed_holds(review), reason=reason, now=timezone.now())


def let_go_of_plan(*, actor: Actor, plan: SamplingPlan, terms: PlanTerms | None) -> int:
    """Lets go what a plan would no longer hold: everything undecided when it ends (``terms`` of ``None``)
    or reviews after release, else what its new scope leaves out.  Chosen charts wait for their review."""
    holds = undecided(plan.client_id, plan.pk).select_related("encounter__specialty")
    locked = list(holds.select_for_update(of=("self",)))
    if terms is not None and terms.gate is Gate.PREBILL:
        locked = [one for one in locked if not takes(terms, one.encounter)]
    return lift(actor=actor, holds=locked, reason=LiftReason.ENDED, now=timezone.now())
