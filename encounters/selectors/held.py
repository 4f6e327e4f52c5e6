"""Who holds a chart, and who held it: for the answer to somebody who lost it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from encounters.models import WorkItem, WorkSession


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a chart now; empty name when nobody does."""

    name: str
    since: datetime | None
    is_me: bool


def holder_of(*, client_id: int, encounter_id: uuid.UUID, user_id: int | None) -> Holder:
    """The present holder, by name: no patient data."""
    row = (
        WorkItem.objects.filter(client_id=client_id, encounter_id=encounter_id)
        .values_list("holder_id", "holder__full_name", "leased_at")
        .first()
    )
    if row is None or row[0] is None:
        return Holder("", None, False)
    return Holder(row[1], row[2], row[0] == user_id)


def held_once(*, client_id: int, encounter_id: uuid.UUID, user_id: int | None, fence: int) -> bool:
    """Whether this person held this chart under this fence: then they may learn that they lost it."""
    if user_id is None:
        return False
    found: bool = WorkSession.objects.filter(
        client_id=client_id, encounter_id=encounter_id, user_id=user_id, fence=fence
    ).exists()
    return found
