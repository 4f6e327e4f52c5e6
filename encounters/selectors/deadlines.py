"""When an encounter is due under its client's contract, holds of other parties given back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from coding_ops.audit.models import Verb
from coding_ops.audit.selectors import newest_event
from coding_ops.tenancy.models import Client
from encounters.models import Encounter, Pend
from encounters.rules.deadlines import BusinessHours, Hold, Party, due_at

OFFICE_OPENS, OFFICE_CLOSES = time(8), time(17)
OFFICE_DAYS = frozenset(range(5))


def business_hours(client: Client) -> BusinessHours | None:
    """The client's business clock; ``None`` when its contract counts clock hours."""
    if client.turnaround_clock == Client.Clock.CLOCK:
        return None
    return BusinessHours(ZoneInfo(client.timezone), OFFICE_OPENS, OFFICE_CLOSES, OFFICE_DAYS)


def holds_of(pends: Iterable[Pend]) -> list[Hold]:
    """Holds as the pure rule takes them."""
    return [Hold(pend.opened_at, pend.closed_at, Party(pend.owner_party)) for pend in pends]


def first_due_at(client: Client, available_at: datetime) -> datetime:
    """When a chart that becomes available now is due."""
    due = due_at(available_at, client.turnaround_hours, business=business_hours(client)).at
    return due if due is not None else available_at + timedelta(hours=client.turnaround_hours)


def due_at_of(encounter: Encounter) -> datetime | None:
    """When it is due, its holds considered; ``None`` while it is not available, or while the clock stands.

    A reopened encounter's clock runs from its reopening: it was delivered once before.
    """
    since = encounter.available_at
    if encounter.revision_count:
        reopened = newest_event(encounter, Verb.ENCOUNTER_REOPENED)
        since = reopened.occurred_at if reopened is not None else since
    if since is None:
        return None
    pends = Pend.objects.filter(client_id=encounter.client_id, encounter=encounter, opened_at__gte=since)
    return due_at(
        since,
        encounter.client.turnaround_hours,
        business=business_hours(encounter.client),
        holds=holds_of(pends),
    ).at
