"""Measured values in the text of a note: "Na 128 (L)", "Hgb 10.2 -> 7.9 g/dL", "SpO2 86-88% on RA".

A number counts only where the quantity's name leads to it directly, its unit is one the quantity is written
in, and it is a value the quantity can have.  Goals, orders ("call if K < 3"), reference ranges, doses, other
people's and other years' values are none; a baseline is kept apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from cdi_queries.rules.triggers.notes import Note
from cdi_queries.rules.triggers.shapes import Analyte, Cues, Place
from encounters.rules.sections import SectionKind

_NUMBER: Final = (
    r"(?P<bound>[<>≤≥]=?|less\s+than|greater\s+than|more\s+than)?\s*"
    r"(?P<number>\d{1,3}(?:,\d{3})+|\d+\.\d+|\d+(?!/\d))(?!\d|\.\d|:\d|,\d{3})"
)
_UNIT: Final = (
    r"(?:\s?(?P<unit>%|[xX×]\s?10[\^*]?\d\s?/\s?[uµμ]?L|/\s?(?:[uµμ]L|mm3)"
    r"|[A-Za-zµμ][A-Za-z0-9µμ]*(?:/[A-Za-z0-9µμ]+(?:\.[A-Za-z0-9µμ]+)*)*))?"
)
_RANGE: Final = re.compile(r"\s?[-–]\s?(?P<to>\d+(?:\.\d+)?)\s?(?P<unit>%|[A-Za-zµμ/]+)?")
_NEXT: Final = re.compile(
    r"(?:\s*\([HLhl]{1,2}\))?(?:\s*(?:-+>|=>|→|\bto\b|\bthen\b)\s*"
    r"|\s*[(,]?\s*(?:(?:up|down)\s+)?(?P<before>from)\s+(?:an?\s+|(?:his|her|the)\s+)?(?:baseline\s+)?(?:of\s+)?"
    r"|\s*[(,;]\s*(?:(?:his|her|the)\s+)?(?P<baseline>baseline)\s*(?:is|was|of|about|:|=)?\s*)",
    re.IGNORECASE,
)
_ORDINAL: Final = re.compile(r"(?:st|nd|rd|th)\b", re.IGNORECASE)
_LOOK_BACK: Final = 18
_LOOK_AHEAD: Final = 40
#: A count above this without a unit is one of single cells, not of thousands.
_SINGLE_CELLS: Final = 5000
_SILENT: Final = frozenset(
    {SectionKind.MEDICATIONS, SectionKind.ALLERGIES, SectionKind.FAMILY_HISTORY, SectionKind.PAST_HISTORY}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One value in the analyte's unit; ``bound`` is "<" or ">" where only that much is known.

    ``came_before``: written as the value it came from ("up from 1.2"); a baseline is one too.
    """

    value: Decimal
    bound: str
    on: date | None
    is_baseline: bool
    came_before: bool
    place: Place


def readings_of(notes: Sequence[Note], analyte: Analyte) -> list[Reading]:
    """Every value of a quantity in the notes, in the order of the notes and of the text."""
    return [one for note in notes for one in _in_note(note, analyte)]


def _in_note(note: Note, analyte: Analyte) -> Iterator[Reading]:
    cues = note.cues
    if not any(word in note.lower for word in analyte.words):
        return
    for name in analyte.names.finditer(note.text):
        if note.section(name.start()) in _SILENT:
            continue
        before = note.before(name.start())
        if cues.elsewhere.search(before[-_LOOK_BACK:]) or cues.planned_before.search(before):
            continue
        if cues.other_fluid.search(before):
            continue
        if cues.earlier_before.search(before[-_LOOK_BACK * 3 :]) or cues.family.search(before):
            continue
        yield from _values(note, analyte, name, bool(cues.baseline.search(before)))


def _values(note: Note, analyte: Analyte, name: re.Match[str], is_baseline: bool) -> Iterator[Reading]:
    text, cues = note.text, note.cues
    hit = _value_pattern(cues.gap).match(text, name.end())
    gap = text[name.end() : hit.start("number")] if hit else ""
    is_baseline = is_baseline or bool(cues.baseline.search(gap))
    came_before = is_baseline
    while hit:
        behind = text[hit.end("number") : hit.end("number") + _LOOK_AHEAD]
        if _ORDINAL.match(behind) or cues.earlier_behind.match(behind):
            return
        if cues.other_fluid_behind.match(behind):
            return
        numbers, end = _numbers(text, hit, analyte)
        for number in numbers:
            value = _converted(number, hit["unit"], analyte, cues)
            if value is not None:
                place = note.place(name.start(), end)
                yield Reading(value, _bound(hit["bound"]), note.document.on, is_baseline, came_before, place)
        step = _NEXT.match(text, end) if numbers else None
        is_baseline = bool(step and "baseline" in step.group().lower())
        came_before = is_baseline or bool(step and step["before"])
        hit = _value_pattern("").match(text, step.end()) if step else None


def _numbers(text: str, hit: re.Match[str], analyte: Analyte) -> tuple[list[str], int]:
    """The number, or both ends of a range where the quantity is written so; and where they end."""
    span = _RANGE.match(text, hit.end("number"))
    if span is None:
        return [hit["number"]], _end_of_value(hit, analyte)
    if not analyte.takes_ranges:
        return [], hit.end()
    return [hit["number"], span["to"]], span.end()


def _end_of_value(hit: re.Match[str], analyte: Analyte) -> int:
    """Behind the unit when the word behind the number is one, otherwise behind the number."""
    return hit.end("unit") if hit["unit"] and _normal(hit["unit"]) in analyte.units else hit.end("number")


def _converted(number: str, unit: str | None, analyte: Analyte, cues: Cues) -> Decimal | None:
    """The value in the analyte's unit, None for a dose, another unit, or a value it cannot have."""
    written = _normal(unit or "")
    value = Decimal(number.replace(",", ""))
    if written in analyte.units:
        value *= analyte.units[written]
    elif (
        written in cues.not_units
        or "/" in written
        or written == "%"
        or (analyte.needs_decimals and "." not in number)
    ):
        return None
    elif analyte.counts_thousands and value >= _SINGLE_CELLS:
        value /= 1000
    return value if analyte.least <= value <= analyte.most else None


def _normal(unit: str) -> str:
    return unit.lower().replace("µ", "u").replace("μ", "u").replace("×", "x").replace(" ", "").rstrip(".")


def _bound(written: str | None) -> str:
    if not written:
        return ""
    return "<" if written[0] in "<≤" or written.lower().startswith("less") else ">"


@lru_cache(maxsize=8)
def _value_pattern(gap: str) -> re.Pattern[str]:
    return re.compile(f"{gap}{_NUMBER}{_UNIT}", re.IGNORECASE)
