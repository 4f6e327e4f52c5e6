"""The life of an outbound message, and when it is tried again.

    queued → sent → accepted | failed, and back to queued while there are tries left
``sent`` is on its way: handed to the network and not answered yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class MessageState(StrEnum):
    """Values of the database column."""

    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    FAILED = "failed"


STEPS: frozenset[tuple[MessageState, MessageState]] = frozenset(
    {
        (MessageState.QUEUED, MessageState.SENT),
        (MessageState.SENT, MessageState.ACCEPTED),
        (MessageState.SENT, MessageState.QUEUED),
        (MessageState.SENT, MessageState.FAILED),
        # Recalled before it left: the question was withdrawn, or the way was changed.
        (MessageState.QUEUED, MessageState.FAILED),
    }
)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one try.

    Attributes:
        is_accepted: the receiver has it.
        code: the receiver's answer or our own name of what went wrong; never words of the receiver's, which
            may repeat the message.
        is_final: another try would end the same way.
    """

    is_accepted: bool
    code: str
    is_final: bool = False


def after_try(
    result: Result, *, tries: int, waits: Sequence[timedelta], now: datetime
) -> tuple[MessageState, datetime | None]:
    """Where the message stands after its ``tries``-th try, and when it is tried again."""
    if result.is_accepted:
        return MessageState.ACCEPTED, None
    if result.is_final or tries > len(waits):
        return MessageState.FAILED, None
    return MessageState.QUEUED, now + waits[tries - 1]
