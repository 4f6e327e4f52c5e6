"""An unspecified code while the note holds the side, type, stage or acuity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from cdi_queries.rules.triggers.notes import Note, Standing, said
from cdi_queries.rules.triggers.readings import readings_of
from cdi_queries.rules.triggers.shapes import (
    Book,
    Chart,
    Code,
    Hit,
    Place,
    Rule,
    Unspecified,
    UnspecifiedSide,
)

#: Places shown for one gap.
MOST_PLACES: Final = 4
_OPEN_SIDE: Final = re.compile(r"\bunspecified\b", re.IGNORECASE)
_SIDE: Final = r"(?P<side>right|left|bilateral(?:ly)?|\bR\b|\bL\b|\bRt\b|\bLt\b)"


def unspecified(
    rule: Rule, test: Unspecified, chart: Chart, notes: Sequence[Note], book: Book
) -> Iterator[Hit]:
    """One hit for each unspecified code that a note says more about.

    A second code of the chart that already carries the detail (``unless_codes``) ends the matter.
    """
    codes = [one for one in chart.codes if test.codes.fullmatch(one.code)]
    if not codes:
        return
    if test.unless_codes and any(test.unless_codes.fullmatch(one.code) for one in chart.codes):
        return
    places = [
        note.place(*hit.span())
        for pattern in test.says
        for note in notes
        for hit, standing in said(note, pattern, reads_past=test.reads_past_history)
        if standing is Standing.SAID
    ]
    for limit in test.limits:
        places += [
            one.place
            for one in readings_of(notes, book.analytes[limit.analyte])
            if limit.is_passed_by(one.value, one.bound)
        ]
    if places:
        yield from (Hit(rule.key, one.code, first_places(places)) for one in codes)


def unspecified_side(rule: Rule, test: UnspecifiedSide, chart: Chart, notes: Sequence[Note]) -> Iterator[Hit]:
    """One hit for each code whose title leaves the side of a part open, its siblings name it, and a note
    gives the side of that part."""
    known: dict[str, list[Place]] = {}
    for code in chart.codes:
        places: list[Place] = []
        for part, words in test.parts.items():
            if _leaves_open(code, words):
                if part not in known:
                    known[part] = list(_sided(notes, words))
                places += known[part]
        if places:
            yield Hit(rule.key, code.code, first_places(places))


def first_places(places: Sequence[Place]) -> tuple[Place, ...]:
    """The first few places; of those that overlap, the longest words."""
    kept: list[Place] = []
    for one in places:
        over = [at for at, other in enumerate(kept) if _overlap(one, other)]
        if not over and len(kept) < MOST_PLACES:
            kept.append(one)
        elif over and len(one.quote) > len(kept[over[0]].quote):
            kept[over[0]] = one
    return tuple(kept)


def _overlap(one: Place, other: Place) -> bool:
    return one.document_id == other.document_id and one.start < other.end and other.start < one.end


def _leaves_open(code: Code, part: re.Pattern[str]) -> bool:
    """Whether "unspecified" stands before the part in the title, and a code beside it says left or right."""
    title = code.title.lower()
    for hit in _OPEN_SIDE.finditer(title):
        rest = title[hit.end() : hit.end() + 30]
        if part.search(rest) and any(
            re.search(rf"\b(?:right|left)\b.{{0,30}}?(?:{part.pattern})", sibling, re.IGNORECASE)
            for sibling in code.siblings
        ):
            return True
    return False


def _sided(notes: Sequence[Note], part: re.Pattern[str]) -> Iterator[Place]:
    """Where a note gives the side of a part: "left knee", "knee, right", "R hip"."""
    pattern = re.compile(
        rf"\b{_SIDE}\s+(?:[a-z]+\s+){{0,2}}?(?:{part.pattern})\b|\b(?:{part.pattern}),?\s+(?:right|left)\b"
        r"(?!\s+(?:ward|the|after|against|upper quadrant))",
        re.IGNORECASE,
    )
    for note in notes:
        for hit, standing in said(note, pattern):
            letter = hit["side"] in ("l", "r")  # small letters are units and words, not sides
            if standing is Standing.SAID and not letter:
                yield note.place(*hit.span())
