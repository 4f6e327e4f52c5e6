"""Relative weights of MS-DRGs as they are loaded for a day of discharge."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from code_sets.drg_commands import weight_table_on, weights_of


def drg_weights(before: str, after: str, on: date) -> tuple[Decimal, Decimal] | None:
    """The weights of two groups on a day; None where one of them has none on record."""
    table = weight_table_on(on)
    if table is None or not before.isdecimal() or not after.isdecimal():
        return None
    weights = weights_of(table)
    one, two = weights.get(int(before)), weights.get(int(after))
    if one is None or two is None or one.weight is None or two.weight is None:
        return None
    return one.weight, two.weight
