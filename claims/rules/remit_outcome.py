"""What an answer of a payer does to a claim: the step it takes, and which of its adjustments deny.

Money added (an adjustment below zero) and an adjustment of nothing deny nothing, whatever their reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from claims.rules.claim_states import STEPS, ClaimState, ClaimVerb
from claims.rules.classify import NOT_A_DENIAL
from claims.rules.first_pass import DENIED_STATUS, First, Heard
from claims.rules.x12.money import ZERO
from claims.rules.x12.remit_835 import REVERSAL
from claims.rules.x12.status_277ca import Outcome

NOT_SENT = frozenset({ClaimState.BLOCKED, ClaimState.READY, ClaimState.WITHDRAWN})
"""Claims that never went out: what answers them waits until they do."""
_OF_OUTCOME = {
    Outcome.RECEIVED: ClaimVerb.RECEIVE,
    Outcome.ACCEPTED: ClaimVerb.ACCEPT,
    Outcome.REJECTED: ClaimVerb.REJECT,
}


def is_denying(category: str, amount: Decimal) -> bool:
    """Whether an adjustment of this category and amount in dollars denies anything."""
    return amount > ZERO and category != NOT_A_DENIAL


def verb_of_payment(
    status_code: str,
    heard: Heard | None,
    paid_amount: Decimal,
    *,
    paid_before: Decimal = ZERO,
    is_denied_before: bool = False,
) -> ClaimVerb | None:
    """The step of one CLP, or None where it decides nothing.

    Args:
        heard: what it says as a response (:func:`claims.rules.first_pass.adjudication`).
        paid_before: dollars that other answers paid and nobody took back: a claim that is denied as a
            duplicate of itself, or of which another part was paid, is not unpaid.
        is_denied_before: whether another part of the same answer denied something.
    """
    if status_code == REVERSAL:
        return ClaimVerb.REVERSE
    if heard is None:
        return None
    if heard.first is not First.DENIED and not is_denied_before:
        return ClaimVerb.PAY
    paid = paid_before if status_code == DENIED_STATUS else paid_before + paid_amount
    return ClaimVerb.PAY_PART if paid > ZERO else ClaimVerb.DENY


def verb_of_status(outcome: Outcome | str) -> ClaimVerb | None:
    """The step of an acknowledgement, or None where it is neither received, accepted nor rejected."""
    return _OF_OUTCOME.get(Outcome(outcome))


def moved(state: ClaimState | str, verb: ClaimVerb) -> ClaimState | None:
    """The state after a verb; None where the answer comes too late to move it (a receipt after a payment)."""
    return STEPS.get((ClaimState(state), verb))


def codes_text(parts: Iterable[str]) -> str:
    """Codes of one status as ``A7:562:85``, without empty ones at the end."""
    return ":".join(parts).rstrip(":")
