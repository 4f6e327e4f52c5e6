"""The steps of a review: taken, coded blind, compared, delivered, closed."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.models import CodeRevision, Encounter, EncounterStatus, LiftReason
from qa_audit.access import may_review
from qa_audit.actions.gate import let_go_after_review
from qa_audit.actions.remediation import follow_reaudit, keep_topics
from qa_audit.actions.scores import compare_lines, keep_score, reviewer_lines
from qa_audit.models import AuditLine, Review, ReviewCode, ReviewOrigin
from qa_audit.models.reviews import HIDDEN_ORIGINS
from qa_audit.rules.plan_terms import Mode, PlanTerms
from qa_audit.rules.review_states import (
    SETTLED,
    LineState,
    LineVerb,
    ReviewState,
    ReviewVerb,
    line_step,
    step,
)
from qa_audit.selectors.calibration import review_pause_of


@transaction.atomic
def ask_review(
    *, actor: Actor, encounter: Encounter, terms: PlanTerms, origin: ReviewOrigin, reason: str
) -> Review:
    """A review of one final chart, chosen by a person and not drawn.

    Raises:
        Refused: the chart is not final, or is under review already, or no reason.
        NotAllowed: the person does no reviews.
    """
    if not may_review(actor):
        raise NotAllowed("Only reviewers and managers ask for a review.", code="review.role")
    if len(reason.strip()) < 5:
        raise Refused("Say in a few words why this chart is reviewed.", code="review.reason")
    revision = newest_revision(encounter)
    if encounter.status != EncounterStatus.FINAL or revision is None:
        raise Refused("Only a final chart can be reviewed.", code="review.not_final")
    # A gold or calibration review of the chart does not count: a refusal would betray it.
    under_way = (
        Review.objects.filter(client_id=encounter.client_id, encounter=encounter)
        .exclude(state__in=[ReviewState.CLOSED, ReviewState.CANCELLED])
        .exclude(origin__in=HIDDEN_ORIGINS)
    )
    if under_way.exists():
        raise Refused("This chart is under review already.", code="review.under_way")
    review = Review(
        client_id=encounter.client_id,
        encounter=encounter,
        revision=revision,
        origin=ReviewOrigin.CLIENT if actor.role == Role.CLIENT_ADMIN else origin,
        mode=terms.mode.value,
        gate=terms.gate.value,
        counted_score=terms.counted_score,
        rebuttal_days=terms.rebuttal_days,
        coder_id=revision.finalized_by_id,
        is_client_run=actor.role == Role.CLIENT_ADMIN,
        created_at=timezone.now(),
    )
    review.save()
    record_event(
        actor=actor, verb=Verb.REVIEW_CREATED, subject=review, reason=reason.strip(), facts={"origin": origin}
    )
    return review


def newest_revision(encounter: Encounter) -> CodeRevision | None:
    """The final codes that a review looks at."""
    newest: CodeRevision | None = (
        CodeRevision.objects.filter(client_id=encounter.client_id, encounter=encounter)
        .order_by("-number")
        .first()
    )
    return newest


@transaction.atomic
def take_review(*, actor: Actor, review: Review) -> Review:
    """Begins a review: blind ones with an empty sheet, open ones with the comparison at once.

    Raises:
        NotAllowed: the person does no reviews here, or coded the chart.
        Conflict: somebody else has it.
    """
    _require_reviewer_of(actor, review)
    locked = locked_review(review)
    if locked.state != ReviewState.WAITING:
        raise Conflict("Somebody else has taken this review.", code="review.taken")
    is_blind = locked.mode == Mode.BLIND
    locked.state = step(locked.state, ReviewVerb.TAKE_BLIND if is_blind else ReviewVerb.TAKE_OPEN).value
    locked.reviewer_id = actor.person_id
    locked.taken_at = timezone.now()
    if not is_blind:
        locked.revealed_at = locked.taken_at
    locked.save(update_fields=["state", "reviewer", "taken_at", "revealed_at"])
    if not is_blind:
        _copy_codes(locked)
        compare_lines(locked)
    record_event(actor=actor, verb=Verb.REVIEW_TAKEN, subject=locked, facts={"mode": locked.mode})
    return locked


@transaction.atomic
def take_next_review(*, actor: Actor, client_id: int) -> Review | None:
    """The oldest review that waits and that this person may do, those for them alone first; or ``None``."""
    free = (
        Review.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(client_id=client_id, state=ReviewState.WAITING, is_client_run=actor.role == Role.CLIENT_ADMIN)
        .exclude(coder_id=actor.person_id)
        .order_by("created_at", "pk")
    )
    # Two questions, each the head of its own index: what waits for this person, then what waits for anybody.
    waiting = (
        free.filter(assigned_to_id=actor.person_id).first() or free.filter(assigned_to__isnull=True).first()
    )
    return take_review(actor=actor, review=waiting) if waiting is not None else None


@transaction.atomic
def give_back(*, actor: Actor, review: Review) -> Review:
    """Lets another reviewer begin afresh; only while nothing of the coder's has been seen.

    One that measured its reader goes from their sight, as if another had taken it, and is done by nobody.
    """
    locked = mine(actor, review)
    locked.state = step(locked.state, ReviewVerb.GIVE_BACK).value
    if locked.origin in HIDDEN_ORIGINS:
        locked.state, locked.cancel_reason = ReviewState.CANCELLED.value, "The reader gave it back."
        locked.assigned_to_id = None
    locked.reviewer_id, locked.taken_at = None, None
    for code in ReviewCode.objects.filter(client_id=locked.client_id, review=locked):
        code.evidence.all().delete()
        code.delete()
    locked.save(update_fields=["state", "reviewer", "taken_at", "assigned_to", "cancel_reason"])
    record_event(actor=actor, verb=Verb.REVIEW_GIVEN_BACK, subject=locked)
    return locked


@transaction.atomic
def reveal(*, actor: Actor, review: Review) -> Review:
    """Ends the blind pass: the reviewer's codes are kept as they are, and the lines are paired.

    Raises:
        Refused: the reviewer has no diagnosis yet.
        Conflict: it is not in the blind pass.
    """
    locked = mine(actor, review)
    after = step(locked.state, ReviewVerb.REVEAL)
    codes = ReviewCode.objects.filter(client_id=locked.client_id, review=locked)
    if not codes.filter(kind="dx").exists():
        raise Refused("Code the chart first: there is no diagnosis yet.", code="review.no_codes")
    locked.state, locked.revealed_at = after.value, timezone.now()
    locked.blind_codes = reviewer_lines(locked)
    locked.save(update_fields=["state", "revealed_at", "blind_codes"])
    compare_lines(locked)
    record_event(actor=actor, verb=Verb.REVIEW_REVEALED, subject=locked, facts={"codes": codes.count()})
    return locked


@transaction.atomic
def deliver(*, actor: Actor, review: Review, summary: str = "") -> Review:
    """Hands the findings to the coder and keeps the provisional score; without findings it closes at once.

    Raises:
        Refused: a finding has no cause, severity, direction or citation.
        Conflict: it is not being compared.
    """
    locked = mine(actor, review)
    after = step(locked.state, ReviewVerb.DELIVER)
    lines = list(AuditLine.objects.filter(client_id=locked.client_id, review=locked))
    open_lines = [line for line in lines if line.verdict not in ("AG", "OB")]
    bare = [
        line for line in open_lines if not (line.cause and line.severity and line.direction and line.citation)
    ]
    if bare:
        raise Refused(
            f"Line {bare[0].number} needs a cause, a severity, a direction and a citation"
            + (f", and {len(bare) - 1} more." if len(bare) > 1 else "."),
            code="finding.bare",
            details={"lines": [line.number for line in bare]},
        )
    now = timezone.now()
    locked.state, locked.delivered_at = after.value, now
    today = timezone.localdate(now, ZoneInfo(locked.client.timezone))
    locked.respond_by = today + timedelta(days=locked.rebuttal_days)
    locked.summary = summary.strip()
    locked.save(update_fields=["state", "delivered_at", "respond_by", "summary"])
    for line in open_lines:
        line.state = line_step(line.state, LineVerb.DELIVER).value
        line.save(update_fields=["state"])
    keep_score(locked, is_provisional=bool(open_lines))
    record_event(actor=actor, verb=Verb.REVIEW_DELIVERED, subject=locked, facts={"findings": len(open_lines)})
    return close_if_settled(actor=actor, review=locked)


def close_if_settled(*, actor: Actor, review: Review) -> Review:
    """Closes a delivered review once nothing is awaited on any of its findings; the score is final then.

    The findings' training topics follow on the way; a closed re-audit may end the training before it.
    """
    keep_topics(actor=actor, review=review)
    waiting = (
        AuditLine.objects.filter(client_id=review.client_id, review=review)
        .exclude(state=LineState.DRAFT)
        .exclude(state__in=[state.value for state in SETTLED])
    )
    if review.state != ReviewState.ANSWERING or waiting.exists():
        return review
    review.state = step(review.state, ReviewVerb.CLOSE).value
    review.closed_at = timezone.now()
    review.save(update_fields=["state", "closed_at"])
    score = keep_score(review, is_provisional=False)
    record_event(
        actor=actor,
        verb=Verb.REVIEW_CLOSED,
        subject=review,
        facts={"numerator": score.numerator, "denominator": score.denominator},
    )
    let_go_after_review(actor=actor, review=review, reason=LiftReason.REVIEWED)
    follow_reaudit(actor=actor, review=review)
    return review


@transaction.atomic
def cancel_review(*, actor: Actor, review: Review, reason: str) -> Review:
    """Takes a review out of the programme before its findings were delivered; it stays on record.

    Raises:
        Refused: no reason.
        Conflict: its findings were delivered.
    """
    if not may_review(actor) or review.is_client_run != (actor.role == Role.CLIENT_ADMIN):
        raise NotAllowed("Only those who do this review's kind cancel it.", code="review.role")
    if len(reason.strip()) < 5:
        raise Refused("Say in a few words why the review is cancelled.", code="review.reason")
    locked = locked_review(review)
    locked.state = step(locked.state, ReviewVerb.CANCEL).value
    locked.cancel_reason = reason.strip()
    locked.save(update_fields=["state", "cancel_reason"])
    record_event(actor=actor, verb=Verb.REVIEW_CANCELLED, subject=locked, reason=reason.strip())
    let_go_after_review(actor=actor, review=locked, reason=LiftReason.CANCELLED)
    return locked


# --- shared --------------------------------------------------------------------------------------------


def locked_review(review: Review) -> Review:
    """The row, held until the transaction ends."""
    locked: Review = Review.objects.select_for_update(of=("self",)).get(
        client_id=review.client_id, pk=review.pk
    )
    return locked


def mine(actor: Actor, review: Review) -> Review:
    """The row, if this person is its reviewer.

    Raises:
        NotAllowed: somebody else reviews it.
    """
    locked = locked_review(review)
    if locked.reviewer_id != actor.person_id:
        raise NotAllowed("Another person does this review.", code="review.not_yours")
    return locked


def _require_reviewer_of(actor: Actor, review: Review) -> None:
    if not may_review(actor) or review.is_client_run != (actor.role == Role.CLIENT_ADMIN):
        raise NotAllowed("This review is not yours to do.", code="review.role")
    if review.coder_id == actor.person_id:
        raise NotAllowed("You coded this chart, so somebody else reviews it.", code="review.own_chart")
    if review.assigned_to_id not in (None, actor.person_id):
        raise NotAllowed("This review waits for another person.", code="review.assigned")
    if review_pause_of(review.client_id, actor.person_id) is not None:
        raise NotAllowed("A manager has paused new reviews for you at this client.", code="review.paused")


def _copy_codes(review: Review) -> None:
    """An open review starts from the coder's codes, which the reviewer corrects."""
    for row in review.revision.codes:
        ReviewCode.objects.create(
            client_id=review.client_id,
            review=review,
            kind=row["kind"],
            system=row["system"],
            code=row["code"],
            title=row["title"],
            position=row["position"],
            modifiers=row["modifiers"],
            service_unit_quantity=row["service_unit_quantity"],
            present_on_admission=row["present_on_admission"],
        )
