"""Comparing people with gold keys, deciding differences, and what follows a low score.

A coder is compared in the background, some time after their chart became final, and nothing of it is written
on the chart, the review list or the worklist.  A reviewer's gold review is a review like any other; its blind
codes are compared once they are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from encounters.models import CodeRevision, Encounter, EncounterStatus
from qa_audit.actions.calibration import hidden_review, require_leader
from qa_audit.actions.gold_keys import make_void
from qa_audit.models import GoldChart, GoldCheck, Review, ReviewOrigin
from qa_audit.models.calibration import (
    CheckState,
    GoldSide,
    GoldSource,
    GoldState,
)
from qa_audit.models.reviews import HIDDEN_ORIGINS
from qa_audit.rules.gold import Decision, compare, needs_decision, score_of
from qa_audit.rules.lines import lines_of_revision
from qa_audit.rules.review_states import ReviewState
from qa_audit.score_command import taxonomy
from qa_audit.selectors.calibration import (
    ordinary_terms,
    readers_for,
    settled_lines,
)

LEAST_WORDS = 5
PAUSE_WORDS = "A quality measure of the programme lies below its target."
"""On the pause itself, which more people may read than know of gold charts."""


# --- comparing -----------------------------------------------------------------------------------------


@transaction.atomic
def compare_coders(*, actor: Actor, client_id: int) -> int:
    """Compares first versions that became final with their keys; returns how many were compared.

    A key is not used when the chart was cancelled, was final before the key was ready, or was made final by
    whoever wrote the key.
    """
    compared = 0
    waiting = (
        GoldChart.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(client_id=client_id, source=GoldSource.KEY, state=GoldState.READY)
        .select_related("encounter")
    )
    for gold in waiting:
        chart: Encounter = gold.encounter
        first = CodeRevision.objects.filter(client_id=client_id, encounter=chart, number=1).first()
        if first is None:
            if chart.status == EncounterStatus.CANCELLED:
                make_void(actor, gold, "The visit was cancelled.")
            continue
        if gold.ready_at is not None and first.finalized_at <= gold.ready_at:
            make_void(actor, gold, "The chart was made final before the key was finished.")
        elif first.finalized_by_id == gold.made_by_id:
            make_void(actor, gold, "Who wrote the key coded the chart.")
        else:
            check = GoldCheck(
                client_id=client_id,
                gold=gold,
                side=GoldSide.CODER,
                person_id=first.finalized_by_id,
                revision=first,
                made_at=timezone.now(),
            )
            _keep_comparison(actor, check, gold, lines_of_revision(first.codes))
            gold.state = GoldState.CHECKED
            gold.save(update_fields=["state"])
            compared += 1
    return compared


@transaction.atomic
def compare_reviewers(*, actor: Actor, client_id: int) -> int:
    """Compares the blind codes of gold reviews with their settled sets; returns how many were compared."""
    compared = 0
    waiting = (
        GoldCheck.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(client_id=client_id, side=GoldSide.REVIEWER, state=CheckState.WAITING)
        .select_related("gold", "review")
    )
    for check in waiting:
        review: Review = check.review
        if review.blind_codes is not None:
            _keep_comparison(actor, check, check.gold, review.blind_codes)
            compared += 1
        elif review.state == ReviewState.CANCELLED:
            check.state = CheckState.VOID
            check.save(update_fields=["state"])
            record_event(actor=actor, verb=Verb.GOLD_COMPARED, subject=check, facts={"state": check.state})
    return compared


def _keep_comparison(
    actor: Actor, check: GoldCheck, gold: GoldChart, given: Sequence[dict[str, Any]]
) -> None:
    now = timezone.now()
    check.lines = compare(given, gold.key, taxonomy())
    check.definition = taxonomy().edition
    check.compared_at = now
    _keep_score(check)
    check.save()
    record_event(
        actor=actor,
        verb=Verb.GOLD_COMPARED,
        subject=check,
        facts={"numerator": check.numerator, "denominator": check.denominator, "state": check.state},
    )


def _keep_score(check: GoldCheck) -> None:
    found = score_of(check.lines, taxonomy())
    check.numerator, check.denominator = found.numerator, found.denominator
    check.state = CheckState.SETTLED if found.is_settled else CheckState.OPEN
    check.settled_at = timezone.now() if found.is_settled else None


@transaction.atomic
def decide_difference(
    *, actor: Actor, check: GoldCheck, number: int, decision: Decision, why: str
) -> GoldCheck:
    """Says who is right on a line that differs; with the last one the score is settled.

    Raises:
        Refused: the key is said to be wrong without saying why.
        NotFound: no such line.
        Conflict: it is decided already, or nothing is to be decided.
    """
    require_leader(actor)
    locked: GoldCheck = GoldCheck.objects.select_for_update().get(client_id=check.client_id, pk=check.pk)
    if locked.state != CheckState.OPEN:
        raise Conflict("Nothing is to be decided here any more.", code="gold.settled")
    if decision is Decision.OPEN:
        raise InvalidInput("Choose who is right.", code="gold.decision", details={"path": "decision"})
    if decision is Decision.KEY_WRONG and len(why.strip()) < LEAST_WORDS:
        raise Refused("Say in a few words what is wrong with the key.", code="gold.reason")
    line = next((one for one in locked.lines if one["number"] == number), None)
    if line is None:
        raise NotFound
    if not needs_decision(line):
        raise Conflict("This line is decided already.", code="gold.line")
    line["decision"], line["why"] = decision.value, why.strip()
    _keep_score(locked)
    locked.save(update_fields=["lines", "numerator", "denominator", "state", "settled_at"])
    record_event(
        actor=actor,
        verb=Verb.GOLD_DECIDED,
        subject=locked,
        reason=why.strip(),
        facts={"line": number, "decision": decision.value, "verdict": line["verdict"]},
    )
    return locked


# --- reviewers -----------------------------------------------------------------------------------------


@transaction.atomic
def hand_to_reviewer(*, actor: Actor, review: Review, person_id: int) -> GoldCheck:
    """Gives a settled chart to a reviewer who does not know it, as an ordinary blind review.

    Raises:
        Refused: the review is not closed, its settled set is empty, or the person knows the chart.
    """
    require_leader(actor)
    if review.state != ReviewState.CLOSED or review.origin in HIDDEN_ORIGINS or review.is_client_run:
        raise Refused("Choose a closed review of the vendor's own.", code="gold.not_settled")
    if person_id not in readers_for(review.client_id, [review.encounter_id])[review.encounter_id]:
        raise Refused(
            "This person coded or reviewed the chart, or does not review here.", code="gold.reviewer"
        )
    key = settled_lines(review)
    if not key:
        raise Refused("This review settled no code.", code="gold.empty")
    gold = _settled_gold(actor, review, key)
    given = hidden_review(
        review.encounter, review.revision, person_id, ordinary_terms(review.client_id), ReviewOrigin.GOLD
    )
    check: GoldCheck = GoldCheck.objects.create(
        client_id=review.client_id,
        gold=gold,
        side=GoldSide.REVIEWER,
        person_id=person_id,
        review=given,
        revision=review.revision,
        state=CheckState.WAITING,
        made_at=timezone.now(),
    )
    record_event(actor=actor, verb=Verb.GOLD_CHANGED, subject=gold, facts={"reviewer": person_id})
    return check


def _settled_gold(actor: Actor, review: Review, key: list[dict[str, object]]) -> GoldChart:
    """The chart's settled set; the first one stays, so that all who meet the chart are held to the same."""
    now = timezone.now()
    gold: GoldChart
    gold, _ = GoldChart.objects.exclude(state=GoldState.VOID).get_or_create(
        client_id=review.client_id,
        encounter=review.encounter,
        source=GoldSource.SETTLED,
        defaults={
            "settled_review": review,
            "state": GoldState.HANDED,
            "key": key,
            "made_by_id": actor.person_id,
            "made_at": now,
            "ready_at": now,
        },
    )
    return gold
