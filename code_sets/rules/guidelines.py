"""What the Official Guidelines say of groups of codes, in our own words, with the section."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guideline:
    """One note; `codes` are beginnings of codes without dot, "?" for any character."""

    codes: re.Pattern[str]
    section: str
    text: str
    edition: str

    def is_about(self, code: str) -> bool:
        """Whether a code (no dot) is of the group."""
        return self.codes.match(code) is not None


def parse_guidelines(text: str) -> Mapping[str, tuple[Guideline, ...]]:
    """Read the notes by code system. Raises KeyError or TOMLDecodeError for data that is not in the form."""
    return {
        system: tuple(
            Guideline(_pattern(note["codes"]), note["section"], note["text"], table["edition"])
            for note in table["notes"]
        )
        for system, table in tomllib.loads(text).items()
    }


def _pattern(codes: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(code).replace(r"\?", ".") for code in codes))
