"""The thresholds of calibration and gold charts, read once from ``data/calibration.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "calibration.toml"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Rates from 0 to 1; counts; ``gold_days`` in days."""

    least_f1: Decimal
    least_lines: int
    most_readers: int
    most_charts: int
    gold_target: Decimal
    gold_least_lines: int
    gold_days: int


@lru_cache(maxsize=1)
def thresholds() -> Thresholds:
    """What holds until a round or a policy says otherwise."""
    with FILE.open("rb") as file:
        found = tomllib.load(file)
    rounds, gold = found["calibration"], found["gold"]
    return Thresholds(
        least_f1=Decimal(rounds["least_f1"]),
        least_lines=int(rounds["least_lines"]),
        most_readers=int(rounds["most_readers"]),
        most_charts=int(rounds["most_charts"]),
        gold_target=Decimal(gold["target"]),
        gold_least_lines=int(gold["least_lines"]),
        gold_days=int(gold["window_days"]),
    )
