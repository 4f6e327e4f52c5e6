"""The rules of queries and audits in process: a lint while one types, a draw, the scores of a month.

Texts, frames and codes are invented; times are the processor's, because others share it. The draw is repeated
from the shuffled frame and must be the same.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from cdi_queries.lint_command import check
from coding_ops.core.statistics import IntervalMethod
from qa_audit.rules.audit_lines import CodeLine
from qa_audit.rules.sampling import Method, Plan, draw
from qa_audit.rules.scoring import judge, score
from qa_audit.score_command import taxonomy

SEED = 20261101
LINTS, LINT_P95_MS = 400, 5.0
FRAME, DRAWN, STRATA, DRAW_SECONDS = 3_000_000, 30_000, 40, 2.0
CHARTS, SCORE_SECONDS = 10_000, 3.0
SENTENCE = "WBC 18.2 with bands, lactate 3.1, pneumonia on film, furosemide 40 mg IV for 900 cc. "
OURS = ("A419", "J189", "I10", "E119", "N1830", "E785", "Z794", "F329", "J449")
THEIRS = ("A419", "J189", "I10", "E1122", "N1832", "E785", "F331", "J449", "K219")
SERVICES = ("99214", "97110", "36415")


def run() -> Iterator[dict[str, Any]]:
    """One line for each of the three."""
    yield _lint()
    yield _draw()
    yield _score()


def _lint() -> dict[str, Any]:
    body = (SENTENCE * 20)[:1170] + " Please clarify the cause."
    indicator = {"id": "i1", "quote": "film: pneumonia", "document_on": "2026-11-01"}
    query = {"kind": "open", "title": "Clarification", "body": body, "indicators": [indicator]}
    check(query)
    times = []
    for _ in range(LINTS):
        start = time.process_time()
        check(query)
        times.append(time.process_time() - start)
    p95 = sorted(times)[int(LINTS * 0.95)] * 1000
    return _line("cdi_lint.p95", round(p95, 2), "ms", LINT_P95_MS, LINTS, characters=len(body))


def _draw() -> dict[str, Any]:
    frame = [(f"{number:08}", f"coder {number % STRATA:02}") for number in range(FRAME)]
    plan = Plan(Method.COUNT, Decimal(DRAWN), floor_per_stratum=30)
    start = time.process_time()
    drawn = draw(frame, plan, SEED)
    seconds = time.process_time() - start
    random.Random(SEED).shuffle(frame)
    if draw(frame, plan, SEED) != drawn:
        raise AssertionError("The order of the frame changed the draw.")
    return _line("qa_sample.draw", round(seconds, 2), "s", DRAW_SECONDS, FRAME, drawn=DRAWN)


def _score() -> dict[str, Any]:
    table = taxonomy()
    coder, auditor = _lines(OURS), _lines(THEIRS)
    start = time.process_time()
    for _ in range(CHARTS):
        score(judge(coder, auditor, table), confidence=Decimal("0.95"), method=IntervalMethod.WILSON)
    seconds = time.process_time() - start
    return _line("qa_score.charts", round(seconds, 2), "s", SCORE_SECONDS, CHARTS, lines=len(coder))


def _lines(codes: tuple[str, ...]) -> list[CodeLine]:
    found = [CodeLine(at, "dx", code, at + 1) for at, code in enumerate(codes)]
    return found + [CodeLine(len(codes) + at, "px", code) for at, code in enumerate(SERVICES)]


def _line(name: str, value: float, unit: str, limit: float, n: int, **more: Any) -> dict[str, Any]:
    line = {
        "name": name,
        "value": value,
        "unit": unit,
        "limit": limit,
        "ratio": round(value / limit, 3),
        "n": n,
    }
    return line | {"met": value <= limit, **more}
