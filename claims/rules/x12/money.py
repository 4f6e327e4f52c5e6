"""Money of X12 elements, bounded to what we can keep to the cent."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Final

from claims.rules.x12.parts import number_of

ZERO: Final = Decimal(0)
_LARGEST: Final = Decimal("9999999999.99")
_CENTS: Final = -2


@lru_cache(maxsize=65_536)
def money_of(text: str) -> Decimal | None:
    """Dollars of a monetary element; None where it is no amount, has parts of a cent or is too large.

    The empty element is zero, as the standard has it.  Remembered, since the same charges come again.
    """
    if not text:
        return ZERO
    found = number_of(text)
    if found is None or abs(found) > _LARGEST:
        return None
    exponent = found.normalize().as_tuple().exponent
    return found if isinstance(exponent, int) and exponent >= _CENTS else None
