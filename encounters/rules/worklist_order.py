"""The order of a worklist: what is due first, then the riskier, then what has waited longest.

The three are packed into one 63-bit number, so that one index entry says what comes next:
27 bits of minutes (due), 4 bits (9 minus risk), 32 bits of seconds (queued), both since 2020.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
HIGHEST_RISK = 9


def order_key(due_at: datetime, risk: int, queued_at: datetime) -> int:
    """The packed key; smaller comes first.

    Args:
        due_at: aware; two due times within the same minute count as equal.
        risk: 0 (routine) to 9.
        queued_at: aware.

    Raises:
        ValueError: a risk outside 0 to 9.
    """
    if not 0 <= risk <= HIGHEST_RISK:
        raise ValueError(f"risk must be 0 to {HIGHEST_RISK}, not {risk}")
    due = min(max((due_at - EPOCH) // timedelta(minutes=1), 0), 2**27 - 1)
    queued = min(max((queued_at - EPOCH) // timedelta(seconds=1), 0), 2**32 - 1)
    return (due << 36) | ((HIGHEST_RISK - risk) << 32) | queued
