"""Overpayments found in a sample, projected to the claims they were drawn from.

The point estimate and the lower limit of the two-sided 90 % interval, which auditors of the Office of
Inspector General ask for (RAT-STATS variable appraisal, stratified).  Extrapolation is a switch: a 2025 court
ruling vacated the 2023 rule for Medicare Advantage audits, so the amount found stands beside it always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from qa_audit.rules.estimates import ValueStratum, stratified_total

CENT: Final = Decimal("0.01")
CONFIDENCE: Final = Decimal("0.90")


@dataclass(frozen=True, slots=True)
class Projection:
    """Dollars: found in the sample, projected (None where that is off), and what would be asked for."""

    found: Decimal
    point: Decimal | None
    low: Decimal | None
    high: Decimal | None
    precision: Decimal | None
    asked: Decimal


def project(
    strata: Sequence[ValueStratum], *, extrapolate: bool, confidence: Decimal = CONFIDENCE
) -> Projection:
    """Project overpayments (underpayments negative) from the audited claims of each stratum.

    ``asked`` is the lower limit, never below 0 nor below what was found; without extrapolation it is what was
    found. ``precision`` is half the interval over the point estimate, four decimals.

    Raises:
        InvalidInput: a stratum of which nothing, or one claim of several, was audited.
    """
    found = sum((sum(stratum.values, Decimal(0)) for stratum in strata), Decimal(0))
    if not extrapolate:
        return Projection(_cents(found), None, None, None, None, _cents(max(Decimal(0), found)))
    total = stratified_total(strata, confidence=confidence)
    half = total.high - total.total
    precision = (half / abs(total.total)).quantize(Decimal("0.0001"), ROUND_HALF_UP) if total.total else None
    return Projection(
        found=_cents(found),
        point=_cents(total.total),
        low=_cents(total.low),
        high=_cents(total.high),
        precision=precision,
        asked=_cents(max(Decimal(0), found, total.low)),
    )


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)
