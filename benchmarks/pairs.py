"""A/B pairs: anchor and application alternate in one run, so that a busy machine slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any


def timed(work: Callable[[], Any]) -> float:
    """Seconds one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rate_ratio(
    name: str,
    anchor: Callable[[], float],
    application: Callable[[], float],
    *,
    limit: float,
    unit: str,
    pairs: int = 5,
    **more: Any,
) -> dict[str, Any]:
    """Rates (higher is better) measured in turn; the ratio is application to anchor, its median counts."""
    anchor(), application()  # warm-up
    ratios, anchors, applications = [], [], []
    for _ in range(pairs):
        a, b = anchor(), application()
        anchors.append(a)
        applications.append(b)
        ratios.append(b / a)
    ratio = statistics.median(ratios)
    return {
        "name": name,
        "value": round(statistics.median(applications), 1),
        "unit": unit,
        "limit": limit,
        "ratio": round(ratio, 3),
        "n": pairs,
        "anchor": round(statistics.median(anchors), 1),
        "range": [round(min(ratios), 3), round(max(ratios), 3)],
        "met": ratio >= limit,
        **more,
    }
