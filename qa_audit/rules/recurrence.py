"""Whether an error came back after its training: a rate with its interval, and what can be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from coding_ops.core.statistics import Interval, interval


class Verdict(StrEnum):
    """A rate against the highest that is wanted; said only where the whole interval lies on one side."""

    MET = "met"
    UNSURE = "unsure"
    MISSED = "missed"
    TOO_FEW = "few"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """``again`` of ``decided``; no interval where nothing is decided."""

    again: int
    decided: int
    found: Interval | None
    verdict: Verdict


def recurrence(
    again: int, decided: int, *, confidence: Decimal, target: Decimal, minimum_n: int
) -> Recurrence:
    """How often an error came back, of so many re-audits that were decided.

    Args:
        again: re-audits that found the error of the topic again, 0 to ``decided``.
        confidence, target: between 0 and 1; the target is the highest rate that is wanted.
        minimum_n: fewer decided re-audits than this are not judged.
    """
    if decided == 0:
        return Recurrence(again, decided, None, Verdict.TOO_FEW)
    found = interval(again, decided, confidence=confidence)
    if decided < minimum_n:
        verdict = Verdict.TOO_FEW
    elif found.high <= target:
        verdict = Verdict.MET
    elif found.low > target:
        verdict = Verdict.MISSED
    else:
        verdict = Verdict.UNSURE
    return Recurrence(again, decided, found, verdict)
