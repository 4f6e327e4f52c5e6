"""Asking for the reviews of a re-audit, and cancelling those that nobody has begun."""

from __future__ import annotations

from django.db.models import Max
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import NewEvent, record_events
from coding_ops.core.errors import Refused
from coding_ops.tenancy.actor import Actor
from qa_audit.models import (
    ReauditDraw,
    ReauditReview,
    Review,
    ReviewOrigin,
    TrainingAssignment,
    TrainingRound,
)
from qa_audit.rules.frame import pack_frame
from qa_audit.rules.plan_terms import Gate
from qa_audit.rules.review_states import ReviewState, ReviewVerb, step
from qa_audit.rules.sampling import frame_hash, take
from qa_audit.selectors.reaudits import (
    OTHER,
    SHOWS,
    AfterTraining,
    contract_terms,
    frame_after,
    proof_of,
    reviews_of_round,
)


def ask_for_charts(assignment: TrainingAssignment, current: TrainingRound, seed: int) -> ReauditDraw:
    """Draws what the round lacks of its charts; those on which the error can be made come first.

    A round whose reviews are all closed and clean may lack charts on which the error can be made: then it
    draws of those alone.

    Raises:
        Refused: fewer charts are final since the training than it lacks, or it lacks none.
    """
    standing = reviews_of_round(current).exclude(state=ReviewState.CANCELLED).count()
    lacking = assignment.reaudit_count - standing
    frame = frame_after(assignment, current)
    if lacking <= 0:
        lacking = _unproven(assignment, current, standing)
        frame = [one for one in frame if one.stratum == SHOWS]
    if len(frame) < lacking:
        raise Refused(waiting_words(len(frame), lacking), code="reaudit.too_few")
    members = {
        name: sorted(one.encounter_id for one in frame if one.stratum == name)
        for name in sorted({one.stratum for one in frame})
    }
    chosen = choose(members, lacking, seed)
    newest = ReauditDraw.objects.filter(client_id=current.client_id, round=current).aggregate(n=Max("number"))
    now = timezone.now()
    drawn: ReauditDraw = ReauditDraw.objects.create(
        client_id=current.client_id,
        round=current,
        number=(newest["n"] or 0) + 1,
        seed=seed,
        frame=pack_frame([(one.encounter_id, one.stratum) for one in frame]),
        frame_sha256=frame_hash(members),
        frame_count=len(frame),
        sample_count=len(chosen),
        drawn_at=now,
    )
    _ask(assignment, drawn, [one for one in frame if one.encounter_id in set(chosen)])
    if current.asked_at is None:
        current.asked_at = now
        current.save(update_fields=["asked_at"])
    return drawn


def _unproven(assignment: TrainingAssignment, current: TrainingRound, standing: int) -> int:
    """How many charts more are needed on which the error can be made.

    Raises:
        Refused: none, or reviews are still under way that may tell.
    """
    proof = proof_of(assignment, current)
    if len(proof.closed) < standing or proof.found or not proof.lacking:
        raise Refused("Every chart of this re-audit is asked for.", code="reaudit.asked")
    return proof.lacking


def choose(members: dict[str, list[str]], count: int, seed: int) -> list[str]:
    """``count`` charts by seed, first of those that can show the error; the same seed gives the same list."""
    shows, other = members.get(SHOWS, []), members.get(OTHER, [])
    first = min(count, len(shows))
    return take(shows, first, seed, SHOWS) + take(other, count - first, seed, OTHER)


def waiting_words(final: int, wanted: int) -> str:
    """``3 of 10 charts final since completion.``"""
    return f"{final} of {wanted} chart{'' if wanted == 1 else 's'} final since completion."


def _ask(assignment: TrainingAssignment, drawn: ReauditDraw, charts: list[AfterTraining]) -> None:
    terms = contract_terms(assignment.client_id)
    reviews = [
        Review(
            client_id=assignment.client_id,
            encounter_id=one.encounter_id,
            revision_id=one.revision_id,
            origin=ReviewOrigin.REAUDIT,
            mode=terms.mode.value,
            # The chart was released long ago: nothing waits for this review.
            gate=Gate.RETROSPECTIVE.value,
            counted_score=terms.counted_score,
            rebuttal_days=terms.rebuttal_days,
            coder_id=assignment.coder_id,
            created_at=drawn.drawn_at,
        )
        for one in charts
    ]
    Review.objects.bulk_create(reviews)
    ReauditReview.objects.bulk_create(
        [ReauditReview(client_id=assignment.client_id, draw=drawn, review=one) for one in reviews]
    )


def cancel_waiting(*, actor: Actor, current: TrainingRound, reason: str) -> None:
    """Cancels the round's reviews that nobody has begun; those under way go on."""
    waiting = list(
        reviews_of_round(current).select_for_update(of=("self",)).filter(state=ReviewState.WAITING)
    )
    for review in waiting:
        review.state = step(review.state, ReviewVerb.CANCEL).value
        review.cancel_reason = reason
        review.save(update_fields=["state", "cancel_reason"])
    record_events(
        actor=actor,
        client_id=current.client_id,
        events=[NewEvent(Verb.REVIEW_CANCELLED, "review", str(one.pk), reason=reason) for one in waiting],
    )
