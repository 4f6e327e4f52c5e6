"""One finding of a delivered review as its page draws it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import CLIENT_ROLES
from coding_ops.web.choices import Choice
from coding_ops.web.client_pages import moment
from qa_audit.models import AuditLine, LineStep, Review
from qa_audit.models.reviews import Cause, CitationKind, Direction, Severity
from qa_audit.rules.exchange import Part, Turn, last_day, open_verbs, turn_of
from qa_audit.rules.review_states import LineState, LineVerb, ReviewState
from qa_audit.score_command import taxonomy
from qa_audit.views.findings import words
from qa_audit.views.findings.exchange_dto import ActView, FindingView, Sent, StepView
from qa_audit.views.reviews.sheet_dto import SheetLine


@dataclass(frozen=True, slots=True)
class Act:
    """How one verb is offered."""

    label: str
    key: str = ""
    help: str = ""
    needs_words: bool = True
    needs_citation: bool = False


ACTS = {
    LineVerb.ACCEPT: Act("Accept", "y", needs_words=False),
    LineVerb.REBUT: Act("Rebut", "b", "Say why the codes were right, and cite what says so.", True, True),
    LineVerb.ESCALATE: Act("Ask a third person", "b", "Say what the reviewer did not take up."),
    LineVerb.UPHOLD: Act("Uphold", "y", "Answer the rebuttal: why the finding stands."),
    LineVerb.WITHDRAW: Act("Withdraw", "b", "Say what convinced you. The coder's line then stands."),
    LineVerb.CONFIRM: Act("Confirm the finding", "y", "Your decision ends the exchange. Say why."),
    LineVerb.OVERTURN: Act(
        "Overturn the finding", "b", "The coder's line then stands, and it counts against the reviewer."
    ),
    LineVerb.SETTLE: Act("Let it stand", help="Who is awaited has left. Say why the finding stands."),
    LineVerb.DISMISS: Act("Let it fall", help="Who is awaited has left. Say why the finding falls."),
}


@dataclass(frozen=True, slots=True)
class People:
    """Who did what, as this person may know it: a client's people are told no names of the vendor's."""

    review: Review
    are_named: bool

    def name(self, user: User | None) -> str:
        """The person's name, or what they are to the review."""
        if user is None:
            return ""
        own = self.review.is_client_run and user.pk == self.review.reviewer_id
        if self.are_named or own:
            return str(user.full_name)
        return {
            self.review.coder_id: "The coder",
            self.review.reviewer_id: "The reviewer",
        }.get(user.pk, "A third person")


def people_of(review: Review, role: str) -> People:
    """Names for who reads with this role."""
    return People(review, are_named=role not in CLIENT_ROLES)


@dataclass(frozen=True, slots=True)
class Beside:
    """What every finding of a page needs."""

    findings_href: str
    zone: str
    today: date
    review: Review
    part: Part
    people: People
    standing: frozenset[int]


def finding_view(beside: Beside, line: AuditLine, drawn: SheetLine, sent: Sent) -> FindingView:
    """One finding; ``drawn`` is the same line with both sides' words."""
    is_charged = line.cause not in taxonomy().not_charged
    return FindingView(
        line=drawn,
        href=f"{beside.findings_href}{line.pk}/answer/",
        verdict=words.verdict(line.verdict),
        state=words.STATES[LineState(line.state)],
        tone=words.TONES.get(LineState(line.state), ""),
        awaited=_awaited(beside, line),
        facts=_facts(line),
        charged="" if is_charged else words.NOT_CHARGED,
        steps=tuple(_step(beside, step) for step in line.steps.all()),
        acts=tuple(_acts(beside, line, sent)),
    )


def _facts(line: AuditLine) -> tuple[tuple[str, str], ...]:
    """Cause, severity, direction, weight and what is cited."""
    cited = f"{CitationKind(line.citation_kind).label}: {line.citation}" if line.citation_kind else ""
    facts = (
        ("Cites", cited),
        ("Cause", str(Cause(line.cause).label) if line.cause else ""),
        ("Severity", str(Severity(line.severity).label) if line.severity else ""),
        ("Payment", str(Direction(line.direction).label) if line.direction else ""),
        ("Weight", f"{line.weight.normalize():f}"),
    )
    return tuple((label, value) for label, value in facts if value)


def _awaited(beside: Beside, line: AuditLine) -> str:
    """Who answers next and until when, or that who is awaited has left."""
    turn = turn_of(line.state)
    if beside.review.state != ReviewState.ANSWERING or turn is Turn.NOBODY:
        return ""
    if _has_left(beside, turn):
        return "Who is awaited no longer works here: a manager decides"
    day = last_day(line.answer_by, beside.review.respond_by)
    if turn is Turn.CODER and day is not None:
        late = " (passed)" if day < beside.today else ""
        return f"Answer until {day:%m/%d/%Y}{late}; then it stands"
    return ""


def _has_left(beside: Beside, turn: Turn) -> bool:
    awaited = {Turn.CODER: beside.review.coder_id, Turn.REVIEWER: beside.review.reviewer_id}.get(turn)
    return awaited is not None and awaited not in beside.standing


def _acts(beside: Beside, line: AuditLine, sent: Sent) -> Iterator[ActView]:
    if beside.review.state != ReviewState.ANSWERING:
        return
    day = last_day(line.answer_by, beside.review.respond_by)
    verbs = open_verbs(
        line.state,
        beside.part,
        has_left=_has_left(beside, turn_of(line.state)),
        is_late=day is not None and day < beside.today,
    )
    for verb in verbs:
        act = ACTS[verb]
        refused = sent.form == f"{line.pk}:{verb.value}"
        values = sent.values if refused else {}
        yield ActView(
            verb=verb.value,
            label=act.label,
            key=act.key,
            help=act.help,
            needs_words=act.needs_words,
            needs_citation=act.needs_citation,
            is_open=refused,
            kinds=tuple(
                Choice(kind.value, str(kind.label), kind.value == values.get("citation_kind"))
                for kind in CitationKind
            )
            if act.needs_citation
            else (),
            errors=sent.errors if refused else {},
            values=values,
        )


def _step(beside: Beside, step: LineStep) -> StepView:
    cited = f"{CitationKind(step.citation_kind).label}: {step.citation}" if step.citation_kind else ""
    return StepView(
        who=beside.people.name(step.said_by),
        what=words.STEPS[LineVerb(step.verb)],
        at=moment(step.said_at, beside.zone),
        words=step.words,
        citation=cited,
    )
