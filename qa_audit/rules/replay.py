"""A settled worksheet read again: under another edition of the error table, or as the codes it settles.

Stored lines are the pairs as they were compared, each with what became of its finding.  Under another edition
pairs and verdicts may come out otherwise; a row then takes the fate of the stored lines its sides stood in:
it falls when all findings there fell, and is charged when one that stands is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from qa_audit.rules.audit_lines import PROCESS, CodeLine, Row, Taxonomy, Verdict
from qa_audit.rules.lines import code_line
from qa_audit.rules.scoring import Scores, judge

ZERO = Decimal(0)
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line of a worksheet as it is kept.

    Attributes:
        has_fallen: its finding was withdrawn or overturned.
        is_process: a finding about the work, beside a line of its own.
    """

    coder: Line | None
    reviewer: Line | None
    verdict: Verdict
    cause: str = ""
    has_fallen: bool = False
    is_process: bool = False


def replayed(lines: Sequence[StoredLine], taxonomy: Taxonomy) -> list[Row]:
    """The rows that this edition makes of the worksheet, with findings that fell counted as agreed."""
    pairs = [line for line in lines if not line.is_process]
    ours = [line for line in pairs if line.coder is not None]
    theirs = [line for line in pairs if line.reviewer is not None]
    rows = judge(
        [code_line(index, line.coder or {}, taxonomy=taxonomy) for index, line in enumerate(ours)],
        [code_line(index, line.reviewer or {}, taxonomy=taxonomy) for index, line in enumerate(theirs)],
        taxonomy,
    )
    found = [settled for row in rows if (settled := _settled(row, ours, theirs, taxonomy)) is not None]
    return found + [
        Row(None, None, line.verdict, ZERO, taxonomy.weights[line.verdict], charged=False)
        for line in lines
        if line.is_process and not line.has_fallen
    ]


def _settled(
    row: Row, ours: Sequence[StoredLine], theirs: Sequence[StoredLine], taxonomy: Taxonomy
) -> Row | None:
    """The row as it counts; None where the finding of a missed code fell, which the coder never owed."""
    stood = [] if row.coder is None else [ours[row.coder.index]]
    stood += [] if row.auditor is None else [theirs[row.auditor.index]]
    findings = [line for line in stood if line.verdict is not Verdict.AGREE]
    if row.verdict is Verdict.AGREE:
        return _agreed(row.coder or row.auditor)
    if findings and all(line.has_fallen for line in findings):
        return None if row.coder is None else _agreed(row.coder)
    standing = [line for line in findings if not line.has_fallen]
    charged = not standing or any(line.cause not in taxonomy.not_charged for line in standing)
    weight = row.weight if charged and row.verdict not in PROCESS else ZERO
    sides = [None if side is None else replace(side, charged=charged) for side in (row.coder, row.auditor)]
    return replace(row, coder=sides[0], auditor=sides[1], weight=weight, charged=charged)


def _agreed(line: CodeLine | None) -> Row:
    return Row(line, line, Verdict.AGREE, ZERO)


# --- the set of codes that a worksheet settles ---------------------------------------------------------


def settled_codes(lines: Sequence[StoredLine], taxonomy: Taxonomy) -> list[Line]:
    """The codes that stand in the end, in claim order: the coder's, corrected by what is charged to them.

    A documentation gap or a policy difference corrects nothing: with the record as it was, the coder's line
    was right.
    """
    pairs = [line for line in lines if not line.is_process]
    moved = any(line.verdict is Verdict.PRINCIPAL and _corrects(line, taxonomy) for line in pairs)
    kept: list[tuple[tuple[Any, ...], Line]] = []
    for line in pairs:
        chosen = line.reviewer if _corrects(line, taxonomy) else line.coder
        if chosen is None:
            continue
        # Without a correction of the principal diagnosis the coder's order stands, added codes behind it.
        first, second = (line.reviewer, line.coder) if moved else (line.coder, line.reviewer)
        place = (first or second or chosen)["position"]
        kept.append(((chosen["kind"], first is None, int(place), str(chosen["code"])), chosen))
    return [line for _, line in sorted(kept, key=lambda one: one[0])]


def _corrects(line: StoredLine, taxonomy: Taxonomy) -> bool:
    return (
        line.verdict not in PROCESS | {Verdict.AGREE}
        and not line.has_fallen
        and line.cause not in taxonomy.not_charged
    )


# --- another method ------------------------------------------------------------------------------------


def with_weights(taxonomy: Taxonomy, changed: Mapping[Verdict, Decimal]) -> Taxonomy:
    """The edition with a contract's own weights.

    A contract's weight holds for the heavier cases too: it says one number.
    """
    heavier = {one: weight for one, weight in changed.items() if one in taxonomy.heavier}
    return replace(
        taxonomy,
        weights={**taxonomy.weights, **changed},
        heavier={**taxonomy.heavier, **heavier},
    )


def parts_of_scores(found: Scores) -> dict[str, tuple[Decimal, int]]:
    """Numerator and denominator of each score that a worksheet gives by itself."""
    lost = min(Decimal(found.lines), found.weight)
    agreed, coded = found.code_level, found.auditor_denominator
    return {
        "code_level": (Decimal(agreed.numerator), agreed.denominator),
        "auditor_denominator": (Decimal(coded.numerator), coded.denominator),
        "weighted": (found.lines - lost, found.lines),
        "encounter_clean": (Decimal(found.encounter_clean), 1),
    }
