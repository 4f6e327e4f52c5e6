"""What could not be read: set aside with place, field and reason; read again, or dismissed with a reason."""

from __future__ import annotations

import uuid
from collections import Counter

from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import NewEvent, record_event
from coding_ops.core.errors import Conflict, Refused
from coding_ops.tenancy.actor import Actor
from encounters.actions.intake.context import Intake
from encounters.models import QuarantineItem, RawFile
from encounters.rules.intake.incoming import IncomingUnit
from encounters.rules.intake.problems import Problem

_PLACE_LENGTH, _FIELD_LENGTH = 200, 80


def quarantine(intake: Intake, found: list[tuple[IncomingUnit, Problem]]) -> list[NewEvent]:
    """Sets aside what was refused or left out; what was dismissed before stays dismissed.

    One row a place and code, so that reading the same file again adds nothing.  Returns the event.
    """
    if not found:
        return []
    places = {_place(unit, problem) for unit, problem in found}
    dismissed = set(
        QuarantineItem.objects.filter(
            client_id=intake.client.pk,
            raw_file_id=intake.raw_file_id,
            status=QuarantineItem.Status.DISMISSED,
            place__in=places,
        ).values_list("place", "code")
    )
    rows: dict[tuple[str, str], QuarantineItem] = {}
    for unit, problem in found:
        key = (_place(unit, problem), problem.code)
        if key not in dismissed and key not in rows:
            rows[key] = QuarantineItem(
                client_id=intake.client.pk,
                raw_file_id=intake.raw_file_id,
                place=key[0],
                field=problem.field[:_FIELD_LENGTH],
                code=problem.code,
                message=problem.message,
            )
    QuarantineItem.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["client", "raw_file", "place", "code"],
        update_fields=["status", "resolution", "resolved_by", "resolved_at"],
    )
    codes = Counter(code for _, code in rows)
    return [
        NewEvent(
            Verb.MESSAGE_QUARANTINED,
            "rawfile",
            str(intake.raw_file_id),
            facts={"count": len(rows), "codes": dict(sorted(codes.items()))},
        )
    ]


def _place(unit: IncomingUnit, problem: Problem) -> str:
    """Where in the file: the message and the place in it, said once."""
    whole = problem.place if problem.place.startswith(unit.place) else f"{unit.place}, {problem.place}"
    return whole[:_PLACE_LENGTH]


@transaction.atomic
def retry_file(*, actor: Actor, client_id: int, raw_file_id: uuid.UUID) -> RawFile:
    """Makes a file ready to be read again from its start, e.g. after the reader learned a new form.

    What was taken from it is recognized and stays; what is refused again stays open; the rest counts as
    read.  The caller then reads it (``read_stored_file``).  The client's scope must be open.

    Raises:
        Conflict: it is being read now.
    """
    raw_file: RawFile = RawFile.objects.select_for_update().get(client_id=client_id, pk=raw_file_id)
    if raw_file.status not in (RawFile.Status.DONE, RawFile.Status.FAILED):
        raise Conflict("The file is still being read.", code="intake.busy")
    raw_file.status, raw_file.read_count = RawFile.Status.RECEIVED, 0
    raw_file.quarantined_count = 0
    raw_file.save(update_fields=["status", "read_count", "quarantined_count"])
    QuarantineItem.objects.filter(
        client_id=client_id, raw_file=raw_file, status=QuarantineItem.Status.OPEN
    ).update(
        status=QuarantineItem.Status.RETRIED,
        resolution="Read again.",
        resolved_by_id=actor.user_id,
        resolved_at=timezone.now(),
    )
    record_event(
        actor=actor,
        verb=Verb.QUARANTINE_RESOLVED,
        subject=raw_file,
        reason="Read again.",
        facts={"how": "retry"},
    )
    return raw_file


@transaction.atomic
def dismiss_item(*, actor: Actor, client_id: int, item_id: uuid.UUID, reason: str) -> QuarantineItem:
    """Closes an item that needs no encounter.  The client's scope must be open.

    Raises:
        Refused: no reason.
        Conflict: it is closed already.
    """
    if len(reason.strip()) < 3:
        raise Refused("Say in a few words why this needs no encounter.", code="quarantine.reason_missing")
    item: QuarantineItem = QuarantineItem.objects.select_for_update().get(client_id=client_id, pk=item_id)
    if item.status != QuarantineItem.Status.OPEN:
        raise Conflict("This is closed already.", code="quarantine.closed")
    item.status = QuarantineItem.Status.DISMISSED
    item.resolution = reason.strip()[:300]
    item.resolved_by_id, item.resolved_at = actor.user_id, timezone.now()
    item.save(update_fields=["status", "resolution", "resolved_by", "resolved_at"])
    record_event(
        actor=actor,
        verb=Verb.QUARANTINE_RESOLVED,
        subject=item,
        reason=item.resolution,
        facts={"how": "dismissed", "code": item.code},
    )
    return item
