"""Whether a remittance foots: every service, every claim, and the payment as a whole.

Source: ASC X12N 005010X221A1 section 1.10.2.1, as three sums:
    service:      charge - adjustments of the service = paid
    claim:        charge - adjustments of the claim and its services = paid
    transaction:  payment = sum of the claims' paid - sum of the provider's adjustments (PLB)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from claims.rules.x12.money import ZERO
from claims.rules.x12.remit_835 import REVERSAL, Adjustment, ClaimPayment, Remittance


class Sum(StrEnum):
    """Which of the sums does not foot."""

    SERVICE = "service"
    CLAIM = "claim"
    PAYMENT = "payment"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class Imbalance:
    """One sum that does not foot, in dollars.

    Attributes:
        position: number of the segment in the file: SVC, CLP or BPR.
        stated: what the file says.  ``computed``: what its parts come to.
        control_number: of the claim, empty for the payment.
    """

    sum: Sum
    position: int
    stated: Decimal
    computed: Decimal
    control_number: str = ""

    @property
    def difference(self) -> Decimal:
        """Stated less computed."""
        return self.stated - self.computed

    @property
    def segment(self) -> str:
        """The id of the segment that states the amount."""
        return {Sum.SERVICE: "SVC", Sum.CLAIM: "CLP", Sum.NEGATIVE: "CLP"}.get(self.sum, "BPR")


def imbalances(remittance: Remittance) -> tuple[Imbalance, ...]:
    """Every sum that does not foot, in the order of the file, the payment last."""
    found = [one for claim in remittance.claims for one in _of_claim(claim)]
    paid = sum((claim.paid_amount for claim in remittance.claims), ZERO)
    withheld = sum((one.amount for one in remittance.provider_adjustments), ZERO)
    stated = remittance.paid_amount
    if stated != paid - withheld:
        found.append(Imbalance(Sum.PAYMENT, remittance.payment_position, stated, paid - withheld))
    elif stated < ZERO:
        # A payer cannot pay less than nothing: what it is owed is carried forward in a PLB.
        found.append(Imbalance(Sum.NEGATIVE, remittance.payment_position, stated, ZERO))
    return tuple(found)


def words(one: Imbalance) -> str:
    """What does not foot, in one sentence with both amounts and the difference."""
    stated, computed, difference = _dollars(one.stated), _dollars(one.computed), _dollars(one.difference)
    if one.sum is Sum.SERVICE:
        return (
            f"The service says {stated} paid; its charge less its adjustments is {computed}:"
            f" {difference} apart."
        )
    if one.sum is Sum.CLAIM:
        return (
            f"The claim says {stated} paid; its charge less all its adjustments is {computed}:"
            f" {difference} apart."
        )
    if one.sum is Sum.NEGATIVE:
        what = "claim's charge" if one.control_number else "payment"
        return f"The {what} is {stated}, below zero, and it is no reversal."
    return (
        f"The payment is {stated}; its claims less the provider's adjustments are {computed}:"
        f" {difference} apart."
    )


def _of_claim(claim: ClaimPayment) -> Iterator[Imbalance]:
    adjusted = _total(claim.adjustments)
    for service in claim.services:
        own = _total(service.adjustments)
        adjusted += own
        if service.charge_amount - own != service.paid_amount:
            yield Imbalance(
                Sum.SERVICE,
                service.position,
                service.paid_amount,
                service.charge_amount - own,
                claim.control_number,
            )
    if claim.charge_amount - adjusted != claim.paid_amount:
        yield Imbalance(
            Sum.CLAIM,
            claim.position,
            claim.paid_amount,
            claim.charge_amount - adjusted,
            claim.control_number,
        )
    elif claim.charge_amount < ZERO and claim.status != REVERSAL:
        yield Imbalance(Sum.NEGATIVE, claim.position, claim.charge_amount, ZERO, claim.control_number)


def _total(adjustments: tuple[Adjustment, ...]) -> Decimal:
    return sum((one.amount for one in adjustments), ZERO) if adjustments else ZERO


def _dollars(amount: Decimal) -> str:
    return f"-${-amount:,.2f}" if amount < ZERO else f"${amount:,.2f}"
