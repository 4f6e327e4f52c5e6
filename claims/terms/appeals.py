"""Levels of appeal and the paragraphs of letters, as ``data/`` tells them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from claims.rules.appeals import LetterBook, LetterTemplate, Level, LevelEdition
from claims.terms import DATA

STATUS_WORDS = {
    "verified": "",
    "secondary": "from a summary, not the source",
    "unverified": "not verified",
    "house": "house rule",
}
"""What a page says beside a figure of each status."""


@cache
def level_editions() -> tuple[LevelEdition, ...]:
    """The levels by kind of payer and first day, read once a process."""
    found = tomllib.loads((DATA / "appeal_levels.toml").read_text("utf-8"))
    return tuple(
        LevelEdition(one["kind"], one["from"], tuple(_level(level, one["status"]) for level in one["level"]))
        for one in found["edition"]
    )


@cache
def letter_book() -> LetterBook:
    """What letters of appeal are made of, read once a process."""
    found = tomllib.loads((DATA / "appeal_letters.toml").read_text("utf-8"))
    return LetterBook(
        tuple(found["opening"]["text"]),
        tuple(
            LetterTemplate(one["key"], one["name"], tuple(one["categories"]), tuple(one["text"]))
            for one in found["template"]
        ),
        tuple(found["closing"]["text"]),
    )


def _level(given: Mapping[str, Any], status: str) -> Level:
    return Level(
        number=given["level"],
        name=given["name"],
        to_whom=given["to_whom"],
        days=given.get("days"),
        decision_days=given.get("decision_days"),
        counted_from=given["counted_from"],
        source=given["source"],
        status=status,
    )
