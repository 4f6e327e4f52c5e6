"""Findings of a topic, delivered and settled, and re-audits of them, in a few lines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from encounters.models import Encounter
from qa_audit.actions.codes import CodeWords, change_code
from qa_audit.actions.findings import Answer, Judgement, answer_line, judge_line
from qa_audit.actions.reviews import ask_review, deliver, take_review
from qa_audit.actions.training import NewTraining, assign_training
from qa_audit.models import AuditLine, Review, ReviewCode, ReviewOrigin, TrainingAssignment
from qa_audit.rules.plan_terms import Mode, PlanTerms
from qa_audit.rules.review_states import LineVerb
from tests import cast
from tests.qa_audit.scene import Team

WRONG_STAGE = Judgement("guideline_knowledge", "major", "neutral", "guideline", "I.C.14.a.1")


def in_days(days: int) -> date:
    return cast.today() + timedelta(days=days)


def under_review(crew: Team, chart: Encounter) -> Review:
    """An open review of a chart, taken."""
    review = ask_review(
        actor=crew.actor(crew.manager),
        encounter=chart,
        terms=PlanTerms(mode=Mode.OPEN),
        origin=ReviewOrigin.FOCUSED,
        reason="Asked for in a test.",
    )
    return take_review(actor=crew.actor(crew.reviewer), review=review)


def wrong_stage(crew: Team, review: Review, judgement: Judgement = WRONG_STAGE) -> AuditLine:
    """The finding that the stage of the kidney disease is wrong, judged and not delivered."""
    reviewer = crew.actor(crew.reviewer)
    row = ReviewCode.objects.get(review=review, code="N1831")
    change_code(actor=reviewer, review=review, code_id=row.pk, entry=CodeWords("ICD-10-CM", "N1832"))
    line = AuditLine.objects.get(review=review, verdict="WS")
    return judge_line(actor=reviewer, review=review, line_id=line.pk, judgement=judgement)


def delivered_finding(crew: Team, chart: Encounter, judgement: Judgement = WRONG_STAGE) -> AuditLine:
    """A finding that awaits the coder's answer."""
    review = under_review(crew, chart)
    line = wrong_stage(crew, review, judgement)
    deliver(actor=crew.actor(crew.reviewer), review=review)
    line.refresh_from_db()
    return line


def settled_finding(crew: Team, chart: Encounter) -> AuditLine:
    """A finding the coder accepted; its review is closed."""
    line = delivered_finding(crew, chart)
    accept(crew, line)
    return line


def accept(crew: Team, line: AuditLine) -> None:
    answer_line(
        actor=crew.actor(crew.coder),
        review=line.review,
        line_id=line.pk,
        verb=LineVerb.ACCEPT,
        answer=Answer(),
    )
    line.refresh_from_db()


def assigned(crew: Team, **changes: Any) -> TrainingAssignment:
    """Kidney disease for the crew's coder, two charts afterwards."""
    given: dict[str, Any] = {
        "topic": "kidney",
        "coder_id": crew.coder.pk,
        "reason": "Stages of kidney disease",
        "material": "Guideline I.C.14.a, with the stages by eGFR",
        "due_on": in_days(14),
        "reaudit_count": 2,
        **changes,
    }
    line_id = given.pop("line_id", None)
    return assign_training(
        actor=crew.actor(crew.reviewer),
        client=crew.place.client,
        training=NewTraining(**given),
        line_id=line_id,
    )


def review_of_reaudit(crew: Team, review: Review, *, is_wrong: bool) -> Review:
    """Takes an open re-audit's review and delivers it; a finding in it is accepted by the coder."""
    Review.objects.filter(pk=review.pk).update(mode=Mode.OPEN.value)
    taken = take_review(actor=crew.actor(crew.reviewer), review=review)
    line = wrong_stage(crew, taken) if is_wrong else None
    done = deliver(actor=crew.actor(crew.reviewer), review=taken)
    if line is not None:
        accept(crew, line)
        done.refresh_from_db()
    return done
