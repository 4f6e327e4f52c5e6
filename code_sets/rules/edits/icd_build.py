"""Building the edit table of an ICD-10-CM release from its entries and the notes of its tabular list.

Sources: ICD-10-CM Official Guidelines I.A.7 and I.A.12 to I.A.13 (notes of a heading hold for all codes below
it; Excludes1; "code first" and "in diseases classified elsewhere"), I.B.13 (laterality).
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from code_sets.rules.edits.icd_table import MANIFESTATION, NO_LIST, SIDES, IcdTable
from code_sets.rules.edits.note_targets import intervals
from code_sets.rules.edits.packed import code_column, pack, text_sections
from code_sets.rules.entries import SEARCHED_KINDS, CodeEntry, NoteKind

# Notes that hold only when something else is there: "heart failure complicating abortion" is no cause of each
# heart failure, "any follow-up examination" not of each history.
OPTIONAL = re.compile(r"if applicable|if known|if any|, if |\bany (?!of )|\bcomplicating\b", re.IGNORECASE)
ELSEWHERE = re.compile(r"in (?:\w+ )*diseases? classified elsewhere|in conditions classified elsewhere", re.I)
WORD = re.compile(r"[a-z0-9]+")
SIDE_WORDS = frozenset({"left", "right", "bilateral", "unilateral", "unspecified", "of", "the"})


@dataclass(slots=True)
class _NoteLists:
    """Lists of (first, stop, note) shared by all codes below one heading."""

    kind: NoteKind
    codes: Sequence[str]
    notes: list[tuple[str, str, bool]] = field(default_factory=list)
    lists: dict[tuple[int, ...], int] = field(default_factory=dict)
    rows: list[list[tuple[int, int, int]]] = field(default_factory=list)
    own: dict[str, tuple[int, ...]] = field(default_factory=dict)
    spans: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def learn(self, entry: CodeEntry) -> None:
        texts = entry.texts(self.kind)
        if not texts:
            return
        # What comes after "such as:" stands as notes of its own, so code-first notes are taken together.
        grouped = ("; ".join(texts).replace(":;", ":"),) if self.kind is NoteKind.CODE_FIRST else texts
        numbers = []
        for text in grouped:
            number = len(self.notes)
            self.notes.append((entry.code, text, bool(OPTIONAL.search(text))))
            self.spans[number] = intervals(text, self.codes)
            numbers.append(number)
        self.own[entry.code] = tuple(numbers)

    def list_of(self, notes: tuple[int, ...]) -> int:
        """The number of the list of these notes, NO_LIST where there is none."""
        if self.kind is NoteKind.EXCLUDES1:
            notes = tuple(number for number in notes if self.spans[number])
        if not notes:
            return NO_LIST
        if notes not in self.lists:
            self.lists[notes] = len(self.rows)
            # A code-first note without codes ("underlying disease") is kept as an empty interval.
            rows = [(*span, number) for number in notes for span in (self.spans[number] or [(0, 0)])]
            self.rows.append(apart(rows) if self.kind is NoteKind.EXCLUDES1 else rows)
        return self.lists[notes]

    def sections(self, name: str) -> dict[str, bytes]:
        at, columns = array("I", [0]), (array("I"), array("I"), array("I"))
        for rows in self.rows:
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    column.append(value)
            at.append(len(columns[0]))
        first, stop, note = (column.tobytes() for column in columns)
        return {
            f"{name}_at": at.tobytes(),
            f"{name}_first": first,
            f"{name}_stop": stop,
            f"{name}_note": note,
            f"{name}_optional": bytes(optional for _, _, optional in self.notes),
            **text_sections(f"{name}_owners", [owner for owner, _, _ in self.notes]),
            **text_sections(f"{name}_texts", [text for _, text, _ in self.notes]),
        }


def apart(rows: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The same (first, stop, note) intervals in order and without overlap; of several notes the first counts,
    so that one bisection finds the note of a place."""
    edges = sorted({edge for first, stop, _ in rows for edge in (first, stop)})
    pieces = {edge: place for place, edge in enumerate(edges)}
    notes: list[int | None] = [None] * len(edges)
    for first, stop, note in rows:
        for piece in range(pieces[first], pieces[stop]):
            if notes[piece] is None:
                notes[piece] = note
    found: list[tuple[int, int, int]] = []
    for (first, stop), number in zip(pairwise(edges), notes, strict=False):
        if number is None:
            continue
        if found and found[-1][1:] == (first, number):
            found[-1] = (found[-1][0], stop, number)
        else:
            found.append((first, stop, number))
    return found


def build_icd(
    entries: Sequence[CodeEntry], meta: Mapping[str, str], notes_of: Sequence[CodeEntry] = ()
) -> bytes:
    """The edit table of a release. `notes_of`: entries of another release whose notes it borrows,
    its own file having none."""
    listed = {entry.code: entry for entry in entries}
    noted = {entry.code: entry for entry in (notes_of or entries)}
    codes = sorted(code for code, entry in listed.items() if entry.kind in SEARCHED_KINDS)
    excludes = _NoteLists(NoteKind.EXCLUDES1, codes)
    first = _NoteLists(NoteKind.CODE_FIRST, codes)
    for entry in noted.values():
        excludes.learn(entry)
        first.learn(entry)
    above = {code: _above(code, listed, noted) for code in codes}
    excl = array("H", [excludes.list_of(_inherited(excludes, above[code])) for code in codes])
    firsts = array("H", [first.list_of(_inherited(first, above[code])) for code in codes])
    categories = {code: number for number, code in enumerate(sorted({code[:3] for code in codes}))}
    sides, groups = _sides([listed[code] for code in codes])
    marks = bytes(MANIFESTATION if ELSEWHERE.search(listed[code].title) else 0 for code in codes)
    sections = {
        "codes": code_column(codes),
        "billable": bytes(listed[code].billable for code in codes),
        "category": array("H", [categories[code[:3]] for code in codes]).tobytes(),
        "excludes": excl.tobytes(),
        "first": firsts.tobytes(),
        "marks": marks,
        "sides": bytes(sides),
        "groups": array("I", groups).tobytes(),
        "masks": _masks(excludes, codes, categories),
        **excludes.sections("excludes1"),
        **first.sections("code_first"),
        **text_sections("titles", [listed[code].title for code in codes]),
    }
    return pack(IcdTable.KIND, sections, {**meta, "categories": len(categories)})


def _above(code: str, listed: Mapping[str, CodeEntry], noted: Mapping[str, CodeEntry]) -> list[str]:
    """A code and all headings above it, as the release with the notes places it."""
    path = [code]
    entry = noted.get(code)
    if entry is None:
        # A code that the release with the notes does not know stands below the longest start it knows.
        starts = (code[:size] for size in range(len(code) - 1, 2, -1))
        known = next((start for start in starts if start in noted), None)
        entry = noted[known] if known is not None else None
        path += [known] if known is not None else []
    while entry is not None and entry.parent is not None:
        path.append(entry.parent)
        entry = noted.get(entry.parent)
    return path


def _inherited(lists: _NoteLists, path: Sequence[str]) -> tuple[int, ...]:
    return tuple(number for code in path for number in lists.own.get(code, ()))


def _masks(lists: _NoteLists, codes: Sequence[str], categories: Mapping[str, int]) -> bytes:
    """For each list, a bit for each category that it reaches: most pairs of codes are passed over by it."""
    width = (len(categories) + 7) // 8
    out = bytearray()
    for rows in lists.rows:
        mask = bytearray(width)
        for start, stop, _ in rows:
            for number in {categories[codes[place][:3]] for place in range(start, stop)}:
                mask[number >> 3] |= 1 << (number & 7)
        out += mask
    return bytes(out)


def _sides(entries: Sequence[CodeEntry]) -> tuple[list[int], list[int]]:
    """The side of each code, and the number of the group of codes that differ in side only (0: none)."""
    found: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    sides = []
    for place, entry in enumerate(entries):
        words = WORD.findall(entry.title.lower())
        named = [side for side in ("right", "left", "bilateral") if side in words]
        side = named[0] if len(named) == 1 else "unspecified" if not named and "unspecified" in words else ""
        sides.append(SIDES.index(side) if entry.billable else 0)
        if entry.billable and side:
            key = tuple(sorted(word for word in words if word not in SIDE_WORDS))
            found.setdefault((entry.code[:3], key), []).append(place)
    groups = [0] * len(entries)
    number = 0
    for places in found.values():
        if {SIDES.index("right"), SIDES.index("left")} <= {sides[place] for place in places}:
            number += 1
            for place in places:
                groups[place] = number
    return [side if groups[place] else 0 for place, side in enumerate(sides)], groups
