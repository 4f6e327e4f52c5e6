"""What the templates of the measures are given: prepared strings, no model, no query."""

from __future__ import annotations

from dataclasses import dataclass

from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class Cell:
    """One number; ``detail`` is its interval and n.  Opens its rows when it has an ``href``."""

    label: str
    text: str
    detail: str = ""
    href: str = ""


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
class GroupRow:
    """One provider, specialty, template or month."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class GroupTable:
    """The numbers of each value of one dimension, by name: this is no ranking."""

    id: str
    heading: str
    note: str
    first: str
    columns: tuple[str, ...]
    rows: tuple[GroupRow, ...]


@dataclass(frozen=True, slots=True)
class MeasuresPage:
    """The measures of one client's queries in one period."""

    summary: str
    windows: tuple[Choice, ...]
    cards: tuple[Card, ...]
    tables: tuple[GroupTable, ...]
    meanings: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    empty_words: str


@dataclass(frozen=True, slots=True)
class CountedRow:
    """One query or chart behind a number."""

    href: str
    visit: str
    at: str
    part: str
    amount: str
    provider: str
    specialty: str
    template: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class RowsPage:
    """The rows behind one number, fifty at a time.

    Attributes:
        counted: the number as it is shown, with its n.
        parts: links to each part of it, and to what was left out.
        are_charts: the rows are charts reviewed and not queries.
    """

    heading: str
    summary: str
    counted: str
    meaning: str
    parts: tuple[Choice, ...]
    at: str
    amount: str
    are_charts: bool
    rows: tuple[CountedRow, ...]
    back_href: str
    previous_page_href: str = ""
    next_page_href: str = ""
