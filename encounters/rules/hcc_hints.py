"""Lines of a note where a coder may find what risk adjustment asks for: pointers, nothing is assumed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from encounters.rules.hcc_eligibility import Fact
from encounters.rules.text import Line

_SIGNED = re.compile(r"\b(?:electronically |digitally )?(?:signed|authenticated)\b(?! out)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z][A-Za-z./-]*")


@dataclass(frozen=True, slots=True)
class Place:
    """A line without its outer white space: ``note[start:end]``."""

    line: int
    start: int
    end: int
    quote: str


def places_to_look(lines: Sequence[Line], on: date, credentials: Collection[str]) -> Mapping[Fact, Place]:
    """Where to look first: the last line that speaks of a signature, for the credential the same line when
    it names one of ``credentials`` (capitals), and the first line that carries the date of service."""
    found: dict[Fact, Place] = {}
    signed = next((line for line in reversed(lines) if _SIGNED.search(line.text)), None)
    if signed is not None:
        found[Fact.SIGNATURE] = _place(signed)
        tokens = {token.upper().replace(".", "") for token in _TOKEN.findall(signed.text)}
        if tokens & set(credentials):
            found[Fact.CREDENTIAL] = _place(signed)
    dated = re.compile(
        rf"(?<!\d)(?:0?{on.month}[/-]0?{on.day}[/-](?:{on.year}|{on.year % 100:02d})|{on.isoformat()})(?!\d)"
    )
    with_date = next((line for line in lines if dated.search(line.text)), None)
    if with_date is not None:
        found[Fact.NOTE_DATE] = _place(with_date)
    return found


def _place(line: Line) -> Place:
    text = line.text
    start = line.start + len(text) - len(text.lstrip())
    quote = text.strip()
    return Place(line.number, start, start + len(quote), quote)
