"""Sending a release through the page: kept at once, read by a worker, loaded or refused as by the command."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from typing import BinaryIO

from django.db import connection, transaction
from django.utils import timezone

from code_sets.actions.official import Loaded, load_official
from code_sets.loaders import LOADERS, TABLE_LOADERS
from code_sets.loaders.base import LoadError, Progress
from code_sets.loaders.published import read_files
from code_sets.models import ReleaseUpload, UploadStatus
from coding_ops.core.errors import InvalidInput, NotAllowed
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role

LARGEST = 400_000_000
LONGEST_NAME = 120
TELL_EVERY_SECONDS = 0.5
LOST_AFTER = timedelta(minutes=20)
"""A worker that told nothing for so long is gone: its file is read again."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file of a form."""

    name: str
    size: int
    content: BinaryIO


def systems_to_send() -> list[str]:
    """The names a file can be sent for."""
    return sorted(LOADERS.keys() | TABLE_LOADERS.keys())


def require_loader(actor: Actor) -> None:
    """Only who administers the vendor's installation loads what all its clients are checked by.

    Raises:
        NotAllowed: anybody else.
    """
    if actor.role != Role.VENDOR_ADMIN:
        raise NotAllowed("Only an administrator loads a release.", code="release.role")


@transaction.atomic
def send_release(*, actor: Actor, system: str, release: str, files: Sequence[SentFile]) -> ReleaseUpload:
    """Keep the files of a release until a worker reads them. Who sent them and when stands in the row.

    Raises NotAllowed; InvalidInput where the system is not known, or there is no file, or too much of it.
    """
    require_loader(actor)
    if system not in systems_to_send():
        raise InvalidInput("Choose what the file is of.", code="release.system")
    if not files:
        raise InvalidInput("Choose a file first.", code="release.no_file")
    if sum(file.size for file in files) > LARGEST:
        raise InvalidInput(f"The files are larger than {LARGEST // 1_000_000} MB.", code="release.too_large")
    try:
        name, data = _kept(files)
    except LoadError as error:
        raise InvalidInput(str(error), code="release.unreadable") from error
    return ReleaseUpload.objects.create(
        system=system,
        release=release.strip()[:20],
        file_name=name,
        data=data,
        sent_by_id=actor.person_id,
    )


def _kept(files: Sequence[SentFile]) -> tuple[str, bytes]:
    """One file as it came; several as one zip."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / (PurePath(file.name).name[-LONGEST_NAME:] or "file") for file in files]
        if len(set(paths)) < len(paths):
            raise LoadError(files[0].name, 0, "two files of one name were given")
        for path, file in zip(paths, files, strict=True):
            with path.open("wb") as kept:
                shutil.copyfileobj(file.content, kept)
        if len(paths) == 1:
            return paths[0].name, paths[0].read_bytes()
        source = read_files(paths)
        return source.name, source.data


def read_waiting_uploads(now: datetime) -> int:
    """Read what waits, one after the other; returns how many were read."""
    ReleaseUpload.objects.filter(status=UploadStatus.READING, touched_at__lt=now - LOST_AFTER).update(
        status=UploadStatus.WAITING
    )
    return sum(1 for upload in iter(_claimed, None) if _read(upload))


@transaction.atomic
def _claimed() -> ReleaseUpload | None:
    waiting = ReleaseUpload.objects.select_for_update(skip_locked=True).filter(status=UploadStatus.WAITING)
    upload = waiting.order_by("sent_at").first()
    if upload is not None:
        upload.status, upload.touched_at = UploadStatus.READING, timezone.now()
        upload.save(update_fields=["status", "touched_at"])
    return upload


def _read(upload: ReleaseUpload) -> bool:
    try:
        loaded = _load(upload)
    except LoadError as error:
        _finish(upload, UploadStatus.REFUSED, f"Nothing was loaded. {error}")
    except Exception:
        _finish(upload, UploadStatus.REFUSED, "Nothing was loaded: the server could not finish. See its log.")
        raise
    else:
        _finish(upload, UploadStatus.LOADED, " ".join(_told(one) for one in loaded))
    return True


def _load(upload: ReleaseUpload) -> list[Loaded]:
    with tempfile.TemporaryDirectory() as folder, _teller(upload) as tell:
        path = Path(folder) / upload.file_name
        path.write_bytes(bytes(upload.data))
        return load_official(system=upload.system, path=path, release=upload.release or None, progress=tell)


@contextmanager
def _teller(upload: ReleaseUpload) -> Iterator[Progress]:
    """Progress, written on a connection of its own: the load is one transaction, seen only at its end."""
    beside = connection.copy()
    told_at = 0.0

    def tell(step: str, done: int, total: int) -> None:
        nonlocal told_at
        now = time.monotonic()
        if now - told_at < TELL_EVERY_SECONDS:
            return
        told_at = now
        with beside.cursor() as cursor:
            cursor.execute(
                "UPDATE code_sets_releaseupload SET step = %s, done_count = %s, total_count = %s,"
                " touched_at = now() WHERE id = %s",
                [step[:40], done, total, upload.pk],
            )

    try:
        yield tell
    finally:
        beside.close()


def _told(one: Loaded) -> str:
    first = "Already loaded" if one.already_loaded else "Loaded"
    return f"{first}: {one.release}, {one.entries:,} entries."


def _finish(upload: ReleaseUpload, status: UploadStatus, message: str) -> None:
    upload.status, upload.message, upload.data = status, message, b""
    upload.touched_at = timezone.now()
    upload.save(update_fields=["status", "message", "data", "touched_at"])
