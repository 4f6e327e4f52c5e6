"""The folder from which a client's transport takes files of claims: ``CLAIMS_FOLDER/<client>/out``."""

from __future__ import annotations

import errno
import os
from datetime import datetime
from pathlib import Path

from django.db import transaction

from claims.access.submissions import require_submitter
from claims.actions.submissions import mark_sent
from claims.models import Submission
from coding_ops.core.errors import Refused
from coding_ops.tenancy.actor import Actor

OUT = "out"


def file_name(submission: Submission) -> str:
    """``837P_CLEARTEST_000000001.x12``: form, receiver and number; nothing of a patient or a day."""
    receiver = "".join(one for one in submission.receiver_id if one.isascii() and one.isalnum())
    return f"{submission.form}_{receiver}_{submission.interchange_number:09d}.x12"


@transaction.atomic
def send_to_folder(
    *, actor: Actor, submission: Submission, slug: str, root: Path, now: datetime
) -> Submission:
    """Puts a written file where the client's transport takes it from, and marks it as sent.

    The file appears under its name only when it is whole, and no link is followed on the way.

    Raises:
        as ``mark_sent``; Refused also when the folder is not there or the name is taken.
    """
    require_submitter(actor)
    sent = mark_sent(actor=actor, submission=submission, now=now)
    content = Submission.objects.get(client_id=sent.client_id, pk=sent.pk).content or ""
    try:
        # Last of all: what cannot be put there was not sent.
        _put(root, slug, file_name(sent), content)
    except OSError as error:
        words = "has a file of this name already" if error.errno == errno.EEXIST else "cannot be written into"
        raise Refused(
            f"The folder of outgoing files {words}. Ask who runs this installation.",
            code="submission.folder",
        ) from error
    return sent


def _put(root: Path, slug: str, name: str, text: str) -> None:
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    opened = [os.open(root, os.O_RDONLY | os.O_DIRECTORY)]
    try:
        for step in (slug, OUT):
            opened.append(os.open(step, flags, dir_fd=opened[-1]))
        folder = opened[-1]
        part = f".{name}.part"
        number = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600, dir_fd=folder)
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            # Unlike a rename, a link never takes the place of a file that is there.
            os.link(part, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        finally:
            os.unlink(part, dir_fd=folder)
    finally:
        for one in reversed(opened):
            os.close(one)
