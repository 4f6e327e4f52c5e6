"""Moving denials from state to state, many at once, with their sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from claims.actions.denials.tallies import Sums, count_denials
from claims.models import Denial
from claims.rules.denial_states import DenialState, DenialVerb, step

ENDED = (DenialState.OVERTURNED, DenialState.WRITTEN_OFF, DenialState.CLOSED)
_FIELDS = ("state", "recovered_amount", "ended_at")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Move:
    """One denial and what moves it.

    Attributes:
        recovered_amount: dollars that came back by it, on top of what had come.
        is_decision: whether a verb that only closes is the payer's decision against the denial.
    """

    denial: Denial
    verb: DenialVerb
    recovered_amount: Decimal = _ZERO
    is_decision: bool = False


def move_denials(*, client_id: int, moves: Sequence[Move], now: datetime) -> int:
    """Takes each denial one step and adds what changes to the sums; part of the caller's transaction.

    The denials' states must be as they stand, under the caller's lock of their claims.

    Raises:
        Conflict: ``denial.step``: a denial does not stand where the verb can be done; nothing moved.
    """
    if not moves:
        return 0
    after = [step(one.denial.state, one.verb) for one in moves]
    changes: list[tuple[Denial, Sums]] = []
    alike: dict[tuple[str, Decimal, datetime | None], list[Denial]] = defaultdict(list)
    for one, state in zip(moves, after, strict=True):
        row = one.denial
        gone = Sums(recovered_amount=-row.recovered_amount) if one.verb is DenialVerb.REOPEN else Sums()
        was_won = row.state == DenialState.OVERTURNED and one.verb is DenialVerb.REOPEN
        row.state = state.value
        row.recovered_amount = row.recovered_amount + gone.recovered_amount + one.recovered_amount
        row.ended_at = now if state in ENDED else None
        alike[row.state, row.recovered_amount, row.ended_at].append(row)
        is_lost = one.verb is DenialVerb.UPHOLD or one.is_decision
        added = Sums(
            overturned_count=int(one.verb is DenialVerb.OVERTURN) - int(was_won),
            upheld_count=int(is_lost),
            recovered_amount=one.recovered_amount + gone.recovered_amount,
        )
        if added != Sums():
            changes.append((row, added))
    for (state_value, recovered, ended_at), rows in alike.items():
        # One statement for all that end alike: most of a file's denials do.
        Denial.objects.filter(client_id=client_id, pk__in=[row.pk for row in rows]).update(
            **dict(zip(_FIELDS, (state_value, recovered, ended_at), strict=True))
        )
    count_denials(client_id=client_id, changes=changes)
    return len(moves)
