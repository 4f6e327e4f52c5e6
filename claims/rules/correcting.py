"""How a claim that went out is corrected: under which frequency, and whether anything is different at all.

A claim that was rejected (999, 277CA) never reached the payer's system: nothing can be replaced or voided
there, so its correction goes out as an original.  One that was accepted or decided is replaced (7) or voided
(8) under the payer's own claim number.  Between the two nobody knows which holds, and the answer is awaited.

Source: X12 005010X222A1 and X223A2, CLM05-3 and REF*F8, numbers only; own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from claims.rules.claim_states import ADJUDICATED, WORDS, ClaimState
from claims.rules.content import ClaimContent, Frequency, ServiceLine
from coding_ops.core.errors import Conflict, Refused

NEVER_SENT: Final = (ClaimState.READY, ClaimState.BLOCKED)
UNANSWERED: Final = (ClaimState.SUBMITTED, ClaimState.RECEIVED)
WITH_PAYER: Final = (ClaimState.ACCEPTED, *ADJUDICATED)
"""The payer has it under a number of its own."""
CORRECTABLE: Final = (ClaimState.REJECTED, *WITH_PAYER)
NAMES: Final = {
    "diagnoses": "diagnoses",
    "procedures": "procedures",
    "lines": "service lines",
    "drg_code": "DRG",
    "total_charge_amount": "total charge",
    "subscriber": "subscriber",
    "patient": "patient",
    "relationship": "relationship to the subscriber",
    "group_number": "group number",
    "payer": "payer",
    "filing_code": "filing code",
    "billing": "billing provider",
    "rendering": "rendering provider",
    "attending": "attending provider",
    "service_facility": "place of the service",
    "facility_code": "place of service or type of bill",
    "prior_authorization": "prior authorization",
}
"""Words for parts of a claim; other parts are named by "dates and status"."""
_CENT: Final = Decimal("0.01")
_ZERO: Final = Decimal(0)


def frequency_of(state: ClaimState | str, *, is_void: bool = False) -> Frequency:
    """Under which frequency a claim's correction, or its void, goes out.

    Raises:
        Refused: it never went out, is not answered yet, or was rejected and is to be voided.
        Conflict: it was replaced, voided or withdrawn already.
    """
    now = ClaimState(state)
    if now in NEVER_SENT:
        raise Refused(
            "This claim has not gone out. Mend what it is made from, and it is made anew.",
            code="correction.unsent",
        )
    if now in UNANSWERED:
        raise Refused(
            "Nobody has answered this claim yet. Correct it when it is accepted, rejected or paid.",
            code="correction.unanswered",
        )
    if now not in CORRECTABLE:
        raise Conflict(
            f"This cannot be done now: the claim stands at “{WORDS[now]}”.",
            code="claim.step",
            details={"state": now.value},
        )
    if now is ClaimState.REJECTED:
        if is_void:
            raise Refused(
                "This claim was rejected before the payer had it: there is nothing to void.",
                code="correction.nothing_to_void",
            )
        return Frequency.ORIGINAL
    return Frequency.VOID if is_void else Frequency.REPLACEMENT


def differences(before: ClaimContent, after: ClaimContent) -> tuple[str, ...]:
    """What is different for the payer, in words; numbers and frequency of the claim aside."""
    one, two = _as_payer_sees(before), _as_payer_sees(after)
    found = dict.fromkeys(
        NAMES.get(field.name, "dates and status")
        for field in fields(ClaimContent)
        if getattr(one, field.name) != getattr(two, field.name)
    )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A line as it was billed, and what the payer paid for it (``None``: paid by claim, not by line)."""

    code: str
    modifiers: tuple[str, ...]
    units: Decimal
    charge_amount: Decimal
    paid_amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Overpaid:
    """What was paid too much, in dollars, as far as the claims tell it, and how that came about."""

    amount: Decimal
    why: tuple[str, ...]


def overpaid(
    lines: Sequence[PaidLine], paid_amount: Decimal, after: Sequence[ServiceLine] | None
) -> Overpaid | None:
    """What a correction lowers of what was paid, or None where it lowers nothing.

    An estimate: the payer prices the corrected claim.  A line that is gone counts in full, one of fewer units
    or a lower charge by the share that is gone.  Without payment by line the share of the charges counts.

    Args:
        lines: as billed, with what was paid.
        paid_amount: of the whole claim, in dollars.
        after: lines of the correction; ``None`` for a void.
    """
    if paid_amount <= _ZERO:
        return None
    if after is None:
        return Overpaid(paid_amount, ("The claim is voided: all that was paid.",))
    if any(line.paid_amount is None for line in lines):
        return _by_charges(lines, paid_amount, after)
    total, why = _ZERO, []
    for line, partner in _pairs(lines, after):
        paid = line.paid_amount or _ZERO
        lowered, word = _lowered(line, partner)
        if paid > _ZERO and lowered > _ZERO:
            amount = _cents(paid * lowered)
            total += amount
            why.append(f"{line.code or 'A line'} {word}: ${amount:,.2f} of ${paid:,.2f} paid.")
    total = min(total, paid_amount)
    return Overpaid(total, tuple(why)) if total > _ZERO else None


def overpaid_by_group(
    before: str, after: str, paid_amount: Decimal, weights: tuple[Decimal, Decimal] | None
) -> Overpaid | None:
    """What a stay was paid too much when its group (MS-DRG) falls, by the share of the relative weight.

    Args:
        before, after: groups as billed and as corrected; nothing is told where one is missing or both agree.
        weights: their weights; ``None``: not known, so all that was paid is the most it can be.
    """
    if not before or not after or before == after or paid_amount <= _ZERO:
        return None
    if weights is None:
        why = f"DRG {before} became {after}; their weights are not loaded: at most all that was paid."
        return Overpaid(paid_amount, (why,))
    one, two = weights
    if one <= _ZERO or two >= one:
        return None
    amount = _cents(paid_amount * (one - two) / one)
    moved = f"DRG {before} (weight {one}) became {after} (weight {two})"
    why = f"{moved}: ${amount:,.2f} of ${paid_amount:,.2f} paid."
    return Overpaid(amount, (why,)) if amount > _ZERO else None


def _by_charges(
    lines: Sequence[PaidLine], paid_amount: Decimal, after: Sequence[ServiceLine]
) -> Overpaid | None:
    before = sum((line.charge_amount for line in lines), _ZERO)
    now = sum((line.charge_amount for line in after), _ZERO)
    if before <= _ZERO or now >= before:
        return None
    amount = _cents(paid_amount * (before - now) / before)
    why = f"Charges fall from ${before:,.2f} to ${now:,.2f}: the same share of ${paid_amount:,.2f} paid."
    return Overpaid(amount, (why,)) if amount > _ZERO else None


def _lowered(line: PaidLine, partner: ServiceLine | None) -> tuple[Decimal, str]:
    """The share of a line that is gone, 0 to 1, and in words how."""
    if partner is None:
        return Decimal(1), "is gone"
    if partner.code == line.code and partner.modifiers == line.modifiers:
        share = Decimal(1) - partner.units / line.units if line.units > _ZERO else _ZERO
        return max(
            share, _ZERO
        ), f"has {partner.units.normalize():f} units in place of {line.units.normalize():f}"
    if line.charge_amount <= _ZERO:
        return _ZERO, ""
    share = Decimal(1) - partner.charge_amount / line.charge_amount
    became = "".join((partner.code, *(f"-{one}" for one in partner.modifiers)))
    return max(share, _ZERO), f"became {became} at a lower charge"


def _pairs(
    lines: Sequence[PaidLine], after: Sequence[ServiceLine]
) -> list[tuple[PaidLine, ServiceLine | None]]:
    """Each line with what became of it: the same service first, then what took its place, in order."""
    left = list(after)
    same: dict[int, ServiceLine] = {}
    for position, line in enumerate(lines):
        for one in left:
            if (one.code, one.modifiers) == (line.code, line.modifiers):
                same[position] = one
                left.remove(one)
                break
    paired: list[tuple[PaidLine, ServiceLine | None]] = []
    for position, line in enumerate(lines):
        partner = same.get(position) or (left.pop(0) if left else None)
        paired.append((line, partner))
    return paired


def _as_payer_sees(content: ClaimContent) -> ClaimContent:
    return replace(
        content,
        control_number="",
        frequency=Frequency.ORIGINAL,
        payer_control_number="",
        diagnoses=tuple(replace(one, key="") for one in content.diagnoses),
        procedures=tuple(replace(one, key="") for one in content.procedures),
        lines=tuple(replace(one, key="") for one in content.lines),
    )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)
