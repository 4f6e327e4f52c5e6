"""The life of an export, as one table of steps: waiting → running → done → expired, or failed."""

from __future__ import annotations

from enum import StrEnum

from coding_ops.core.errors import Conflict


class ExportState(StrEnum):
    """Where an export stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


STEPS = frozenset(
    {
        (ExportState.WAITING, ExportState.RUNNING),
        # Its worker was lost, and another one begins anew.
        (ExportState.RUNNING, ExportState.WAITING),
        (ExportState.RUNNING, ExportState.DONE),
        (ExportState.RUNNING, ExportState.FAILED),
        (ExportState.WAITING, ExportState.FAILED),
        (ExportState.DONE, ExportState.EXPIRED),
    }
)
PENDING = frozenset({ExportState.WAITING, ExportState.RUNNING})


def require_step(before: ExportState | str, after: ExportState) -> str:
    """The new state as it is stored.

    Raises:
        Conflict: the export does not stand where this can be done.
    """
    if (ExportState(before), after) not in STEPS:
        raise Conflict(f"The export is {ExportState(before).value}.", code="export.state")
    return after.value
