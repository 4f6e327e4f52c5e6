"""Findings: what the reviewer says of a line, what the coder answers, what a third person decides."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from qa_audit.access import DECIDERS, LEADERS
from qa_audit.actions.reviews import close_if_settled, locked_review, mine
from qa_audit.models import AuditLine, LineStep, Review
from qa_audit.models.reviews import Cause, CitationKind, Direction, Severity
from qa_audit.rules.audit_lines import Verdict
from qa_audit.rules.exchange import FOR_WHO_LEFT, Part, last_day, may_say
from qa_audit.rules.review_states import LineVerb, ReviewState, line_step
from qa_audit.score_command import taxonomy

PROCESS_VERDICTS = ("QM", "EV", "OB")
LEAST_WORDS = 10
MOST_WORDS, MOST_CITATION = 500, 300


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the reviewer says of a finding."""

    cause: str
    severity: str
    direction: str
    citation_kind: str
    citation: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said in an exchange about a finding; a rebuttal cites something."""

    words: str = ""
    citation_kind: str = ""
    citation: str = ""


@transaction.atomic
def judge_line(*, actor: Actor, review: Review, line_id: uuid.UUID, judgement: Judgement) -> AuditLine:
    """Cause, severity, direction and citation of a finding.

    Raises:
        InvalidInput: a value that is not of its list, or no citation.
        Conflict: the findings were delivered.
    """
    locked = mine(actor, review)
    if locked.state != ReviewState.COMPARING:
        raise Conflict("Findings are judged while the codes are compared.", code="review.state")
    line = locked_line(locked, line_id)
    for value, kind, name in (
        (judgement.cause, Cause, "cause"),
        (judgement.severity, Severity, "severity"),
        (judgement.direction, Direction, "direction"),
        (judgement.citation_kind, CitationKind, "citation_kind"),
    ):
        if value not in kind.values:
            raise InvalidInput(
                f"Choose the {name} from the list.", code=f"finding.{name}", details={"path": name}
            )
    if not judgement.citation.strip():
        raise InvalidInput(
            "Name the section that says so.", code="finding.citation", details={"path": "citation"}
        )
    line.cause, line.severity, line.direction = judgement.cause, judgement.severity, judgement.direction
    line.citation_kind, line.citation = judgement.citation_kind, judgement.citation.strip()
    line.note = judgement.note.strip()
    line.save(update_fields=["cause", "severity", "direction", "citation_kind", "citation", "note"])
    record_event(
        actor=actor,
        verb=Verb.FINDING_JUDGED,
        subject=locked,
        facts={"line": line.number, "verdict": line.verdict, "cause": line.cause},
    )
    return line


@transaction.atomic
def add_process_line(*, actor: Actor, review: Review, line_id: uuid.UUID, verdict: str) -> AuditLine:
    """A process finding beside a line that agrees: query missed, evidence wrong, observation.

    Raises:
        InvalidInput: the verdict is none of these.
    """
    locked = mine(actor, review)
    if locked.state != ReviewState.COMPARING:
        raise Conflict("Findings are added while the codes are compared.", code="review.state")
    if verdict not in PROCESS_VERDICTS:
        raise InvalidInput(f"Choose one of {', '.join(PROCESS_VERDICTS)}.", code="finding.verdict")
    beside = locked_line(locked, line_id)
    newest = AuditLine.objects.filter(client_id=locked.client_id, review=locked).aggregate(n=Max("number"))
    line: AuditLine = AuditLine.objects.create(
        client_id=locked.client_id,
        review=locked,
        number=(newest["n"] or 0) + 1,
        coder_line=beside.coder_line,
        reviewer_line=beside.reviewer_line,
        verdict=verdict,
        weight=taxonomy().weights[Verdict(verdict)],
        is_process=True,
    )
    record_event(
        actor=actor,
        verb=Verb.FINDING_JUDGED,
        subject=locked,
        facts={"line": line.number, "verdict": verdict},
    )
    return line


@transaction.atomic
def remove_process_line(*, actor: Actor, review: Review, line_id: uuid.UUID) -> None:
    """Takes back a finding about the work, before delivery.  A pair of codes leaves by changing the codes.

    Raises:
        Refused: the line is a pair of codes.
        Conflict: the findings were delivered.
    """
    locked = mine(actor, review)
    if locked.state != ReviewState.COMPARING:
        raise Conflict("Findings are removed while the codes are compared.", code="review.state")
    line = locked_line(locked, line_id)
    if not line.is_process:
        raise Refused("This line comes from the codes: change a code instead.", code="finding.derived")
    number, verdict = line.number, line.verdict
    line.delete()
    record_event(
        actor=actor,
        verb=Verb.FINDING_JUDGED,
        subject=locked,
        facts={"line": number, "verdict": verdict, "removed": True},
    )


@transaction.atomic
def answer_line(
    *, actor: Actor, review: Review, line_id: uuid.UUID, verb: LineVerb, answer: Answer
) -> AuditLine:
    """One step of the exchange about a delivered finding.

    The coder accepts, rebuts, and escalates; the reviewer upholds or withdraws; a third person, neither of
    the two, confirms or overturns.  An upheld finding gives the coder as many days again.

    Raises:
        NotAllowed: it is not this person's turn.
        Refused: a rebuttal without words or citation, or after its last day.
        Conflict: the finding does not stand where this can be done.
    """
    locked = locked_review(review)
    require_answering(locked)
    if verb in FOR_WHO_LEFT or not may_say(part_of(actor, locked), verb):
        raise NotAllowed("It is not your turn on this finding.", code="finding.turn")
    line = locked_line(locked, line_id)
    line_step(line.state, verb)
    _require_words(locked, line, verb, answer)
    if verb is LineVerb.UPHOLD:
        line.answer_by = today_at(locked.client) + timedelta(days=locked.rebuttal_days)
    keep_step(locked, line, verb, answer, said_by_id=actor.person_id)
    record_event(
        actor=actor,
        verb=Verb.FINDING_ANSWERED,
        subject=locked,
        facts={"line": line.number, "verdict": line.verdict, "step": verb.value},
    )
    close_if_settled(actor=actor, review=locked)
    return line


def part_of(actor: Actor, review: Review) -> Part:
    """What this person is to a review."""
    return Part(
        is_coder=actor.user_id == review.coder_id,
        is_reviewer=review.reviewer_id is not None and actor.user_id == review.reviewer_id,
        may_decide=actor.role in DECIDERS,
        may_settle=actor.role in LEADERS,
    )


def today_at(client: Client) -> date:
    """The day it is at the client's: last days are the client's days."""
    return timezone.localdate(timezone=ZoneInfo(client.timezone))


def require_answering(review: Review) -> None:
    """Findings are answered between their delivery and the review's end.

    Raises:
        Conflict: they are not.
    """
    if review.state != ReviewState.ANSWERING:
        raise Conflict("The findings are not open for answers.", code="review.state")


def keep_step(
    review: Review, line: AuditLine, verb: LineVerb, answer: Answer, *, said_by_id: int | None
) -> None:
    """The finding moved on, and what was said kept; the caller holds the review's row.

    Raises:
        Conflict: the finding does not stand where this can be done.
    """
    line.state = line_step(line.state, verb).value
    line.save(update_fields=["state", "answer_by"])
    newest = LineStep.objects.filter(client_id=review.client_id, line=line).aggregate(n=Max("number"))
    LineStep.objects.create(
        client_id=review.client_id,
        line=line,
        number=(newest["n"] or 0) + 1,
        verb=verb.value,
        words=answer.words.strip(),
        citation_kind=answer.citation_kind,
        citation=answer.citation.strip(),
        said_by_id=said_by_id,
        said_at=timezone.now(),
    )


def _require_words(review: Review, line: AuditLine, verb: LineVerb, answer: Answer) -> None:
    if verb is LineVerb.ACCEPT:
        return
    day = last_day(line.answer_by, review.respond_by)
    if verb in (LineVerb.REBUT, LineVerb.ESCALATE) and day is not None and today_at(review.client) > day:
        raise Refused(
            f"The last day for an answer was {day:%m/%d/%Y}; ask a manager for more days.",
            code="finding.late",
        )
    if len(answer.words.strip()) < LEAST_WORDS:
        raise Refused("Say why, in a sentence.", code="finding.words", details={"path": "words"})
    if len(answer.words.strip()) > MOST_WORDS or len(answer.citation.strip()) > MOST_CITATION:
        raise InvalidInput(
            f"At most {MOST_WORDS} characters, and {MOST_CITATION} for the citation.",
            code="finding.too_long",
            details={"path": "words"},
        )
    if verb is LineVerb.REBUT and (
        answer.citation_kind not in CitationKind.values or not answer.citation.strip()
    ):
        raise Refused(
            "A rebuttal cites a guideline, Coding Clinic or rule.",
            code="finding.citation",
            details={"path": "citation"},
        )
    if answer.citation_kind and answer.citation_kind not in CitationKind.values:
        raise InvalidInput(
            "Choose the citation from the list.",
            code="finding.citation_kind",
            details={"path": "citation_kind"},
        )


def locked_line(review: Review, line_id: uuid.UUID) -> AuditLine:
    """A line of the worksheet, held until the transaction ends.

    Raises:
        NotFound: not of this review.
    """
    line: AuditLine | None = (
        AuditLine.objects.select_for_update()
        .filter(client_id=review.client_id, review=review, pk=line_id)
        .first()
    )
    if line is None:
        raise NotFound
    return line
