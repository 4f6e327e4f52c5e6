"""What the page of a delivered review is given: prepared strings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coding_ops.web.choices import Choice
from qa_audit.views.reviews.sheet_dto import Sheet, SheetLine


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was refused: which, what was typed, and why."""

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepView:
    """One word of the exchange."""

    who: str
    what: str
    at: str
    words: str
    citation: str


@dataclass(frozen=True, slots=True)
class ActView:
    """One thing that this person can do to a finding now.

    ``key`` is ``y`` or ``b``, empty without one; ``errors`` and ``values`` are of the form that was refused.
    """

    verb: str
    label: str
    key: str
    help: str = ""
    needs_words: bool = True
    needs_citation: bool = False
    is_open: bool = False
    kinds: tuple[Choice, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding with both sides, what was said of it, and what can be said now."""

    line: SheetLine
    href: str
    verdict: str
    state: str
    tone: str
    awaited: str
    facts: tuple[tuple[str, str], ...]
    charged: str
    steps: tuple[StepView, ...]
    acts: tuple[ActView, ...]


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score: ``75.0%``, ``3 of 4``, ``30.1 to 95.4%``; the contract's is marked."""

    label: str
    value: str
    parts: str
    interval: str
    counts: bool


@dataclass(frozen=True, slots=True)
class ExtendView:
    """The form that moves the coder's last day."""

    href: str
    until: str
    reason: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExchangePage:
    """``/c/<client>/quality/reviews/<review>/`` once its findings are delivered."""

    href: str
    heading: str
    state: str
    tone: str
    sheet: Sheet
    facts: tuple[tuple[str, str], ...]
    findings: tuple[FindingView, ...]
    agreed: tuple[str, ...]
    scores: tuple[ScoreRow, ...]
    score_note: str
    summary: str
    extend: ExtendView | None
    exports: tuple[tuple[str, str], ...]
    """Format and label of what can be made of it; empty until it is finished."""
    export_href: str
    review_id: str
