"""The doors to files of claims and of payers.  Senders name files after patients, so a look is noted."""

from __future__ import annotations

import uuid

from claims.access.roles import FILE_READERS, SENDERS
from claims.models import FileProblem, PayerFile
from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotAllowed, NotFound
from coding_ops.tenancy.actor import Actor


def require_files(actor: Actor) -> None:
    """Who may see a client's files.

    Raises:
        NotFound: a role for which the room does not exist.
    """
    if actor.role not in FILE_READERS:
        raise NotFound


def open_files(actor: Actor, client_id: int) -> None:
    """The list with the names of files: the look is noted.

    Raises:
        NotFound: as :func:`require_files`.
    """
    require_files(actor)
    _note(actor, client_id, "client", str(client_id))


def require_sender(actor: Actor) -> None:
    """Who may send files, have them read again, and dismiss what needs no answer.

    Raises:
        NotFound: the room does not exist for the role.
        NotAllowed: it may look only.
    """
    require_files(actor)
    if actor.role not in SENDERS:
        raise NotAllowed("You may see the files, but not send any.", code="claim_file.read_only")


def find_file(*, actor: Actor, client_id: int, file_id: uuid.UUID) -> PayerFile:
    """A file of an open client without its name being shown.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    require_files(actor)
    found: PayerFile | None = (
        PayerFile.objects.filter(client_id=client_id, pk=file_id).select_related("received_by").first()
    )
    if found is None:
        raise NotFound
    return found


def open_file(*, actor: Actor, client_id: int, file_id: uuid.UUID) -> PayerFile:
    """A file with its name: the look is noted.

    Raises:
        NotFound: as :func:`find_file`.
    """
    found = find_file(actor=actor, client_id=client_id, file_id=file_id)
    _note(actor, client_id, "payerfile", str(found.pk))
    return found


def find_problem(*, actor: Actor, client_id: int, problem_id: uuid.UUID) -> FileProblem:
    """What a file set aside; its words hold no patient data.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    require_files(actor)
    found: FileProblem | None = FileProblem.objects.filter(client_id=client_id, pk=problem_id).first()
    if found is None:
        raise NotFound
    return found


def _note(actor: Actor, client_id: int, subject_type: str, subject_id: str) -> None:
    note_read(
        actor=actor,
        verb=Verb.CLAIM_FILE_VIEWED,
        client_id=client_id,
        subject_type=subject_type,
        subject_id=subject_id,
    )
