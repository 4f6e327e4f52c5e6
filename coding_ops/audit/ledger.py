"""Checking the chain: naming the first row that was edited, deleted, reordered or inserted.

Each event's hash is SHA-256 over the previous hash and the event's columns, each written as its length
in bytes, a colon, its text and a comma, so that no two rows can spell the same input.  The database
writes it (``audit_event_link``); this module computes it again, on its own.

Cutting off the newest rows leaves a chain that is whole, so the heads are sealed from time to time into
files outside the database, each line signed by a key derived from the master key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

GENESIS = bytes(32)
COLUMNS = (
    "seq::text",
    "client_id::text",
    "id::text",
    "(extract(epoch FROM occurred_at) * 1000000)::bigint::text",
    "verb",
    "actor_id::text",
    "actor_name",
    "role",
    "credential",
    "subject_type",
    "subject_id",
    "reason",
    "facts::text",
    "request_id",
)
READ = (  # the order is the number's, not that of its text, which bears the same name in the list above
    f"SELECT {', '.join(COLUMNS)}, previous_hash, hash FROM audit_auditevent"  # noqa: S608 - our own columns
    " WHERE client_id = %s AND seq > %s ORDER BY audit_auditevent.seq LIMIT %s"
)
BATCH = 5000


class BrokenSeal(ValueError):
    """A line of a file of seals is not what this installation wrote."""


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the chain does not hold."""

    client_id: int
    seq: int
    event_id: str
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The chain of one client: how many events hold, its head, and the first break if there is one."""

    client_id: int
    count: int
    head_seq: int
    head_hash: str
    first_break: Break | None


@dataclass(frozen=True, slots=True)
class Seal:
    """A head of a chain as it was at a moment, signed."""

    client_id: int
    seq: int
    hash: str
    sealed_at: str
    signature: str = ""


def digest(previous: bytes, columns: tuple[str | None, ...]) -> bytes:
    """The hash of an event: see the module's text for the spelling."""
    parts = [previous]
    for value in columns:
        raw = (value or "").encode("utf-8")
        parts.append(str(len(raw)).encode("ascii") + b":" + raw + b",")
    return hashlib.sha256(b"".join(parts)).digest()


def verify_client(client_id: int) -> Verdict:
    """Walks the client's chain from its first event; a scope with this client must be open.

    Raises:
        BrokenSeal: the client's file of seals was altered, or belongs to another master key.
    """
    expected_seq, previous, count = 1, GENESIS, 0
    seals = sealed_heads(client_id)
    for row in _events(client_id):
        *columns, row_previous, row_hash = row
        seq, event_id = int(columns[0]), columns[2]
        wrong = ""
        if seq != expected_seq:
            wrong = f"event {expected_seq} is missing: it was deleted, or the rows were renumbered"
        elif bytes(row_previous) != previous:
            wrong = "it does not follow the event before it: one of the two was inserted, moved or replaced"
        elif digest(previous, tuple(columns)) != bytes(row_hash):
            wrong = "its content is not what was written: it was edited"
        elif seq in seals and seals[seq] != bytes(row_hash).hex():
            wrong = "it differs from the sealed head: the chain was rewritten"
        if wrong:
            found = Break(client_id, min(seq, expected_seq), event_id, wrong)
            return Verdict(client_id, count, seq, bytes(row_hash).hex(), found)
        expected_seq, previous, count = seq + 1, bytes(row_hash), count + 1
    newest_seal = max(seals, default=0)
    cut = (
        Break(client_id, expected_seq, "", f"events {expected_seq} to {newest_seal} were cut off the end")
        if newest_seal >= expected_seq
        else None
    )
    return Verdict(client_id, count, expected_seq - 1, previous.hex(), cut)


def _events(client_id: int) -> Iterator[tuple]:
    after = -(2**62)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(READ, [client_id, after, BATCH])
            rows = cursor.fetchall()
        yield from rows
        if len(rows) < BATCH:
            return
        after = int(rows[-1][0])


def seal_client(client_id: int, sealed_at: str) -> Seal | None:
    """Appends the signed head of the client's chain to its file.

    ``None`` when there is nothing new to seal.  A number that has been sealed is never sealed again: the
    first seal is the one that tells a chain rewritten since.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, hash FROM audit_auditevent WHERE client_id = %s ORDER BY seq DESC LIMIT 1",
            [client_id],
        )
        row = cursor.fetchone()
    if row is None or int(row[0]) in sealed_heads(client_id):
        return None
    unsigned = Seal(client_id, int(row[0]), bytes(row[1]).hex(), sealed_at)
    seal = Seal(**{**asdict(unsigned), "signature": _sign(unsigned)})
    path = _seal_file(client_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(seal)) + "\n")
    return seal


def sealed_heads(client_id: int) -> dict[int, str]:
    """Hash by number of the client's sealed heads.

    Raises:
        BrokenSeal: a line cannot be read or its signature is wrong.
    """
    path = _seal_file(client_id)
    if not path.exists():
        return {}
    heads: dict[int, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            seal = Seal(**json.loads(line))
        except (TypeError, ValueError) as error:
            raise BrokenSeal(f"{path.name}, line {number}: this is not a seal.") from error
        if seal.client_id != client_id or not hmac.compare_digest(
            seal.signature.encode(), _sign(seal).encode()
        ):
            raise BrokenSeal(
                f"{path.name}, line {number}: the seal's signature is wrong."
                " The file was altered, or MASTER_KEY is not the one it was sealed with."
            )
        heads.setdefault(seal.seq, seal.hash)
    return heads


def _sign(seal: Seal) -> str:
    try:
        master = base64.b64decode(settings.MASTER_KEY, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured("MASTER_KEY must be base64 of 32 random bytes.") from error
    key = hashlib.sha256(b"ledger seal" + master).digest()
    text = f"{seal.client_id}|{seal.seq}|{seal.hash}|{seal.sealed_at}".encode()
    return hmac.new(key, text, hashlib.sha256).hexdigest()


def _seal_file(client_id: int) -> Path:
    return Path(settings.LEDGER_SEAL_DIR) / f"client-{client_id}.jsonl"
