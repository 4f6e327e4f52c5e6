"""Read access to the edit table of an ICD-10-CM release: headings, notes and sides by code."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from code_sets.rules.edits.icd_near import near_number, wanted
from code_sets.rules.edits.packed import PackedTable, code_text

NO_LIST: Final = 0xFFFF
MANIFESTATION: Final = 1
CACHED_LISTS: Final = 512
HEADING: Final = 1
FIRST_NEEDED: Final = 2
SIDED: Final = 4
LAST_PLACE: Final = 1 << 31
SIDES: Final = ("", "right", "left", "bilateral", "unspecified")


@dataclass(frozen=True, slots=True)
class IcdFacts:
    """What the edits need of one code. `bit`: of its category; `reach`: of the categories its Excludes1 notes
    point into; `near`: both folded into one number, see `icd_near`; `marks`: bits of HEADING, FIRST_NEEDED
    (it has code-first notes), SIDED."""

    place: int
    billable: bool
    marks: int
    bit: int
    reach: int
    near: int
    excludes: int
    first: int
    manifestation: bool
    side: str
    group: int


@dataclass(frozen=True, slots=True)
class IcdNote:
    """A note that holds for a code: the entry it stands at, its words, whether it says "if applicable"."""

    owner: str
    text: str
    optional: bool


@dataclass(frozen=True, slots=True)
class FirstNote:
    """A code-first note, the intervals of places it points at (none: it names no code), their categories."""

    note: IcdNote
    spans: Sequence[tuple[int, int]]
    reach: int


def within(spans: Sequence[tuple[int, int]], place: int) -> bool:
    """Whether a place lies in one of the intervals, which are in order and do not touch."""
    at = bisect_right(spans, (place, LAST_PLACE)) - 1
    return at >= 0 and place < spans[at][1]


class _Nears(dict[str, int]):
    """`IcdFacts.near` by code, for whoever asks for nothing else; 0 where the release holds no such code."""

    def __init__(self, table: IcdTable) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, code: str) -> int:
        facts = self._table.facts(code)
        if facts is None:
            return 0
        # Only codes of the release are remembered, so what is kept has an end.
        self[code] = facts.near
        return facts.near


class IcdTable(PackedTable):
    """Read access to a table made by `icd_build.build_icd`."""

    KIND = "icd-10-cm-edits"

    def __init__(self, buffer: bytes | memoryview) -> None:
        super().__init__(buffer)
        self._billable = self.section("billable")
        self._category = self.numbers("category", "H")
        self._excludes = self.numbers("excludes", "H")
        self._first = self.numbers("first", "H")
        self._marks = self.section("marks")
        self._sides = self.section("sides")
        self._groups = self.numbers("groups", "I")
        self._width = (int(self.meta["categories"]) + 7) // 8
        self._excludes_at = self.numbers("excludes1_at", "I")
        self._excludes_first = self.numbers("excludes1_first", "I")
        self._excludes_stop = self.numbers("excludes1_stop", "I")
        self._excludes_note = self.numbers("excludes1_note", "I")
        self._known: dict[str, IcdFacts] = {}
        self._first_notes = lru_cache(maxsize=CACHED_LISTS)(self._read_code_first)
        self._bit = lru_cache(maxsize=None)(lambda category: 1 << category)
        self._reach = lru_cache(maxsize=None)(self._read_reach)
        self._near = lru_cache(maxsize=None)(
            lambda category, number: near_number(category, self._reach(number))
        )
        self._nears = _Nears(self)

    def facts(self, code: str) -> IcdFacts | None:
        """The facts of a code or heading without dot, None when the release does not hold it."""
        known = self._known.get(code)
        return known if known is not None else self._read_facts(code)

    def facts_of(self, codes: Sequence[str]) -> list[IcdFacts | None]:
        """The facts of each code, None for one that the release does not hold."""
        found = list(map(self._known.get, codes))
        return found if all(found) else [self.facts(code) for code in codes]

    def _read_facts(self, code: str) -> IcdFacts | None:
        place = self.find(code)
        if place < 0:
            return None
        marks = 0 if self._billable[place] else HEADING
        marks |= FIRST_NEEDED if self._first[place] != NO_LIST else 0
        marks |= SIDED if self._groups[place] else 0
        # Only codes of the release are remembered, so what is kept has an end.
        facts = self._known[code] = IcdFacts(
            place,
            bool(self._billable[place]),
            marks,
            self._bit(self._category[place]),
            self._reach(self._excludes[place]),
            self._near(self._category[place], self._excludes[place]),
            self._excludes[place],
            self._first[place],
            bool(self._marks[place] & MANIFESTATION),
            SIDES[self._sides[place]],
            self._groups[place],
        )
        return facts

    def _read_reach(self, number: int) -> int:
        if number == NO_LIST:
            return 0
        raw = self.section("masks")[number * self._width : (number + 1) * self._width]
        return int.from_bytes(raw, "little")

    def excludes1(self, facts: Sequence[IcdFacts]) -> list[tuple[int, int, int]]:
        """(place of the code with the note, place of the code it excludes, note): places in `facts`.

        A pair is named once for each direction in which a note excludes it.
        """
        bits = wanted([one.near for one in facts])
        return self._excluded(facts, bits) if bits else []

    def excludes1_of(self, codes: Sequence[str]) -> list[tuple[int, int, int]]:
        """The same for codes of the release: places in `codes`; others are passed over."""
        bits = wanted(list(map(self._nears.__getitem__, codes)))
        return self._excluded(self.facts_of(codes), bits) if bits else []

    def _excluded(self, facts: Sequence[IcdFacts | None], bits: int) -> list[tuple[int, int, int]]:
        return [
            (a, b, note)
            for a, one in enumerate(facts)
            if one is not None and one.near & bits
            for b, other in enumerate(facts)
            if other is not None
            and one.reach & other.bit
            and a != b
            and (note := self._excluding(one.excludes, other.place)) >= 0
        ]

    def _excluding(self, number: int, place: int) -> int:
        """The note of a list that excludes the code at a place, -1: none. Its intervals do not overlap."""
        first = self._excludes_at[number]
        at = bisect_right(self._excludes_first, place, first, self._excludes_at[number + 1]) - 1
        return self._excludes_note[at] if at >= first and place < self._excludes_stop[at] else -1

    def excludes1_note(self, note: int) -> IcdNote:
        """The Excludes1 note with this number."""
        return self._note("excludes1", note)

    def code_first(self, facts: IcdFacts) -> Sequence[FirstNote]:
        """The code-first notes of a code."""
        return self._first_notes(facts.first) if facts.first != NO_LIST else ()

    def _read_code_first(self, number: int) -> list[FirstNote]:
        at = self.numbers("code_first_at", "I")
        columns = [self.numbers(f"code_first_{name}", "I") for name in ("first", "stop", "note")]
        found: dict[int, list[tuple[int, int]]] = {}
        for row in range(at[number], at[number + 1]):
            first, stop, note = (column[row] for column in columns)
            found.setdefault(note, []).extend([(first, stop)] if stop > first else [])
        return [
            FirstNote(self._note("code_first", note), sorted(spans), self._categories_of(spans))
            for note, spans in found.items()
        ]

    def _categories_of(self, spans: Sequence[tuple[int, int]]) -> int:
        reach = 0
        for category in {self._category[place] for first, stop in spans for place in range(first, stop)}:
            reach |= self._bit(category)
        return reach

    def _note(self, name: str, note: int) -> IcdNote:
        owner, text = self.texts(f"{name}_owners", note), self.texts(f"{name}_texts", note)
        return IcdNote(owner, text, bool(self.section(f"{name}_optional")[note]))

    def title(self, place: int) -> str:
        return self.texts("titles", place)

    def code(self, place: int) -> str:
        return code_text(self.codes[place])

    def bilateral_of(self, group: int, place: int) -> str | None:
        """The code for both sides of a group of codes that differ in side only, None when there is none."""
        return next(
            (self.code(at) for at in self._group(group, place) if SIDES[self._sides[at]] == "bilateral"), None
        )

    def _group(self, group: int, place: int) -> list[int]:
        category = self._category[place]
        low = high = place
        while low > 0 and self._category[low - 1] == category:
            low -= 1
        while high < len(self._category) and self._category[high] == category:
            high += 1
        return [at for at in range(low, high) if self._groups[at] == group]

    def siblings(self, place: int) -> list[int]:
        """The other billable codes that differ from a code in its last character only."""
        code = self.code(place)
        found = []
        for step in (-1, 1):
            at = place + step
            while 0 <= at < len(self.codes) and self.code(at).startswith(code[:-1]):
                if self._billable[at] and len(self.code(at)) == len(code):
                    found.append(at)
                at += step
        return sorted(found)

    def below(self, place: int) -> list[str]:
        """The billable codes below a heading, in order."""
        heading, found = self.code(place), []
        at = place + 1
        while at < len(self.codes) and (code := self.code(at)).startswith(heading):
            if self._billable[at]:
                found.append(code)
            at += 1
        return found
