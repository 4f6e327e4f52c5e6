"""A month's worksheets scored: 10,000 charts of 12 lines, each different, and the same settled and replayed.

Codes are invented (fixed seed); times are the processor's, because others share it.  What a replay under the
same edition gives must be what was scored.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from coding_ops.core.statistics import IntervalMethod
from qa_audit.editions import newest_edition
from qa_audit.rules.audit_lines import Row
from qa_audit.rules.lines import code_line
from qa_audit.rules.replay import StoredLine, replayed
from qa_audit.rules.scoring import Scores, judge, score

SEED = 20261123
CHARTS, LINES = 10_000, 12
SCORE_SECONDS, REPLAY_SECONDS = 3.0, 4.0
CODES = [
    f"{letter}{number:02}{detail}" for letter in "ABCEGIJKMN" for number in range(10, 40) for detail in "019"
]
CONFIDENCE = Decimal("0.95")
Lines = list[dict[str, Any]]


def run() -> Iterator[dict[str, Any]]:
    """One line for scoring, one for replaying."""
    rng = random.Random(SEED)
    charts = [_chart(rng) for _ in range(CHARTS)]
    table = newest_edition()
    sides = [
        tuple([code_line(at, one, taxonomy=table) for at, one in enumerate(side)] for side in chart)
        for chart in charts
    ]
    start = time.process_time()
    sheets = [judge(ours, theirs, table) for ours, theirs in sides]
    scores = [_score(rows) for rows in sheets]
    yield _line("qa_score.10000_charts", time.process_time() - start, SCORE_SECONDS)
    kept = [_stored(rows, chart) for rows, chart in zip(sheets, charts, strict=True)]
    start = time.process_time()
    again = [_score(replayed(lines, table)) for lines in kept]
    seconds = time.process_time() - start
    if again != scores:
        raise AssertionError("A replay under the same edition gave other scores.")
    yield _line("qa_score.replay_10000_charts", seconds, REPLAY_SECONDS)


def _chart(rng: random.Random) -> tuple[Lines, Lines]:
    """Twelve codes of the coder; the reviewer changes two, drops one and adds one."""
    ours = rng.sample(CODES, LINES)
    theirs = list(ours)
    for place in rng.sample(range(LINES), 2):
        theirs[place] = rng.choice(CODES)
    theirs.pop(rng.randrange(LINES))
    theirs.append(rng.choice(CODES))
    return _lines(ours), _lines(list(dict.fromkeys(theirs)))


def _lines(codes: list[str]) -> Lines:
    return [
        {"kind": "dx", "system": "ICD-10-CM", "code": code, "position": place}
        for place, code in enumerate(codes, start=1)
    ]


def _score(rows: list[Row]) -> Scores:
    return score(rows, confidence=CONFIDENCE, method=IntervalMethod.WILSON)


def _stored(rows: list[Row], chart: tuple[Lines, Lines]) -> list[StoredLine]:
    ours, theirs = chart
    return [
        StoredLine(
            ours[row.coder.index] if row.coder else None,
            theirs[row.auditor.index] if row.auditor else None,
            row.verdict,
        )
        for row in rows
    ]


def _line(name: str, seconds: float, limit: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(seconds, 2),
        "unit": "s",
        "limit": limit,
        "ratio": round(seconds / limit, 3),
        "n": CHARTS,
        "lines": LINES,
        "met": seconds <= limit,
    }
