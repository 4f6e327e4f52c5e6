"""The life of a denial, as one table of steps.

    open → working → corrected | appealed → overturned | upheld → closed
A denial is written off with a reason, or ends by itself when the payer pays; it is open again when that
payment is reversed.  One that was upheld may be appealed at the next level.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from coding_ops.core.steps import moving_pairs, take_step


class DenialState(StrEnum):
    """Where a denial stands; the values are those of the database column."""

    OPEN = "open"
    WORKING = "working"
    CORRECTED = "corrected"
    APPEALED = "appealed"
    OVERTURNED = "overturned"
    UPHELD = "upheld"
    WRITTEN_OFF = "written_off"
    CLOSED = "closed"


class DenialVerb(StrEnum):
    """What moves it."""

    WORK = "work"
    CORRECT = "correct"
    APPEAL = "appeal"
    OVERTURN = "overturn"
    UPHOLD = "uphold"
    WRITE_OFF = "write_off"
    CLOSE = "close"
    REOPEN = "reopen"


_S, _V = DenialState, DenialVerb
STANDING: Final = (_S.OPEN, _S.WORKING, _S.CORRECTED, _S.APPEALED, _S.UPHELD)
"""Money is still asked for, or somebody must decide whether it is."""
TO_WORK: Final = (_S.OPEN, _S.WORKING, _S.UPHELD)
"""Somebody of ours has the next move."""

STEPS: Final[dict[tuple[DenialState, DenialVerb], DenialState]] = {
    (_S.OPEN, _V.WORK): _S.WORKING,
    (_S.WORKING, _V.WORK): _S.WORKING,
    **{(state, _V.CORRECT): _S.CORRECTED for state in (*TO_WORK, _S.CORRECTED)},
    **{(state, _V.APPEAL): _S.APPEALED for state in TO_WORK},
    **{(state, _V.OVERTURN): _S.OVERTURNED for state in STANDING},
    (_S.APPEALED, _V.UPHOLD): _S.UPHELD,
    (_S.CORRECTED, _V.UPHOLD): _S.UPHELD,
    **{(state, _V.WRITE_OFF): _S.WRITTEN_OFF for state in TO_WORK},
    **{(state, _V.CLOSE): _S.CLOSED for state in STANDING},
    **{(state, _V.REOPEN): _S.OPEN for state in (_S.WRITTEN_OFF, _S.CLOSED, _S.OVERTURNED)},
}

WORDS: Final = {
    _S.OPEN: "New",
    _S.WORKING: "Being worked",
    _S.CORRECTED: "Corrected claim on its way",
    _S.APPEALED: "Appealed",
    _S.OVERTURNED: "Overturned",
    _S.UPHELD: "Upheld",
    _S.WRITTEN_OFF: "Written off",
    _S.CLOSED: "Closed",
}


def step(state: DenialState | str, verb: DenialVerb) -> DenialState:
    """The state after a verb.

    Raises:
        Conflict: ``denial.step``: the denial does not stand where this can be done; says where it stands.
    """
    return take_step(STEPS, WORDS, "denial", DenialState(state), verb)


def allowed_pairs() -> tuple[tuple[DenialState, DenialState], ...]:
    """Distinct ``(before, after)`` of steps that move, in a fixed order, for the database's guard trigger."""
    return moving_pairs(STEPS)
