"""PHI at rest: AES-256-GCM under a data key of the client's own.

A value is ``0x01 | key version (2 bytes) | nonce (12) | ciphertext and tag``.  It is bound to client,
column and row by the associated data: moved to another row, column or client it no longer decrypts.
The data keys lie in the database wrapped by the master key (``MASTER_KEY``), which does not.
Algorithm: NIST SP 800-38D; random 96-bit nonces, so a key is to be rotated before 2**32 messages.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import unicodedata
import uuid
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from coding_ops.tenancy.models import ClientKey

FORMAT = b"\x01"
NONCE_BYTES = 12
HEADER_BYTES = 3
TAG_BYTES = 16


class CannotDecrypt(RuntimeError):
    """The value was altered, moved, or belongs to a key that is gone."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """A client's unwrapped keys: all data keys by version, the version that encrypts, the index key."""

    data_keys: dict[int, AESGCM]
    current_version: int
    index_key: bytes


_rings: dict[int, KeyRing] = {}


def forget_keys() -> None:
    """Drops the unwrapped keys of this process, e.g. after a rotation and between tests."""
    _rings.clear()
    _master_key.cache_clear()


@lru_cache(maxsize=1)
def _master_key() -> AESGCM:
    try:
        key = base64.b64decode(settings.MASTER_KEY, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured("MASTER_KEY must be base64 of 32 random bytes.") from error
    if len(key) != 32:
        raise ImproperlyConfigured(f"MASTER_KEY must hold 32 bytes, not {len(key)}.")
    return AESGCM(key)


def _wrap(client_id: int, version: int, purpose: str, key: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _master_key().encrypt(nonce, key, f"{client_id}|{version}|{purpose}".encode())


def _unwrap(client_id: int, version: int, purpose: str, blob: bytes) -> bytes:
    raw = bytes(blob)
    try:
        return _master_key().decrypt(
            raw[:NONCE_BYTES], raw[NONCE_BYTES:], f"{client_id}|{version}|{purpose}".encode()
        )
    except InvalidTag:
        raise CannotDecrypt("A client's key does not open under this MASTER_KEY.") from None


def create_client_key(client_id: int, *, version: int = 1, index_key: bytes | None = None) -> ClientKey:
    """Makes and stores a new data key.  The index key is carried over, or every blind index would break."""
    row: ClientKey = ClientKey.objects.create(
        client_id=client_id,
        version=version,
        wrapped_data_key=_wrap(client_id, version, "data", AESGCM.generate_key(bit_length=256)),
        wrapped_index_key=_wrap(client_id, version, "index", index_key or os.urandom(32)),
    )
    _rings.pop(client_id, None)
    return row


def _ring(client_id: int) -> KeyRing:
    ring = _rings.get(client_id)
    if ring is None:
        rows = list(ClientKey.objects.filter(client_id=client_id).order_by("version"))
        if not rows:
            raise CannotDecrypt("This client has no data key.")
        ring = KeyRing(
            data_keys={
                row.version: AESGCM(_unwrap(client_id, row.version, "data", bytes(row.wrapped_data_key)))
                for row in rows
            },
            current_version=rows[-1].version,
            index_key=_unwrap(client_id, rows[-1].version, "index", bytes(rows[-1].wrapped_index_key)),
        )
        _rings[client_id] = ring
    return ring


def _data_key(client_id: int, version: int) -> AESGCM | None:
    """The key of that version.  One that this process has not seen may have been made by a rotation in
    another process since, so the keys are then read again."""
    key = _ring(client_id).data_keys.get(version)
    if key is None and version > _ring(client_id).current_version:
        _rings.pop(client_id, None)
        key = _ring(client_id).data_keys.get(version)
    return key


def _bound_to(client_id: int, column: str, row_id: uuid.UUID) -> bytes:
    return f"{client_id}|{column}|{row_id}".encode()


def encrypt(client_id: int, column: str, row_id: uuid.UUID, plain: bytes) -> bytes:
    """Ciphertext of ``plain`` for this client, ``table.column`` and row; 31 bytes longer."""
    ring = _ring(client_id)
    nonce = os.urandom(NONCE_BYTES)
    sealed = ring.data_keys[ring.current_version].encrypt(nonce, plain, _bound_to(client_id, column, row_id))
    return FORMAT + ring.current_version.to_bytes(2, "big") + nonce + sealed


def decrypt(client_id: int, column: str, row_id: uuid.UUID, blob: bytes) -> bytes:
    """The plain bytes.

    Raises:
        CannotDecrypt: altered, moved to another client, column or row, or sealed by a key that is gone.
    """
    raw = bytes(blob)
    body = HEADER_BYTES + NONCE_BYTES
    version = int.from_bytes(raw[1:HEADER_BYTES], "big")
    key = _data_key(client_id, version)
    if raw[:1] != FORMAT or key is None or len(raw) < body + TAG_BYTES:
        raise CannotDecrypt(f"{column}: not sealed by a key of this client.")
    try:
        return key.decrypt(raw[HEADER_BYTES:body], raw[body:], _bound_to(client_id, column, row_id))
    except InvalidTag:
        raise CannotDecrypt(f"{column}: the value was altered or moved.") from None


def blind_index(client_id: int, purpose: str, value: str) -> bytes:
    """16 bytes that let an exact value be found without storing it in the clear.

    HMAC-SHA-256 under the client's index key of the NFKC, trimmed, upper-cased text: the same record
    number at two clients gives unrelated indexes.
    """
    text = unicodedata.normalize("NFKC", value).strip().upper()
    digest = hmac.new(_ring(client_id).index_key, f"{purpose}|{text}".encode(), hashlib.sha256).digest()
    return digest[:16]
