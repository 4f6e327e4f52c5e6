"""What the steps of taking a batch hand to each other."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from encounters.actions.worklists import matching_queue
from encounters.models import WorkQueue
from encounters.rules.intake.incoming import IncomingEncounter, IncomingUnit
from encounters.rules.intake.problems import Problem, reject


@dataclass(frozen=True, slots=True)
class Intake:
    """One file being read, for whom and into which worklists.  The last worklist takes what none accepts."""

    actor: Actor
    client: Client
    connection_id: uuid.UUID
    raw_file_id: uuid.UUID
    received_by_id: int | None
    queues: tuple[WorkQueue, ...]
    filename: str
    is_retry: bool = False
    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    def queue_for(self, specialty_code: str, kind: str) -> WorkQueue:
        """The worklist of a chart."""
        return matching_queue(self.queues, specialty_code, kind) or self.queues[-1]


@dataclass(slots=True)
class Tally:
    """Counts of one batch."""

    accepted: int = 0
    updated: int = 0
    duplicates: int = 0
    quarantined: int = 0
    warnings: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Arrival:
    """A unit on its way in: what it says, and what has been found out about it so far."""

    unit: IncomingUnit
    said: IncomingEncounter
    mrn_index: bytes
    visit_number: str
    encounter_id: uuid.UUID | None = None
    problems: list[Problem] = field(default_factory=list)
    is_refused: bool = False

    def refuse(self, code: str, field_name: str = "") -> None:
        """Keeps the unit out, for a reason that only the database could tell."""
        self.problems.append(reject(code, self.unit.place, field_name))
        self.is_refused = True
