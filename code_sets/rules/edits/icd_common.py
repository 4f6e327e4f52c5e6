"""What the edits of diagnoses share."""

from __future__ import annotations

from code_sets.rules.edits.claim import Claim
from code_sets.rules.edits.icd_table import IcdFacts

Known = list[tuple[int, str, IcdFacts]]
"""Position of a diagnosis from 0, its code, its facts."""


def lines_of(claim: Claim, *positions: int) -> tuple[int, ...]:
    """The lines that point at any of these diagnoses (positions from 0)."""
    wanted = {position + 1 for position in positions}
    return tuple(line.number for line in claim.lines if not wanted.isdisjoint(line.pointers))
