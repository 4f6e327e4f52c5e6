"""When an encounter stood final: from each finished version until the reopening before the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


def final_spans(
    finals: Sequence[datetime], reopened: Sequence[datetime], *, is_final: bool
) -> tuple[tuple[datetime, datetime | None], ...]:
    """Stretches as ``(start, end)``, oldest first; an ``end`` of ``None`` is open.

    Args:
        finals: when each finished version was made, oldest first.
        reopened: when it was reopened, as the ledger says, in any order.
        is_final: whether it stands final now; the last stretch is open then.
    """
    found: list[tuple[datetime, datetime | None]] = []
    for position, start in enumerate(finals):
        is_last = position == len(finals) - 1
        following = None if is_last else finals[position + 1]
        if is_last and is_final:
            found.append((start, None))
            continue
        ends = [at for at in reopened if start <= at and (following is None or at <= following)]
        # Without an entry between two versions the second replaced the first at once.
        found.append((start, min(ends, default=following or start)))
    return tuple(found)
