"""What the templates of the measures are given: prepared strings, no model, no query."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class Cell:
    """One number; ``detail`` is its interval and n.  Opens its claims when it has an ``href``."""

    label: str
    text: str
    detail: str = ""
    href: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One number on top of the page; ``meaning`` is said on hover and read with the name."""

    name: str
    meaning: str
    text: str
    interval: str
    counted: str
    href: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One month, payer or reason."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of each month, payer or reason."""

    id: str
    heading: str
    note: str
    first: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class MeasuresPage:
    """First pass and its neighbours of one client's claims sent in one period."""

    summary: str
    windows: tuple[Choice, ...]
    cards: tuple[Card, ...]
    young: str
    tables: tuple[Table, ...]
    meanings: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    empty_words: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One claim behind a number; no name of a patient."""

    href: str
    control_number: str
    sent: str
    answered: str
    first: str
    reasons: str
    payer: str
    charge: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class ClaimsPage:
    """The claims behind one number, fifty at a time."""

    heading: str
    summary: str
    counted: str
    parts: tuple[Choice, ...]
    rows: tuple[ClaimRow, ...]
    back_href: str
    previous_page_href: str = ""
    next_page_href: str = ""
