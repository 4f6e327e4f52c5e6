"""Whether an error came back after its training: a rate with its interval, and what can be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from coding_ops.core.statistics import Interval, interval
from qa_audit.rules.accuracy import Moments, estimate


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


@dataclass(frozen=True, slots=True)
class ChartSums:
    """Charts of decided re-audits: how many re-audits, charts with the error (``again``), charts, and the
    sums over re-audits of again squared, again times charts, and charts squared."""

    rounds: int = 0
    again: int = 0
    charts: int = 0
    again_squared: int = 0
    again_by_charts: int = 0
    charts_squared: int = 0


def chart_rate(sums: ChartSums, *, confidence: Decimal) -> Interval | None:
    """The share of re-audited charts with the error again; None where no chart was reviewed.

    Charts of one coder err together, so the spread is taken between re-audits and not between charts.
    """
    return estimate(
        Moments(
            charts=sums.rounds,
            weight=Decimal(sums.rounds),
            numerator=Decimal(sums.again),
            denominator=sums.charts,
            wn=Decimal(sums.again),
            wd=Decimal(sums.charts),
            wwnn=Decimal(sums.again_squared),
            wwnd=Decimal(sums.again_by_charts),
            wwdd=Decimal(sums.charts_squared),
        ),
        confidence=confidence,
    )
