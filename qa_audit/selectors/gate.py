"""Which plans hold a chart's final codes until their draw has let it go, or its review is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from encounters.models import Encounter, HoldStage, ReleaseHold
from encounters.selectors.release import Holder, open_holds
from qa_audit.models import AuditLine, PlanVersion, Review
from qa_audit.models.reviews import Cause
from qa_audit.rules.audit_lines import PROCESS, Verdict
from qa_audit.rules.plan_terms import Gate, PlanTerms, parse_terms
from qa_audit.rules.review_states import FALLEN, ReviewState

DONE = (ReviewState.CLOSED.value, ReviewState.CANCELLED.value)
RIGHT_CODES = [Verdict.AGREE.value, *(one.value for one in PROCESS)]
KEEPS_CODES = (Cause.DOCUMENTATION_GAP.value, Cause.POLICY_DIFFERENCE.value)
"""Causes that leave the codes as they are: the note is to be mended, or two policies differ."""


def holders_of(encounter: Encounter) -> Sequence[Holder]:
    """The active prebill plans in whose scope a chart lies that is becoming final: one query."""
    return tuple(
        Holder(version.plan_id, f"Second-level review: {version.plan.name}")
        for version in prebill_versions(encounter.client_id)
        if takes(parse_terms(version.terms), encounter)
    )


def prebill_versions(client_id: int) -> QuerySet[PlanVersion]:
    """The newest version of each active plan that reviews before release."""
    rows: QuerySet[PlanVersion] = PlanVersion.objects.filter(
        client_id=client_id,
        number=F("plan__version_count"),
        plan__is_active=True,
        terms__gate=Gate.PREBILL.value,
    )
    return rows.select_related("plan")


def takes(terms: PlanTerms, encounter: Encounter) -> bool:
    """Whether a chart lies in a plan's scope, as ``selectors.frame.in_scope`` asks the database."""
    if terms.kinds and encounter.kind not in terms.kinds:
        return False
    if terms.coders and encounter.assigned_coder_id not in terms.coders:
        return False
    if not terms.specialties:
        return True
    return encounter.specialty is not None and encounter.specialty.code in terms.specialties


def undecided(client_id: int, plan_id: UUID) -> QuerySet[ReleaseHold]:
    """What a plan holds and has not drawn from yet, oldest first."""
    return open_holds(client_id).filter(holder_id=plan_id, stage=HoldStage.DECISION)


def undecided_between(client_id: int, plan_id: UUID, begin: datetime, end: datetime) -> QuerySet[ReleaseHold]:
    """The same of charts that became final from ``begin`` up to before ``end``."""
    return undecided(client_id, plan_id).filter(held_at__gte=begin, held_at__lt=end)


def reviewed_holds(review: Review) -> list[ReleaseHold]:
    """Holds on a review's chart that wait for a review, when no other review before release is under way."""
    others = Review.objects.filter(
        client_id=review.client_id, encounter_id=review.encounter_id, gate=Gate.PREBILL.value
    ).exclude(state__in=DONE)
    if others.exclude(pk=review.pk).exists():
        return []
    holds = open_holds(review.client_id).filter(encounter_id=review.encounter_id, stage=HoldStage.REVIEW)
    return list(holds.select_related("encounter").select_for_update(of=("self",)))


def wrong_codes_of(client_id: int, encounter_id: UUID) -> frozenset[int]:
    """The versions of a chart that a closed review before release found wrong: a finding about the codes
    that has not fallen."""
    lines = (
        AuditLine.objects.filter(
            client_id=client_id,
            review__encounter_id=encounter_id,
            review__gate=Gate.PREBILL.value,
            review__state=ReviewState.CLOSED.value,
            is_process=False,
        )
        .exclude(Q(verdict__in=RIGHT_CODES) | Q(cause__in=KEEPS_CODES))
        .exclude(state__in=[one.value for one in FALLEN])
    )
    return frozenset(lines.order_by().values_list("review__revision__number", flat=True))


def awaiting_correction(client_id: int) -> QuerySet[ReleaseHold]:
    """Holds whose review found wrong codes that no newer version has corrected yet, oldest first."""
    return open_holds(client_id).filter(stage=HoldStage.CORRECTION)


def charts_under_prebill_review(client_id: int, encounter_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these charts a review before release is under way for."""
    rows = Review.objects.filter(
        client_id=client_id, encounter_id__in=encounter_ids, gate=Gate.PREBILL.value
    ).exclude(state__in=DONE)
    return frozenset(rows.values_list("encounter_id", flat=True))
