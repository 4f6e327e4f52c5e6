"""What the templates of education are given: prepared strings, no model, no query."""

from __future__ import annotations

from dataclasses import dataclass

from cdi_queries.rules.letter import Letter
from coding_ops.web.choices import Choice


@dataclass(frozen=True, slots=True)
class Counted:
    """A rate as it is shown: ``22.6%``, ``14 of 62 charts``, ``13.9 to 34.4%``; no rate below the minimum."""

    rate: str
    counted: str
    interval: str = ""


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider of the list."""

    href: str
    name: str
    specialty: str
    own: Counted
    peers: Counted
    says: str
    asked: str
    letter: str
    letter_href: str


@dataclass(frozen=True, slots=True)
class Overview:
    """``/c/<client>/queries/education/``"""

    href: str
    summary: str
    period: str
    letters: str
    months: tuple[Choice, ...]
    specialties: tuple[Choice, ...]
    text: str
    rows: tuple[ProviderRow, ...]
    empty_words: str
    notes: tuple[str, ...]
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A diagnosis left open, with the address of its charts."""

    code: str
    title: str
    charts: str
    href: str
    asks: str


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter of a list.  ``acknowledge_href``: where its provider says that they have read it."""

    href: str
    month: str
    period: str
    state: str
    tone: str
    effect: str = ""
    acknowledge_href: str = ""


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """One provider over a period."""

    heading: str
    period: str
    list_href: str
    months: tuple[Choice, ...]
    own: Counted
    peers: Counted
    peers_label: str
    says: str
    charts_href: str
    codes: tuple[CodeRow, ...]
    questions: tuple[str, ...]
    causes: tuple[tuple[str, str], ...]
    letters: tuple[LetterRow, ...]
    letter_words: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One chart behind a number."""

    href: str
    visit: str
    service_on: str
    codes: str


@dataclass(frozen=True, slots=True)
class ChartsPage:
    """The charts of a provider that leave a diagnosis open."""

    heading: str
    summary: str
    back_href: str
    rows: tuple[ChartRow, ...]
    closed_words: str
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class LetterList:
    """``/c/<client>/letters/``: a provider's own."""

    rows: tuple[LetterRow, ...]
    empty_words: str
    previous_page_href: str = ""
    next_page_href: str = ""


@dataclass(frozen=True, slots=True)
class LetterPage:
    """One letter.  ``acknowledge_href`` is empty for who may not, or when it is done."""

    letter: Letter
    list_href: str
    pdf_href: str
    pdf_words: str
    standing: str
    tone: str
    acknowledge_href: str
    effect: str
    facts: tuple[tuple[str, str], ...]
