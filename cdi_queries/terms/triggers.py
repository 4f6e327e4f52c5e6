"""The trigger rules of the installation and how they are run, read once a process."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from cdi_queries.rules.contradictions import Against, against_of
from cdi_queries.rules.triggers.book import book_of
from cdi_queries.rules.triggers.shapes import Book
from cdi_queries.terms import DATA


@dataclass(frozen=True, slots=True)
class Terms:
    """How the sweep runs and how its page counts: days, charts, decisions."""

    look_back_days: int
    charts_a_run: int
    counted_days: int
    minimum_decided: int
    confidence: Decimal


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads((DATA / "triggers.toml").read_text("utf-8"), parse_float=Decimal)


@cache
def trigger_book() -> Book:
    """The rules of the edition in ``cdi_queries/data/triggers.toml``."""
    return book_of(_tables())


@cache
def contradicting_values() -> tuple[Against, ...]:
    """What speaks against an answer, of ``cdi_queries/data/contradictions.toml``."""
    tables = tomllib.loads((DATA / "contradictions.toml").read_text("utf-8"), parse_float=Decimal)
    return against_of(tables, trigger_book())


@cache
def trigger_terms() -> Terms:
    """The numbers of the same file."""
    return Terms(**_tables()["terms"])
