"""Asking for a file, making it, and deleting it when its days are over."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import DomainError, Refused
from coding_ops.exports.kinds import ExportKind, Job, Produced, kind_of
from coding_ops.exports.models import ExportFile
from coding_ops.exports.states import PENDING, ExportState, require_step
from coding_ops.tenancy.actor import Actor, system_actor
from coding_ops.tenancy.scope import client_transaction
from coding_ops.tenancy.tasks import enqueue

MOST_PENDING = 5
MOST_TRIES = 3
SILENT = timedelta(minutes=30)
"""After so long without a sign its worker is lost: longer than a task may run."""
FAILED = "The file could not be made. Ask for it again; if it fails once more, tell support its number."

logger = logging.getLogger(__name__)


@transaction.atomic
def ask_export(*, actor: Actor, client_id: int, kind: str, given: Mapping[str, str]) -> ExportFile:
    """Puts a file in line to be made; the kind says whether this person may have it.

    Raises:
        InvalidInput: no such kind, or the kind refuses what was sent.
        NotFound, NotAllowed: the kind says that it is not theirs.
        Refused: this person waits for several files already.
    """
    asked = kind_of(kind).ask(actor, client_id, given)
    pending = ExportFile.objects.filter(
        client_id=client_id, asked_by_id=actor.person_id, state__in=[state.value for state in PENDING]
    ).count()
    if pending >= MOST_PENDING:
        raise Refused(f"You wait for {pending} files already; the next when one is done.", code="export.many")
    now = timezone.now()
    made: ExportFile = ExportFile.objects.create(
        client_id=client_id,
        kind=kind,
        title=asked.title,
        params=dict(asked.params),
        asked_by_id=actor.person_id,
        asked_role=actor.role,
        asked_at=now,
        beat_at=now,
    )
    record_event(
        actor=actor, verb=Verb.EXPORT_ASKED, subject=made, facts={"kind": kind, **dict(asked.params)}
    )
    enqueue("exports.make_export", client_id=client_id, export_id=str(made.pk))
    return made


def make_export(*, client_id: int, export_id: uuid.UUID, now: datetime) -> bool:
    """Makes one file, part by part, each in a transaction of its own; no scope may be open.

    Returns whether it was made.  A second worker that is handed the same file leaves it to the first; what
    the kind refuses, and what goes wrong, is kept as a sentence for the person.

    Raises:
        Exception: what went wrong unexpectedly, for the log; the file stands as failed.
    """
    with client_transaction([client_id]):
        export = _claimed(client_id, export_id, now)
        job = _job(export) if export else None
    if export is None or job is None:
        return False
    try:
        produced = _produce(export, job, kind_of(export.kind))
    except DomainError as error:
        _fail(client_id, export_id, error.message)
        return False
    except Exception:
        _fail(client_id, export_id, FAILED)
        raise
    with client_transaction([client_id]):
        _keep(client_id, export_id, produced)
    return True


def _claimed(client_id: int, export_id: uuid.UUID, now: datetime) -> ExportFile | None:
    export = _locked(client_id, export_id)
    if export.state == ExportState.RUNNING and now - export.beat_at > SILENT:
        export.state = require_step(export.state, ExportState.WAITING)
        export.save(update_fields=["state"])
    if export.state != ExportState.WAITING:
        return None
    if export.try_count >= MOST_TRIES:
        export.state, export.failure = require_step(export.state, ExportState.FAILED), FAILED
        export.finished_at = now
        export.save(update_fields=["state", "failure", "finished_at"])
        return None
    export.state = require_step(export.state, ExportState.RUNNING)
    export.try_count += 1
    export.done_count, export.beat_at = 0, now
    export.save(update_fields=["state", "try_count", "done_count", "beat_at"])
    return export


def _job(export: ExportFile) -> Job:
    return Job(
        client_id=export.client_id,
        params=export.params,
        asked_role=export.asked_role,
        asked_by=export.asked_by.full_name,
        asked_at=export.asked_at,
    )


def _produce(export: ExportFile, job: Job, kind: ExportKind) -> Produced:
    with client_transaction([job.client_id]):
        parts = list(kind.parts(job))
        _told(export, 0, len(parts) + 1)
    read = []
    for number, part in enumerate(parts, start=1):
        with client_transaction([job.client_id]):
            read.append(kind.read(job, part))
            _told(export, number, len(parts) + 1)
    return kind.write(job, read)


def _told(export: ExportFile, done: int, total: int) -> None:
    """How far it is, for the page that waits."""
    ExportFile.objects.filter(client_id=export.client_id, pk=export.pk).update(
        done_count=done, total_count=total, beat_at=timezone.now()
    )


def _keep(client_id: int, export_id: uuid.UUID, produced: Produced) -> None:
    export, now = _locked(client_id, export_id), timezone.now()
    export.state = require_step(export.state, ExportState.DONE)
    export.content, export.byte_count = produced.content, len(produced.content)
    export.sha256 = hashlib.sha256(produced.content).hexdigest()
    export.file_name, export.media_type = produced.file_name, produced.media_type
    export.encounter_ids = list(produced.encounter_ids)
    export.done_count = export.total_count
    export.finished_at, export.expires_at = now, now + timedelta(hours=settings.EXPORT_KEEP_HOURS)
    export.save()
    record_event(
        actor=system_actor("export"),
        verb=Verb.EXPORT_MADE,
        subject=export,
        facts={"bytes": export.byte_count, "sha256": export.sha256, "charts": len(produced.encounter_ids)},
    )


def _fail(client_id: int, export_id: uuid.UUID, words: str) -> None:
    with client_transaction([client_id]):
        export = _locked(client_id, export_id)
        export.state, export.failure = require_step(export.state, ExportState.FAILED), words[:300]
        export.finished_at = timezone.now()
        export.save(update_fields=["state", "failure", "finished_at"])


@transaction.atomic
def expire_exports(*, actor: Actor, client_id: int, now: datetime) -> int:
    """Deletes the content of files whose days are over; returns how many.  The rows stay."""
    due = ExportFile.objects.select_for_update(skip_locked=True).filter(
        client_id=client_id, state=ExportState.DONE, expires_at__lt=now
    )
    count = 0
    for export in due.defer("content"):
        export.state, export.content = require_step(export.state, ExportState.EXPIRED), None
        export.save(update_fields=["state", "content"])
        record_event(actor=actor, verb=Verb.EXPORT_EXPIRED, subject=export)
        count += 1
    return count


def _locked(client_id: int, export_id: uuid.UUID) -> ExportFile:
    export: ExportFile = (
        ExportFile.objects.select_for_update(of=("self",))
        .defer("content")
        .get(client_id=client_id, pk=export_id)
    )
    return export
