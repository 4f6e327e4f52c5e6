"""The doors to the files of claims that we write."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from claims.access.roles import CLIENT_READERS, LEADERS
from claims.models import Submission, SubmittedClaim
from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotAllowed, NotFound, Refused
from coding_ops.tenancy.actor import Actor

SUBMISSION_READERS = LEADERS | CLIENT_READERS


def submissions_in_reach(actor: Actor, client_id: int) -> QuerySet[Submission]:
    """The files of an open client, without their content.

    Raises:
        NotFound: a role for which the room does not exist.
    """
    if actor.role not in SUBMISSION_READERS:
        raise NotFound
    files: QuerySet[Submission] = Submission.objects.filter(client_id=client_id).defer("content")
    return files


def find_submission(*, actor: Actor, client_id: int, submission_id: uuid.UUID) -> Submission:
    """One of them.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    files = submissions_in_reach(actor, client_id).select_related("asked_by")
    found: Submission | None = files.filter(pk=submission_id).first()
    if found is None:
        raise NotFound
    return found


def require_submitter(actor: Actor) -> None:
    """Who may write, send and take back files of claims.

    Raises:
        NotFound: the room does not exist for the role.
        NotAllowed: it may look only.
    """
    if actor.role not in SUBMISSION_READERS:
        raise NotFound
    if actor.role not in LEADERS:
        raise NotAllowed("You may see the files of claims, but not write any.", code="submission.read_only")


def take_content(*, actor: Actor, client_id: int, submission_id: uuid.UUID) -> tuple[Submission, str]:
    """The file itself; the read of every chart in it is noted.

    Raises:
        NotFound, NotAllowed: as :func:`require_submitter`.
        Refused: it was not written.
    """
    require_submitter(actor)
    found = find_submission(actor=actor, client_id=client_id, submission_id=submission_id)
    if found.content is None:
        raise Refused("The file is not written yet, or could not be.", code="submission.no_content")
    charts = SubmittedClaim.objects.filter(client_id=client_id, submission=found).values_list(
        "claim__encounter_id", flat=True
    )
    note_read(
        actor=actor,
        verb=Verb.SUBMISSION_DOWNLOADED,
        client_id=client_id,
        subject_type="submission",
        subject_id=str(found.pk),
        encounter_ids=tuple(str(one) for one in charts if one is not None),
    )
    return found, found.content
