"""Trainings: assigned, done by the coder, looked at again on charts finished after that, ended."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NoReturn

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.tenancy.actor import SYSTEM_ROLE, Actor
from coding_ops.tenancy.models import Client, Role
from qa_audit.access import PLANNERS
from qa_audit.actions.reaudits import ask_for_charts, cancel_waiting
from qa_audit.actions.remediation import decide_reaudit, end_assignment, today_at
from qa_audit.models import (
    FindingTopic,
    TrainingAssignment,
    TrainingFinding,
    TrainingRound,
)
from qa_audit.models.training import OPEN_STATES
from qa_audit.rules.training_states import TrainingState, TrainingVerb, training_step
from qa_audit.selectors.training import coders_of, untrained_findings
from qa_audit.topic_tables import topic_map
from qa_audit.training_access import TRAINERS

LEAST_WORDS = 5
MOST_REASON, MOST_MATERIAL = 300, 500
MOST_DAYS = 365
LEFT = "The coder no longer codes for this client."


@dataclass(frozen=True, slots=True)
class NewTraining:
    """What is assigned: why, what to read, by when, and how many charts are looked at again."""

    topic: str
    coder_id: int
    reason: str
    material: str
    due_on: date
    reaudit_count: int


@transaction.atomic
def assign_training(
    *, actor: Actor, client: Client, training: NewTraining, line_id: uuid.UUID | None = None
) -> TrainingAssignment:
    """A topic for one coder to work on, about one settled finding or all of theirs that no training has.

    Raises:
        InvalidInput: a field that is wrong, its name in ``details``.
        Refused: the coder works on the topic already, or the finding is not settled.
        NotAllowed: another role, or the person's own training.
    """
    _require_trainer(actor, training.coder_id)
    _check(client, training)
    lines = _lines(client, training, line_id)
    assignment = _create(actor, client, training)
    TrainingRound.objects.create(client_id=client.pk, assignment=assignment, number=1, due_on=training.due_on)
    TrainingFinding.objects.bulk_create(
        [TrainingFinding(client_id=client.pk, assignment=assignment, line_id=one) for one in lines]
    )
    record_event(
        actor=actor,
        verb=Verb.TRAINING_ASSIGNED,
        subject=assignment,
        reason=assignment.reason,
        facts={"topic": training.topic, "coder": training.coder_id, "findings": len(lines)},
    )
    return assignment


def _create(actor: Actor, client: Client, training: NewTraining) -> TrainingAssignment:
    """The assignment; the constraint decides between two people who assign at once."""
    try:
        with transaction.atomic():
            made: TrainingAssignment = TrainingAssignment.objects.create(
                client_id=client.pk,
                coder_id=training.coder_id,
                topic=training.topic,
                reason=training.reason.strip(),
                material=training.material.strip(),
                reaudit_count=training.reaudit_count,
                due_on=training.due_on,
                assigned_by_id=actor.person_id,
                assigned_at=timezone.now(),
            )
    except IntegrityError as error:
        if "one_open_training_per_coder_and_topic" not in str(error):
            raise
        raise Refused("This coder works on this topic already.", code="training.open") from error
    return made


def _lines(client: Client, training: NewTraining, line_id: uuid.UUID | None) -> list[uuid.UUID]:
    """The findings the training is about."""
    if line_id is None:
        return untrained_findings(client.pk, training.coder_id, training.topic)
    finding = FindingTopic.objects.filter(
        client_id=client.pk, line_id=line_id, coder_id=training.coder_id, topic=training.topic
    ).first()
    if finding is None:
        raise NotFound
    if finding.settled_at is None:
        raise Refused(
            "This finding is not settled yet: it may still be withdrawn or overturned.",
            code="training.not_settled",
        )
    return [line_id]


def _require_trainer(actor: Actor, coder_id: int) -> None:
    if actor.role not in TRAINERS:
        raise NotAllowed("Only reviewers and managers assign training.", code="training.role")
    if actor.person_id == coder_id:
        raise NotAllowed("Somebody else decides about your own training.", code="training.own")


def _check(client: Client, training: NewTraining) -> None:
    numbers, today = topic_map().numbers, today_at(client)
    if training.topic not in topic_map().topics:
        _wrong("topic", "Choose a topic from the list.")
    if training.coder_id not in coders_of(client.pk):
        _wrong("coder", "Choose a coder who codes for this client.")
    if not LEAST_WORDS <= len(training.reason.strip()) <= MOST_REASON:
        _wrong("reason", f"Say in a few words why, in at most {MOST_REASON} characters.")
    if not LEAST_WORDS <= len(training.material.strip()) <= MOST_MATERIAL:
        _wrong("material", f"Name what to read, or its address, in at most {MOST_MATERIAL} characters.")
    if not today <= training.due_on <= today + timedelta(days=MOST_DAYS):
        _wrong("due_on", "Give a day from today on, within a year.")
    if not 1 <= training.reaudit_count <= numbers.most_charts:
        _wrong("reaudit_count", f"Give a number from 1 to {numbers.most_charts}.")


def _wrong(path: str, problem: str) -> NoReturn:
    raise InvalidInput(problem, code=f"training.{path}", details={"path": path})


@transaction.atomic
def complete_training(*, actor: Actor, assignment: TrainingAssignment, note: str = "") -> TrainingAssignment:
    """The coder says that they have done it; charts they finish from now on are counted.

    Raises:
        NotAllowed: it is somebody else's.
        Conflict: it is not waiting to be done.
        InvalidInput: the note is too long.
    """
    if actor.person_id != assignment.coder_id:
        raise NotAllowed("Only the coder says that a training is done.", code="training.not_yours")
    if len(note.strip()) > MOST_REASON:
        _wrong("note", f"Keep the note to {MOST_REASON} characters.")
    locked = locked_assignment(assignment)
    locked.state = training_step(locked.state, TrainingVerb.COMPLETE).value
    locked.save(update_fields=["state"])
    current = current_round(locked)
    current.completed_at, current.completion_note = timezone.now(), note.strip()
    current.save(update_fields=["completed_at", "completion_note"])
    record_event(actor=actor, verb=Verb.TRAINING_COMPLETED, subject=locked, facts={"round": current.number})
    return locked


@transaction.atomic
def ask_reaudit(
    *, actor: Actor, assignment: TrainingAssignment, seed: int | None = None
) -> TrainingAssignment:
    """Reviews of charts the coder finished after the training, chosen by seed, or what is missing of them.

    ``seed`` of ``None`` takes one from the machine's secret chance, so that nobody could know it before.

    Raises:
        Refused: too few charts are final since then.
        Conflict: the training is not done, or is over.
        NotAllowed: another role.
    """
    if actor.role != SYSTEM_ROLE:
        _require_trainer(actor, assignment.coder_id)
    locked = locked_assignment(assignment)
    if locked.state != TrainingState.REAUDIT:
        locked.state = training_step(locked.state, TrainingVerb.ASK_REAUDIT).value
    current = current_round(locked)
    drawn = ask_for_charts(locked, current, secrets.randbits(48) if seed is None else seed)
    locked.save(update_fields=["state"])
    record_event(
        actor=actor,
        verb=Verb.REAUDIT_ASKED,
        subject=locked,
        facts={
            "round": current.number,
            "seed": drawn.seed,
            "frame": drawn.frame_count,
            "sample": drawn.sample_count,
            "frame_sha256": drawn.frame_sha256,
        },
    )
    return locked


@transaction.atomic
def end_training(*, actor: Actor, assignment: TrainingAssignment, reason: str) -> TrainingAssignment:
    """Ends an assignment that no re-audit will close, and cancels the reviews that nobody has begun.

    Raises:
        NotAllowed: only a manager does that.
        Refused: no reason.
        Conflict: it is over already.
    """
    if actor.role not in PLANNERS and actor.role != SYSTEM_ROLE:
        raise NotAllowed("Only a manager ends a training without a clean re-audit.", code="training.role")
    if not LEAST_WORDS <= len(reason.strip()) <= MOST_REASON:
        raise Refused(
            f"Say in a few words why it ends, in at most {MOST_REASON} characters.", code="training.reason"
        )
    locked = locked_assignment(assignment)
    if locked.state == TrainingState.REAUDIT:
        cancel_waiting(actor=actor, current=current_round(locked), reason=reason.strip())
    end_assignment(actor=actor, assignment=locked, reason=reason.strip())
    return locked


@transaction.atomic
def change_topic(*, actor: Actor, client_id: int, line_id: uuid.UUID, topic: str) -> FindingTopic:
    """Another topic for a finding than the map gave.

    Raises:
        NotFound: the finding has no topic: it is not charged, or fell.
        InvalidInput: no such topic.
        NotAllowed: another role, or the person's own finding.
    """
    found: FindingTopic | None = (
        FindingTopic.objects.select_for_update(of=("self",))
        .filter(client_id=client_id, line_id=line_id, fallen_at__isnull=True)
        .first()
    )
    if found is None or actor.role not in TRAINERS | {Role.CODER}:
        raise NotFound
    _require_trainer(actor, found.coder_id)
    if topic not in topic_map().topics:
        _wrong("topic", "Choose a topic from the list.")
    before, found.topic = found.topic, topic
    found.edition, found.given_by_id, found.given_at = topic_map().edition, actor.person_id, timezone.now()
    found.save(update_fields=["topic", "edition", "given_by", "given_at"])
    record_event(
        actor=actor,
        verb=Verb.FINDING_TOPIC_CHANGED,
        subject=found.line,
        client_id=client_id,
        facts={"was": before, "topic": topic},
    )
    return found


@transaction.atomic
def move_trainings_on(*, actor: Actor, client: Client) -> int:
    """Each day: ends trainings of coders who left, asks for re-audits that have their charts, and replaces
    reviews of them that were cancelled.  Returns how many moved.
    """
    here, moved = coders_of(client.pk), 0
    standing: QuerySet[TrainingAssignment] = TrainingAssignment.objects.filter(
        client_id=client.pk, state__in=OPEN_STATES
    ).order_by("assigned_at", "pk")
    for assignment in standing:
        if assignment.coder_id not in here:
            end_training(actor=actor, assignment=assignment, reason=LEFT)
            moved += 1
        elif assignment.state != TrainingState.ASSIGNED:
            moved += _move_on(actor, assignment)
    return moved


def _move_on(actor: Actor, assignment: TrainingAssignment) -> bool:
    locked = locked_assignment(assignment)
    if decide_reaudit(actor=actor, assignment=locked):
        return True
    try:
        with transaction.atomic():
            ask_reaudit(actor=actor, assignment=locked)
    except Refused:
        # Too few charts are final, or every review stands: nothing to do today.
        return False
    return True


def locked_assignment(assignment: TrainingAssignment) -> TrainingAssignment:
    """The row, held until the transaction ends."""
    locked: TrainingAssignment = TrainingAssignment.objects.select_for_update(of=("self",)).get(
        client_id=assignment.client_id, pk=assignment.pk
    )
    return locked


def current_round(assignment: TrainingAssignment) -> TrainingRound:
    """The newest round."""
    found: TrainingRound = TrainingRound.objects.get(
        client_id=assignment.client_id, assignment=assignment, number=assignment.round_count
    )
    return found
