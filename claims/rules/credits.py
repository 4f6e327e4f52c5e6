"""Credits for errors of the vendor's own: what they may come to, and when a cause is systemic."""

from __future__ import annotations

from decimal import Decimal

from coding_ops.core.errors import InvalidInput, Refused


def is_systemic(confirmed_count: int, threshold: int) -> bool:
    """Whether so many confirmed errors of one cause are systemic by the contract's own number."""
    return confirmed_count >= threshold


def checked_amount(amount: Decimal | None) -> Decimal:
    """An amount of a credit in dollars and cents.

    Raises:
        InvalidInput: ``credit.amount``: none, not above zero, or not in whole cents.
    """
    if amount is None or amount <= 0 or amount != round(amount, 2):
        raise InvalidInput(
            "Enter the credit in dollars and cents, above zero.",
            code="credit.amount",
            details={"path": "amount"},
        )
    return amount


def require_confirmed(is_vendor_error: bool | None) -> None:
    """Raises Refused unless the denial was confirmed as an error of the vendor's."""
    if is_vendor_error is None:
        raise Refused("Decide first whether this denial is an error of ours.", code="credit.unconfirmed")
    if not is_vendor_error:
        raise Refused(
            "This denial was found to be no error of ours: no credit is due.", code="credit.not_ours"
        )
