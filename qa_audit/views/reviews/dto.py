"""What the pages around a review are given: the queue, the list, and where a review stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class InHand:
    """A review that its reviewer has begun, or whose rebuttals wait for them."""

    href: str
    visit: str
    client: str
    state: str
    mode: str
    since: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """What waits at one client; ``prebill`` of them hold their chart's release."""

    slug: str
    name: str
    href: str
    waiting: str
    prebill: str
    oldest: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """``/work/reviews/``"""

    summary: str
    mine: tuple[InHand, ...]
    answers: tuple[InHand, ...]
    waiting: tuple[WaitingRow, ...]
    can_take: bool


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One review of a list.  Names are empty to who may not see them."""

    href: str
    visit: str
    specialty: str
    coder: str
    reviewer: str
    origin: str
    mode: str
    state: str
    tone: str
    asked_on: str
    due: str
    score: str
    findings: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One select of the filter form."""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class AskForm:
    """Asking for a review of one chart."""

    visit: str = ""
    reason: str = ""
    modes: tuple[Choice, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReviewsPage:
    """``/c/<client>/quality/reviews/``.  ``draw`` and ``cut`` say what the list is cut to."""

    href: str
    rows: tuple[ReviewRow, ...]
    states: tuple[Choice, ...]
    filters: tuple[Filter, ...]
    hidden: tuple[tuple[str, str], ...]
    summary: str
    empty_words: str
    shows_people: bool
    draw: str = ""
    draw_off_href: str = ""
    cut: str = ""
    cut_off_href: str = ""
    take_href: str = ""
    ask: AskForm | None = None
    next_page_href: str = ""
    previous_page_href: str = ""


@dataclass(frozen=True, slots=True)
class StandingPage:
    """A review that is not this person's to work on now: where it stands and what they may do."""

    href: str
    list_href: str
    heading: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    can_take: bool
    can_cancel: bool
    cancel_reason: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
