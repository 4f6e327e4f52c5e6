"""What a settled finding sets off: its training topic, and the end or next round of the training before it.

Called where findings move and reviews close; the acts of people on trainings are in ``training``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from qa_audit.models import (
    AuditLine,
    FindingTopic,
    Review,
    ReviewOrigin,
    RoundResult,
    TrainingAssignment,
    TrainingFinding,
    TrainingRound,
)
from qa_audit.models.reviews import HIDDEN_ORIGINS
from qa_audit.models.training import OPEN_STATES
from qa_audit.rules.review_states import FALLEN, SETTLED, LineState, ReviewState
from qa_audit.rules.topics import is_charged_error
from qa_audit.rules.training_states import TrainingState, TrainingVerb, training_step
from qa_audit.score_command import taxonomy
from qa_audit.selectors.reaudits import proof_of
from qa_audit.topic_tables import topic_map

OVERTURNED = "Every finding it was about has been withdrawn or overturned."


def keep_topics(*, actor: Actor, review: Review) -> None:
    """Gives each charged finding of a delivered review its topic, and takes it from one that fell.

    A topic counts from the moment the finding is settled.  What a person chose stays.
    """
    if review.origin in HIDDEN_ORIGINS:
        # Gold and calibration measure the programme; a topic would tell the coder which charts they are.
        return
    held = {
        one.line_id: one
        for one in FindingTopic.objects.filter(client_id=review.client_id, line__review=review)
    }
    lines = AuditLine.objects.filter(client_id=review.client_id, review=review).exclude(state=LineState.DRAFT)
    for line in lines:
        if not is_charged_error(line.verdict, line.cause, taxonomy().not_charged):
            continue
        topic = held.get(line.pk)
        if topic is None:
            _give(review, line)
        else:
            _follow(actor, topic, line)


def _give(review: Review, line: AuditLine) -> None:
    if line.state in FALLEN:
        return
    now = timezone.now()
    FindingTopic.objects.create(
        client_id=review.client_id,
        line=line,
        coder_id=review.coder_id,
        topic=topic_map().topic_of(
            verdict=line.verdict,
            cause=line.cause,
            coder_line=line.coder_line,
            reviewer_line=line.reviewer_line,
        ),
        edition=topic_map().edition,
        given_at=now,
        settled_at=now if line.state in SETTLED else None,
    )


def _follow(actor: Actor, topic: FindingTopic, line: AuditLine) -> None:
    """Brings a topic's times in line with its finding's state."""
    now, fell = timezone.now(), line.state in FALLEN
    settled_at = (topic.settled_at or now) if line.state in SETTLED and not fell else None
    fallen_at = (topic.fallen_at or now) if fell else None
    if (settled_at, fallen_at) == (topic.settled_at, topic.fallen_at):
        return
    topic.settled_at, topic.fallen_at = settled_at, fallen_at
    topic.save(update_fields=["settled_at", "fallen_at"])
    if fell:
        _end_without_findings(actor, topic)


def _end_without_findings(actor: Actor, fallen: FindingTopic) -> None:
    """Ends the trainings that were about this finding and have no other left."""
    about = TrainingAssignment.objects.select_for_update(of=("self",)).filter(
        client_id=fallen.client_id, findings__line_id=fallen.line_id, state__in=OPEN_STATES
    )
    for assignment in about:
        lines = TrainingFinding.objects.filter(client_id=fallen.client_id, assignment=assignment)
        left = FindingTopic.objects.filter(
            client_id=fallen.client_id, line_id__in=lines.values("line_id"), fallen_at__isnull=True
        )
        if not left.exists():
            end_assignment(actor=actor, assignment=assignment, reason=OVERTURNED)


def end_assignment(*, actor: Actor, assignment: TrainingAssignment, reason: str) -> None:
    """Ends a locked assignment otherwise than by a clean re-audit."""
    before = assignment.state
    assignment.state = training_step(assignment.state, TrainingVerb.END).value
    assignment.closed_at, assignment.end_reason = timezone.now(), reason
    assignment.save(update_fields=["state", "closed_at", "end_reason"])
    record_event(
        actor=actor, verb=Verb.TRAINING_ENDED, subject=assignment, reason=reason, facts={"was": before}
    )


# --- the re-audit --------------------------------------------------------------------------------------


def follow_reaudit(*, actor: Actor, review: Review) -> None:
    """Decides the training that a closed review belongs to, if it was the last one awaited."""
    if review.origin != ReviewOrigin.REAUDIT or review.state != ReviewState.CLOSED:
        return
    assignment = (
        TrainingAssignment.objects.select_for_update(of=("self",))
        .filter(client_id=review.client_id, rounds__draws__reviews__review=review)
        .first()
    )
    if assignment is not None:
        decide_reaudit(actor=actor, assignment=assignment)


def decide_reaudit(*, actor: Actor, assignment: TrainingAssignment) -> bool:
    """Closes a locked assignment whose re-audit is clean on its topic, or begins its next round.

    Returns whether it was decided: not before as many reviews are closed as the assignment asks for, and a
    clean one not before the error could have been made on enough of its charts.
    """
    if assignment.state != TrainingState.REAUDIT:
        return False
    current = TrainingRound.objects.get(
        client_id=assignment.client_id, assignment=assignment, number=assignment.round_count
    )
    proof = proof_of(assignment, current)
    again = len({one.line.review_id for one in proof.found})
    if len(proof.closed) < assignment.reaudit_count or not (again or proof.lacking == 0):
        return False
    current.decided_at = timezone.now()
    current.result = (RoundResult.AGAIN if again else RoundResult.CLEAN).value
    current.chart_count, current.again_count = len(proof.closed), again
    current.could_show_count = proof.could_show
    current.save(update_fields=["decided_at", "result", "chart_count", "again_count", "could_show_count"])
    facts = {"round": current.number, "charts": len(proof.closed), "again": again}
    if again:
        _next_round(actor, assignment, proof.found, facts)
        return True
    assignment.state = training_step(assignment.state, TrainingVerb.FOUND_CLEAN).value
    assignment.closed_at = current.decided_at
    assignment.save(update_fields=["state", "closed_at"])
    record_event(actor=actor, verb=Verb.TRAINING_CLOSED, subject=assignment, facts=facts)
    return True


def _next_round(
    actor: Actor, assignment: TrainingAssignment, found: Sequence[FindingTopic], facts: dict[str, int]
) -> None:
    """The training once more, about what the re-audit found."""
    assignment.state = training_step(assignment.state, TrainingVerb.FOUND_AGAIN).value
    assignment.round_count += 1
    assignment.due_on = today_at(assignment.client) + timedelta(days=topic_map().numbers.due_days)
    assignment.save(update_fields=["state", "round_count", "due_on"])
    TrainingRound.objects.create(
        client_id=assignment.client_id,
        assignment=assignment,
        number=assignment.round_count,
        due_on=assignment.due_on,
    )
    TrainingFinding.objects.bulk_create(
        [
            TrainingFinding(
                client_id=assignment.client_id,
                assignment=assignment,
                line_id=one.line_id,
                round_number=assignment.round_count,
            )
            for one in found
        ]
    )
    record_event(actor=actor, verb=Verb.TRAINING_REOPENED, subject=assignment, facts=facts)


def today_at(client: Client) -> date:
    """The day it is at the client's."""
    return timezone.localdate(timezone=ZoneInfo(client.timezone))
