"""Encounters with a past, for tests of the numbers.  The place's scope must be open."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from coding_ops.accounts.models import User
from coding_ops.tenancy.models import Client
from encounters.models import (
    CodeRevision,
    Encounter,
    EncounterStatus,
    OwnerParty,
    Pend,
    PendReason,
    WorkSession,
)
from tests import cast
from tests.cast import Place


def received(where: Place, service_on: date, at: datetime, **attributes: Any) -> Encounter:
    """An encounter whose note has not come."""
    return cast.encounter(
        where,
        note=None,
        queued=False,
        status=EncounterStatus.RECEIVED,
        service_on=service_on,
        received_at=at,
        available_at=None,
        due_at=None,
        **attributes,
    )


def ready(where: Place, available_at: datetime, **attributes: Any) -> Encounter:
    """An encounter that can be coded since ``available_at``, served that day."""
    defaults: dict[str, Any] = {
        "service_on": cast.day_of(available_at),
        "received_at": available_at,
        "available_at": available_at,
        "due_at": available_at + timedelta(hours=48),
    }
    return cast.encounter(where, note=None, queued=False, **(defaults | attributes))


def finalized(
    where: Place, coder: User, available_at: datetime, final_at: datetime, **attributes: Any
) -> Encounter:
    """An encounter that was final at ``final_at`` after one sitting of half an hour."""
    made = ready(
        where,
        available_at,
        status=EncounterStatus.FINAL,
        final_at=final_at,
        revision_count=1,
        assigned_coder=coder,
        **attributes,
    )
    revision(made, coder, 1, final_at)
    sitting(made, coder, final_at - timedelta(minutes=30), final_at)
    return made


def revision(made: Encounter, coder: User, number: int, at: datetime) -> CodeRevision:
    found: CodeRevision = CodeRevision.objects.create(
        client_id=made.client_id,
        encounter=made,
        number=number,
        codes=[],
        reason="" if number == 1 else "audit",
        finalized_by=coder,
        credential="CPC",
        finalized_at=at,
    )
    return found


def sitting(made: Encounter, coder: User, start: datetime, end: datetime) -> WorkSession:
    found: WorkSession = WorkSession.objects.create(
        client_id=made.client_id,
        encounter=made,
        user=coder,
        started_at=start,
        last_active_at=end,
        ended_at=end,
        active_seconds=int((end - start).total_seconds()),
        fence=WorkSession.objects.filter(client_id=made.client_id, encounter=made).count() + 1,
    )
    return found


def pended(
    made: Encounter, by: User, owner: OwnerParty, opened_at: datetime, closed_at: datetime | None = None
) -> Pend:
    """A hold; an open one also puts the encounter on hold."""
    if closed_at is None:
        Encounter.objects.filter(client_id=made.client_id, pk=made.pk).update(status=EncounterStatus.PENDED)
    found: Pend = Pend.objects.create(
        client_id=made.client_id,
        encounter=made,
        reason=PendReason.MISSING_NOTE,
        owner_party=owner,
        due_on=(opened_at + timedelta(days=5)).date(),
        opened_by=by,
        opened_at=opened_at,
        closed_at=closed_at,
        closed_by=by if closed_at else None,
    )
    return found


def place_of(client: Client, where: Place) -> Place:
    """The same place with the client read anew."""
    return Place(client, where.queue, where.connection)
