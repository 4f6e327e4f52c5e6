"""States and the only steps between them, as one table that feeds Python and the database's guard trigger."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from coding_ops.core.errors import Conflict

State = TypeVar("State", bound=StrEnum)
Verb = TypeVar("Verb", bound=StrEnum)


def take_step(
    steps: Mapping[tuple[State, Verb], State],
    words: Mapping[State, str],
    subject: str,
    before: State,
    verb: Verb,
) -> State:
    """The state after a verb.

    ``subject``: what moves, in a word, as ``claim``.

    Raises:
        Conflict: ``<subject>.step``: it does not stand where this can be done; says where it stands.
    """
    after = steps.get((before, verb))
    if after is None:
        raise Conflict(
            f"This cannot be done now: the {subject} stands at “{words[before]}”.",
            code=f"{subject}.step",
            details={"state": before.value, "verb": verb.value},
        )
    return after


def moving_pairs(steps: Mapping[tuple[State, Verb], State]) -> tuple[tuple[State, State], ...]:
    """Distinct ``(before, after)`` of steps that move, in a fixed order, for a guard trigger."""
    return tuple(sorted({(before, after) for (before, _), after in steps.items() if before != after}))
