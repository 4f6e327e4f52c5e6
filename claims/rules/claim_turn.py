"""Whose turn it is with a claim, and what they are to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claims.rules.claim_states import ADJUDICATED, OUT, ClaimState
from claims.rules.denial_states import TO_WORK, DenialState
from claims.rules.facts import MENDED_BY_VENDOR
from encounters.rules.deadlines import Party


@dataclass(frozen=True, slots=True)
class Turn:
    """``party`` is ``None`` when nobody has to do anything."""

    party: Party | None
    words: str


def turn_of(
    state: ClaimState, *, wheres: Sequence[str], denials: Sequence[DenialState], is_billed_by_client: bool
) -> Turn:
    """Who must act now.

    Args:
        wheres: where each problem of a blocked claim is mended.
        denials: where the claim's denials stand.
    """
    if state is ClaimState.BLOCKED:
        ours = all(where in MENDED_BY_VENDOR for where in wheres)
        words = "Mend what keeps it from being written."
        return Turn(Party.VENDOR if ours else Party.CLIENT, words)
    if state is ClaimState.READY:
        party = Party.CLIENT if is_billed_by_client else Party.VENDOR
        return Turn(party, "Put it into a file for the payer.")
    if state in OUT:
        return Turn(Party.PAYER, "Answer the claim.")
    if state is ClaimState.REJECTED or state in ADJUDICATED:
        return _answered(state, denials)
    return Turn(None, "Nothing: this version is over.")


def _answered(state: ClaimState, denials: Sequence[DenialState]) -> Turn:
    if any(one in TO_WORK for one in denials):
        return Turn(Party.VENDOR, "Correct, appeal or write off what was refused.")
    if DenialState.CORRECTED in denials:
        return Turn(Party.VENDOR, "Send the corrected claim.")
    if DenialState.APPEALED in denials:
        return Turn(Party.PAYER, "Decide the appeal.")
    if state is ClaimState.REJECTED:
        return Turn(Party.VENDOR, "Correct it and send it again.")
    return Turn(None, "Nothing.")
