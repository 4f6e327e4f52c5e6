"""Met, missed, or too close to call: a value against its target, as far as its interval allows.

"Met" and "missed" are said only when the whole interval lies on one side of the band's edge.  Below the
minimum n nothing is said at all.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from reporting.rules.kpi import KpiValue, TargetBand


class Verdict(StrEnum):
    """What can be said of a value."""

    MET = "met"
    UNSURE = "unsure"
    MISSED = "missed"
    TOO_FEW = "few"
    NO_TARGET = "none"


def judge(value: KpiValue, target: TargetBand | None, *, minimum_n: int) -> Verdict:
    """The verdict on a value.  A census has no interval and is compared as it is.

    A percentile bounded on one side only is open on the other: it can miss a target for sure before it can
    meet one for sure.
    """
    if target is None or (target.low is None and target.high is None):
        return Verdict.NO_TARGET
    if value.value is None or value.n < minimum_n:
        return Verdict.TOO_FEW
    has_interval = value.low is not None or value.high is not None
    low = value.low if has_interval else value.value
    high = value.high if has_interval else value.value
    if _lies_below(high, target.low) or _lies_above(low, target.high):
        return Verdict.MISSED
    if _reaches(low, target.low) and _stays_under(high, target.high):
        return Verdict.MET
    return Verdict.UNSURE


def _lies_below(high: Decimal | None, edge: Decimal | None) -> bool:
    return edge is not None and high is not None and high < edge


def _lies_above(low: Decimal | None, edge: Decimal | None) -> bool:
    return edge is not None and low is not None and low > edge


def _reaches(low: Decimal | None, edge: Decimal | None) -> bool:
    return edge is None or (low is not None and low >= edge)


def _stays_under(high: Decimal | None, edge: Decimal | None) -> bool:
    return edge is None or (high is not None and high <= edge)
