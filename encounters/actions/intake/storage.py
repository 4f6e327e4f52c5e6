"""Received bytes into sealed pieces, and a stream over them."""

from __future__ import annotations

import hashlib
import io
import uuid
from typing import BinaryIO

from django.conf import settings
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Refused
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.scope import client_transaction, current_client_ids
from encounters.models import IntakeConnection, RawChunk, RawFile

CHUNK_BYTES = 1024 * 1024
_KEPT_CHUNKS = 3


def store_file(
    *,
    actor: Actor,
    connection: IntakeConnection,
    filename: str,
    content: BinaryIO,
    archive_member_limit: int = 1_000,
) -> tuple[RawFile, bool]:
    """Keeps the bytes of a file, sealed; False when the client sent the same bytes before.

    The client's scope must be open.  ``content`` must be seekable; it is read twice, a piece at a time.

    Raises:
        Refused: larger than ``INTAKE_MAX_BYTES``, or the connection is switched off.
    """
    if not connection.is_active:
        raise Refused(
            "This connection is switched off; switch it on or use another.", code="intake.connection"
        )
    digest, size = _measured(content)
    known = RawFile.objects.filter(client_id=connection.client_id, sha256=digest).first()
    if known is not None:
        return known, False
    raw_file: RawFile = RawFile.objects.create(
        client_id=connection.client_id,
        connection=connection,
        filename=filename[:200],
        sha256=digest,
        byte_count=size,
        archive_member_limit=archive_member_limit,
        received_by_id=actor.user_id,
        received_at=timezone.now(),
    )
    for number, piece in enumerate(iter(lambda: content.read(CHUNK_BYTES), b"")):
        RawChunk.objects.create(
            client_id=connection.client_id, raw_file=raw_file, number=number, content=piece
        )
    record_event(actor=actor, verb=Verb.FILE_RECEIVED, subject=raw_file, facts={"bytes": size})
    return raw_file, True


def _measured(content: BinaryIO) -> tuple[bytes, int]:
    digest, size = hashlib.sha256(), 0
    content.seek(0)
    for piece in iter(lambda: content.read(CHUNK_BYTES), b""):
        digest.update(piece)
        size += len(piece)
        if size > settings.INTAKE_MAX_BYTES:
            limit = settings.INTAKE_MAX_BYTES // (1024 * 1024)
            raise Refused(f"The file is larger than {limit} MB. Send it in parts.", code="intake.too_large")
    content.seek(0)
    return digest.digest(), size


class StoredStream(io.RawIOBase):
    """The stored bytes as a seekable stream.  Pieces are opened when they are read and soon forgotten.

    Opens the client for each piece when no scope is open, so that parsing never happens inside a
    transaction.
    """

    def __init__(self, client_id: int, raw_file_id: uuid.UUID, size: int) -> None:
        super().__init__()
        self._client_id = client_id
        self._raw_file_id = raw_file_id
        self._size = size
        self._at = 0
        self._pieces: dict[int, bytes] = {}

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._at >= self._size or not len(buffer):
            return 0
        number, inside = divmod(self._at, CHUNK_BYTES)
        content = self._piece(number)[inside : inside + len(buffer)]
        buffer[: len(content)] = content
        self._at += len(content)
        return len(content)

    def _piece(self, number: int) -> bytes:
        found = self._pieces.get(number)
        if found is None:
            if current_client_ids():
                found = self._fetched(number)
            else:
                with client_transaction([self._client_id]):
                    found = self._fetched(number)
            while len(self._pieces) >= _KEPT_CHUNKS:
                self._pieces.pop(next(iter(self._pieces)))
            self._pieces[number] = found
        return found

    def _fetched(self, number: int) -> bytes:
        chunk = RawChunk.objects.get(client_id=self._client_id, raw_file_id=self._raw_file_id, number=number)
        return bytes(chunk.content)
