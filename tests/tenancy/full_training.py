"""Trainings and a root cause for a client that has rows in every tenant table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from qa_audit.models import (
    AuditLine,
    FindingTopic,
    ReauditDraw,
    ReauditReview,
    Review,
    RootCause,
    TrainingAssignment,
    TrainingFinding,
    TrainingRound,
)
from qa_audit.rules.frame import pack_frame
from qa_audit.topic_tables import topic_map
from tests import cast
from tests.tenancy.full_qa import Quality


@dataclass(frozen=True, slots=True)
class Trainings:
    """A training to do, one that has its chart for the re-audit, an open root cause; beside them one whose
    re-audit is under way, and a topic (``heart``) with findings enough for another root cause."""

    assigned: TrainingAssignment
    waiting: TrainingAssignment
    cause: RootCause


def fill_training(place: cast.Place, people: dict[Role, User], quality: Quality) -> Trainings:
    """The finding that awaits its answer has a topic; the waiting review is of a re-audit."""
    now, common = timezone.now(), {"client_id": place.client.pk}
    coder, manager = people[Role.CODER], people[Role.MANAGER]
    assert FindingTopic.objects.filter(client_id=place.client.pk, line=quality.finding).exists()
    _many_findings(quality, coder)
    assigned, waiting, audited = (
        TrainingAssignment.objects.create(
            coder=coder,
            topic=name,
            reason="Found in two reviews",
            material="Guideline I.C.9",
            reaudit_count=1,
            due_on=cast.today() + timedelta(days=14),
            assigned_by=manager,
            assigned_at=now,
            **common,
        )
        for name in ("hypertension", "factors", "diabetes")
    )
    TrainingFinding.objects.create(assignment=assigned, line=quality.finding, **common)
    _first, before, last = (
        TrainingRound.objects.create(assignment=one, number=1, due_on=one.due_on, **common)
        for one in (assigned, waiting, audited)
    )
    _done(before, now - timedelta(days=30), "waiting")
    _done(last, now - timedelta(days=30), "waiting", "reaudit")
    drawn = ReauditDraw.objects.create(
        round=last,
        number=1,
        seed=1,
        frame=pack_frame([(str(quality.waiting.encounter_id), "shows")]),
        frame_sha256="0" * 64,
        frame_count=1,
        sample_count=1,
        drawn_at=now,
        **common,
    )
    ReauditReview.objects.create(draw=drawn, review=quality.waiting, **common)
    cause = RootCause.objects.create(
        topic="kidney",
        window_from=cast.today() - timedelta(days=topic_map().numbers.window_days - 1),
        window_through=cast.today(),
        finding_count=3,
        coder_count=1,
        problem="Stage 3b is coded for stage 3a.",
        whys=["The template shows one stage."],
        remedy="Ask for another template.",
        owner=manager,
        due_on=cast.today() + timedelta(days=30),
        opened_by=manager,
        opened_at=now,
        **common,
    )
    return Trainings(assigned, waiting, cause)


def _done(current: TrainingRound, at: datetime, *states: str) -> None:
    """The training done, and what followed."""
    current.completed_at = at
    current.asked_at = at if "reaudit" in states else None
    current.save()
    for state in states:
        TrainingAssignment.objects.filter(pk=current.assignment_id).update(state=state)


def _many_findings(quality: Quality, coder: User) -> None:
    """Settled findings of one topic, on a review that no score counts."""
    now, model = timezone.now(), quality.answering
    names = ("client_id", "encounter_id", "revision_id", "coder_id", "origin")
    terms = ("mode", "gate", "counted_score", "rebuttal_days")
    review = Review.objects.create(
        **{name: getattr(model, name) for name in (*names, *terms)},
        state="cancelled",
        cancel_reason="Asked for twice.",
        created_at=now,
    )
    for number in range(1, topic_map().numbers.systemic_findings + 1):
        line = AuditLine.objects.create(
            client_id=model.client_id,
            review=review,
            number=number,
            coder_line={"kind": "dx", "system": "ICD-10-CM", "code": "I2510", "position": number},
            verdict="UN",
            weight=1,
            state="accepted",
        )
        FindingTopic.objects.create(
            client_id=model.client_id,
            line=line,
            coder=coder,
            topic="heart",
            edition=topic_map().edition,
            given_at=now,
            settled_at=now,
        )
