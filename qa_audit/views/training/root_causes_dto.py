"""What the pages of root causes are given: prepared strings."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice
from qa_audit.views.training.dto import FindingRow


@dataclass(frozen=True, slots=True)
class CauseRow:
    """One analysis of the list."""

    href: str
    topic: str
    problem: str
    findings: str
    owner: str
    due: str
    due_tone: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A topic whose findings ask for their cause."""

    topic: str
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class CauseList:
    """``/c/<client>/quality/training/causes/``."""

    topics_href: str
    rule: str
    asked: tuple[Asked, ...]
    rows: tuple[CauseRow, ...]
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class CauseForm:
    """What can be filled in; ``whys`` always five."""

    href: str
    topic: str
    problem: str
    whys: tuple[str, ...]
    remedy: str
    owners: tuple[Choice, ...]
    due_on: str
    version: str
    button: str


@dataclass(frozen=True, slots=True)
class CausePage:
    """One analysis: open with its form, closed as it was written."""

    heading: str
    list_href: str
    topic_href: str
    state: str
    tone: str
    lead: str
    form: CauseForm | None
    close_href: str
    evidence: str
    facts: tuple[tuple[str, str], ...]
    whys: tuple[str, ...]
    findings: tuple[FindingRow, ...]
    not_shown: str
