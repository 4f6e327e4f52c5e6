"""What became of a file's entries."""

from __future__ import annotations

from dataclasses import dataclass

from claims.rules.x12.parts import Problem


@dataclass(frozen=True, slots=True)
class Posted:
    """Each entry (claim, status or payment of one claim) counts once.

    Attributes:
        entry_count: what the file holds.
        posted_count: those whose claim is known; they stand with it, now or since an earlier reading.
        unmatched_count: kept, to be matched when their claim turns up.
        duplicate_count: set aside because another file brought the same.
        problems: what was left out and why, each with its place; of an unbalanced payment the difference.
    """

    entry_count: int = 0
    posted_count: int = 0
    unmatched_count: int = 0
    duplicate_count: int = 0
    problems: tuple[Problem, ...] = ()
