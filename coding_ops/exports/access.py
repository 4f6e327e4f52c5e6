"""The door to a file: whoever asked for it, while they still may have it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotFound, Refused
from coding_ops.exports.kinds import kind_of
from coding_ops.exports.models import ExportFile
from coding_ops.exports.states import ExportState
from coding_ops.tenancy.actor import Actor


def own_exports(actor: Actor, client_id: int) -> QuerySet[ExportFile]:
    """The files that this person asked for at a client, newest first; without their content."""
    files: QuerySet[ExportFile] = ExportFile.objects.filter(
        client_id=client_id, asked_by_id=actor.person_id
    ).defer("content")
    return files.order_by("-asked_at")


def find_export(*, actor: Actor, client_id: int, export_id: uuid.UUID) -> ExportFile:
    """One of them.

    Raises:
        NotFound: absent, or somebody else's: one answer.
    """
    found = own_exports(actor, client_id).filter(pk=export_id).first()
    if found is None:
        raise NotFound
    return found


def take_export(
    *, actor: Actor, client_id: int, export_id: uuid.UUID, now: datetime
) -> tuple[ExportFile, bytes]:
    """The file with its content; the read of every chart in it is noted.

    Raises:
        NotFound: not theirs, or the right to it was lost since.
        Refused: it is not made yet, or its days are over.
    """
    found = find_export(actor=actor, client_id=client_id, export_id=export_id)
    kind_of(found.kind).ask(actor, client_id, found.params)
    if found.state != ExportState.DONE or found.expires_at is None or found.expires_at < now:
        raise Refused("The file is not there: it is being made, or its days are over.", code="export.absent")
    note_read(
        actor=actor,
        verb=Verb.EXPORT_DOWNLOADED,
        client_id=client_id,
        subject_type="exportfile",
        subject_id=str(found.pk),
        encounter_ids=tuple(found.encounter_ids),
    )
    return found, found.content


def pending_exports(
    client_id: int, now: datetime, *, waited: timedelta, silent: timedelta
) -> list[uuid.UUID]:
    """Files that nobody makes: their message was lost, or their worker died."""
    files = ExportFile.objects.filter(client_id=client_id).filter(
        Q(state=ExportState.WAITING, beat_at__lt=now - waited)
        | Q(state=ExportState.RUNNING, beat_at__lt=now - silent)
    )
    return list(files.order_by("beat_at").values_list("pk", flat=True))
