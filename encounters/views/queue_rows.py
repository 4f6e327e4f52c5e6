"""Worklist rows as strings: for the worklist page and for the strip beside the chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from coding_ops.tenancy.access import ReachedClient
from encounters.models import EncounterKind, WorkItemState
from encounters.selectors.worklist import Paused, Waiting
from encounters.views import words
from encounters.views.dto import Flag, WorklistRow

STATES = {
    WorkItemState.LEASED: ("open", "In progress"),
    WorkItemState.QUEUED: ("todo", "To do"),
    WorkItemState.PENDED: ("held", "On hold"),
}
KINDS = {kind.value: str(kind.label) for kind in EncounterKind}
HIGH_RISK = 7


def rows_of(
    waiting: Iterable[Waiting], clients: Mapping[int, ReachedClient], now: datetime, *, opens_all: bool
) -> tuple[WorklistRow, ...]:
    """Rows in the given order.  ``opens_all``: the person may open charts they do not hold."""
    return tuple(_row(one, clients[one.client_id], now, opens_all) for one in waiting)


def pause_words(one: Paused, client: ReachedClient) -> str:
    """What a coder reads above the list while their new charts are paused; the reason is between people."""
    what = f"{client.name}, {one.specialty}" if one.specialty else client.name
    since = one.since.astimezone(ZoneInfo(client.timezone))
    until = f" through {one.until:%m/%d/%Y}" if one.until else ""
    by = one.by or "the client's quality programme"
    return (
        f"New charts of {what} are paused for you since {since:%m/%d/%Y}{until}, by {by}. "
        "A chart in your hands stays yours. Ask your manager what comes next."
    )


def _row(one: Waiting, client: ReachedClient, now: datetime, opens_all: bool) -> WorklistRow:
    state, state_words = STATES[WorkItemState(one.state)]
    due, tone = words.waiting(one.due_at, now)
    flags = []
    if one.revision_count:
        flags.append(Flag("Reopened", "query"))
    if one.risk >= HIGH_RISK:
        flags.append(Flag("Risk", "warn"))
    return WorklistRow(
        # The pattern of the resolver, kept by a test: `reverse` for each of 50 rows is a tenth of the page.
        href=f"/c/{client.slug}/encounters/{one.encounter_id}/",
        name=f"Visit {one.visit_id}",
        visit_id="",
        client=client.name,
        specialty=one.specialty or "Any specialty",
        visit_type=KINDS[one.kind],
        service_on=f"{one.service_on:%m/%d/%Y}",
        due=due,
        due_at=one.due_at.isoformat(),
        due_tone=tone,
        state=state,
        state_words=state_words,
        age=words.age(one.queued_at, now),
        why=_why(one, tone),
        flags=tuple(flags),
        can_open=opens_all or one.state != WorkItemState.QUEUED,
    )


def _why(one: Waiting, tone: str) -> str:
    """Why it stands where it stands: due first, then risk, then age."""
    if one.state == WorkItemState.LEASED:
        return "In your hands"
    if tone == "bad":
        return "Past its due time"
    return "By due time, higher risk" if one.risk else "By due time"
