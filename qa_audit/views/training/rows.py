"""Rows that several pages of trainings share."""

from __future__ import annotations

from datetime import date

from coding_ops.tenancy.access import ReachedClient
from qa_audit.actions.reaudits import waiting_words
from qa_audit.models import FindingTopic, TrainingAssignment
from qa_audit.rules.lines import shown
from qa_audit.rules.review_states import LineState
from qa_audit.rules.training_states import TrainingState
from qa_audit.rules.verdict_words import verdict_words
from qa_audit.selectors.reaudits import Progress
from qa_audit.topic_tables import topic_map
from qa_audit.views.findings.words import STATES as FINDING_STATES
from qa_audit.views.findings.words import TONES as FINDING_TONES
from qa_audit.views.training import words
from qa_audit.views.training.dto import AssignmentRow, FindingRow


def base_href(slug: str) -> str:
    """The room's address."""
    return f"/c/{slug}/quality/training/"


def review_href(slug: str, review_id: object) -> str:
    """The address of a review."""
    return f"/c/{slug}/quality/reviews/{review_id}/"


def finding_row(
    client: ReachedClient,
    topic: FindingTopic,
    *,
    is_trained: bool,
    may_change: bool,
    round_number: int = 0,
) -> FindingRow:
    """A finding with its chart's visit number and no name."""
    line, base = topic.line, base_href(client.slug)
    state = LineState(line.state)
    sides = [shown(line.coder_line), shown(line.reviewer_line)]
    return FindingRow(
        href=f"{review_href(client.slug, line.review_id)}#f{line.number}",
        visit=line.review.encounter.external_id,
        verdict=verdict_words(line.verdict),
        codes=" → ".join(one or "none" for one in sides),
        coder=topic.coder.full_name,
        state=FINDING_STATES[state],
        tone=FINDING_TONES.get(state, "line"),
        given=words.time_of(topic.given_at, client.timezone),
        change_href=f"{base}findings/{line.pk}/topic/" if may_change else "",
        assign_href=(
            f"{base}assign/?line={line.pk}" if may_change and topic.settled_at and not is_trained else ""
        ),
        round=f"Round {round_number}" if round_number else "",
    )


def assignment_row(
    client: ReachedClient, one: TrainingAssignment, progress: Progress | None, today: date
) -> AssignmentRow:
    """One assignment; ``progress`` where charts or reviews are counted."""
    state = TrainingState(one.state)
    return AssignmentRow(
        href=f"{base_href(client.slug)}assignments/{one.pk}/",
        topic=topic_map().name(one.topic),
        coder=one.coder.full_name,
        state=words.STATES[state],
        tone=words.TONES.get(state, "line"),
        due=words.day(one.due_on) if state is TrainingState.ASSIGNED else "",
        due_tone=words.due_tone(one, today),
        round=str(one.round_count),
        progress=progress_words(one, progress or Progress()),
    )


def progress_words(one: TrainingAssignment, progress: Progress) -> str:
    """What is awaited, counted: ``3 of 10 charts final since completion.``"""
    if one.state == TrainingState.WAITING:
        return waiting_words(min(progress.final, one.reaudit_count), one.reaudit_count)
    if one.state == TrainingState.REAUDIT:
        asked = max(progress.asked, one.reaudit_count)
        return f"{progress.closed} of {words.plural(asked, 'review')} closed."
    return one.end_reason
