"""When a question that nobody answers goes further: to the provider again, then to a named advisor."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum


class Level(IntEnum):
    """How far a waiting question has gone; the values are those of the database column."""

    NONE = 0
    REMINDED = 1
    ADVISOR = 2


def level_due(asked_at: datetime, now: datetime, *, first_hours: int, second_hours: int) -> Level:
    """The level that a question has reached by the clock.

    Args:
        asked_at: when the provider who has it now was asked; passing it on starts the clock anew.
        first_hours, second_hours: the client's policy, counted from ``asked_at`` around the clock.
    """
    waited = now - asked_at
    if waited >= timedelta(hours=second_hours):
        return Level.ADVISOR
    if waited >= timedelta(hours=first_hours):
        return Level.REMINDED
    return Level.NONE
