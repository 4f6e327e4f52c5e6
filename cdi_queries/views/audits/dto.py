"""What the templates of query audits are given: prepared strings, no model, no query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdi_queries.views.life.trail_dto import AsSent, GivenAnswer, LintRow
from coding_ops.web.choices import Choice
from encounters.views.dto import Banner


@dataclass(frozen=True, slots=True)
class Score:
    """``91.2%`` with interval and n; ``9 of 10`` below the minimum n; a dash for nothing."""

    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One audit in the list."""

    href: str
    period: str
    author: str
    drawn: str
    by: str
    finished: str
    score: Score


@dataclass(frozen=True, slots=True)
class AuthorRow:
    """One author, by name."""

    href: str
    name: str
    finished: str
    score: Score


@dataclass(frozen=True, slots=True)
class AuditList:
    """``…/queries/audits/``; authors are told to who leads them only."""

    rows: tuple[AuditRow, ...]
    authors: tuple[AuthorRow, ...]
    new_href: str
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class DrawForm:
    """The form of a new audit with what was typed."""

    href: str
    back_href: str
    first: str
    last: str
    count: str
    seed: str
    authors: tuple[Choice, ...]
    edition: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """How one question was answered over the finished queries."""

    number: int
    title: str
    met: str
    training: str
    not_applicable: str
    score: Score


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One drawn query; without a ``href`` it is not this person's to open."""

    href: str
    number: int
    visit: str
    sent: str
    author: str
    about: str
    auditor: str
    state: str
    tone: str
    score: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One audit: how it was drawn, how far it is, what it says."""

    heading: str
    lead: str
    score: Score
    facts: tuple[tuple[str, str], ...]
    repeats: bool
    questions: tuple[QuestionRow, ...]
    rows: tuple[DrawnRow, ...]
    back_href: str
    csv_href: str
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class QuestionField:
    """One question of the form: its three verdicts, its note, and what the machine said of the same thing."""

    key: str
    number: int
    title: str
    words: str
    choices: tuple[Choice, ...]
    note: str
    lint: str
    answered: str = ""


@dataclass(frozen=True, slots=True)
class AuditedPage:
    """One drawn query beside its ten questions.

    Attributes:
        may_judge: the form is shown; otherwise the answers, and ``closed`` says why.
        can_reopen: the person may open the finished audit again.
    """

    href: str
    back_href: str
    next_href: str
    heading: str
    lead: str
    banner: Banner
    trail_href: str
    facts: tuple[tuple[str, str], ...]
    question: AsSent
    answer: GivenAnswer | None
    lint_words: str
    lint: tuple[LintRow, ...]
    fields: tuple[QuestionField, ...]
    summary: str
    score: str
    closed: str
    may_judge: bool
    can_reopen: bool
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuthorPage:
    """The results of one author, for themselves and for who leads them."""

    heading: str
    lead: str
    score: Score
    questions: tuple[QuestionRow, ...]
    rows: tuple[DrawnRow, ...]
    back_href: str
    previous_page_href: str = ""
    next_page_href: str = ""
