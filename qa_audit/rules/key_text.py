"""A gold key as it is typed: one code a line, with the lines or the words of the note that support it.

    E11.22 @12-13
    N18.31 @12 "stage 3a"
    I12.9 "Hypertension, above goal"
    99214-25 @2:4

``@12-13`` names numbered lines of the first document, ``@2:4`` line 4 of the second; quoted words must stand
in the chart exactly once, or within the lines named before them.  A code that two systems have is told apart
by ``dx`` or ``px`` before it.  Pure: texts and a question about codes come in, lines or problems go out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from encounters.rules.code_entry import ICD10CM, CodeEntry, CodeOptions, EntryProblem, dotted, parse_entry
from encounters.rules.note_html import whole_lines
from encounters.rules.text import split_lines

MOST_LINES = 60
_REF = re.compile(r"@\s*(?:(\d{1,3})\s*:\s*)?(\d{1,5})(?:\s*-\s*(\d{1,5}))?")
_QUOTE = re.compile(r'"([^"]*)"')
_PREFIX = re.compile(r"(dx|px)\s+", re.IGNORECASE)
_STRAIGHT = str.maketrans({"\u201c": '"', "\u201d": '"', "\u201e": '"'})


@dataclass(frozen=True, slots=True)
class Place:
    """Numbered lines of one document, all counted from 1; ``words``: only these words within them."""

    document: int
    first: int
    last: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One typed line: every reading of its code, and where its support stands."""

    number: int
    options: tuple[CodeEntry, ...]
    places: tuple[Place, ...] = ()
    quotes: tuple[str, ...] = ()
    """Words without a line: looked for in the whole chart."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one typed line; ``number`` 0: with the key as a whole."""

    number: int
    message: str


@dataclass(frozen=True, slots=True)
class Text:
    """One document's newest version."""

    version_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the code set of the day says of a code."""

    ok: bool
    reason: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was read: lines in the form of a code set, or every problem found."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()


Ask = Callable[[str, str], Known]


def read_key(typed: str, texts: Sequence[Text], ask: Ask) -> Key:
    """The key, checked against the note and against the code set; ``ask`` takes a system and a code."""
    entries, problems = parse_key(typed)
    lines: list[dict[str, Any]] = []
    for entry in entries:
        found = _line(entry, texts, ask, lines)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            lines.append(found)
    return Key([] if problems else lines, tuple(sorted(problems, key=lambda one: one.number)))


def parse_key(typed: str) -> tuple[list[KeyEntry], list[Problem]]:
    """The form alone: nothing is looked up."""
    entries: list[KeyEntry] = []
    problems: list[Problem] = []
    rows = [(number, row.strip()) for number, row in enumerate(typed.splitlines(), start=1)]
    rows = [(number, row) for number, row in rows if row]
    if len(rows) > MOST_LINES:
        return [], [Problem(0, f"A key has {MOST_LINES} codes at most.")]
    for number, row in rows:
        found = _parse_row(number, row.translate(_STRAIGHT))
        if isinstance(found, KeyEntry):
            entries.append(found)
        else:
            problems.append(found)
    return entries, problems


def _parse_row(number: int, row: str) -> KeyEntry | Problem:
    cut = min((at for at in (row.find("@"), row.find('"')) if at >= 0), default=len(row))
    options = _options(number, row[:cut].strip())
    if isinstance(options, Problem):
        return options
    places: list[Place] = []
    quotes: list[str] = []
    within: Place | None = None
    at = cut
    while at < len(row):
        if row[at].isspace():
            at += 1
            continue
        ref, quote = _REF.match(row, at), _QUOTE.match(row, at)
        if ref:
            first = int(ref[2])
            within = Place(int(ref[1] or 1), first, int(ref[3] or first))
            places.append(within)
            at = ref.end()
        elif quote and quote[1].strip():
            words = " ".join(quote[1].split())
            if within is None:
                quotes.append(words)
            else:
                # The lines before the words only say where to look.
                if places and not places[-1].words:
                    places.pop()
                places.append(Place(within.document, within.first, within.last, words))
            at = quote.end()
        else:
            return Problem(
                number, f"“{row[at:]}” is not understood: write @ and line numbers, or words in quotes."
            )
    return KeyEntry(number, options, tuple(places), tuple(quotes))


def _options(number: int, typed: str) -> tuple[CodeEntry, ...] | Problem:
    prefix = _PREFIX.match(typed)
    found = parse_entry(typed[prefix.end() :] if prefix else typed)
    if isinstance(found, EntryProblem):
        return Problem(number, found.message)
    if not isinstance(found, CodeOptions):
        return Problem(number, f"“{typed}” does not have the form of a code.")
    options = found.options
    if prefix:
        is_dx = prefix[1].lower() == "dx"
        options = tuple(one for one in options if (one.system == ICD10CM) == is_dx)
        if not options:
            return Problem(number, f"“{typed}” does not have the form of such a code.")
    return options


# --- against the note and the code set -----------------------------------------------------------------


def _line(
    entry: KeyEntry, texts: Sequence[Text], ask: Ask, before: Sequence[dict[str, Any]]
) -> dict[str, Any] | Problem:
    chosen = _chosen(entry, ask)
    if isinstance(chosen, Problem):
        return chosen
    option, title = chosen
    kind = "dx" if option.system == ICD10CM else "px"
    if kind == "dx" and any(one["code"] == option.code and one["kind"] == kind for one in before):
        return Problem(entry.number, f"{dotted(option.system, option.code)} is there twice.")
    evidence: list[dict[str, Any]] = []
    for place in entry.places:
        spot = _spot(entry.number, place, texts)
        if isinstance(spot, Problem):
            return spot
        evidence.append(spot)
    for words in entry.quotes:
        spot = _anywhere(entry.number, words, texts)
        if isinstance(spot, Problem):
            return spot
        evidence.append(spot)
    return {
        "kind": kind,
        "system": option.system,
        "code": option.code,
        "title": title,
        "position": 1 + sum(one["kind"] == kind for one in before),
        "modifiers": list(option.change.modifiers),
        "units": option.change.units or 1,
        "poa": option.change.poa or None,
        "evidence": evidence,
    }


def _chosen(entry: KeyEntry, ask: Ask) -> tuple[CodeEntry, str] | Problem:
    known = [(option, ask(option.system, option.code)) for option in entry.options]
    good = [(option, found.title) for option, found in known if found.ok]
    if len(good) > 1:
        systems = " and ".join(option.system for option, _ in good)
        return Problem(entry.number, f"{good[0][0].code} is a code of {systems}: write dx or px before it.")
    if not good:
        return Problem(entry.number, known[0][1].reason)
    return good[0]


def _spot(number: int, place: Place, texts: Sequence[Text]) -> dict[str, Any] | Problem:
    if not 1 <= place.document <= len(texts):
        return Problem(number, f"There is no document {place.document}; the chart has {len(texts)}.")
    source = texts[place.document - 1]
    lines = split_lines(source.text)
    span = whole_lines(lines, place.first, place.last)
    if span is None:
        return Problem(
            number, f"Lines {place.first} to {place.last} hold no text; the note has {len(lines)} lines."
        )
    if not place.words:
        return {"version": source.version_id, "start": span[0], "end": span[1]}
    # Words may begin before the first letter of the line; the lines themselves are the bounds.
    found = _occurrences(place.words, source.text, lines[place.first - 1].start, lines[place.last - 1].end)
    if len(found) != 1:
        return Problem(number, f"“{place.words}” stands {_times(len(found))} in those lines.")
    return {"version": source.version_id, "start": found[0][0], "end": found[0][1]}


def _anywhere(number: int, words: str, texts: Sequence[Text]) -> dict[str, Any] | Problem:
    found = [
        {"version": source.version_id, "start": start, "end": end}
        for source in texts
        for start, end in _occurrences(words, source.text, 0, len(source.text))
    ]
    if len(found) != 1:
        more = " Name the line before them." if found else ""
        return Problem(number, f"“{words}” stands {_times(len(found))} in the chart.{more}")
    return found[0]


def _occurrences(words: str, text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Where the words stand; any white space between them counts as one blank."""
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words.split()))
    return [found.span() for found in pattern.finditer(text, start, end)]


def _times(count: int) -> str:
    return "nowhere" if count == 0 else f"{count} times"


def typed_key(lines: Sequence[dict[str, Any]], texts: Sequence[Text]) -> str:
    """A stored key as one would type it; evidence of a version that is no longer the newest is left out."""
    rows = []
    for line in lines:
        parts = [dotted(line["system"], line["code"])]
        if line["system"] != ICD10CM or "." not in parts[0]:
            parts.insert(0, line["kind"])
        if line["modifiers"]:
            parts[-1] += "-" + ",".join(line["modifiers"])
        if line["units"] > 1:
            parts.append(f"x{line['units']}")
        if line["poa"]:
            parts.append(f"poa:{line['poa']}")
        parts += [told for told in (_typed_spot(spot, texts) for spot in line["evidence"]) if told]
        rows.append(" ".join(parts))
    return "\n".join(rows)


def _typed_spot(spot: dict[str, Any], texts: Sequence[Text]) -> str:
    for number, source in enumerate(texts, start=1):
        if source.version_id != spot["version"]:
            continue
        touched = [
            line
            for line in split_lines(source.text)
            if line.start < spot["end"] and line.end > spot["start"] and not line.is_blank
        ]
        first, last = touched[0].number, touched[-1].number
        where = f"@{f'{number}:' if number > 1 else ''}{first}{f'-{last}' if last > first else ''}"
        words = " ".join(source.text[spot["start"] : spot["end"]].split())
        if whole_lines(split_lines(source.text), first, last) == (spot["start"], spot["end"]) or '"' in words:
            return where
        return f'{where} "{words}"'
    return ""
