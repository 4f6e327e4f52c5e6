"""Rows of the QA programme for a client that has rows in every tenant table."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from encounters.models import CodeRevision, DocumentVersion, Encounter
from qa_audit.actions.draws import draw_sample
from qa_audit.actions.plans import create_plan
from qa_audit.models import AuditLine, LineStep, Review, ReviewCode, ReviewEvidence, ReviewScore
from tests import cast


def fill_qa(place: cast.Place, people: dict[Role, User], chart: Encounter, note: DocumentVersion) -> Review:
    """A plan with one draw, and a review under way with a code, a finding, an answer and a score."""
    now, common = timezone.now(), {"client_id": place.client.pk}
    manager = cast.actor_for(people[Role.MANAGER], Role.MANAGER)
    plan = create_plan(actor=manager, client=place.client, name="Every month", terms={"value": 100})
    today = timezone.localdate()
    Encounter.objects.filter(pk=chart.pk).update(final_at=now - timedelta(days=3))
    drawn = draw_sample(
        actor=manager,
        plan=plan,
        first=today - timedelta(days=9),
        last=today - timedelta(days=1),
        seed=1,
    )
    Encounter.objects.filter(pk=chart.pk).update(final_at=now)
    review = Review.objects.get(draw=drawn, encounter=chart)
    review.state, review.reviewer_id, review.taken_at = "coding", people[Role.QA_REVIEWER].pk, now
    review.save()
    assert CodeRevision.objects.filter(pk=review.revision_id).exists()
    code = ReviewCode.objects.create(
        review=review, kind="dx", system="ICD-10-CM", code="E119", position=1, **common
    )
    ReviewEvidence.objects.create(
        code=code, document_version=note, start=0, end=10, quote=note.text[:10], **common
    )
    line = AuditLine.objects.create(
        review=review,
        number=1,
        reviewer_line={"kind": "dx", "code": "E119"},
        verdict="MS",
        weight=1,
        **common,
    )
    LineStep.objects.create(
        line=line, number=1, verb="rebut", said_by=people[Role.CODER], said_at=now, **common
    )
    ReviewScore.objects.create(
        review=review,
        number=1,
        definition="2026-11",
        scores={},
        numerator=0,
        denominator=1,
        is_clean=False,
        is_provisional=True,
        scored_at=now,
        **common,
    )
    return review
