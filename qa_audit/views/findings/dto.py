"""What the lists of findings are given: prepared strings."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter that is a link."""

    label: str
    href: str
    selected: bool


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding of a list.  Visit numbers and no names: the list needs no read record."""

    href: str
    visit: str
    client: str
    verdict: str
    codes: str
    cause: str
    state: str
    tone: str
    due: str
    due_tone: str
    coder: str
    reviewer: str


@dataclass(frozen=True, slots=True)
class FindingList:
    """``/c/<client>/quality/findings/`` and ``/work/findings/``."""

    heading: str
    lead: str
    summary: str
    href: str
    turns: tuple[Chip, ...]
    rows: tuple[FindingRow, ...]
    empty_words: str
    turn: str = ""
    states: tuple[Choice, ...] = ()
    verdicts: tuple[Choice, ...] = ()
    causes: tuple[Choice, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    """Filters of a link that the form carries along, e.g. one coder's."""
    show_client: bool = False
    shows_coder: bool = False
    shows_reviewer: bool = True
    reviewers_href: str = ""
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class OverturnRow:
    """One reviewer's findings of the period; empty rate and interval where there is nothing to rate."""

    name: str
    href: str
    settled: str
    overturned: str
    withdrawn: str
    rate: str
    interval: str
    verdict: str
    tone: str


@dataclass(frozen=True, slots=True)
class OverturnPage:
    """``/c/<client>/quality/findings/reviewers/``"""

    heading: str
    lead: str
    spans: tuple[Chip, ...]
    rows: tuple[OverturnRow, ...]
    footnote: str
