"""The life of a training assignment, as one table of steps.

    assigned → waiting → reaudit → closed
                  ↑          ↘ assigned again, a new round
``waiting``: the coder has done it, and charts finished after that are counted.  ``closed`` is reached through
a clean re-audit only; ``ended`` is every other end, and says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from coding_ops.core.errors import Conflict


class TrainingState(StrEnum):
    """Where an assignment stands."""

    ASSIGNED = "assigned"
    WAITING = "waiting"
    REAUDIT = "reaudit"
    CLOSED = "closed"
    ENDED = "ended"


class TrainingVerb(StrEnum):
    """What moves it."""

    COMPLETE = "complete"
    ASK_REAUDIT = "ask_reaudit"
    FOUND_CLEAN = "found_clean"
    FOUND_AGAIN = "found_again"
    END = "end"


STEPS: dict[tuple[TrainingState, TrainingVerb], TrainingState] = {
    (TrainingState.ASSIGNED, TrainingVerb.COMPLETE): TrainingState.WAITING,
    (TrainingState.WAITING, TrainingVerb.ASK_REAUDIT): TrainingState.REAUDIT,
    (TrainingState.REAUDIT, TrainingVerb.FOUND_CLEAN): TrainingState.CLOSED,
    (TrainingState.REAUDIT, TrainingVerb.FOUND_AGAIN): TrainingState.ASSIGNED,
    (TrainingState.ASSIGNED, TrainingVerb.END): TrainingState.ENDED,
    (TrainingState.WAITING, TrainingVerb.END): TrainingState.ENDED,
    (TrainingState.REAUDIT, TrainingVerb.END): TrainingState.ENDED,
}
OPEN = frozenset({TrainingState.ASSIGNED, TrainingState.WAITING, TrainingState.REAUDIT})
NOT_NOW = {
    TrainingState.ASSIGNED: "The training is not done yet",
    TrainingState.WAITING: "The training is done, and the re-audit waits for charts",
    TrainingState.REAUDIT: "The re-audit is under way",
    TrainingState.CLOSED: "The assignment is closed",
    TrainingState.ENDED: "The assignment has ended",
}


def training_step(state: TrainingState | str, verb: TrainingVerb) -> TrainingState:
    """The state after a verb.

    Raises:
        Conflict: the assignment does not stand where this can be done.
    """
    before = TrainingState(state)
    after = STEPS.get((before, verb))
    if after is None:
        raise Conflict(f"{NOT_NOW[before]}: this cannot be done now.", code="training.state")
    return after


def allowed_pairs() -> Iterator[tuple[TrainingState, TrainingState]]:
    """Before and after of every step, for the database's own trigger."""
    yield from sorted({(before, after) for (before, _), after in STEPS.items()})
