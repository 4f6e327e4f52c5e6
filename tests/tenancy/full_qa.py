"""Rows of the QA programme for a client that has rows in every tenant table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.exports.actions import ask_export
from coding_ops.exports.models import ExportFile
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from encounters.actions.coding import Words, assign_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from encounters.models import DocumentVersion, Encounter, ReleaseHold
from qa_audit.actions.codes import remove_code
from qa_audit.actions.draws import draw_sample
from qa_audit.actions.findings import add_process_line
from qa_audit.actions.plans import create_plan
from qa_audit.actions.remediation import keep_topics
from qa_audit.actions.reviews import ask_review, take_review
from qa_audit.actions.scores import keep_score
from qa_audit.models import (
    AuditLine,
    LineStep,
    Review,
    ReviewCode,
    ReviewEvidence,
    ReviewOrigin,
    SamplingPlan,
)
from qa_audit.rules.plan_terms import Mode, PlanTerms
from tests import cast


@dataclass(frozen=True, slots=True)
class Quality:
    """Reviews in each state, all of the coder's charts; the QA reviewer has those under way.

    ``coding`` is blind, with one code and its words; ``comparing`` is open, with a line that differs, one on
    which both agree and an observation; ``waiting`` is open too; ``answering`` was delivered with ``finding``
    open and an earlier answer; ``held`` waits for its correction.
    """

    plan: SamplingPlan
    coding: Review
    code: ReviewCode
    evidence: ReviewEvidence
    waiting: Review
    comparing: Review
    line: AuditLine
    agreed: AuditLine
    observed: AuditLine
    note: DocumentVersion
    answering: Review
    finding: AuditLine
    export: ExportFile
    held: ReleaseHold


def reviewed_chart(
    place: cast.Place, people: dict[Role, User], like: Encounter, visit: str, note: str
) -> Encounter:
    """A final chart of its own, which a blind review closes to its reviewer."""
    actor = cast.actor_for(people[Role.CODER], Role.CODER)
    chart = cast.encounter(
        place,
        external_id=f"{visit}reviewed",
        note=note,
        patient=like.patient,
        coverage=like.coverage,
        facility=like.facility,
        rendering_provider=like.rendering_provider,
    )
    item = take_chart(actor=actor, item=cast.item_of(chart), now=timezone.now())
    version = DocumentVersion.objects.get(document__encounter=chart)
    for number, code in enumerate(("E119", "I10")):
        words = [Words(version.pk, number, 10 + number)]
        assign_code(
            actor=actor, encounter=chart, fence=item.fence, system="ICD-10-CM", code=code, evidence=words
        )
    finalize(actor=actor, encounter=chart, fence=item.fence)
    return chart


def fill_qa(place: cast.Place, people: dict[Role, User], final: Encounter, reviewed: Encounter) -> Quality:
    """A plan with one draw, and a review in each state."""
    now, common = timezone.now(), {"client_id": place.client.pk}
    reviewer = cast.actor_for(people[Role.QA_REVIEWER], Role.QA_REVIEWER)
    plan, coding = _drawn(place, people, reviewed)
    coding.state, coding.reviewer_id, coding.taken_at = "coding", reviewer.person_id, now
    coding.save()
    _, held = (
        ReleaseHold.objects.create(
            encounter=reviewed,
            revision_number=1,
            holder_id=holder,
            words="Second-level review",
            stage=stage,
            held_at=now,
            **common,
        )
        for holder, stage in ((plan.pk, "review"), (reviewed.pk, "correct"))
    )
    note = DocumentVersion.objects.filter(document__encounter=reviewed)[0]
    code = ReviewCode.objects.create(
        review=coding, kind="dx", system="ICD-10-CM", code="E119", position=1, **common
    )
    evidence = ReviewEvidence.objects.create(
        code=code, document_version=note, start=0, end=10, quote=note.text[:10], **common
    )
    answering = ask_review(
        actor=reviewer,
        encounter=Encounter.objects.get(client_id=place.client.pk, pk=final.pk),
        terms=PlanTerms(mode=Mode.OPEN),
        origin=ReviewOrigin.FOCUSED,
        reason="Asked for by the client.",
    )
    waiting, comparing = _like(answering), _like(answering)
    answering, comparing = (take_review(actor=reviewer, review=one) for one in (answering, comparing))
    for review in (answering, comparing):
        last = ReviewCode.objects.filter(client_id=review.client_id, review=review, kind="dx").last()
        assert last is not None
        remove_code(actor=reviewer, review=review, code_id=last.pk)
        AuditLine.objects.filter(client_id=review.client_id, review=review, verdict="UN").update(
            cause="guideline_knowledge",
            severity="major",
            direction="neutral",
            citation_kind="guideline",
            citation="I.C.9.a",
        )
    line, finding = (
        AuditLine.objects.get(client_id=one.client_id, review=one, verdict="UN")
        for one in (comparing, answering)
    )
    note_of_final = DocumentVersion.objects.get(document__encounter=final)
    observed = add_process_line(actor=reviewer, review=comparing, line_id=line.pk, verdict="OB")
    agreed = AuditLine.objects.filter(client_id=comparing.client_id, review=comparing, verdict="AG")[0]
    _delivered(answering, finding, people[Role.CODER], common)
    return Quality(
        plan, coding, code, evidence, waiting, comparing, line, agreed, observed, note_of_final, answering,
        finding,
        _exported(answering, reviewer),
        held,
    )  # fmt: skip


def _exported(like: Review, reviewer: Actor) -> ExportFile:
    """The reviewer's file of a closed review of the same chart, ready to be downloaded."""
    now = timezone.now()
    closed = _like(like, state="closed", reviewer_id=reviewer.person_id, delivered_at=now, closed_at=now)
    asked = {"format": "xlsx", "review": str(closed.pk)}
    made = ask_export(actor=reviewer, client_id=like.client_id, kind="qa.audit", given=asked)
    # As its worker leaves it; the steps of making it are tested elsewhere.
    ExportFile.objects.filter(pk=made.pk).update(state="running")
    made.refresh_from_db()
    made.state, made.content, made.sha256 = "done", b"PK", "0" * 64
    made.file_name, made.media_type = "audit.xlsx", "application/octet-stream"
    made.finished_at, made.expires_at = now, now + timedelta(hours=1)
    made.save()
    return made


def _drawn(place: cast.Place, people: dict[Role, User], chart: Encounter) -> tuple[SamplingPlan, Review]:
    manager = cast.actor_for(people[Role.MANAGER], Role.MANAGER)
    plan = create_plan(actor=manager, client=place.client, name="Every month", terms={"value": 100})
    now, today = timezone.now(), cast.today()
    Encounter.objects.filter(pk=chart.pk).update(final_at=now - timedelta(days=3))
    # Two days back: yesterday is still today where the client is, for some hours.
    days = {"first": today - timedelta(days=9), "last": today - timedelta(days=2)}
    drawn = draw_sample(actor=manager, plan=plan, **days, seed=1)
    return plan, Review.objects.get(draw=drawn, encounter=chart)


def _like(review: Review, **more: Any) -> Review:
    """Another review of the same chart, waiting unless it is said otherwise."""
    names = ("client_id", "encounter_id", "revision_id", "coder_id", "origin")
    terms = ("mode", "gate", "counted_score", "rebuttal_days")
    made: Review = Review.objects.create(
        **{name: getattr(review, name) for name in (*names, *terms)}, created_at=timezone.now(), **more
    )
    return made


def _delivered(review: Review, finding: AuditLine, coder: User, common: dict[str, Any]) -> None:
    """As after delivery; the earlier answer and the score stand for the rows that an exchange leaves."""
    now = timezone.now()
    Review.objects.filter(pk=review.pk).update(
        state="answering", delivered_at=now, respond_by=cast.today() + timedelta(days=7)
    )
    review.refresh_from_db()
    AuditLine.objects.filter(pk=finding.pk).update(state="open")
    finding.refresh_from_db()
    LineStep.objects.create(line=finding, number=1, verb="rebut", said_by=coder, said_at=now, **common)
    keep_score(review, is_provisional=True)
    keep_topics(actor=cast.SYSTEM, review=review)
