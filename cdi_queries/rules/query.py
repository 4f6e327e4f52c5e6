"""A query as it is linted, and what the lint says about it: plain values, no storage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """How a query is answered."""

    OPEN = "open"
    MULTIPLE_CHOICE = "multiple_choice"
    YES_NO = "yes_no"


class Severity(StrEnum):
    """An error blocks sending; a warning needs a reason."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Indicator:
    """A clinical indicator: words quoted from this patient's record, with their date.

    ``relevance`` says why an indicator of a prior encounter matters now.
    """

    id: str
    quote: str
    document_on: date | None
    prior: bool = False
    relevance: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose, and the indicators that support it."""

    text: str
    indicator_ids: tuple[str, ...] = ()
    preselected: bool = False


@dataclass(frozen=True, slots=True)
class Previous:
    """An earlier query about the same encounter; ``outcome`` is empty while it is open."""

    body: str
    provider: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Verbal:
    """What is kept of a query that was asked by word of mouth."""

    asked_by: str
    asked_of: str
    asked_on: date | None


@dataclass(frozen=True, slots=True)
class Query:
    """All of a query that its lint reads.

    ``purpose`` is one of the four uses of a yes/no query, or empty for "read it from the words";
    ``option_order`` is ``alphabetic``, ``shuffled``, ``weight`` or empty for "not said".
    """

    kind: Kind
    title: str
    body: str
    options: tuple[Option, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    documented_terms: tuple[str, ...] = ()
    purpose: str = ""
    option_order: str = ""
    contradicting: tuple[str, ...] = ()
    provider: str = ""
    previous: tuple[Previous, ...] = ()
    verbal: Verbal | None = None
    by_word_of_mouth: bool = False

    def visible(self) -> Iterator[tuple[str, str]]:
        """Every text that the provider sees, with its field."""
        yield "title", self.title
        yield "body", self.body
        for place, option in enumerate(self.options):
            yield f"options[{place}].text", option.text
        for place, indicator in enumerate(self.indicators):
            yield f"indicators[{place}].quote", indicator.quote
            yield f"indicators[{place}].relevance", indicator.relevance


@dataclass(frozen=True, slots=True)
class Span:
    """Words of one field: characters from ``start`` up to ``end``."""

    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says; ``span`` is None where the whole query is meant."""

    rule: str
    severity: Severity
    message: str
    span: Span | None = None
