"""The doors to reviews.  A blind reviewer sees the note and their own codes; the coder's only when revealed.

Reviewers, managers and administrators of the vendor open any review; a coder the reviews of their own charts,
once delivered; a client's administrator those that the client runs, and the closed ones of its charts.
Gold and calibration reviews measure who does them: leaders see them, a reviewer their own as one chosen by a
person, and nobody else.
"""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotAllowed, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from qa_audit.models import Review, ReviewOrigin, SamplingPlan
from qa_audit.models.reviews import HIDDEN_ORIGINS
from qa_audit.rules.review_states import ReviewState
from qa_audit.selectors.blindness import under_blind_review

VENDOR_REVIEWERS = frozenset({Role.QA_REVIEWER, Role.MANAGER, Role.VENDOR_ADMIN})
LEADERS = frozenset({Role.MANAGER, Role.VENDOR_ADMIN})
PLANNERS = LEADERS
DECIDERS = frozenset({Role.MANAGER, Role.VENDOR_ADMIN, Role.QA_REVIEWER})
DELIVERED = (ReviewState.ANSWERING.value, ReviewState.CLOSED.value)


def may_review(actor: Actor) -> bool:
    """Whether the person does reviews at this client at all."""
    return actor.role in VENDOR_REVIEWERS or actor.role == Role.CLIENT_ADMIN


def reviews_in_reach(actor: Actor, client_id: int) -> QuerySet[Review]:
    """The reviews of an open client that this person may open; the scope must be open.

    Of a chart that they code blind only that review: another one would show them the coder's codes.
    """
    reviews: QuerySet[Review] = Review.objects.filter(client_id=client_id).exclude(
        Q(encounter_id__in=under_blind_review(actor, client_id))
        & ~Q(reviewer_id=actor.user_id, state=ReviewState.CODING)
    )
    if actor.role in LEADERS:
        return reviews
    if actor.role == Role.QA_REVIEWER:
        return reviews.exclude(Q(origin__in=HIDDEN_ORIGINS) & ~Q(assigned_to_id=actor.person_id))
    reviews = reviews.exclude(origin__in=HIDDEN_ORIGINS)
    if actor.role == Role.CODER:
        return reviews.filter(coder_id=actor.person_id, state__in=DELIVERED)
    if actor.role == Role.CLIENT_ADMIN:
        return reviews.filter(Q(is_client_run=True) | Q(state=ReviewState.CLOSED))
    if actor.role == Role.EXTERNAL_AUDITOR:
        return reviews.filter(state=ReviewState.CLOSED)
    return reviews.none()


def shown_origin(actor: Actor, review: Review) -> ReviewOrigin:
    """Why the chart is reviewed, as far as this person may know: for filters, lists, exports and the API."""
    if review.origin in HIDDEN_ORIGINS and actor.role not in LEADERS:
        return ReviewOrigin.FOCUSED
    return ReviewOrigin(review.origin)


def origins_behind(actor: Actor, shown: ReviewOrigin) -> tuple[str, ...]:
    """The stored origins that a filter by a shown one asks for; empty when this person is shown none."""
    if actor.role in LEADERS:
        return (shown.value,)
    if shown.value in HIDDEN_ORIGINS:
        return ()
    return (shown.value, *HIDDEN_ORIGINS) if shown is ReviewOrigin.FOCUSED else (shown.value,)


def open_review(*, actor: Actor, client_id: int, review_id: uuid.UUID) -> Review:
    """A review with its chart; the read of the chart is noted.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    review = (
        reviews_in_reach(actor, client_id)
        .filter(pk=review_id)
        .select_related(
            "encounter__patient",
            "encounter__client",
            "encounter__coverage",
            "encounter__rendering_provider",
            "encounter__specialty",
            "revision__finalized_by",
            "coder",
            "reviewer",
        )
        .first()
    )
    if review is None:
        raise NotFound
    note_read(
        actor=actor,
        verb=Verb.CHART_VIEWED,
        client_id=client_id,
        subject_type="encounter",
        subject_id=str(review.encounter_id),
    )
    return review


def find_review(*, actor: Actor, client_id: int, review_id: uuid.UUID) -> Review:
    """A review without its chart being shown.

    Raises:
        NotFound: as ``open_review``.
    """
    review = reviews_in_reach(actor, client_id).filter(pk=review_id).first()
    if review is None:
        raise NotFound
    return review


def require_planner(actor: Actor) -> None:
    """Plans and draws are the managers'.

    Raises:
        NotAllowed: another role.
    """
    if actor.role not in PLANNERS and actor.role != Role.CLIENT_ADMIN:
        raise NotAllowed("Only a manager changes plans and draws samples.", code="plan.role")


def require_planner_of(actor: Actor, plan: SamplingPlan) -> None:
    """The vendor's managers steer the vendor's plans, the client's administrator the client's own.

    Raises:
        NotAllowed: another role, or the other side's plan.
    """
    require_planner(actor)
    if plan.is_client_run != (actor.role == Role.CLIENT_ADMIN):
        side = "client's own" if plan.is_client_run else "coding vendor's"
        raise NotAllowed(f"This is the {side} plan: only they change it and draw from it.", code="plan.side")


def require_plan_reader(actor: Actor) -> None:
    """Plans and draws are read by who reviews: a coder who knew the sample would code it with more care.

    Raises:
        NotFound: another role.
    """
    if not may_review(actor):
        raise NotFound


def require_sample_reader(actor: Actor) -> None:
    """Which charts a sample holds is the planners' to know: a reviewer meets them blind.

    Raises:
        NotFound: another role.
    """
    if not may_read_samples(actor):
        raise NotFound


def require_releaser(actor: Actor) -> None:
    """A version with standing findings goes out only by a manager's word.

    Raises:
        NotAllowed: another role.
    """
    if actor.role not in LEADERS:
        raise NotAllowed("Only a manager releases codes with standing findings.", code="release.role")


def may_read_samples(actor: Actor) -> bool:
    """Whether the person may know which charts are drawn before they are reviewed."""
    return actor.role in PLANNERS or actor.role == Role.CLIENT_ADMIN
