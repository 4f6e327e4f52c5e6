"""What can be cited as an element of a visit's level, read once a process."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from code_sets.em_commands import editions
from code_sets.rules.em_level import RISKS, Edition, Level, edition_on
from coding_ops.core.errors import Refused
from encounters.rules.em_visit import PARTS, Kind, kinds_on

ELEMENTS = Path(__file__).resolve().parents[1] / "data" / "em_elements.toml"


@dataclass(frozen=True, slots=True)
class Category:
    """A category of visits; ``kinds``: the encounters it is offered first for."""

    name: str
    label: str
    kinds: tuple[str, ...]


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(ELEMENTS.read_text("utf-8"))


@cache
def element_kinds() -> tuple[Kind, ...]:
    """Every kind of element of every part, in the order of the file."""
    return tuple(
        Kind(
            part,
            name,
            one["label"],
            one.get("group", ""),
            RISKS[one["level"]] if "level" in one else Level.NONE,
            one.get("first"),
        )
        for part in PARTS
        for name, one in _tables()[part].items()
    )


@cache
def categories() -> tuple[Category, ...]:
    """Every category of visits, in the order it is offered."""
    return tuple(
        Category(name, one["label"], tuple(one["kinds"])) for name, one in _tables()["category"].items()
    )


def years_established() -> int:
    """Within how many years a professional service makes a patient established."""
    return int(_tables()["established"]["years"])


def edition_for(on: date) -> Edition:
    """The tables of the day of service.

    Raises:
        Refused: no edition covers the day.
    """
    found = edition_on(editions(), on)
    if found is None:
        first = min(one.first for one in editions())
        raise Refused(
            f"Levels are known for services from {first:%m/%d/%Y} on; before, other guidelines applied.",
            code="em.no_edition",
        )
    return found


def kinds_for(edition: Edition, on: date) -> tuple[Kind, ...]:
    """What can be cited on the day."""
    return kinds_on(edition, element_kinds(), on)
