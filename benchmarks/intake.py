"""CSV intake with encryption, ledger and queueing, against COPY of the same rows into the same tables.

The anchor is what a bulk load can be at best: the rows that intake made are taken out as binary COPY data,
deleted, and copied in again by the tables' owner with the walls down.  Indexes, constraints, the ledger's
chain and the row history work for both; parsing, sealing, matching and storing the file are only ours.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.database import owner_connection
from benchmarks.pairs import rate_ratio
from coding_ops.administration.clients import create_client
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import client_transaction
from encounters.actions.intake import receive_file
from encounters.actions.worklists import create_queue
from encounters.models import Encounter, IntakeConnection

ACTOR = system_actor("benchmarks")
ROWS = 3_000
MEMORY_ROWS = (3_000, 30_000)
MEMORY_LIMIT_MB = 150
# What a caller may write of an event; the chain's own columns are the trigger's.
AUDIT_COLUMNS = (
    "id, client_id, verb, actor_id, actor_name, role, credential, subject_type, subject_id, reason, facts"
    ", request_id"
)
HEADER = (
    *("encounter_id", "mrn", "family_name", "given_name", "birth_on", "sex", "service_on", "kind"),
    *(
        "facility_name",
        "rendering_npi",
        "rendering_name",
        "payer_name",
        "member_id",
        "note_text",
        "note_kind",
    ),
)
TABLES = (
    ("tenancy_facility", "*"),
    ("encounters_rawfile", "*"),
    ("encounters_rawchunk", "*"),
    ("encounters_patient", "*"),
    ("encounters_provider", "*"),
    ("encounters_coverage", "*"),
    ("encounters_encounter", "*"),
    ("encounters_document", "*"),
    ("encounters_documentversion", "*"),
    ("encounters_workitem", "*"),
    ("encounters_intakemessage", "*"),
    (
        "audit_auditevent",
        AUDIT_COLUMNS,
    ),
)
SENTENCES = (
    "Patient returns for follow-up of type 2 diabetes and blood pressure.",
    "Denies chest pain, dyspnoea or oedema; reports good adherence to metformin.",
    "BP 148/86, pulse 72 regular. Lungs clear. Monofilament sensation reduced in both feet.",
    "A1c 7.9, eGFR 52, urine albumin to creatinine ratio 140.",
    "Assessment: diabetic chronic kidney disease stage 3a, hypertension above goal.",
    "Plan: increase losartan to 100 mg daily, repeat panel in six weeks, foot care discussed.",
)
_numbers = itertools.count(1)


def csv_of(rows: int, seed: int) -> bytes:
    """A synthetic day: as many visits, two visits a patient, notes of about 2 kB."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for number in range(rows):
        person = number // 2
        note = "\n".join(f"{line} ({seed}.{number}.{k})" for k, line in enumerate(SENTENCES * 5))
        born = f"19{30 + person % 60}-0{1 + person % 9}-1{person % 9}"
        visit = (
            f"V{seed}-{number}",
            f"M{seed}-{person}",
            f"Family{person % 900}",
            f"Given{person % 300}",
            born,
        )
        place = ("FM"[person % 2], "2026-09-15", "office", f"Site {number % 4}", "1234567893", "Ines Marlow")
        writer.writerow([*visit, *place, f"Payer {person % 9}", f"ID{person}", note, "progress_note"])
    return out.getvalue().encode()


def new_client() -> tuple[Client, IntakeConnection]:
    """A client with a worklist and a way in."""
    slug = f"bench-intake-{next(_numbers)}-{time.time_ns() % 10_000_000}"
    client = create_client(actor=ACTOR, slug=slug, name=slug)
    with client_transaction([client.pk]):
        queue = create_queue(actor=ACTOR, client=client, name="All")
        way = IntakeConnection.objects.create(client=client, name="EHR", default_queue=queue)
    return client, way


class Pair:
    """Intake of a file, and COPY of what it made."""

    def __init__(self) -> None:
        self.owner = owner_connection()
        self.copied: dict[str, bytes] = {}
        self.client_id = 0
        self.digest = ""
        self.checked = 0

    def intake(self) -> float:
        """Rows a second through the application."""
        client, way = new_client()
        content = io.BytesIO(csv_of(ROWS, client.pk))
        begun = time.perf_counter()
        result = receive_file(
            actor=ACTOR, client=client, connection_id=way.pk, filename="day.csv", content=content
        )
        seconds = time.perf_counter() - begun
        if (result.accepted, result.quarantined) != (ROWS, 0):
            raise AssertionError(f"intake took {result.accepted} of {ROWS}, set aside {result.quarantined}")
        self.client_id = client.pk
        self._take_out()
        return ROWS / seconds

    def copy(self) -> float:
        """Rows a second by COPY of the same bytes; afterwards the tables hold what intake had made."""
        if not self.copied:
            self.intake()
        with walls_down(self.owner), self.owner.cursor() as cursor:
            begun = time.perf_counter()
            cursor.execute("BEGIN")
            for table, columns in TABLES:
                named = "" if columns == "*" else f"({columns})"
                cursor.copy_expert(
                    f"COPY {table} {named} FROM STDIN (FORMAT binary)", io.BytesIO(self.copied[table])
                )
            cursor.execute("COMMIT")
            seconds = time.perf_counter() - begun
            if self._digest(cursor) != self.digest:
                raise AssertionError("COPY left other rows than intake had made")
            self.checked += 1
            self._delete(cursor)
        return ROWS / seconds

    def _take_out(self) -> None:
        with walls_down(self.owner), self.owner.cursor() as cursor:
            for table, columns in TABLES:
                out = io.BytesIO()
                order = "seq" if table == "audit_auditevent" else "id"
                rows = f"SELECT {columns} FROM {table} WHERE client_id = {self.client_id} ORDER BY {order}"
                cursor.copy_expert(f"COPY ({rows}) TO STDOUT (FORMAT binary)", out)
                self.copied[table] = out.getvalue()
            self.digest = self._digest(cursor)
            self._delete(cursor)

    def _digest(self, cursor: psycopg2.extensions.cursor) -> str:
        """Of all rows of the client that the two must agree in: everything but the chain's own columns."""
        digest = hashlib.sha256()
        for table, columns in TABLES:
            cursor.execute(
                f"SELECT md5(string_agg(t::text, '|' ORDER BY t.id)) FROM (SELECT {columns} FROM {table}"
                f" WHERE client_id = {self.client_id}) t"
            )
            digest.update(repr(cursor.fetchone()).encode())
        return digest.hexdigest()

    def _delete(self, cursor: psycopg2.extensions.cursor) -> None:
        cursor.execute("BEGIN")
        cursor.execute(f"DELETE FROM encounters_encounterevent WHERE client_id = {self.client_id}")
        for table, _ in reversed(TABLES):
            cursor.execute(f"DELETE FROM {table} WHERE client_id = {self.client_id}")
        cursor.execute("COMMIT")


@contextmanager
def walls_down(owner: psycopg2.extensions.connection) -> Iterator[None]:
    """The owner sees all rows; only in the benchmarks' own database."""
    tables = [table for table, _ in TABLES] + ["encounters_encounterevent"]
    with owner.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    try:
        yield
    finally:
        with owner.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def resident_mb() -> float:
    """Resident memory of this process."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("/proc/self/status tells no VmRSS")


class _FileOf(io.RawIOBase):
    """A file of so many rows that is made while it is read, and again when it is read again."""

    def __init__(self, rows: int, seed: int) -> None:
        super().__init__()
        self.rows, self.seed = rows, seed
        self._restart()

    def _restart(self) -> None:
        self.parts = self._pieces()
        self.rest = b""

    def _pieces(self) -> Iterator[bytes]:
        size = 500
        for start in range(0, self.rows, size):
            text = csv_of(min(size, self.rows - start), self.seed * 1_000 + start // size)
            yield text if start == 0 else text.split(b"\n", 1)[1]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if (offset, whence) != (0, io.SEEK_SET):
            raise io.UnsupportedOperation("only back to the start")
        self._restart()
        return 0

    def read(self, size: int = -1) -> bytes:
        while len(self.rest) < size and (piece := next(self.parts, b"")):
            self.rest += piece
        content, self.rest = self.rest[:size], self.rest[size:]
        return content


def peak_growth(rows: int) -> float:
    """MB by which resident memory grew at its highest while a file of so many rows came in."""
    client, way = new_client()
    done = threading.Event()
    before = peak = resident_mb()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.05):
            peak = max(peak, resident_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        result = receive_file(
            actor=ACTOR,
            client=client,
            connection_id=way.pk,
            filename="large.csv",
            content=_FileOf(rows, client.pk),  # type: ignore[arg-type]
        )
    finally:
        done.set()
        watcher.join()
    with client_transaction([client.pk]):
        stored = Encounter.objects.count()
    if (result.accepted, stored) != (rows, rows):
        raise AssertionError(f"{result.accepted} accepted, {stored} stored of {rows}")
    return peak - before


def run() -> Iterable[dict[str, Any]]:
    """Memory against the size of the file, then the rate against COPY.

    Memory comes first: what the pairs keep would hide what a large file needs.
    """
    peak_growth(500)  # modules, keys, connections
    small, large = (peak_growth(rows) for rows in MEMORY_ROWS)
    yield {
        "name": "intake_memory",
        "value": round(large, 1),
        "unit": "MB grown",
        "limit": MEMORY_LIMIT_MB,
        "ratio": round(large / MEMORY_LIMIT_MB, 3),
        "n": 1,
        "rows": MEMORY_ROWS[1],
        "small": round(small, 1),
        "small_rows": MEMORY_ROWS[0],
        "met": large <= MEMORY_LIMIT_MB,
    }
    pair = Pair()
    yield rate_ratio(
        "intake_csv",
        pair.copy,
        pair.intake,
        limit=0.20,
        unit="rows/s",
        rows=ROWS,
        anchor_name="COPY, same rows",
    )
