"""Draws 30,000 of 3,000,000 charts: the whole of `qa.sample`, frame and plan hashed, by a stored seed.

The frame is as the application reads it, in ascending order of id; it is drawn once more in another order and
must give the same list.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from qa_audit.rules.sampling import Method, Plan, draw

SEED = 20261123
CHARTS = 3_000_000
DRAWN = 30_000
CODERS, KINDS = 40, 7
AT_MOST_SECONDS = 2.0
RUNS = 3


def run() -> Iterator[dict[str, Any]]:
    """The best of three draws, and whether the order of the frame changes one."""
    frame = [(f"0192f4c8-{number:012x}", _stratum(number)) for number in range(CHARTS)]
    plan = Plan(Method.COUNT, Decimal(DRAWN), floor_per_stratum=2)
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        first = draw(frame, plan, SEED)
        seconds.append(time.perf_counter() - start)
    yield {
        "name": "qa.draw",
        "value": round(min(seconds), 3),
        "unit": "s",
        "limit": AT_MOST_SECONDS,
        "ratio": None,
        "n": CHARTS,
        "drawn": sum(len(one.drawn) for one in first.strata),
        "strata": len(first.strata),
        "met": min(seconds) < AT_MOST_SECONDS,
    }
    random.Random(SEED).shuffle(frame)
    again = draw(frame, plan, SEED)
    yield {
        "name": "qa.draw_in_another_order",
        "value": int(again != first),
        "unit": "differences",
        "limit": 0,
        "ratio": None,
        "n": DRAWN,
        "met": again == first,
    }


def _stratum(number: int) -> str:
    return f"coder={number % CODERS}|kind=k{number % KINDS}"
