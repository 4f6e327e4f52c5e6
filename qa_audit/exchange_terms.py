"""The house's terms of the exchange, read from ``data/exchange.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data" / "exchange.toml"


@dataclass(frozen=True, slots=True)
class ExchangeTerms:
    """``overturned_at_most`` and ``confidence`` are rates; ``spans`` are days, the first the usual one."""

    edition: str
    overturned_at_most: Decimal
    minimum_findings: int
    confidence: Decimal
    spans: tuple[int, ...]


@lru_cache(maxsize=1)
def exchange_terms() -> ExchangeTerms:
    """The terms; read once."""
    found = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return ExchangeTerms(
        edition=str(found["edition"]),
        overturned_at_most=Decimal(found["overturned_at_most"]),
        minimum_findings=int(found["minimum_findings"]),
        confidence=Decimal(found["confidence"]),
        spans=tuple(int(days) for days in found["spans"]),
    )
