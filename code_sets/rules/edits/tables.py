"""The tables that answer for one day."""

from __future__ import annotations

from dataclasses import dataclass, field

from code_sets.rules.edits.code_facts import BookTables, CodeBook, book_of
from code_sets.rules.edits.icd_table import IcdTable
from code_sets.rules.edits.lists import AddonTable, DatedTable, FlagTable, GlobalTable, MueTable
from code_sets.rules.edits.modifier_facts import ModifierFacts
from code_sets.rules.edits.packed import PackedTable
from code_sets.rules.edits.ptp import PtpTable


@dataclass(frozen=True, slots=True)
class DayTables:
    """What answers for one day; None: no release is loaded for it, and its edits are not made."""

    modifiers: ModifierFacts
    ptp: PtpTable | None = None
    mue: MueTable | None = None
    addon: AddonTable | None = None
    global_days: GlobalTable | None = None
    hcpcs: DatedTable | None = None
    level2: DatedTable | None = None
    icd: IcdTable | None = None
    mce: FlagTable | None = None
    places: DatedTable | None = None
    poa_exempt: DatedTable | None = None
    book: CodeBook = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        read = BookTables(self.modifiers, self.ptp, self.mue, self.addon, self.hcpcs, self.global_days)
        object.__setattr__(self, "book", book_of(read))


def edition(table: PackedTable) -> str:
    """The release of a table as a citation names it."""
    return table.release
