"""Smaller tables of edits, one row a code: MUE, add-on codes, global periods, ages and sexes, dated lists.

Sources: CMS, "Medically Unlikely Edits" (value, MUE adjudication indicator, rationale); CMS, "Add-on Code
Edits" (type 1: the primary codes are listed in full; type 2: contractors define them; type 3: some are
listed); CMS, Physician Fee Schedule relative value file (global days); CMS, MCE and HCPCS release files.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from code_sets.rules.edits.packed import PackedTable, code_column, code_text, pack, text_sections

NO_DATE: Final = 99991231
MOST_REMEMBERED: Final = 65_536
FLAGS: Final = (
    "newborn",
    "pediatric",
    "maternity",
    "adult",
    "female",
    "male",
    "manifestation",
    "unacceptable",
    "ecodepdx",
    "unspecified",
)
GLOBAL_DAYS: Final = ("000", "010", "090", "MMM", "XXX", "YYY", "ZZZ")
"""Values of the fee schedule's column "global days": days after the procedure, MMM maternity, XXX the concept
does not apply, YYY set by the contractor, ZZZ part of another service."""
FLAG_SETS: Final = tuple(
    frozenset(flag for place, flag in enumerate(FLAGS) if bits >> place & 1)
    for bits in range(1 << len(FLAGS))
)


@dataclass(frozen=True, slots=True)
class Mue:
    """The most units of a code. `mai`: 1 by line, 2 by date (policy), 3 by date (clinical)."""

    value: int
    mai: int
    rationale: str


def build_mue(rows: Iterable[tuple[str, int, int, str]], meta: dict[str, str]) -> bytes:
    """The table of (code, value, adjudication indicator, rationale) rows; a code stands once."""
    ordered = sorted(rows)
    rationales = list(dict.fromkeys(row[3] for row in ordered))
    places = {text: place for place, text in enumerate(rationales)}
    sections = {
        "codes": code_column(row[0] for row in ordered),
        "values": array("I", [row[1] for row in ordered]).tobytes(),
        "indicators": bytes(row[2] for row in ordered),
        "rationale": array("H", [places[row[3]] for row in ordered]).tobytes(),
        **text_sections("rationales", rationales),
    }
    return pack(MueTable.KIND, sections, meta)


class MueTable(PackedTable):
    """Read access to a table made by `build_mue`."""

    KIND = "ncci-mue"

    def __init__(self, buffer: bytes | memoryview) -> None:
        super().__init__(buffer)
        self._values = self.numbers("values", "I")
        self._indicators = self.numbers("indicators", "B")
        self._rationale = self.numbers("rationale", "H")

    def limit(self, code: str) -> int:
        """The MUE value of a code, -1 when it has none published."""
        place = self.find(code)
        return self._values[place] if place >= 0 else -1

    def get(self, code: str) -> Mue | None:
        place = self.find(code)
        if place < 0:
            return None
        text = self.texts("rationales", self._rationale[place])
        return Mue(self._values[place], self._indicators[place], text)


@dataclass(frozen=True, slots=True)
class Addon:
    """An add-on code: its edit type (1, 2, 3) and the primary codes that are listed."""

    type: int
    primaries: tuple[str, ...]


def build_addon(rows: Iterable[tuple[str, str, int]], meta: dict[str, str]) -> bytes:
    """The table of (primary or "CCCCC", add-on, type) rows. CCCCC stands for a contractor's own list."""
    listed: dict[str, tuple[int, set[str]]] = {}
    for primary, addon, kind in rows:
        _, primaries = listed.setdefault(addon, (kind, set()))
        if primary != "CCCCC":
            primaries.add(primary)
    codes = sorted(listed)
    at, flat = array("I", [0]), array("Q")
    for code in codes:
        flat.frombytes(code_column(sorted(listed[code][1])))
        at.append(len(flat))
    sections = {
        "codes": code_column(codes),
        "types": bytes(listed[code][0] for code in codes),
        "primary_at": at.tobytes(),
        "primaries": flat.tobytes(),
    }
    return pack(AddonTable.KIND, sections, meta)


class AddonTable(PackedTable):
    """Read access to a table made by `build_addon`."""

    KIND = "ncci-addon"

    def get(self, code: str) -> Addon | None:
        place = self.find(code)
        if place < 0:
            return None
        at = self.numbers("primary_at", "I")
        flat = self.numbers("primaries", "Q")[at[place] : at[place + 1]]
        return Addon(self.numbers("types", "B")[place], tuple(code_text(number) for number in flat))


def build_flags(rows: Iterable[tuple[str, int, int, Sequence[str]]], meta: dict[str, str]) -> bytes:
    """The table of (code, valid from, valid to, MCE flags) rows; flags that no edit reads are left out."""
    ordered = sorted(rows, key=lambda row: (row[0], row[1]))
    bits = [sum(1 << FLAGS.index(flag) for flag in row[3] if flag in FLAGS) for row in ordered]
    sections = {
        "codes": code_column(row[0] for row in ordered),
        "from": array("I", [row[1] for row in ordered]).tobytes(),
        "to": array("I", [row[2] for row in ordered]).tobytes(),
        "flags": array("H", bits).tobytes(),
    }
    return pack(FlagTable.KIND, sections, meta)


class FlagTable(PackedTable):
    """Read access to a table made by `build_flags`: the Medicare Code Editor's marks of diagnoses."""

    KIND = "mce"

    def __init__(self, buffer: bytes | memoryview) -> None:
        super().__init__(buffer)
        self._flags = self.numbers("flags", "H")
        self._from = self.numbers("from", "I")
        self._to = self.numbers("to", "I")

        self._known: dict[str, tuple[tuple[int, int, frozenset[str]], ...]] = {}

    def flags(self, code: str, day: int) -> frozenset[str]:
        """The marks of a code on a day (YYYYMMDD); none for a code that the list does not hold then."""
        return self.marked((code,), day).get(0, FLAG_SETS[0])

    def marked(self, codes: Sequence[str], day: int) -> dict[int, frozenset[str]]:
        """The marks of several codes on a day, by their places; codes without marks are left out."""
        known, found = self._known.get, {}
        for place, code in enumerate(codes):
            periods = known(code)
            if periods is None:
                periods = self._read(code)
            for first, last, flags in periods or ():
                if first <= day <= last:
                    found[place] = flags
                    break
        return found

    def _read(self, code: str) -> tuple[tuple[int, int, frozenset[str]], ...]:
        place, rows = self.find(code), []
        number = self.codes[place] if place >= 0 else -1
        while 0 <= place < len(self.codes) and self.codes[place] == number:
            rows.append((self._from[place], self._to[place], FLAG_SETS[self._flags[place]]))
            place += 1
        periods = tuple(row for row in rows if row[2])
        if len(self._known) < MOST_REMEMBERED:
            self._known[code] = periods
        return periods


def build_dated(rows: Iterable[tuple[str, int, int, str]], meta: dict[str, str]) -> bytes:
    """The table of (code, first day, last day, title) rows: HCPCS codes, modifiers, places of service."""
    ordered = sorted(rows)
    sections = {
        "codes": code_column(row[0] for row in ordered),
        "from": array("I", [row[1] for row in ordered]).tobytes(),
        "to": array("I", [row[2] for row in ordered]).tobytes(),
        **text_sections("titles", [row[3] for row in ordered]),
    }
    return pack(DatedTable.KIND, sections, meta)


class DatedTable(PackedTable):
    """Read access to a table made by `build_dated`."""

    KIND = "dated-codes"

    def period(self, code: str) -> tuple[int, int] | None:
        """First and last day (YYYYMMDD; NO_DATE: none), None when the release does not hold the code."""
        place = self.find(code)
        if place < 0:
            return None
        return self.numbers("from", "I")[place], self.numbers("to", "I")[place]

    def title(self, code: str) -> str:
        place = self.find(code)
        return self.texts("titles", place) if place >= 0 else ""


def build_global(rows: Iterable[tuple[str, str]], meta: dict[str, str]) -> bytes:
    """The table of (code, global days) rows, values of `GLOBAL_DAYS`; a code stands once."""
    ordered = sorted(rows)
    sections = {
        "codes": code_column(row[0] for row in ordered),
        "days": bytes(GLOBAL_DAYS.index(row[1]) for row in ordered),
    }
    return pack(GlobalTable.KIND, sections, meta)


class GlobalTable(PackedTable):
    """Read access to a table made by `build_global`: the fee schedule's global surgery period of a code."""

    KIND = "mpfs-global"

    def days(self, code: str) -> str | None:
        """One of `GLOBAL_DAYS`, None when the fee schedule does not hold the code."""
        place = self.find(code)
        return GLOBAL_DAYS[self.section("days")[place]] if place >= 0 else None
