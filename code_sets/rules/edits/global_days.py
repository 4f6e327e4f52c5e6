"""The global period of each procedure, as the Medicare physician fee schedule gives it.

Source: CMS, "Medicare Claims Processing Manual" (Pub. 100-04), chapter 12, section 40.1 (000: the day itself;
010: the day and 10 days after it; 090: the day before, the day and 90 days after it) and section 30.6.6;
MPFS relative value file, column "Global Days".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from code_sets.rules.edits.packed import PackedTable, code_column, pack

INDICATORS: Final = ("000", "010", "090", "MMM", "XXX", "YYY", "ZZZ")
"""MMM maternity, XXX the concept does not apply, YYY the contractor decides, ZZZ within another service."""
DAYS_AFTER: Final = {"000": 0, "010": 10, "090": 90}


def build_globals(rows: Iterable[tuple[str, str]], meta: dict[str, str]) -> bytes:
    """The table of (code, indicator) rows; a code stands once. Raises ValueError for another indicator."""
    ordered = sorted(rows)
    sections = {
        "codes": code_column(code for code, _ in ordered),
        "kinds": bytes(INDICATORS.index(kind) for _, kind in ordered),
    }
    return pack(GlobalTable.KIND, sections, meta)


class GlobalTable(PackedTable):
    """Read access to a table made by `build_globals`."""

    KIND = "mpfs-global"

    def __init__(self, buffer: bytes | memoryview) -> None:
        super().__init__(buffer)
        self._kinds = self.section("kinds")

    def indicator(self, code: str) -> str | None:
        """The indicator of a code, None when the fee schedule does not hold it."""
        place = self.find(code)
        return INDICATORS[self._kinds[place]] if place >= 0 else None

    def days_after(self, code: str) -> int | None:
        """Days of the global period after the day of the procedure; None for a code without one."""
        kind = self.indicator(code)
        return DAYS_AFTER.get(kind) if kind is not None else None
