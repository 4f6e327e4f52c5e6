"""Sides of diagnoses: right and left, both, or not said; and the side a line's modifier says.

Source: ICD-10-CM Official Guidelines for Coding and Reporting, I.B.13 (laterality).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from code_sets.rules.edits.claim import ERROR, WARNING, Claim, ClaimLine, Finding
from code_sets.rules.edits.icd_common import Known, lines_of
from code_sets.rules.edits.icd_table import IcdFacts, IcdTable
from code_sets.rules.edits.tables import edition
from code_sets.rules.entries import with_dot

SIDE_MODIFIERS: Final = frozenset(("LT", "RT"))


def check_sides(claim: Claim, known: Known, table: IcdTable) -> Iterator[Finding]:
    """Sides that contradict each other, between diagnoses and between a line and what it points at."""
    sided_only = [one for one in known if one[2].group]
    if not sided_only:
        return
    if len(sided_only) > 1:
        yield from _between(claim, sided_only, table)
    lines = [one for one in claim.lines if one.modifiers and not SIDE_MODIFIERS.isdisjoint(one.modifiers)]
    if lines:
        yield from _side_of_line(lines, known, table)


def _citation(table: IcdTable) -> str:
    return f"ICD-10-CM {edition(table)}; Official Guidelines I.B.13, laterality"


def _between(claim: Claim, sided_only: Known, table: IcdTable) -> Iterator[Finding]:
    """Diagnoses that differ in side only."""
    citation = _citation(table)
    groups: dict[int, dict[str, tuple[int, str, IcdFacts]]] = {}
    for one in sided_only:
        groups.setdefault(one[2].group, {}).setdefault(one[2].side, one)
    for group, sides in groups.items():
        right, left = sides.get("right"), sides.get("left")
        both = table.bilateral_of(group, right[2].place) if right and left else None
        if right and left and both is not None:
            yield Finding(
                "icd.laterality",
                WARNING,
                lines_of(claim, right[0], left[0]),
                (right[1], left[1]),
                f"{with_dot(right[1])} and {with_dot(left[1])} are the two sides of {with_dot(both)}.",
                citation,
                f"Report {with_dot(both)} in place of the two.",
            )
        sided = right or left
        for general in ("bilateral", "unspecified"):
            if general in sides and sided is not None:
                wide = sides[general]
                yield Finding(
                    "icd.laterality",
                    ERROR if general == "bilateral" else WARNING,
                    lines_of(claim, wide[0], sided[0]),
                    (wide[1], sided[1]),
                    f"{with_dot(wide[1])} ({general}) and {with_dot(sided[1])} ({sided[2].side}) name one "
                    "condition with sides that do not agree.",
                    citation,
                    "Keep the code whose side the note states.",
                )


def _side_of_line(lines: Sequence[ClaimLine], known: Known, table: IcdTable) -> Iterator[Finding]:
    """A line with LT or RT whose diagnoses all have the other side."""
    citation = _citation(table)
    sides = {position + 1: (code, facts.side) for position, code, facts in known}
    for line in lines:
        for modifier, wrong in (("LT", "right"), ("RT", "left")):
            if modifier not in line.modifiers:
                continue
            pointed = [sides[pointer] for pointer in line.pointers if pointer in sides]
            sided = [one for one in pointed if one[1] in ("right", "left", "bilateral")]
            if sided and all(side == wrong for _, side in sided):
                code = sided[0][0]
                yield Finding(
                    "icd.laterality",
                    ERROR,
                    (line.number,),
                    (code, line.code),
                    f"Line {line.number} has {modifier}, and its diagnosis {with_dot(code)} is {wrong}.",
                    citation,
                    "Correct the modifier or the diagnosis, as the note states the side.",
                )
