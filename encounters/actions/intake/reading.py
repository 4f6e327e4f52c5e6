"""Reading a stored file: batch after batch, each with its own transaction."""

from __future__ import annotations

import io
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO, cast
from zoneinfo import ZoneInfo

from django.db import OperationalError
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import client_transaction
from encounters.actions.intake.batch import take_batch
from encounters.actions.intake.context import Intake, Tally
from encounters.actions.intake.storage import StoredStream, store_file
from encounters.models import IntakeConnection, RawFile, WorkQueue
from encounters.rules.intake.incoming import IncomingUnit, Limits
from encounters.rules.intake.incoming import SourceFormat as ReadFormat
from encounters.rules.intake.reading import read_file

BATCH_UNITS = 500
BATCH_CHARACTERS = 4 * 1024 * 1024
DEADLOCK = "40P01"
_DEADLOCK_TRIES = 3


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """What became of one file.  A unit counts once: as accepted (a new visit), updated (a known visit
    changed or got a document), duplicate or quarantined.  ``warnings`` counts what was told by code."""

    raw_file_id: uuid.UUID
    accepted: int
    updated: int
    duplicates: int
    quarantined: int
    was_known: bool = False
    warnings: Counter[str] = field(default_factory=Counter)


def receive_file(
    *,
    actor: Actor,
    client: Client,
    connection_id: uuid.UUID,
    filename: str,
    content: BinaryIO,
    source_format: ReadFormat | None = None,
    archive_member_limit: int = 1_000,
) -> IntakeResult:
    """Stores a file in a committed transaction and reads it.  No scope may be open.

    The same bytes again are all duplicates, unless their reading was cut short: then it is completed.

    Raises:
        Refused: the file is too large, the connection is off, or the client has no worklist.
    """
    with client_transaction([client.pk]):
        way = IntakeConnection.objects.get(client_id=client.pk, pk=connection_id)
        raw_file, is_new = store_file(
            actor=actor,
            connection=way,
            filename=filename,
            content=content,
            archive_member_limit=archive_member_limit,
        )
    if not is_new and raw_file.status in (RawFile.Status.DONE, RawFile.Status.FAILED):
        return IntakeResult(raw_file.pk, 0, 0, raw_file.message_count, 0, was_known=True)
    return read_stored_file(actor=actor, client=client, raw_file_id=raw_file.pk, source_format=source_format)


def read_stored_file(
    *, actor: Actor, client: Client, raw_file_id: uuid.UUID, source_format: ReadFormat | None = None
) -> IntakeResult:
    """Reads a stored file from where it was left, to its end.  No scope may be open.

    Raises:
        Refused: the client has no worklist to put charts into.
        Conflict: somebody else is reading the same file.
    """
    intake, raw_file = _begin(actor, client, raw_file_id)
    warnings: Counter[str] = Counter()
    place = raw_file.read_count
    for batch in _batches(_units(intake, raw_file, source_format), place):
        tally = _taken(intake, place, batch)
        place += len(batch)
        warnings += tally.warnings
    return _end(intake, place, warnings)


def _begin(actor: Actor, client: Client, raw_file_id: uuid.UUID) -> tuple[Intake, RawFile]:
    with client_transaction([client.pk]):
        raw_file = RawFile.objects.select_related("connection__default_queue").get(
            client_id=client.pk, pk=raw_file_id
        )
        queues = [
            queue
            for queue in WorkQueue.objects.filter(client_id=client.pk, is_active=True)
            if queue.pk != raw_file.connection.default_queue_id
        ]
        if raw_file.connection.default_queue is not None:
            queues.append(raw_file.connection.default_queue)
        if not queues:
            raise Refused(
                "This client has no worklist, so its charts would wait for nobody. Make one first.",
                code="intake.no_worklist",
            )
        RawFile.objects.filter(client_id=client.pk, pk=raw_file.pk).update(status=RawFile.Status.READING)
        intake = Intake(
            actor=actor,
            client=client,
            connection_id=raw_file.connection_id,
            raw_file_id=raw_file.pk,
            received_by_id=raw_file.received_by_id,
            queues=tuple(queues),
            filename=raw_file.filename or "",
            is_retry=raw_file.finished_at is not None,
        )
    return intake, raw_file


def _units(intake: Intake, raw_file: RawFile, source_format: ReadFormat | None) -> Iterator[IncomingUnit]:
    stream = io.BufferedReader(StoredStream(intake.client.pk, raw_file.pk, raw_file.byte_count), 256 * 1024)
    return read_file(
        cast("BinaryIO", stream),
        intake.filename,
        zone=ZoneInfo(intake.client.timezone),
        source_format=source_format,
        limits=Limits(archive_members=raw_file.archive_member_limit),
    )


def _batches(units: Iterator[IncomingUnit], done: int) -> Iterator[list[IncomingUnit]]:
    """Batches behind the first ``done`` units, bounded by count and by the length of their notes."""
    batch: list[IncomingUnit] = []
    characters = 0
    for number, unit in enumerate(units):
        if number < done:
            continue
        batch.append(unit)
        if unit.encounter is not None:
            characters += sum(len(note.text) for note in unit.encounter.documents)
        if len(batch) >= BATCH_UNITS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _taken(intake: Intake, place: int, batch: list[IncomingUnit]) -> Tally:
    """Takes a batch, again when the database broke a deadlock with a coder's save by ending ours."""
    for tries_left in range(_DEADLOCK_TRIES - 1, -1, -1):
        try:
            return take_batch(replace(intake, now=timezone.now()), place, batch)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) != DEADLOCK or not tries_left:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def _end(intake: Intake, message_count: int, warnings: Counter[str]) -> IntakeResult:
    with client_transaction([intake.client.pk]):
        raw_file = RawFile.objects.select_for_update().get(client_id=intake.client.pk, pk=intake.raw_file_id)
        taken = raw_file.accepted_count + raw_file.updated_count + raw_file.duplicate_count
        # A day without visits is a file that was read; only refusals and nothing else are a failure.
        failed = raw_file.quarantined_count > 0 and taken == 0
        raw_file.status = RawFile.Status.FAILED if failed else RawFile.Status.DONE
        raw_file.message_count = message_count
        raw_file.finished_at = timezone.now()
        raw_file.save(update_fields=["status", "message_count", "finished_at"])
        result = IntakeResult(
            raw_file_id=intake.raw_file_id,
            accepted=raw_file.accepted_count,
            updated=raw_file.updated_count,
            duplicates=raw_file.duplicate_count,
            quarantined=raw_file.quarantined_count,
            warnings=warnings,
        )
        record_event(
            actor=intake.actor,
            verb=Verb.FILE_PROCESSED,
            subject=raw_file,
            facts={
                "accepted": result.accepted,
                "updated": result.updated,
                "duplicates": result.duplicates,
                "quarantined": result.quarantined,
                "warnings": dict(sorted(warnings.items())),
            },
        )
    return result
