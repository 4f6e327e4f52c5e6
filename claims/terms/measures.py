"""How the measures of claims are shown, as ``data/measures.toml`` tells it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from claims.terms import DATA

TERMS = DATA / "measures.toml"


@dataclass(frozen=True, slots=True)
class MeasureTerms:
    """How the measures of claims are shown.

    Attributes:
        minimum_n: below it a rate is not shown as one.
        confidence: of the intervals, two-sided.
        windows: months of the page's periods, the first one by itself.
        age_bounds: upper ends of ages of unbilled accounts, days.
        trend_weeks: how far back the trend of unbilled accounts goes.
    """

    edition: str
    effective_from: date
    source: str
    status: str
    minimum_n: int
    confidence: Decimal
    windows: tuple[int, ...]
    age_bounds: tuple[int, ...]
    trend_weeks: int


@cache
def measure_terms() -> MeasureTerms:
    """The terms, read once a process."""
    given = tomllib.loads(TERMS.read_text("utf-8"))
    return MeasureTerms(
        edition=given["edition"],
        effective_from=given["effective_from"],
        source=given["source"],
        status=given["status"],
        minimum_n=given["minimum_n"],
        confidence=Decimal(given["confidence"]),
        windows=tuple(given["windows"]),
        age_bounds=tuple(given["age_bounds"]),
        trend_weeks=given["trend_weeks"],
    )
