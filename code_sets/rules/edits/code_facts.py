"""What the edits of a line need of its procedure code, read from the tables of a day once a process.

A line asks several tables about its code (PTP, MUE, add-on, HCPCS, global period). Asked in turn on each
check they cost more than the edits themselves; here the answers of a code stand together and are found with
one look-up. The tables stay mapped and shared; what is remembered is one small object for each code that a
process has met.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, cast

from code_sets.rules.edits.lists import AddonTable, DatedTable, GlobalTable, MueTable
from code_sets.rules.edits.modifier_facts import ModifierFacts
from code_sets.rules.edits.ptp import PtpTable
from code_sets.rules.forms import procedure_system

MOST_REMEMBERED: Final = 32_768
NO_MOST: Final = 1 << 30
NO_DATE: Final = 99991231
ADDON: Final = 1
EVALUATION: Final = 2
UNLISTED: Final = 4
SURGERY: Final = 8
"""A procedure with a global period of its own: 000, 010 or 090."""
DATED: Final = 16
"""In force on some days only, or never."""
OFTEN: Final = 64


class BookTables(NamedTuple):
    """The tables a book is read from; it is one book for the same tables, whatever the day."""

    modifiers: ModifierFacts
    ptp: PtpTable | None
    mue: MueTable | None
    addon: AddonTable | None
    hcpcs: DatedTable | None
    global_days: GlobalTable | None


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """One procedure code. `number`: its place in the PTP table (-1: none); `most`: its MUE value (NO_MOST:
    none published); `first`, `last`: days it is in force (first > last: never); `days`: global period, one of
    `GLOBAL_DAYS`; `marks`: bits of ADDON, EVALUATION, UNLISTED, SURGERY."""

    number: int
    most: int
    first: int
    last: int
    days: str | None
    marks: int


class CodeBook:
    """Facts of codes by code. Codes that no table holds are remembered too, up to a bound."""

    def __init__(self, tables: BookTables) -> None:
        self._tables = tables
        self._known: dict[str, CodeFacts] = {}

    def facts(self, code: str) -> CodeFacts:
        """The facts of one code."""
        return self._known.get(code) or self._read(code)

    def of_codes(self, codes: Sequence[str]) -> list[CodeFacts]:
        """The facts of each code."""
        found = list(map(self._known.get, codes))
        if all(found):
            return cast(list[CodeFacts], found)
        return [facts or self._read(code) for code, facts in zip(codes, found, strict=True)]

    def _read(self, code: str) -> CodeFacts:
        tables = self._tables
        first, last = self._in_force(code)
        days = tables.global_days.days(code) if tables.global_days is not None else None
        marks = ADDON if tables.addon is not None and tables.addon.find(code) >= 0 else 0
        marks |= EVALUATION if tables.modifiers.is_evaluation(code) else 0
        title = tables.hcpcs.title(code) if tables.hcpcs is not None else ""
        marks |= UNLISTED if tables.modifiers.is_unlisted(code, title) else 0
        marks |= SURGERY if days in ("000", "010", "090") else 0
        marks |= DATED if (first, last) != (0, NO_DATE) else 0
        limit = tables.mue.limit(code) if tables.mue is not None else -1
        facts = CodeFacts(
            number=tables.ptp.find(code) if tables.ptp is not None else -1,
            most=limit if limit >= 0 else NO_MOST,
            first=first,
            last=last,
            days=days,
            marks=marks,
        )
        if len(self._known) < MOST_REMEMBERED:
            self._known[code] = facts
        return facts

    def _in_force(self, code: str) -> tuple[int, int]:
        """CPT numbers are checked by form alone: the code set is the AMA's and comes from the operator."""
        system = procedure_system(code)
        if system is None:
            return NO_DATE, 0
        if system != "HCPCS" or self._tables.hcpcs is None:
            return 0, NO_DATE
        return self._tables.hcpcs.period(code) or (NO_DATE, 0)


@lru_cache(maxsize=OFTEN)
def book_of(tables: BookTables) -> CodeBook:
    """The book of these tables: one object a process, since it remembers."""
    return CodeBook(tables)
