"""Trainings and a root cause for a client that has rows in every tenant table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Role
from qa_audit.models import (
    FindingTopic,
    ReauditDraw,
    ReauditReview,
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
    """A training to do, one whose re-audit is under way, the topic of a finding, and an open root cause."""

    assigned: TrainingAssignment
    audited: TrainingAssignment
    topic: FindingTopic
    cause: RootCause


def fill_training(place: cast.Place, people: dict[Role, User], quality: Quality) -> Trainings:
    """The finding that awaits its answer has a topic; the waiting review is of a re-audit."""
    now, common = timezone.now(), {"client_id": place.client.pk}
    coder, manager = people[Role.CODER], people[Role.MANAGER]
    topic = FindingTopic.objects.get(client_id=place.client.pk, line=quality.finding)
    assigned, audited = (
        TrainingAssignment.objects.create(
            coder=coder,
            topic=name,
            reason="Found in two reviews",
            material="Guideline I.C.9",
            reaudit_count=1,
            due_on=timezone.localdate() + timedelta(days=14),
            assigned_by=manager,
            assigned_at=now,
            **common,
        )
        for name in ("hypertension", "diabetes")
    )
    TrainingFinding.objects.create(assignment=assigned, line=quality.finding, **common)
    for one in (assigned, audited):
        last = TrainingRound.objects.create(assignment=one, number=1, due_on=one.due_on, **common)
    last.completed_at = last.asked_at = now
    last.save()
    for state in ("waiting", "reaudit"):
        TrainingAssignment.objects.filter(client_id=place.client.pk, pk=audited.pk).update(state=state)
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
        window_from=timezone.localdate() - timedelta(days=topic_map().numbers.window_days - 1),
        window_through=timezone.localdate(),
        finding_count=3,
        coder_count=1,
        problem="Stage 3b is coded for stage 3a.",
        owner=manager,
        due_on=timezone.localdate() + timedelta(days=30),
        opened_by=manager,
        opened_at=now,
        **common,
    )
    return Trainings(assigned, audited, topic, cause)
