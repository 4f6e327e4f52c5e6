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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from code_sets.rules.edits.packed import PackedTable, code_column, pack, text_sections

NO_DATE: Final = 99991231
CACHED_KINDS: Final = 4096
MOST_NUMBERS: Final = 0xFFFF


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
        self._row_at = self.numbers("row_at", "I")
        self._column2 = self.numbers("column2", "H")
        self._kinds = self.numbers("kinds", "H")
        self._attributes = self.numbers("attributes", "I")
        self._kind = lru_cache(maxsize=CACHED_KINDS)(self._read_kind)

    def pairs(self, codes: Sequence[str]) -> list[tuple[int, int]]:
        """Places in `codes` of each unordered pair of different codes that has an edit of any date."""
        find, bits, starts = self.find, self._bits, self._bits_at
        known = sorted([(number, at) for at, code in enumerate(codes) if (number := find(code)) >= 0])
        seen: list[tuple[int, int, int]] = []
        hits: list[tuple[int, int]] = []
        for number, at in known:
            row = starts[number]
            hits += [(other, at) for byte, bit, other in seen if bits[row + byte] & bit]
            seen.append((number >> 3, 1 << (number & 7), at))
        return hits

    def rows(self, column1: str, column2: str) -> list[PtpRow]:
        """The edits with these columns, of all dates."""
        first, second = self.find(column1), self.find(column2)
        if first < 0 or second < 0:
            return []
        return [PtpRow(column1, column2, *self._kind(kind)) for kind in self._kinds_of(first, second)]

    def _kinds_of(self, first: int, second: int) -> Sequence[int]:
        start, stop = self._row_at[first], self._row_at[first + 1]
        at = end = bisect_left(self._column2, second, start, stop)
        while end < stop and self._column2[end] == second:
            end += 1
        return self._kinds[at:end]

    def _read_kind(self, kind: int) -> tuple[int, int, int, str]:
        effective, deletion, indicator, rationale = self._attributes[kind * 4 : kind * 4 + 4]
        return effective, deletion, indicator, self.texts("rationales", rationale)

    def edit(self, one: str, other: str, day: int) -> PtpRow | None:
        """The edit between two codes in force on a day (YYYYMMDD), whichever is column 1; None: none.

        Where both directions are in force, the one that is not "not applicable" (9) counts.
        """
        a, b = self.find(one), self.find(other)
        best: PtpRow | None = None
        if a < 0 or b < 0:
            return None
        for column1, column2, first, second in ((one, other, a, b), (other, one, b, a)):
            for number in self._kinds_of(first, second):
                kind = self._kind(number)
                if kind[0] <= day <= kind[1] and (best is None or kind[2] < best.indicator):
                    best = PtpRow(column1, column2, *kind)
        return best
