"""What a finding is taken for before its reviewer has judged it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "data" / "judging.toml"


@dataclass(frozen=True, slots=True)
class Start:
    """Severity and direction by verdict, and the causes in the order of their keys."""

    severity: Mapping[str, str]
    direction: Mapping[str, str]
    causes: tuple[str, ...]


@cache
def start_of_judgement() -> Start:
    """The house table; ``data/judging.toml``."""
    data = tomllib.loads(TABLE.read_text())
    return Start(
        {verdict: value for value, verdicts in data["severity"].items() for verdict in verdicts},
        {verdict: value for value, verdicts in data["direction"].items() for verdict in verdicts},
        tuple(data["cause"]["order"]),
    )
