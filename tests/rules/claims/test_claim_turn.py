"""Whose turn it is with a claim."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from claims.rules.claim_states import ClaimState
from claims.rules.claim_turn import turn_of
from claims.rules.denial_states import DenialState
from encounters.rules.deadlines import Party

_S, _D = ClaimState, DenialState


@pytest.mark.parametrize(
    ("state", "wheres", "denials", "party"),
    [
        (_S.BLOCKED, ("chart",), (), Party.VENDOR),
        (_S.BLOCKED, ("chart", "patient"), (), Party.CLIENT),
        (_S.READY, (), (), Party.VENDOR),
        (_S.ACCEPTED, (), (), Party.PAYER),
        (_S.REJECTED, (), (), Party.VENDOR),
        (_S.DENIED, (), (_D.CLOSED, _D.OPEN), Party.VENDOR),
        (_S.DENIED, (), (_D.APPEALED, _D.WRITTEN_OFF), Party.PAYER),
        (_S.PARTLY_PAID, (), (_D.APPEALED, _D.CORRECTED), Party.VENDOR),
        (_S.DENIED, (), (_D.WRITTEN_OFF,), None),
        (_S.PAID, (), (), None),
        (_S.REPLACED, (), (_D.OPEN,), None),
    ],
)
def test_who_must_act(
    state: ClaimState, wheres: Sequence[str], denials: Sequence[DenialState], party: Party | None
) -> None:
    assert turn_of(state, wheres=wheres, denials=denials, is_billed_by_client=False).party is party


def test_a_client_that_bills_itself_sends_its_own() -> None:
    assert turn_of(_S.READY, wheres=(), denials=(), is_billed_by_client=True).party is Party.CLIENT
