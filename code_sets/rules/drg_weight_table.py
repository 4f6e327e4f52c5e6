"""Relative weights of a fiscal year as one block, mapped from a file like the tables of edits.

Source: CMS, IPPS final rule, table 5 (number, type, weight with the cap on decreases, mean lengths of stay).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from code_sets.rules.edits.packed import PackedTable, code_column, code_text, pack, text_sections

CELLS: Final = 4
Row = tuple[str, str, str, str]
"""Type, weight, geometric and arithmetic mean stay as the table writes them; "" where it gives none."""


def build_weights(rows: Iterable[tuple[int, Row]], meta: Mapping[str, str]) -> bytes:
    """The block of (group number, row); a number stands once."""
    ordered = sorted((f"{number:03}", row) for number, row in rows)
    sections = {
        "codes": code_column(number for number, _ in ordered),
        **text_sections("rows", ["\t".join(row) for _, row in ordered]),
    }
    return pack(WeightTable.KIND, sections, meta)


class WeightTable(PackedTable):
    """Read access to a block made by `build_weights`."""

    KIND = "ms-drg-weights"

    def rows(self) -> Mapping[int, Row]:
        """Every group's row by its number."""
        found: dict[int, Row] = {}
        for place, number in enumerate(self.codes):
            kind, weight, geometric, arithmetic = self.texts("rows", place).split("\t")
            found[int(code_text(number))] = (kind, weight, geometric, arithmetic)
        return found
