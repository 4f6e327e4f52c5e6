"""What changes with a release: codes or edits added, ended and revised against the release before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from code_sets.rules.edits.lists import (
    GLOBAL_DAYS,
    AddonTable,
    DatedTable,
    FlagTable,
    GlobalTable,
    MueTable,
)
from code_sets.rules.edits.packed import PackedTable, TableFormatError, code_text
from code_sets.rules.edits.ptp import PtpTable
from code_sets.rules.hcc_model_table import HccModelTable

EXAMPLES = 10
Entry = tuple[str, Any]
"""What it is (a code, a pair of codes) and all that is said of it."""
COMPARED: tuple[type[PackedTable], ...] = (
    PtpTable,
    MueTable,
    AddonTable,
    GlobalTable,
    DatedTable,
    FlagTable,
    HccModelTable,
)


@dataclass(slots=True)
class Changes:
    """Counts, and the first of each kind by name."""

    added: int = 0
    ended: int = 0
    revised: int = 0
    examples: dict[str, list[str]] = field(default_factory=lambda: {"added": [], "ended": [], "revised": []})

    def note(self, kind: str, name: str) -> None:
        """Count one change: "added", "ended" or "revised"."""
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.examples[kind]) < EXAMPLES:
            self.examples[kind].append(name)


def compare(before: Mapping[str, Any], after: Mapping[str, Any], changes: Changes | None = None) -> Changes:
    """What changed between two lists of entries; revised: the same name says something else."""
    changes = changes or Changes()
    for name in sorted(after.keys() - before.keys()):
        changes.note("added", name)
    for name in sorted(before.keys() - after.keys()):
        changes.note("ended", name)
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            changes.note("revised", name)
    return changes


def compare_tables(before: bytes, after: bytes, day_before: int, day: int) -> Changes | None:
    """What changed between two tables of one kind: what is in force on a day of either (YYYYMMDD).

    None for a kind whose rows are not compared (indexes, tables of ICD-10-PCS).
    """
    for kind in COMPARED:
        try:
            old, new = kind(before), kind(after)
        except TableFormatError:
            continue
        if isinstance(old, PtpTable) and isinstance(new, PtpTable):
            return _compare_pairs(old, new, day_before, day)
        return compare(dict(_entries(old, day_before)), dict(_entries(new, day)))
    return None


def _entries(table: PackedTable, day: int) -> Iterator[Entry]:
    codes = [code_text(number) for number in table.codes]
    if isinstance(table, MueTable):
        yield from zip(
            codes,
            zip(table.numbers("values", "I"), table.numbers("indicators", "B"), strict=True),
            strict=True,
        )
    elif isinstance(table, AddonTable):
        yield from ((code, table.get(code)) for code in codes)
    elif isinstance(table, GlobalTable):
        yield from (
            (code, GLOBAL_DAYS[place]) for code, place in zip(codes, table.section("days"), strict=True)
        )
    elif isinstance(table, DatedTable):
        yield from ((code, table.title(code)) for code in codes if _holds(table.period(code), day))
    elif isinstance(table, FlagTable):
        yield from ((code, flags) for code in dict.fromkeys(codes) if (flags := table.flags(code, day)))
    elif isinstance(table, HccModelTable):
        model = table.read()
        yield from ((code, (model.mapping[code], model.edits.get(code))) for code in model.mapping)


def _holds(period: tuple[int, int] | None, day: int) -> bool:
    return period is not None and period[0] <= day <= period[1]


def _compare_pairs(old: PtpTable, new: PtpTable, day_before: int, day: int) -> Changes:
    """One column 1 after the other: a release has two million edits."""
    changes = Changes()
    for first in sorted({code_text(number) for table in (old, new) for number in table.codes}):
        compare(dict(_pairs(old, first, day_before)), dict(_pairs(new, first, day)), changes)
    return changes


def _pairs(table: PtpTable, first: str, day: int) -> Iterator[Entry]:
    for second, kind in table.kinds_of(first):
        if kind.effective <= day <= kind.deletion:
            yield f"{first}/{code_text(table.codes[second])}", kind.indicator
