"""The folder into which a client's own system puts files: ``CLAIMS_FOLDER/<client>/in``.

A file is kept and read, then moved to ``done`` or ``set-aside`` beside it.  No link is ever followed, so
nobody who may write into one client's folder reaches another's.  A file that is still being written, or
whose reading is not over, stays for the next look.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from claims.actions.files import SETTLED, keep_file
from claims.models import Door, FileState, PayerFile
from coding_ops.core.errors import Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import client_transaction

logger = logging.getLogger(__name__)

QUIET = timedelta(seconds=10)
"""A file that changed less than this ago may still be being written."""
MOST_FILES = 200
UNFINISHED = (".part", ".tmp", ".filepart")
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
IN, DONE, SET_ASIDE = "in", "done", "set-aside"


@dataclass(frozen=True, slots=True)
class Lying:
    """A file of the folder: its name, its inode, and the kept file; ``None`` where it was refused."""

    name: str
    inode: int
    file_id: UUID | None


def keep_from_folder(*, actor: Actor, client: Client, root: Path, now: datetime) -> list[Lying]:
    """Keeps what lies in the client's folder.  No scope may be open."""
    with _folder(root, client.slug, IN) as inside:
        if inside is None:
            return []
        kept = [_kept(actor, client, inside, name, now) for name in _names(inside)]
    return [one for one in kept if one is not None]


def put_away(*, client: Client, root: Path, lying: list[Lying]) -> int:
    """Moves the files whose reading is over; how many.  No scope may be open."""
    with client_transaction([client.pk]):
        states = dict(
            PayerFile.objects.filter(
                client_id=client.pk, pk__in=[one.file_id for one in lying if one.file_id]
            ).values_list("pk", "state")
        )
    moved = 0
    with (
        _folder(root, client.slug, IN) as inside,
        _folder(root, client.slug, DONE, make=True) as done,
        _folder(root, client.slug, SET_ASIDE, make=True) as aside,
    ):
        if inside is None or done is None or aside is None:
            return 0
        for one in lying:
            state = states.get(one.file_id, FileState.QUARANTINED) if one.file_id else FileState.QUARANTINED
            if state in SETTLED:
                moved += _move(one, inside, aside if state == FileState.QUARANTINED else done)
    return moved


@contextmanager
def _folder(root: Path, slug: str, name: str, *, make: bool = False) -> Iterator[int | None]:
    """A folder of the client by its descriptor, each step without following a link; None where it is not."""
    opened: list[int] = []
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    try:
        try:
            opened.append(os.open(root, os.O_RDONLY | os.O_DIRECTORY))
            for step in (slug, name):
                if make and step == name:
                    _make(step, opened[-1])
                opened.append(os.open(step, flags, dir_fd=opened[-1]))
        except OSError as error:
            if error.errno not in _NOT_THERE:
                raise
            yield None
            return
        yield opened[-1]
    finally:
        for one in reversed(opened):
            os.close(one)


def _make(name: str, parent: int) -> None:
    if name not in os.listdir(parent):
        os.mkdir(name, 0o700, dir_fd=parent)


def _names(inside: int) -> list[str]:
    names = [one for one in os.listdir(inside) if not one.startswith(".") and not one.endswith(UNFINISHED)]
    return sorted(names)[:MOST_FILES]


def _kept(actor: Actor, client: Client, inside: int, name: str, now: datetime) -> Lying | None:
    """None for what is no plain file of its own, or may still be being written."""
    try:
        # A pipe must not make us wait for its other end, a link must not lead us out.
        number = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=inside)
    except OSError:
        return None
    about = os.fstat(number)
    changed = datetime.fromtimestamp(about.st_mtime, tz=now.tzinfo)
    if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1 or changed > now - QUIET:
        os.close(number)
        return None
    with os.fdopen(number, "rb") as content:
        try:
            with client_transaction([client.pk]):
                file, _ = keep_file(
                    actor=actor,
                    client_id=client.pk,
                    filename=name,
                    content=content,
                    door=Door.FOLDER,
                    now=now,
                )
        except Refused as error:
            logger.warning("file of a folder refused", extra={"client_id": client.pk, "error": error.code})
            return Lying(name, about.st_ino, None)
    return Lying(name, about.st_ino, file.pk)


def _move(one: Lying, inside: int, target: int) -> bool:
    """False when another file took its name meanwhile: that one waits for the next look."""
    try:
        if os.stat(one.name, dir_fd=inside, follow_symlinks=False).st_ino != one.inode:
            return False
    except FileNotFoundError:
        return False
    taken, name, number = set(os.listdir(target)), one.name, 1
    while name in taken:
        number += 1
        name = f"{one.name}.{number}"
    os.rename(one.name, name, src_dir_fd=inside, dst_dir_fd=target)
    return True
