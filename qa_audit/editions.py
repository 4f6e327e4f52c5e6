"""The editions of the error taxonomy, as ``data/verdicts.toml`` tells them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from coding_ops.core.errors import InvalidInput
from qa_audit.rules.audit_lines import Taxonomy, Verdict

TABLES = Path(__file__).resolve().parent / "data" / "verdicts.toml"


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition and the day it holds from."""

    effective_from: date
    taxonomy: Taxonomy

    @property
    def name(self) -> str:
        return self.taxonomy.edition


@cache
def editions() -> tuple[Edition, ...]:
    """All editions, oldest first; read once a process."""
    return read_editions(tomllib.loads(TABLES.read_text("utf-8")))


def read_editions(tables: Mapping[str, Any]) -> tuple[Edition, ...]:
    """Editions of a file: their own weights and causes, and the file's levels, categories and blocks."""
    found = [_edition(given, tables) for given in tables["editions"]]
    return tuple(sorted(found, key=lambda one: one.effective_from))


def edition_on(day: date) -> Taxonomy:
    """The edition in force on a day; the first one for a day before all of them."""
    known = editions()
    return max((one for one in known if one.effective_from <= day), key=_from, default=known[0]).taxonomy


def newest_edition() -> Taxonomy:
    """The last edition there is."""
    return editions()[-1].taxonomy


def edition_named(name: str) -> Taxonomy:
    """The edition of a name.

    Raises:
        InvalidInput: there is none.
    """
    for one in editions():
        if one.name == name:
            return one.taxonomy
    known = ", ".join(one.name for one in editions())
    raise InvalidInput(
        f"There is no edition {name!r} of the error table, only {known}.",
        code="taxonomy.edition",
        details={"path": "edition"},
    )


def _from(one: Edition) -> date:
    return one.effective_from


def _edition(given: Mapping[str, Any], tables: Mapping[str, Any]) -> Edition:
    taxonomy = Taxonomy(
        edition=given["edition"],
        source=given["source"],
        weights={Verdict(name): Decimal(value) for name, value in given["weights"].items()},
        heavier={Verdict(name): Decimal(value) for name, value in given["heavier"].items()},
        levels={
            code: (family, level)
            for family, codes in tables["levels"].items()
            for level, code in enumerate(codes)
        },
        category=tables["category"],
        service=tables["service"],
        blocks=tuple(sorted((one[:3], one[4:]) for one in tables["diagnosis"]["blocks"])),
        not_charged=frozenset(given["not_charged"]),
    )
    return Edition(given["effective_from"], taxonomy)
