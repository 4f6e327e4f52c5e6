"""What the replay's template is given: prepared strings."""

from __future__ import annotations

from dataclasses import dataclass

from qa_audit.views.programme.dto import Figure


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list."""

    value: str
    label: str
    selected: bool = False


@dataclass(frozen=True, slots=True)
class WeightField:
    """A verdict's weight: what the edition says, and what was asked instead."""

    name: str
    label: str
    edition: str
    value: str


@dataclass(frozen=True, slots=True)
class ReplayForm:
    """The form as it was sent; ``errors`` by field."""

    first: str
    last: str
    draws: tuple[Option, ...]
    kinds: tuple[Option, ...]
    runs: tuple[Option, ...]
    coders: tuple[Option, ...]
    scores: tuple[Option, ...]
    editions: tuple[Option, ...]
    attributes: tuple[Option, ...]
    weights: tuple[WeightField, ...]
    errors: dict[str, str]


@dataclass(frozen=True, slots=True)
class BothWays:
    """A score as it was kept and as it comes out now."""

    name: str
    is_counted: bool
    kept: Figure
    again: Figure
    change: str


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """Lines of a verdict, as kept and replayed."""

    label: str
    kept: str
    again: str


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A chart whose score comes out otherwise."""

    href: str
    visit_id: str
    kept: str
    again: str
    kept_under: str


@dataclass(frozen=True, slots=True)
class ReplayPage:
    """The form and, once asked, what came out."""

    form: ReplayForm
    summary: str
    scores: tuple[BothWays, ...]
    verdicts: tuple[VerdictRow, ...]
    charts: tuple[ChartRow, ...]
    charts_note: str
    back_href: str
    next_page_href: str = ""
    previous_page_href: str = ""
