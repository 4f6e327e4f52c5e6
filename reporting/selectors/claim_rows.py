"""What a list of rows shows of claims and denials; no sealed column is opened."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from claims.models import Claim, Denial
from claims.rules import claim_states, denial_states
from claims.rules.claim_states import ClaimState
from claims.rules.denial_states import DenialState

_CLAIM_TONES: Final = {
    ClaimState.PAID: "ok",
    ClaimState.PARTLY_PAID: "warn",
    ClaimState.DENIED: "bad",
    ClaimState.REJECTED: "bad",
}
_DENIAL_TONES: Final = {DenialState.OVERTURNED: "ok", DenialState.UPHELD: "bad", DenialState.OPEN: "warn"}


@dataclass(frozen=True, slots=True)
class ClaimDetail:
    """A claim, or a denial of one.

    Attributes:
        path: of its page, below the client's claims.
        first_on, first_at: the day the denial came, or when the claim was sent.
        last_at: the claim's first answer, or the denial's end.
    """

    path: str
    control_number: str
    payer: str
    state_words: str
    tone: str
    first_on: date | None
    first_at: datetime | None
    last_at: datetime | None


def claim_details_of(client_ids: Collection[int], ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, ClaimDetail]:
    """What is shown of these claims, in one query."""
    rows = Claim.objects.filter(client_id__in=client_ids, pk__in=ids).values_list(
        "pk", "control_number", "payer__name", "state", "submitted_at", "first_response_at"
    )
    return {
        key: ClaimDetail(
            f"{key}/",
            number,
            payer or "",
            claim_states.WORDS[ClaimState(state)],
            _CLAIM_TONES.get(ClaimState(state), "line"),
            None,
            sent_at,
            answered_at,
        )
        for key, number, payer, state, sent_at, answered_at in rows
    }


def denial_details_of(client_ids: Collection[int], ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, ClaimDetail]:
    """What is shown of these denials, in one query."""
    rows = Denial.objects.filter(client_id__in=client_ids, pk__in=ids).values_list(
        "pk", "claim__control_number", "payer__name", "state", "received_on", "ended_at"
    )
    return {
        key: ClaimDetail(
            f"denials/{key}/",
            number,
            payer or "",
            denial_states.WORDS[DenialState(state)],
            _DENIAL_TONES.get(DenialState(state), "line"),
            received_on,
            None,
            ended_at,
        )
        for key, number, payer, state, received_on, ended_at in rows
    }
