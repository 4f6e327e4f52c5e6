"""The table of NCCI procedure-to-procedure (PTP) edits of one setting.

Source of the columns: CMS, "NCCI PTP Edits" quarterly files: column 1, column 2, in existence prior to 1996,
effective date, deletion date, modifier indicator, rationale. The files are cumulative: a deleted pair stays
there with its dates, and a pair may stand there again with later ones.

Most pairs of lines have no edit. Each code has a row of bits, one for each code before it and for itself, set
where the two have an edit in either direction; only for such a pair are its edits read, for direction, dates
and indicator.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from code_sets.rules.edits.packed import PackedTable, code_column, pack, text_sections
from code_sets.rules.edits.ptp_bits import PairBits

NO_DATE: Final = 99991231
MOST_NUMBERS: Final = 0xFFFF


@dataclass(frozen=True, slots=True)
class PtpKind:
    """What many edits share: their dates, indicator and rationale, and how a finding says them."""

    effective: int
    deletion: int
    indicator: int
    rationale: str
    dates: str = field(init=False)
    told: str = field(init=False)

    def __post_init__(self) -> None:
        last = "" if self.deletion == NO_DATE else f" to {self.deletion}"
        since = f" from {self.effective}" if self.effective else ""
        object.__setattr__(self, "dates", f"indicator {self.indicator}{since}{last}")
        lifted = "a modifier lifts it when the note shows separate services"
        if self.indicator == 0:
            lifted = "no modifier lifts it"
        told = f"(column 1) that day: {self.rationale}. Modifier indicator {self.indicator}: {lifted}."
        object.__setattr__(self, "told", told)


@dataclass(frozen=True, slots=True)
class PtpRow:
    """One edit. Dates as YYYYMMDD numbers, both days included; `deletion` NO_DATE: none."""

    column1: str
    column2: str
    effective: int
    deletion: int
    indicator: int
    rationale: str

    def in_force(self, day: int) -> bool:
        return self.effective <= day <= self.deletion


def build_ptp(rows: Iterable[tuple[str, str, int, int, int, str]], meta: dict[str, str]) -> bytes:
    """The table of (column 1, column 2, effective, deletion, indicator, rationale) rows, in any order.

    Raises ValueError when there are more codes or distinct attributes than two bytes number.
    """
    by_first: dict[str, list[tuple[str, int]]] = {}
    attributes: dict[tuple[int, int, int, str], int] = {}
    seen: set[str] = set()
    count = 0
    for column1, column2, effective, deletion, indicator, rationale in rows:
        key = (effective, deletion, indicator, rationale)
        by_first.setdefault(column1, []).append((column2, attributes.setdefault(key, len(attributes))))
        seen.add(column2)
        count += 1
    codes = sorted(seen | by_first.keys())
    if max(len(codes), len(attributes)) > MOST_NUMBERS:
        raise ValueError("more codes or kinds of edit than the table can number")
    sections = _sections(codes, by_first, list(attributes))
    return pack(PtpTable.KIND, sections, {**meta, "rows": count})


def _sections(
    codes: Sequence[str],
    by_first: dict[str, list[tuple[str, int]]],
    attributes: Sequence[tuple[int, int, int, str]],
) -> dict[str, bytes | bytearray]:
    numbers = {code: place for place, code in enumerate(codes)}
    starts = array("I", [0])
    for number in range(len(codes)):
        starts.append(starts[-1] + (number >> 3) + 1)
    bits = bytearray(starts[-1])
    row_at, column2, kinds = array("I", [0]), array("H"), array("H")
    for first, code in enumerate(codes):
        for second, kind in sorted((numbers[other], kind) for other, kind in by_first.get(code, ())):
            column2.append(second)
            kinds.append(kind)
            if first != second:
                low, high = (first, second) if first < second else (second, first)
                bits[starts[high] + (low >> 3)] |= 1 << (low & 7)
        row_at.append(len(column2))
    rationales = list(dict.fromkeys(attribute[3] for attribute in attributes))
    place_of = {text: place for place, text in enumerate(rationales)}
    packed = array("I")
    for effective, deletion, indicator, rationale in attributes:
        packed.extend((effective, deletion, indicator, place_of[rationale]))
    return {
        "codes": code_column(codes),
        "bits": bits,
        "bits_at": starts.tobytes(),
        "row_at": row_at.tobytes(),
        "column2": column2.tobytes(),
        "kinds": kinds.tobytes(),
        "attributes": packed.tobytes(),
        **text_sections("rationales", rationales),
    }


class PtpTable(PackedTable):
    """Read access to a table made by `build_ptp`."""

    KIND = "ncci-ptp"

    def __init__(self, buffer: bytes | memoryview) -> None:
        super().__init__(buffer)
        self._bits_at = self.numbers("bits_at", "I")
        self._bits = self.section("bits")
        self._pair_bits = PairBits(self._bits, self._bits_at)
        self._row_at = self.numbers("row_at", "I")
        self._column2 = self.numbers("column2", "H")
        self._kinds = self.numbers("kinds", "H")
        self._attributes = self.numbers("attributes", "I")
        self._kinds_read: dict[int, PtpKind] = {}

    def pairs(self, codes: Sequence[str]) -> list[tuple[int, int]]:
        """Places in `codes` of each unordered pair of different codes that has an edit of any date."""
        return self.pairs_of([self.find(code) for code in codes])

    def pairs_of(self, numbers: Sequence[int]) -> list[tuple[int, int]]:
        """The same for the places of codes in this table; a code that it does not hold is negative."""
        bits, starts = self._bits, self._bits_at
        seen: list[tuple[int, int, int]] = []
        hits: list[tuple[int, int]] = []
        for at in sorted(range(len(numbers)), key=numbers.__getitem__):
            number = numbers[at]
            if number < 0:
                continue
            row = starts[number]
            for byte, bit, other in seen:
                if bits[row + byte] & bit:
                    hits.append((other, at))
            seen.append((number >> 3, 1 << (number & 7), at))
        return hits

    def pairs_of_claims(self, claims: Sequence[Sequence[int]]) -> list[list[tuple[int, int]]]:
        """`pairs_of` for each of several claims at once."""
        return self._pair_bits.of_claims(claims)

    def rows(self, column1: str, column2: str) -> list[PtpRow]:
        """The edits with these columns, of all dates."""
        first, second = self.find(column1), self.find(column2)
        if first < 0 or second < 0:
            return []
        found = []
        for at in range(*self._span(first, second)):
            kind = self.kind(self._kinds[at])
            found.append(
                PtpRow(column1, column2, kind.effective, kind.deletion, kind.indicator, kind.rationale)
            )
        return found

    def kinds_of(self, column1: str) -> Iterator[tuple[int, PtpKind]]:
        """The edits of a column 1: the number of each column 2 code (see `codes`), and what is said of it."""
        first = self.find(column1)
        if first >= 0:
            for at in range(self._row_at[first], self._row_at[first + 1]):
                yield self._column2[at], self.kind(self._kinds[at])

    def _span(self, first: int, second: int) -> tuple[int, int]:
        column2, stop = self._column2, self._row_at[first + 1]
        at = end = bisect_left(column2, second, self._row_at[first], stop)
        while end < stop and column2[end] == second:
            end += 1
        return at, end

    def kind(self, number: int) -> PtpKind:
        """What the edits of one kind share: a few hundred kinds stand for millions of edits."""
        known = self._kinds_read.get(number)
        if known is None:
            effective, deletion, indicator, rationale = self._attributes[number * 4 : number * 4 + 4]
            text = self.texts("rationales", rationale)
            known = self._kinds_read[number] = PtpKind(effective, deletion, indicator, text)
        return known

    def edit_of(self, a: int, b: int, day: int) -> tuple[bool, PtpKind] | None:
        """The edit in force on a day between two codes by their places: is `a` column 1, and its kind.

        Where both directions are in force, the one that is not "not applicable" (9) counts.
        """
        column2, row_at, kinds, known = self._column2, self._row_at, self._kinds, self._kinds_read
        best: tuple[bool, PtpKind] | None = None
        # In the order of the table, so that the order of lines decides nothing.
        for first, second in ((a, b), (b, a)) if a < b else ((b, a), (a, b)):
            if best is not None and best[1].indicator == 0:
                break
            stop = row_at[first + 1]
            at = bisect_left(column2, second, row_at[first], stop)
            while at < stop and column2[at] == second:
                kind = known.get(kinds[at]) or self.kind(kinds[at])
                if kind.effective <= day <= kind.deletion and (
                    best is None or kind.indicator < best[1].indicator
                ):
                    best = (first == a, kind)
                at += 1
        return best

    def edit(self, one: str, other: str, day: int) -> PtpRow | None:
        """The edit between two codes in force on a day (YYYYMMDD), whichever is column 1; None: none."""
        a, b = self.find(one), self.find(other)
        found = self.edit_of(a, b, day) if a >= 0 and b >= 0 else None
        if found is None:
            return None
        first, kind = found
        column1, column2 = (one, other) if first else (other, one)
        return PtpRow(column1, column2, kind.effective, kind.deletion, kind.indicator, kind.rationale)
