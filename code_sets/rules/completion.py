"""What a bare list of codes borrows from an earlier tabular list: headings, so that codes have a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from code_sets.rules.entries import SEARCHED_KINDS, CodeEntry


def lacks_headings(entries: Sequence[CodeEntry]) -> bool:
    """Whether a file names no heading right above its codes."""
    return all(entry.billable or entry.kind not in SEARCHED_KINDS for entry in entries)


def has_terms(entries: Sequence[CodeEntry]) -> bool:
    """Whether a file gives notes, inclusion terms among them."""
    return any(entry.notes for entry in entries)


def with_borrowed_headings(entries: Sequence[CodeEntry], donor: Sequence[CodeEntry]) -> tuple[CodeEntry, ...]:
    """A list of codes with the headings of `donor` that stand above its codes; in order of code.

    A heading that became a code itself, or has no code below it any more, is left out.
    """
    own = {entry.code: entry for entry in entries}
    starts = {entry.code[:size] for entry in entries for size in range(3, len(entry.code))}
    headings = {
        entry.code: replace(entry, parent=None, notes=())
        for entry in donor
        if not entry.billable
        and entry.kind in SEARCHED_KINDS
        and entry.code not in own
        and (entry.code in starts or entry.code.ljust(6, "X") in starts)
    }
    merged = headings | own
    return tuple(_placed(merged[code], merged) for code in sorted(merged))


def _placed(entry: CodeEntry, all_entries: dict[str, CodeEntry]) -> CodeEntry:
    """The entry under the longest heading its code begins with."""
    for size in range(len(entry.code) - 1, 0, -1):
        start = entry.code[:size]
        if start in all_entries:
            return replace(entry, parent=start)
    return replace(entry, parent=None)
