"""How queries are measured, as ``data/measures.toml`` tells it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from cdi_queries.terms import DATA

TERMS = DATA / "measures.toml"


@dataclass(frozen=True, slots=True)
class MeasureTerms:
    """How queries are measured.

    Attributes:
        answer_hours: within which an answer is in time.
        waiting_bounds: upper ends of the ages of waiting queries, hours.
        minimum_n: below it a rate is not shown as one.
        confidence: of the intervals, two-sided.
        windows: months of the page's periods, the first one by itself.
    """

    edition: str
    effective_from: date
    source: str
    answer_hours: int
    waiting_bounds: tuple[int, ...]
    minimum_n: int
    confidence: Decimal
    windows: tuple[int, ...]


@cache
def measure_terms() -> MeasureTerms:
    """The terms, read once a process."""
    given = tomllib.loads(TERMS.read_text("utf-8"))
    return MeasureTerms(
        edition=given["edition"],
        effective_from=given["effective_from"],
        source=given["source"],
        answer_hours=given["answer_hours"],
        waiting_bounds=tuple(given["waiting_bounds"]),
        minimum_n=given["minimum_n"],
        confidence=Decimal(given["confidence"]),
        windows=tuple(given["windows"]),
    )
