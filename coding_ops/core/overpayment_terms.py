"""The rules of overpayments by program and first day, as ``data/overpayments.toml`` gives them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from coding_ops.core.overpayment import ClockTerms

DATA = Path(__file__).resolve().parent / "data" / "overpayments.toml"
MEDICARE, MEDICARE_ADVANTAGE = "medicare_ab", "medicare_advantage"
"""Keys of programs in the file."""


@cache
def _given() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text("utf-8"))


@cache
def clock_editions() -> tuple[ClockTerms, ...]:
    """The rules of overpayments, by program and first day."""
    return tuple(
        ClockTerms(
            one["program"],
            one["effective_from"],
            one["days"],
            one["suspension_days"],
            one["lookback_years"],
            one["citation"],
            one["status"],
        )
        for one in _given()["edition"]
    )


@cache
def programs() -> dict[str, str]:
    """Programs that an overpayment can be of, by key."""
    return dict(_given()["programs"])
