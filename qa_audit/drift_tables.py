"""The thresholds of the control charts, read once from ``data/drift.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from qa_audit.rules.watch import Policy

FILE = Path(__file__).parent / "data" / "drift.toml"


@dataclass(frozen=True, slots=True)
class DriftTable:
    """``judged_weeks``: ended weeks a run looks at; ``load_rise``: a share; ``widen_days``: days."""

    edition: str
    policy: Policy
    judged_weeks: int
    load_rise: Decimal
    widen_factor: Decimal
    widen_days: int
    most_widen_days: int


@lru_cache(maxsize=1)
def drift_table() -> DriftTable:
    """What the charts count and when they speak."""
    with FILE.open("rb") as file:
        found = tomllib.load(file)
    watch, widen = found["watch"], found["widen"]
    return DriftTable(
        edition=str(found["edition"]),
        policy=Policy(
            weeks=int(watch["weeks"]),
            baseline_weeks=int(watch["baseline_weeks"]),
            baseline_charts=int(watch["baseline_charts"]),
            week_charts=int(watch["week_charts"]),
            most_chance=Decimal(watch["most_chance"]),
            odds_ratio=Decimal(watch["odds_ratio"]),
            sum_limit=Decimal(watch["sum_limit"]),
        ),
        judged_weeks=int(watch["judged_weeks"]),
        load_rise=Decimal(found["change"]["load_rise"]),
        widen_factor=Decimal(widen["factor"]),
        widen_days=int(widen["days"]),
        most_widen_days=int(widen["most_days"]),
    )
