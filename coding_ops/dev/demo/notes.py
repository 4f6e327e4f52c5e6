"""Clinical notes of invented visits: templates with blanks, filled in by a seeded generator.

A template is a TOML file beside this module: the note with its blanks, values to choose from, variants that
set several blanks together, the codes the note supports with the words that support them, and one sentence
that a late version changes.  All of it was written for this demo; no patient is behind it.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "notes"


@dataclass(frozen=True, slots=True)
class DemoCode:
    """A code that the note supports; ``quotes`` stand in its text, letter by letter.

    ``slip`` is what a hasty coder enters in its place: another code, or nothing (``""``); ``None``: never.
    """

    system: str
    code: str
    quotes: tuple[str, ...]
    modifiers: tuple[str, ...] = ()
    units: int = 1
    poa: str = ""
    slip: str | None = None


@dataclass(frozen=True, slots=True)
class DemoNote:
    """A filled-in note.  ``late_text`` is the version that comes after the codes were final."""

    text: str
    late_text: str
    codes: tuple[DemoCode, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """What a file says; ``age`` in years, ``charge`` in dollars, ``stay`` in days (inpatient only)."""

    name: str
    specialty: str
    kind: str
    place_of_service_code: str
    document_kind: str
    title: str
    age: tuple[int, int]
    sex: str
    charge: tuple[int, int]
    stay: tuple[int, int] | None
    text: str
    values: Mapping[str, list[str]]
    variants: tuple[Mapping[str, Any], ...]
    codes: tuple[Mapping[str, Any], ...]
    late: Mapping[str, str]

    def fill(self, facts: Mapping[str, str], chance: random.Random) -> DemoNote:
        """One note about the patient and visit in ``facts``.

        Raises:
            ValueError: the template cites words that do not stand in its text.
        """
        variant = chance.choices(self.variants, [int(one["weight_of"]) for one in self.variants])[0]
        chosen = {name: chance.choice(options) for name, options in self.values.items()}
        blanks = {**facts, **chosen, **{name: str(value) for name, value in variant.items()}}
        text = self.text.format_map(blanks)
        codes = tuple(
            _code(entry, blanks)
            for entry in self.codes
            if variant["name"] in entry.get("only", [variant["name"]])
        )
        missing = [quote for code in codes for quote in code.quotes if quote not in text]
        late_text = text.replace(self.late["old"], self.late["new"])
        if missing or late_text == text:
            raise ValueError(f"{self.name}: not in the text: {missing or self.late['old']}")
        return DemoNote(text, late_text, codes)


def _code(entry: Mapping[str, Any], blanks: Mapping[str, str]) -> DemoCode:
    return DemoCode(
        system=entry.get("system", "ICD-10-CM"),
        code=entry["code"].format_map(blanks),
        quotes=tuple(quote.format_map(blanks) for quote in entry["quotes"]),
        modifiers=tuple(one.format_map(blanks) for one in entry.get("modifiers", [])),
        units=entry.get("units", 1),
        poa=entry.get("poa", ""),
        slip=entry.get("slip"),
    )


@lru_cache(maxsize=1)
def templates() -> Mapping[str, Template]:
    """All templates by name."""
    return {path.stem: _template(path) for path in sorted(FOLDER.glob("*.toml"))}


def _template(path: Path) -> Template:
    said: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    return Template(
        name=path.stem,
        specialty=said["specialty"],
        kind=said["kind"],
        place_of_service_code=said["place_of_service_code"],
        document_kind=said["document_kind"],
        title=said["title"],
        age=_pair(said["age"]),
        sex=said["sex"],
        charge=_pair(said["charge"]),
        stay=_pair(said["stay"]) if "stay" in said else None,
        text=said["text"],
        values=said["values"],
        variants=tuple(said["variants"]),
        codes=tuple(said["codes"]),
        late=said["late"],
    )


def _pair(said: list[int]) -> tuple[int, int]:
    low, high = said
    return low, high
