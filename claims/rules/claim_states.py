"""The life of a claim, as one table of steps.

    blocked ⇄ ready → submitted → received → accepted → paid | partly_paid | denied
A rejection (999, 277CA) can come at any time before a remittance; a remittance can come without any
acknowledgement, and is reversed or corrected by a later one.  A corrected claim takes the place of one that
was rejected or answered; what never went out is taken back instead.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from coding_ops.core.steps import moving_pairs, take_step


class ClaimState(StrEnum):
    """Where a claim stands; the values are those of the database column."""

    BLOCKED = "blocked"
    READY = "ready"
    SUBMITTED = "submitted"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    DENIED = "denied"
    REPLACED = "replaced"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"


class ClaimVerb(StrEnum):
    """What moves it."""

    BLOCK = "block"
    CLEAR = "clear"
    SUBMIT = "submit"
    RECEIVE = "receive"
    ACCEPT = "accept"
    REJECT = "reject"
    PAY = "pay"
    PAY_PART = "pay_part"
    DENY = "deny"
    REVERSE = "reverse"
    REPLACE = "replace"
    VOID = "void"
    WITHDRAW = "withdraw"


_S, _V = ClaimState, ClaimVerb
OUT: Final = (_S.SUBMITTED, _S.RECEIVED, _S.ACCEPTED)
"""With the payer, unanswered."""
ADJUDICATED: Final = (_S.PAID, _S.PARTLY_PAID, _S.DENIED)
_ANSWERABLE: Final = (*OUT, _S.REJECTED, *ADJUDICATED)

STEPS: Final[dict[tuple[ClaimState, ClaimVerb], ClaimState]] = {
    (_S.READY, _V.BLOCK): _S.BLOCKED,
    (_S.BLOCKED, _V.BLOCK): _S.BLOCKED,
    (_S.BLOCKED, _V.CLEAR): _S.READY,
    (_S.READY, _V.CLEAR): _S.READY,
    (_S.READY, _V.SUBMIT): _S.SUBMITTED,
    (_S.READY, _V.WITHDRAW): _S.WITHDRAWN,
    (_S.BLOCKED, _V.WITHDRAW): _S.WITHDRAWN,
    **{(state, _V.RECEIVE): _S.RECEIVED for state in (_S.SUBMITTED, _S.RECEIVED)},
    (_S.ACCEPTED, _V.RECEIVE): _S.ACCEPTED,
    **{(state, _V.ACCEPT): _S.ACCEPTED for state in (*OUT, _S.REJECTED)},
    **{(state, _V.REJECT): _S.REJECTED for state in (*OUT, _S.REJECTED)},
    # What a payer decides stands, whatever was known before; a replaced claim keeps its state.
    **{(state, _V.PAY): _S.PAID for state in _ANSWERABLE},
    **{(state, _V.PAY_PART): _S.PARTLY_PAID for state in _ANSWERABLE},
    **{(state, _V.DENY): _S.DENIED for state in _ANSWERABLE},
    # What was paid or denied was taken back; the corrected answer follows, mostly in the same file.
    **{(state, _V.REVERSE): _S.ACCEPTED for state in ADJUDICATED},
    **{(state, _V.REVERSE): state for state in (*OUT, _S.REJECTED)},
    **{
        (state, verb): state
        for state in (_S.REPLACED, _S.VOIDED)
        for verb in (_V.RECEIVE, _V.ACCEPT, _V.REJECT, _V.PAY, _V.PAY_PART, _V.DENY, _V.REVERSE)
    },
    **{(state, _V.REPLACE): _S.REPLACED for state in (*OUT, _S.REJECTED, *ADJUDICATED)},
    **{(state, _V.VOID): _S.VOIDED for state in (*OUT, _S.REJECTED, *ADJUDICATED)},
}

WORDS: Final = {
    _S.BLOCKED: "Cannot be written yet",
    _S.READY: "Ready to send",
    _S.SUBMITTED: "Sent",
    _S.RECEIVED: "Received",
    _S.ACCEPTED: "Accepted, waiting for payment",
    _S.REJECTED: "Rejected",
    _S.PAID: "Paid",
    _S.PARTLY_PAID: "Paid in part",
    _S.DENIED: "Denied",
    _S.REPLACED: "Replaced",
    _S.VOIDED: "Voided",
    _S.WITHDRAWN: "Withdrawn",
}


def step(state: ClaimState | str, verb: ClaimVerb) -> ClaimState:
    """The state after a verb.

    Raises:
        Conflict: ``claim.step``: the claim does not stand where this can happen; says where it stands.
    """
    return take_step(STEPS, WORDS, "claim", ClaimState(state), verb)


def allowed_pairs() -> tuple[tuple[ClaimState, ClaimState], ...]:
    """Distinct ``(before, after)`` of steps that move, in a fixed order, for the database's guard trigger."""
    return moving_pairs(STEPS)
