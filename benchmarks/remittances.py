"""Remittances (835) and acknowledgements (277CA) read and posted, against COPY of the rows that came of it.

The anchor is what a bulk load can be at best: the rows that posting made are taken out as binary COPY data,
deleted, and copied in again by the tables' owner with the walls down, with the history rows of the claims
that moved.  Indexes and constraints work for both.  Reading, balancing, matching, the reading of reasons and
moving the claims are only ours.
"""

from __future__ import annotations

import io
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg2
from django.utils import timezone

from benchmarks.database import owner_connection
from benchmarks.pairs import rate_ratio
from claims.actions.posting.acks import post_277ca
from claims.actions.posting.posted import Posted
from claims.actions.posting.remittances import post_835
from claims.models import Claim, ClaimLine, Payer, PayerFile
from coding_ops.administration.clients import create_client
from coding_ops.core.ids import uuid7
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Client
from coding_ops.tenancy.scope import client_transaction

ACTOR = system_actor("benchmarks")
CLAIMS = 3_000
LIMIT = 0.15
CHARGES = (Decimal(135), Decimal(25))
ANSWERS = ("claims_remittance", "claims_remittedclaim", "claims_remittedline", "claims_adjustment")
TABLES = (*ANSWERS, "claims_acknowledgement", "claims_claimstep", "claims_denial")
TALLIES = ("claims_denialtally", "claims_claimtally")
HISTORY = "claims_claimevent"
_numbers = itertools.count(1)


def run() -> Iterator[dict[str, Any]]:
    """One line for each kind of file; what was posted must be what the file says."""
    for name, write, post in (
        ("remittances.835", remittance_of, post_835),
        ("remittances.277ca", acknowledgement_of, post_277ca),
    ):
        pair = Pair(write, post)
        yield rate_ratio(name, pair.copy, pair.post, limit=LIMIT, unit="claims/s", claims=CLAIMS)


def remittance_of(numbers: Sequence[str]) -> str:
    """Two services a claim; each tenth claim is denied for its coding, each third leaves a copayment."""
    body, total = [], Decimal(0)
    for place, number in enumerate(numbers):
        is_denied, share = place % 10 == 0, Decimal(15) if place % 3 == 0 else Decimal(0)
        paid = Decimal(0) if is_denied else Decimal(90) - share
        lab = Decimal(0) if is_denied else Decimal(25)
        patient = Decimal(0) if is_denied else share
        body += [
            f"CLP*{number}*{4 if is_denied else 1}*160*{paid + lab}*{patient}*CI*ICN{number}",
            "NM1*QC*1*DOE*JAN****MI*M1",
            f"SVC*HC:99213:25*135*{paid}**1",
            "DTM*472*20260915",
            "CAS*CO*97*135" if is_denied else "CAS*CO*45*45",
            *([f"CAS*PR*3*{share}"] if share and not is_denied else []),
            "REF*6R*1",
            f"SVC*HC:83036*25*{lab}**1",
            "DTM*472*20260915",
            *(["CAS*CO*97*25", "LQ*HE*M51"] if is_denied else []),
            "REF*6R*2",
        ]
        total += paid + lab
    head = [
        f"BPR*I*{total}*C*ACH************20261102",
        f"TRN*1*T{next(_numbers)}*1512345678",
        "N1*PR*BENCH HEALTH*XV*60054",
        "N1*PE*CLINIC*XX*1234567893",
        "LX*1",
    ]
    return interchange("HP", "005010X221A1", "835", head + body)


def acknowledgement_of(numbers: Sequence[str]) -> str:
    """Nine of ten claims accepted into adjudication, one rejected."""
    body = [
        "BHT*0085*08*77*20261101*1200*TH",
        "HL*1**20*1",
        "NM1*PR*2*BENCH HEALTH*****PI*60054",
        "HL*2*1*21*1",
        "NM1*41*2*VENDOR*****46*V",
        "TRN*2*77",
        "STC*A1:19*20261101*WQ*1",
        "HL*3*2*19*1",
        "NM1*85*2*CLINIC*****XX*1234567893",
    ]
    for place, number in enumerate(numbers):
        code, action = ("A7:254", "U") if place % 10 == 0 else ("A2:20", "WQ")
        body += [
            f"HL*{place + 4}*3*PT",
            "NM1*QC*1*DOE*JAN****MI*M1",
            f"TRN*2*{number}",
            f"STC*{code}*20261101*{action}*160",
            f"REF*1K*ICN{number}",
            "DTP*472*D8*20260915",
        ]
    return interchange("HN", "005010X214", "277", body)


def interchange(kind: str, version: str, code: str, body: Sequence[str]) -> str:
    """One file of one transaction."""
    isa = (
        f"ISA*00*          *00*          *ZZ*{'PAYER1':<15}*ZZ*{'VENDOR1':<15}*261101*1200*^*00501*"
        "000000905*0*T*:"
    )
    inside = [f"ST*{code}*0001*{version}", *body, f"SE*{len(body) + 2}*0001"]
    ends = ["GE*1*905", "IEA*1*000000905"]
    return "~".join([isa, f"GS*{kind}*P*V*20261101*1200*905*X*{version}", *inside, *ends]) + "~"


def new_client() -> tuple[Client, list[str]]:
    """A client with a payer and claims that were sent; their control numbers."""
    slug = f"bench-remit-{next(_numbers)}-{time.time_ns() % 10_000_000}"
    client = create_client(actor=ACTOR, slug=slug, name=slug)
    now, on = timezone.now(), date(2026, 9, 15)
    numbers = [f"{place:09d}ABCDE" for place in range(CLAIMS)]
    with client_transaction([client.pk]):
        payer = Payer.objects.create(
            client=client, name="Bench Health", payer_id="60054", filing_code="CI", receiver_name="P",
            receiver_id="PAYER1",
        )  # fmt: skip
        claims = Claim.objects.bulk_create(
            [
                Claim(
                    client=client, payer=payer, form="837P", control_number=number, state="submitted",
                    content='{"a claim":"as it was sent"}' * 40, service_from_on=on, service_through_on=on,
                    total_charge_amount=sum(CHARGES), made_at=now, submitted_at=now, version=1,
                )
                for number in numbers
            ],
            batch_size=1_000,
        )  # fmt: skip
        ClaimLine.objects.bulk_create(
            [
                ClaimLine(
                    client=client, claim=claim, number=place, code=code, modifiers=list(modifiers),
                    charge_amount=charge, service_on=on,
                )
                for claim in claims
                for place, (code, modifiers, charge) in enumerate(
                    (("99213", ("25",), CHARGES[0]), ("83036", (), CHARGES[1])), 1
                )
            ],
            batch_size=1_000,
        )  # fmt: skip
    return client, numbers


class Pair:
    """Posting of a file, and COPY of what it made."""

    def __init__(self, write: Callable[[Sequence[str]], str], post: Callable[..., Posted]) -> None:
        self.write, self.poster = write, post
        self.owner = owner_connection()
        self.copied: dict[str, bytes] = {}
        self.client_id = 0
        self.counts: dict[str, int] = {}

    def post(self) -> float:
        """Claims a second through the application."""
        client, numbers = new_client()
        text = self.write(numbers)
        with client_transaction([client.pk]):
            file = PayerFile.objects.create(
                client=client, kind="835", sha256=uuid7().bytes * 2, byte_count=len(text),
                received_at=timezone.now(),
            )  # fmt: skip
        begun = time.perf_counter()
        posted = self.poster(file=file, text=text, progress=lambda _: None, now=timezone.now())
        seconds = time.perf_counter() - begun
        if posted != Posted(CLAIMS, CLAIMS):
            raise AssertionError(f"{posted.posted_count} of {CLAIMS} posted: {posted.problems[:3]}")
        self.client_id = client.pk
        self._take_out()
        return CLAIMS / seconds

    def copy(self) -> float:
        """Claims a second by COPY of the same rows, which are gone again afterwards."""
        if not self.copied:
            self.post()
        with walls_down(self.owner), self.owner.cursor() as cursor:
            begun = time.perf_counter()
            cursor.execute("BEGIN")
            for table, data in self.copied.items():
                cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT binary)", io.BytesIO(data))
            cursor.execute("COMMIT")
            seconds = time.perf_counter() - begun
            if self._counts(cursor) != self.counts:
                raise AssertionError("COPY left other rows than posting had made")
            self._delete(cursor)
        return CLAIMS / seconds

    def _take_out(self) -> None:
        with walls_down(self.owner), self.owner.cursor() as cursor:
            for table in (*TABLES, *TALLIES, HISTORY):
                out = io.BytesIO()
                rows = f"SELECT * FROM {table} WHERE {self._posted(table)} ORDER BY id"
                cursor.copy_expert(f"COPY ({rows}) TO STDOUT (FORMAT binary)", out)
                self.copied[table] = out.getvalue()
            self.counts = self._counts(cursor)
            self._delete(cursor)

    def _counts(self, cursor: psycopg2.extensions.cursor) -> dict[str, int]:
        found = {}
        for table in (*TABLES, *TALLIES, HISTORY):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {self._posted(table)}")
            row = cursor.fetchone()
            found[table] = row[0] if row else 0
        return found

    def _delete(self, cursor: psycopg2.extensions.cursor) -> None:
        cursor.execute("BEGIN")
        cursor.execute(f"DELETE FROM claims_denialevent WHERE client_id = {self.client_id}")
        for table in (HISTORY, *TALLIES, *reversed(TABLES)):
            cursor.execute(f"DELETE FROM {table} WHERE {self._posted(table)}")
        cursor.execute("COMMIT")

    def _posted(self, table: str) -> str:
        """Which rows posting made: all of the client's, but of the claims' history only how they moved."""
        moved = " AND pgh_label = 'update'" if table == HISTORY else ""
        return f"client_id = {self.client_id}{moved}"


@contextmanager
def walls_down(owner: psycopg2.extensions.connection) -> Iterator[None]:
    """The owner sees all rows; only in the benchmarks' own database."""
    tables = (*TABLES, *TALLIES, HISTORY, "claims_denialevent")
    with owner.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    try:
        yield
    finally:
        with owner.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
