"""What the pages of trainings are given: prepared strings."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class Rate:
    """How often an error came back: ``2 of 7``, ``28.6%``, ``8.2 to 64.1%``, and what can be said of it."""

    counted: str
    rate: str = ""
    interval: str = ""
    words: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic of the list."""

    href: str
    name: str
    findings: str
    coders: str
    open_count: str
    open_href: str
    rounds: Rate
    charts: Rate
    cause: str
    cause_href: str
    cause_tone: str


@dataclass(frozen=True, slots=True)
class TopicList:
    """``/c/<client>/quality/training/``."""

    summary: str
    rows: tuple[TopicRow, ...]
    chips: tuple[Choice, ...]
    empty_words: str
    notes: tuple[str, ...]
    assignments_href: str
    causes_href: str
    assign_href: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding of a topic."""

    href: str
    visit: str
    verdict: str
    codes: str
    coder: str
    state: str
    tone: str
    given: str
    change_href: str
    assign_href: str
    round: str = ""


@dataclass(frozen=True, slots=True)
class TopicPage:
    """One topic: its recurrence, its findings, who works on it."""

    heading: str
    list_href: str
    assign_href: str
    figures: tuple[tuple[str, Rate], ...]
    cause: str
    cause_href: str
    trainings: tuple[AssignmentRow, ...]
    findings: tuple[FindingRow, ...]
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """One assignment of a list."""

    href: str
    topic: str
    coder: str
    state: str
    tone: str
    due: str
    due_tone: str
    round: str
    progress: str


@dataclass(frozen=True, slots=True)
class AssignmentList:
    """Assignments of a client, or a coder's own."""

    heading: str
    lead: str
    summary: str
    href: str
    rows: tuple[AssignmentRow, ...]
    chips: tuple[Choice, ...]
    show: str
    topics: tuple[Choice, ...]
    coders: tuple[Choice, ...]
    empty_words: str
    topics_href: str = ""
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One review of a re-audit; without an address while it is not delivered, so that it stays blind."""

    name: str
    href: str
    state: str
    tone: str
    found: str


@dataclass(frozen=True, slots=True)
class RoundView:
    """One time through the training."""

    heading: str
    facts: tuple[tuple[str, str], ...]
    draws: tuple[str, ...]
    reviews: tuple[ReviewRow, ...]
    not_shown: str


@dataclass(frozen=True, slots=True)
class AssignmentPage:
    """``/c/<client>/quality/training/assignments/<assignment>/``."""

    heading: str
    href: str
    list_href: str
    state: str
    tone: str
    standing: str
    facts: tuple[tuple[str, str], ...]
    material: str
    material_href: str
    rounds: tuple[RoundView, ...]
    findings: tuple[FindingRow, ...]
    may_complete: bool
    may_ask: bool
    may_end: bool
    topic_href: str


@dataclass(frozen=True, slots=True)
class AssignForm:
    """The form of a new assignment."""

    href: str
    list_href: str
    line: str
    about: str
    topics: tuple[Choice, ...]
    coders: tuple[Choice, ...]
    reason: str
    material: str
    due_on: str
    reaudit_count: str
    most_charts: str


@dataclass(frozen=True, slots=True)
class TopicChange:
    """The form of another topic for a finding."""

    href: str
    back_href: str
    about: str
    given: str
    topics: tuple[Choice, ...]
