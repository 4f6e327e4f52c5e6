"""How messages are tried, as ``data/outbox.toml`` tells it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from cdi_queries.terms import DATA

TERMS = DATA / "outbox.toml"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes that one try may take."""

    connect_seconds: float
    answer_seconds: float
    longest_answer: int


@dataclass(frozen=True, slots=True)
class OutboxTerms:
    """``waits``: before the second try, the third, …; ``silent``: after it a worker is lost."""

    edition: str
    waits: tuple[timedelta, ...]
    limits: Limits
    silent: timedelta
    round: int
    test_wait: timedelta


@cache
def outbox_terms() -> OutboxTerms:
    """The terms in force, read once a process."""
    found = tomllib.loads(TERMS.read_text("utf-8"))
    return OutboxTerms(
        edition=found["edition"],
        waits=tuple(timedelta(minutes=one) for one in found["tries"]["waits_minutes"]),
        limits=Limits(
            found["time"]["connect_seconds"], found["time"]["answer_seconds"], found["size"]["longest_answer"]
        ),
        silent=timedelta(minutes=found["time"]["silent_minutes"]),
        round=found["size"]["round"],
        test_wait=timedelta(seconds=found["test"]["wait_seconds"]),
    )
