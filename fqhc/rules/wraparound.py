"""What a state owes a center beside the managed care organizations: the wraparound.

Source: Social Security Act 1902(bb)(5)(A): the supplement is the amount, if any, by which the per-visit rate
times the visits exceeds what the contracts paid.  Incentives (bonus, risk pool, withhold) are not netted (42
CFR 405.2469(c) for Medicare Advantage, state letters for Medicaid).  Settled at least every four months.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Wraparound:
    """Dollars of a period: what the visits are worth, what was received, what is due, and what is left of it.

    ``settlement`` is due less what was advanced; below zero the center pays back.
    """

    visits: int
    entitled: Decimal
    received: Decimal
    due: Decimal
    settlement: Decimal


def wraparound(
    rate: Decimal, visits: int, received: Iterable[Decimal], advanced: Decimal = Decimal(0)
) -> Wraparound:
    """The supplement for a number of qualifying visits at one rate.

    Args:
        rate: dollars a visit.
        received: managed care payments (fee for service, capitation for these services) and third-party ones.
        advanced: supplements already paid for the period.
    """
    entitled, netted = rate * visits, sum(received, Decimal(0))
    due = max(Decimal(0), entitled - netted)
    return Wraparound(visits, _cents(entitled), _cents(netted), _cents(due), _cents(due - advanced))


def updated_rate(prior: Decimal, update_percent: Decimal) -> Decimal:
    """Next year's rate: the prior one and the update (MEI or market basket, percent), half up to cents."""
    return _cents(prior * (1 + update_percent / 100))


def _cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)
