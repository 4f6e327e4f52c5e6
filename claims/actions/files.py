"""A file of claims or of a payer: kept as it came, once; read again; its problems dismissed with a reason."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from claims.models import Door, FileProblem, FileState, PayerFile, PayerFileChunk
from claims.rules.payer_files import glance
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Conflict, Refused
from coding_ops.tenancy.actor import Actor

PIECE_BYTES = 1024 * 1024
HEAD_BYTES = 4096
SETTLED = (FileState.DONE, FileState.PROBLEMS, FileState.QUARANTINED)
LONGEST_NAME = 200


@transaction.atomic
def keep_file(
    *, actor: Actor, client_id: int, filename: str, content: BinaryIO, door: Door, now: datetime
) -> tuple[PayerFile, bool]:
    """Keeps the bytes sealed, in pieces; False when the client sent the very same bytes before.

    The client's scope must be open.  ``content`` must be seekable; it is read twice, a piece at a time.

    Raises:
        Refused: larger than ``INTAKE_MAX_BYTES``.
    """
    digest, size, head = _measured(content)
    known = PayerFile.objects.filter(client_id=client_id, sha256=digest).first()
    if known is not None:
        return known, False
    seen = glance(head)
    file: PayerFile = PayerFile.objects.create(
        client_id=client_id,
        kind=seen.kind.value,
        filename=filename[:LONGEST_NAME] or None,
        sha256=digest,
        byte_count=size,
        sender_id=seen.sender_id[:15],
        interchange_number=seen.interchange_number[:9],
        door=door,
        received_by_id=actor.user_id,
        received_at=now,
    )
    for number, piece in enumerate(iter(lambda: content.read(PIECE_BYTES), b""), start=1):
        PayerFileChunk.objects.create(client_id=client_id, file=file, number=number, content=piece)
    record_event(
        actor=actor,
        verb=Verb.CLAIM_FILE_RECEIVED,
        subject=file,
        facts={"bytes": size, "kind": file.kind, "door": file.door},
    )
    return file, True


def _measured(content: BinaryIO) -> tuple[bytes, int, bytes]:
    digest, size, head = hashlib.sha256(), 0, b""
    content.seek(0)
    for piece in iter(lambda: content.read(PIECE_BYTES), b""):
        digest.update(piece)
        head = head or piece[:HEAD_BYTES]
        size += len(piece)
        if size > settings.INTAKE_MAX_BYTES:
            limit = settings.INTAKE_MAX_BYTES // (1024 * 1024)
            raise Refused(
                f"The file is larger than {limit} MB. Send it in parts.", code="claim_file.too_large"
            )
    content.seek(0)
    return digest.digest(), size, head


@transaction.atomic
def retry_file(*, actor: Actor, file: PayerFile, now: datetime) -> PayerFile:
    """Makes a file ready to be read once more from its start; the caller sends the task that reads it.

    What was posted from it is recognized and stays.  What is refused again stays open; the rest is closed.

    Raises:
        Conflict: it is being read, or waits for it.
    """
    locked: PayerFile = PayerFile.objects.select_for_update().get(client_id=file.client_id, pk=file.pk)
    if locked.state not in SETTLED:
        raise Conflict("The file is still being read. Look again in a minute.", code="claim_file.busy")
    locked.state, locked.read_count, locked.problem_count = FileState.RECEIVED, 0, 0
    locked.save(update_fields=["state", "read_count", "problem_count"])
    FileProblem.objects.filter(
        client_id=file.client_id, file_id=file.pk, state=FileProblem.State.OPEN
    ).update(
        state=FileProblem.State.RETRIED,
        resolution="Read again.",
        resolved_by_id=actor.user_id,
        resolved_at=now,
    )
    record_event(actor=actor, verb=Verb.CLAIM_FILE_RETRIED, subject=locked, facts={"kind": locked.kind})
    return locked


@transaction.atomic
def dismiss_problem(*, actor: Actor, problem: FileProblem, reason: str, now: datetime) -> FileProblem:
    """Closes a problem with a reason; it holds through later readings.

    A wrong count or control number that is dismissed no longer keeps the file from being posted when it is
    read again (``rules.payer_files.ACCEPTABLE``).

    Raises:
        Refused: no reason.
        Conflict: it is closed already.
    """
    words = reason.strip()[:300]
    if len(words) < 3:
        raise Refused("Say in a few words why this can be closed.", code="file_problem.reason_missing")
    file: PayerFile = PayerFile.objects.select_for_update().get(
        client_id=problem.client_id, pk=problem.file_id
    )
    locked: FileProblem = FileProblem.objects.select_for_update().get(
        client_id=problem.client_id, pk=problem.pk
    )
    if locked.state != FileProblem.State.OPEN:
        raise Conflict("This is closed already.", code="file_problem.closed")
    locked.state, locked.resolution = FileProblem.State.DISMISSED, words
    locked.resolved_by_id, locked.resolved_at = actor.user_id, now
    locked.save(update_fields=["state", "resolution", "resolved_by", "resolved_at"])
    file.problem_count = max(file.problem_count - 1, 0)
    if file.problem_count == 0 and file.state == FileState.PROBLEMS:
        file.state = FileState.DONE
    file.save(update_fields=["problem_count", "state"])
    record_event(
        actor=actor,
        verb=Verb.FILE_PROBLEM_DISMISSED,
        subject=locked,
        reason=words,
        facts={"code": locked.code, "file": str(file.pk)},
    )
    return locked
