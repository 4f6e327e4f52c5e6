"""Findings: what the reviewer says of a line, what the coder answers, what a third person decides."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from qa_audit.access import DECIDERS
from qa_audit.actions.reviews import close_if_settled, locked_review, mine
from qa_audit.models import AuditLine, LineStep, Review
from qa_audit.models.reviews import Cause, CitationKind, Direction, Severity
from qa_audit.rules.audit_lines import Verdict
from qa_audit.rules.review_states import LineVerb, ReviewState, line_step
from qa_audit.score_command import taxonomy

PROCESS_VERDICTS = ("QM", "EV", "OB")
LEAST_WORDS = 10


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
    line = _line(locked, line_id)
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
    beside = _line(locked, line_id)
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
def answer_line(
    *, actor: Actor, review: Review, line_id: uuid.UUID, verb: LineVerb, answer: Answer
) -> AuditLine:
    """One step of the exchange about a delivered finding.

    The coder accepts, rebuts, and escalates; the reviewer upholds or withdraws; a third person, neither of
    the two, confirms or overturns.

    Raises:
        NotAllowed: it is not this person's turn.
        Refused: a rebuttal without words or citation, or after its last day.
        Conflict: the finding does not stand where this can be done.
    """
    locked = locked_review(review)
    _require_turn(actor, locked, verb)
    line = _line(locked, line_id)
    after = line_step(line.state, verb)
    _require_words(locked, verb, answer)
    line.state = after.value
    line.save(update_fields=["state"])
    newest = LineStep.objects.filter(client_id=locked.client_id, line=line).aggregate(n=Max("number"))
    LineStep.objects.create(
        client_id=locked.client_id,
        line=line,
        number=(newest["n"] or 0) + 1,
        verb=verb.value,
        words=answer.words.strip(),
        citation_kind=answer.citation_kind,
        citation=answer.citation.strip(),
        said_by_id=actor.person_id,
        said_at=timezone.now(),
    )
    record_event(
        actor=actor,
        verb=Verb.FINDING_ANSWERED,
        subject=locked,
        facts={"line": line.number, "verdict": line.verdict, "step": verb.value},
    )
    close_if_settled(actor=actor, review=locked)
    return line


def _require_turn(actor: Actor, review: Review, verb: LineVerb) -> None:
    if review.state != ReviewState.ANSWERING:
        raise Conflict("The findings are not open for answers.", code="review.state")
    person = actor.person_id
    if verb in (LineVerb.ACCEPT, LineVerb.REBUT, LineVerb.ESCALATE):
        allowed = person == review.coder_id
    elif verb in (LineVerb.UPHOLD, LineVerb.WITHDRAW):
        allowed = person == review.reviewer_id
    elif verb in (LineVerb.CONFIRM, LineVerb.OVERTURN):
        allowed = actor.role in DECIDERS and person not in (review.coder_id, review.reviewer_id)
    else:
        allowed = False
    if not allowed:
        raise NotAllowed("It is not your turn on this finding.", code="finding.turn")


def _require_words(review: Review, verb: LineVerb, answer: Answer) -> None:
    if verb is LineVerb.ACCEPT:
        return
    if len(answer.words.strip()) < LEAST_WORDS:
        raise Refused("Say why, in a sentence.", code="finding.words")
    if verb is LineVerb.REBUT:
        if answer.citation_kind not in CitationKind.values or not answer.citation.strip():
            raise Refused("A rebuttal cites a guideline, Coding Clinic or rule.", code="finding.citation")
        if review.respond_by is not None and timezone.localdate() > review.respond_by:
            raise Refused(
                f"The last day for a rebuttal was {review.respond_by:%m/%d/%Y}; ask a manager.",
                code="finding.late",
            )


def _line(review: Review, line_id: uuid.UUID) -> AuditLine:
    line: AuditLine | None = (
        AuditLine.objects.select_for_update()
        .filter(client_id=review.client_id, review=review, pk=line_id)
        .first()
    )
    if line is None:
        raise NotFound
    return line
