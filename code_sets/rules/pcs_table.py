"""The tables of ICD-10-PCS as one block, mapped from a file like the tables of edits.

A table is named by the first three characters of its codes. Each of its rows lists the values of positions 4
to 7 that go together: a code is valid when one row holds all four.

Source: CMS, ICD-10-PCS Tables (icd10pcs_tables_YYYY.xml); ICD-10-PCS Official Guidelines, convention A9.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from code_sets.rules.edits.packed import PackedTable, code_column, code_text, pack, text_sections

HEAD: Final = 3
LENGTH: Final = 7
Labels = Mapping[str, str | None]
"""Values of an axis with their labels; None: the file gives the value without its label."""
Row = tuple[Labels, Labels, Labels, Labels]
"""The values of positions 4 to 7 that go together."""


@dataclass(frozen=True, slots=True)
class PcsTable:
    """One table. `prefix`: its three characters; `names`: the seven axes; `heads`: the labels of the first
    three values (None: not given); `definition`: what the operation is."""

    prefix: str
    names: tuple[str, ...]
    heads: tuple[str | None, str | None, str | None]
    definition: str | None
    rows: tuple[Row, ...]

    def codes(self) -> Iterator[str]:
        """Every code of the table, in the order of its rows; a code of two rows comes twice."""
        for row in self.rows:
            for values in product(*row):
                yield self.prefix + "".join(values)


def build_pcs(tables: Iterable[PcsTable], meta: Mapping[str, Any]) -> bytes:
    """The block of a release's tables; each stands once."""
    ordered = sorted(tables, key=lambda table: table.prefix)
    sections = {
        "codes": code_column(table.prefix for table in ordered),
        **text_sections("heads", [json.dumps([table.names, table.heads]) for table in ordered]),
        **text_sections("rows", [json.dumps([table.definition, table.rows]) for table in ordered]),
    }
    return pack(PcsTables.KIND, sections, meta)


class PcsTables(PackedTable):
    """Read access to a block made by `build_pcs`; a table is read when it is asked for."""

    KIND = "icd-10-pcs-tables"

    def __init__(self, buffer: bytes | memoryview) -> None:
        super().__init__(buffer)
        self.prefixes: tuple[str, ...] = tuple(code_text(number) for number in self.codes)
        self._heads = [self._head(place) for place in range(len(self.prefixes))]

    def _head(self, place: int) -> tuple[tuple[str, ...], Sequence[str | None]]:
        names, heads = json.loads(self.texts("heads", place))
        return tuple(names), heads

    def head(self, prefix: str) -> tuple[tuple[str, ...], Sequence[str | None]]:
        """The names of the seven axes and the labels of the first three values. Raises KeyError."""
        place = self.find(prefix)
        if place < 0:
            raise KeyError(prefix)
        return self._heads[place]

    def table(self, prefix: str) -> PcsTable | None:
        """The table of three characters, None when the release has none."""
        place = self.find(prefix)
        if place < 0:
            return None
        names, heads = self._heads[place]
        definition, rows = json.loads(self.texts("rows", place))
        section, system, operation = heads
        return PcsTable(
            prefix,
            names,
            (section, system, operation),
            definition,
            tuple((fourth, fifth, sixth, seventh) for fourth, fifth, sixth, seventh in rows),
        )

    def expand(self) -> Iterator[str]:
        """Every valid code of the release, table by table."""
        for prefix in self.prefixes:
            table = self.table(prefix)
            if table is not None:
                yield from table.codes()
