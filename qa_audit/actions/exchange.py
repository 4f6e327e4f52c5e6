"""What keeps an exchange moving: last days pass or are moved, and who has left is answered for."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from qa_audit.access import LEADERS
from qa_audit.actions.findings import (
    LEAST_WORDS,
    MOST_CITATION,
    Answer,
    keep_step,
    locked_line,
    part_of,
    require_answering,
    today_at,
)
from qa_audit.actions.reviews import close_if_settled, locked_review
from qa_audit.models import AuditLine, Review
from qa_audit.rules.exchange import FOR_WHO_LEFT, last_day, may_say
from qa_audit.rules.plan_terms import MOST_DAYS
from qa_audit.rules.review_states import CODERS_TURN, LineState, LineVerb, ReviewState
from qa_audit.selectors.findings import has_left

SILENT = Answer()


@transaction.atomic
def lapse_answers(*, actor: Actor, client: Client) -> int:
    """Lets stand every finding whose last day for the coder's answer has passed; returns how many.

    A finding that waits for the reviewer or a third person never lapses: the coder has done their part.
    Run again it finds nothing more, so the schedule may run it as often as it likes.
    """
    today = today_at(client)
    due = (
        AuditLine.objects.filter(
            client_id=client.pk,
            review__state=ReviewState.ANSWERING,
            state__in=[state.value for state in CODERS_TURN],
        )
        .annotate(due=Coalesce(F("answer_by"), F("review__respond_by")))
        .filter(due__lt=today)
        .order_by("review_id")
        .values_list("review_id", flat=True)
        .distinct()
    )
    return sum(_lapse(actor, client, review_id, today) for review_id in list(due))


def _lapse(actor: Actor, client: Client, review_id: uuid.UUID, today: date) -> int:
    review = locked_review(Review(client_id=client.pk, pk=review_id))
    if review.state != ReviewState.ANSWERING:
        return 0
    lines = AuditLine.objects.select_for_update().filter(
        client_id=client.pk, review=review, state__in=[state.value for state in CODERS_TURN]
    )
    gone = [
        line
        for line in lines
        if (day := last_day(line.answer_by, review.respond_by)) is not None and day < today
    ]
    for line in gone:
        keep_step(review, line, LineVerb.LAPSE, SILENT, said_by_id=None)
    if gone:
        record_event(
            actor=actor,
            verb=Verb.FINDING_LAPSED,
            subject=review,
            facts={"lines": [line.number for line in gone]},
        )
        close_if_settled(actor=actor, review=review)
    return len(gone)


@transaction.atomic
def extend_answers(*, actor: Actor, review: Review, until: date, reason: str) -> Review:
    """Moves the coder's last day on the findings of a review that still wait for them.

    Raises:
        NotAllowed: not a manager.
        InvalidInput: the day is not later than the one that stands, or too far away.
        Refused: no reason, or nothing of this review waits for the coder.
    """
    if actor.role not in LEADERS:
        raise NotAllowed("Only a manager moves the last day.", code="finding.role")
    locked = locked_review(review)
    require_answering(locked)
    _require_reason(reason)
    lines = list(
        AuditLine.objects.select_for_update().filter(
            client_id=locked.client_id, review=locked, state__in=[state.value for state in CODERS_TURN]
        )
    )
    if not lines:
        raise Refused("Nothing of this review waits for the coder.", code="finding.nothing_waits")
    days = [day for line in lines if (day := last_day(line.answer_by, locked.respond_by)) is not None]
    today = today_at(locked.client)
    before = max(days, default=today)
    if not max(before, today - timedelta(days=1)) < until <= today + timedelta(days=MOST_DAYS):
        raise InvalidInput(
            f"Choose a day after {before:%m/%d/%Y}, at most {MOST_DAYS} days from today.",
            code="finding.until",
            details={"path": "until"},
        )
    if any(line.state == LineState.OPEN for line in lines):
        locked.respond_by = until
        locked.save(update_fields=["respond_by"])
    for line in lines:
        if line.state == LineState.UPHELD:
            line.answer_by = until
            line.save(update_fields=["answer_by"])
    record_event(
        actor=actor,
        verb=Verb.FINDING_EXTENDED,
        subject=locked,
        reason=reason.strip(),
        facts={"until": until.isoformat(), "before": before.isoformat()},
    )
    return locked


@transaction.atomic
def settle_for_absent(
    *, actor: Actor, review: Review, line_id: uuid.UUID, verb: LineVerb, reason: str
) -> AuditLine:
    """A manager decides a finding for somebody who has left: it stands (settle) or falls (dismiss).

    Raises:
        NotAllowed: not a manager, or the manager coded or reviewed the chart.
        Refused: who is awaited still works here, or no reason.
        Conflict: the finding does not stand where this can be done.
    """
    locked = locked_review(review)
    require_answering(locked)
    if verb not in FOR_WHO_LEFT or not may_say(part_of(actor, locked), verb):
        raise NotAllowed("A manager who is neither coder nor reviewer decides this.", code="finding.role")
    line = locked_line(locked, line_id)
    _require_reason(reason)
    if not has_left(locked, line):
        raise Refused(
            "Who is awaited still works here: they answer, or their last day passes.", code="finding.present"
        )
    keep_step(locked, line, verb, Answer(reason), said_by_id=actor.person_id)
    record_event(
        actor=actor,
        verb=Verb.FINDING_SETTLED,
        subject=locked,
        reason=reason.strip(),
        facts={"line": line.number, "verdict": line.verdict, "step": verb.value},
    )
    close_if_settled(actor=actor, review=locked)
    return line


def _require_reason(reason: str) -> None:
    if not LEAST_WORDS <= len(reason.strip()) <= MOST_CITATION:
        raise Refused(
            f"Say why, in {LEAST_WORDS} to {MOST_CITATION} characters.",
            code="finding.words",
            details={"path": "words"},
        )
