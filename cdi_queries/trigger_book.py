"""The trigger rules of the installation, read once a process."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache

from cdi_queries.lint_command import DATA
from cdi_queries.rules.triggers.book import book_of
from cdi_queries.rules.triggers.shapes import Book


@cache
def trigger_book() -> Book:
    """The rules of the edition in ``cdi_queries/data/triggers.toml``."""
    return book_of(tomllib.loads((DATA / "triggers.toml").read_text("utf-8"), parse_float=Decimal))
