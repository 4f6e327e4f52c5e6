"""A person's codes against a gold key: the lines, what a person decided of them, and the score.

The share a person gets right is the code-level score of `qa.score`, with the key as the right set.  A line
where the key was wrong counts as theirs; a code that only a wrong key had is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from coding_ops.core.statistics import Interval, IntervalMethod, interval
from qa_audit.rules.audit_lines import PROCESS, Row, Taxonomy, Verdict
from qa_audit.rules.lines import code_line
from qa_audit.rules.scoring import judge, score

CONFIDENCE = Decimal("0.95")
"""The house's for display; every interval shown is named a 95% interval."""
SETTLES_ITSELF = frozenset({Verdict.AGREE}) | PROCESS


class Decision(StrEnum):
    """What a leader said of a line that differs; empty: nothing yet."""

    OPEN = ""
    STANDS = "stands"
    KEY_WRONG = "key_wrong"


class Standing(StrEnum):
    """What can be said of a person's gold score."""

    MET = "met"
    UNSURE = "unsure"
    MISSED = "missed"
    TOO_FEW = "few"


@dataclass(frozen=True, slots=True)
class Score:
    """Lines right, lines in all, and whether nothing awaits a decision."""

    numerator: int
    denominator: int
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """A person's gold charts together; ``interval`` is None without a line."""

    charts: int
    numerator: int
    denominator: int
    interval: Interval | None
    standing: Standing
    is_below: bool
    """The rate itself lies below the target, whatever its interval says; false below the least lines."""


def compare(
    given: Sequence[Mapping[str, Any]], key: Sequence[Mapping[str, Any]], taxonomy: Taxonomy
) -> list[dict[str, Any]]:
    """Every line once, numbered from 1, with its verdict and no decision yet."""
    rows = judge(
        [code_line(at, line, taxonomy=taxonomy) for at, line in enumerate(given)],
        [code_line(at, line, taxonomy=taxonomy) for at, line in enumerate(key)],
        taxonomy,
    )
    return [
        {
            "number": number,
            "given": None if row.coder is None else dict(given[row.coder.index]),
            "key": None if row.auditor is None else dict(key[row.auditor.index]),
            "verdict": row.verdict.value,
            "weight": str(row.weight),
            "decision": Decision.OPEN.value,
            "why": "",
        }
        for number, row in enumerate(rows, start=1)
    ]


def needs_decision(line: Mapping[str, Any]) -> bool:
    """Whether a leader has yet to say who is right on this line."""
    return Verdict(line["verdict"]) not in SETTLES_ITSELF and line["decision"] == Decision.OPEN


def score_of(lines: Iterable[Mapping[str, Any]], taxonomy: Taxonomy) -> Score:
    """The code-level score as it stands."""
    rows: list[Row] = []
    kept = list(lines)
    for at, line in enumerate(kept):
        verdict, given, key = Verdict(line["verdict"]), line["given"], line["key"]
        if line["decision"] == Decision.KEY_WRONG:
            if given is None:
                continue
            verdict, key = Verdict.AGREE, given
        ours = None if given is None else code_line(at, given, taxonomy=taxonomy)
        theirs = None if key is None else code_line(at, key, taxonomy=taxonomy)
        rows.append(Row(ours, theirs, verdict, Decimal(line["weight"])))
    found = score(rows, confidence=CONFIDENCE, method=IntervalMethod.WILSON).code_level
    return Score(found.numerator, found.denominator, not any(needs_decision(line) for line in kept))


def sum_up(scores: Sequence[tuple[int, int]], *, target: Decimal, least_lines: int) -> Sum:
    """A person's settled gold charts, as numerator and denominator each, against a target."""
    numerator, denominator = sum(n for n, _ in scores), sum(d for _, d in scores)
    if not denominator:
        return Sum(len(scores), 0, 0, None, Standing.TOO_FEW, is_below=False)
    found = interval(numerator, denominator, confidence=CONFIDENCE)
    standing = Standing.UNSURE
    if denominator < least_lines:
        standing = Standing.TOO_FEW
    elif found.high < target:
        standing = Standing.MISSED
    elif found.low >= target:
        standing = Standing.MET
    is_below = denominator >= least_lines and found.rate < target
    return Sum(len(scores), numerator, denominator, found, standing, is_below)
