"""The chain: what the application cannot do to it, and that whatever an administrator does shows."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import close_old_connections, connections

from coding_ops.audit import ledger
from coding_ops.audit.ledger import COLUMNS, BrokenSeal, Verdict, seal_client, verify_client
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.audit.record import record_raw
from coding_ops.tenancy.actor import Actor
from tests import cast
from tests.tenancy.owner import as_owner

TALKATIVE = Actor(None, "Zoë O’Brien-Łuczak", "system", 'CPC, "CRC"', "request-1")
FACTS: list[dict[str, Any]] = [
    {"code": "E11.22", "count": 3},
    {"ratio": 0.1, "tiny": 1e-12, "huge": 12345678901234567890, "money": 1.10},
    {"quote": 'she said "no", then \\ went', "line": "one\ntwo\ttab", "emoji": "🩺 é é"},
    {"nested": {"a": [1, 2.5, None, True]}, "empty": "", "ключ": "значение"},
    {},
]


def write_events(client_id: int, count: int) -> None:
    for number in range(count):
        record_raw(
            actor=TALKATIVE,
            verb=Verb.CODE_ASSIGNED,
            client_id=client_id,
            subject_type="encounter",
            subject_id=f"subject-{number}",
            reason=f"because „{number}“ 😀",
            facts=FACTS[number % len(FACTS)],
        )


@dataclass
class Chain:
    """A committed chain of one client, and an administrator who may do anything to it."""

    place: cast.Place
    length: int
    cursor: Any = None

    @property
    def client_id(self) -> int:
        return self.place.client.pk

    def sql(self, statement: str, *params: object) -> Any:
        self.cursor.execute(statement, params)
        return self.cursor.fetchall() if self.cursor.description else None

    def verify(self) -> Verdict:
        return verify_client(self.client_id)

    def columns(self, seq: int) -> tuple[str, ...]:
        table = f"SELECT {', '.join(COLUMNS)} FROM audit_auditevent WHERE seq = %s AND client_id = %s"
        row: tuple[str, ...] = self.sql(table, seq, self.client_id)[0]
        return row

    def event_id(self, seq: int) -> str:
        return self.columns(seq)[2]

    def hash(self, seq: int) -> bytes:
        return bytes(self.sql("SELECT hash FROM audit_auditevent WHERE seq = %s", seq)[0][0])

    def rehash_from(self, seq: int) -> None:
        """What somebody would do who knows how the chain is made: computes all later links again."""
        for number in range(seq, self.sql("SELECT max(seq) FROM audit_auditevent")[0][0] + 1):
            previous = self.hash(number - 1) if number > 1 else ledger.GENESIS
            link = ledger.digest(previous, self.columns(number))
            self.sql(
                "UPDATE audit_auditevent SET previous_hash = %s, hash = %s WHERE seq = %s",
                previous,
                link,
                number,
            )


@pytest.fixture
def seals(settings: Any, tmp_path: Path) -> Path:
    settings.LEDGER_SEAL_DIR = tmp_path
    return tmp_path


@pytest.fixture
def chain(transactional_db: None, seals: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chain]:
    here = cast.cypress()
    with cast.opened(here):
        write_events(here.client.pk, 10)
        length = AuditEvent.objects.count()
    made = Chain(here, length)
    with as_owner(made.client_id) as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE audit_auditevent DROP CONSTRAINT one_event_per_client_and_number")
        cursor.execute("SAVEPOINT whole")
        made.cursor = cursor
        # verify_client reads what the administrator made of it, before it is rolled back.
        monkeypatch.setattr(ledger, "connection", cursor.connection)
        yield made
        monkeypatch.undo()


@pytest.mark.django_db
def test_facts_with_unicode_quotes_and_floats_verify(seals: Path) -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(here):
        write_events(here.client.pk, 30)
        verdict = verify_client(here.client.pk)
        assert verdict.first_break is None and verdict.count == AuditEvent.objects.count() >= 30
        assert AuditEvent.objects.filter(subject_id="subject-2").get().facts == FACTS[2]
    with cast.opened(there):
        assert verify_client(there.client.pk).first_break is None


def test_an_edited_column_is_found_whichever_it_is(chain: Chain) -> None:
    edits = {
        "verb": "'code.removed'",
        "actor_id": "coalesce(actor_id, 0) + 1",
        "actor_name": "'Somebody Else'",
        "role": "'manager'",
        "credential": "'CCS'",
        "subject_type": "'document'",
        "subject_id": "'subject-99'",
        "reason": "reason || ' '",
        "facts": """facts || '{"count": 4}'""",
        "request_id": "'request-2'",
        "occurred_at": "occurred_at + interval '1 microsecond'",
        "id": "uuidv7()",
        "hash": "sha256(hash)",
    }
    for column, value in edits.items():
        chain.sql(f"UPDATE audit_auditevent SET {column} = {value} WHERE seq = 7")
        found = chain.verify().first_break
        assert found is not None and (found.seq, found.what[:15]) == (7, "its content is "), column
        assert found.event_id == chain.event_id(7)
        chain.sql("ROLLBACK TO whole")
    chain.sql("UPDATE audit_auditevent SET previous_hash = sha256(hash) WHERE seq = 7")
    assert broken_at(chain) == 7


def broken_at(chain: Chain) -> int | None:
    found = chain.verify().first_break
    return found.seq if found else None


def test_text_moved_from_one_column_into_the_next_is_found(chain: Chain) -> None:
    chain.sql(
        "UPDATE audit_auditevent SET subject_type = subject_type || left(subject_id, 1),"
        " subject_id = substr(subject_id, 2) WHERE seq = 8"
    )
    assert broken_at(chain) == 8


def test_a_deleted_row_is_named(chain: Chain) -> None:
    for seq in (1, 6, chain.length - 1):
        chain.sql("DELETE FROM audit_auditevent WHERE seq = %s", seq)
        verdict = chain.verify()
        assert verdict.first_break is not None and verdict.first_break.seq == seq
        assert f"event {seq} is missing" in verdict.first_break.what
        chain.sql("ROLLBACK TO whole")


def test_two_rows_in_each_others_place_are_found(chain: Chain) -> None:
    for one, other in ((3, 4), (2, 9), (1, chain.length)):
        chain.sql(
            "UPDATE audit_auditevent SET seq = CASE seq WHEN %s THEN %s ELSE %s END WHERE seq IN (%s, %s)",
            one, other, one, one, other,
        )  # fmt: skip
        assert broken_at(chain) == one
        chain.sql("ROLLBACK TO whole")


def test_renumbered_rows_are_found(chain: Chain) -> None:
    chain.sql("UPDATE audit_auditevent SET seq = seq + 1")
    assert broken_at(chain) == 1
    chain.sql("ROLLBACK TO whole")
    chain.sql("UPDATE audit_auditevent SET seq = seq + 5 WHERE seq > 8")
    assert broken_at(chain) == 9


def forge(chain: Chain, seq: int) -> None:
    """A new row at ``seq``, the later ones moved up, its own link computed as it should be."""
    names = chain.sql(
        "SELECT string_agg(column_name, ', ' ORDER BY ordinal_position) FROM information_schema.columns"
        " WHERE table_name = 'audit_auditevent' AND column_name NOT IN ('id', 'seq', 'actor_name')"
    )[0][0]
    chain.sql("UPDATE audit_auditevent SET seq = seq + 1 WHERE seq >= %s", seq)
    chain.sql(
        f"INSERT INTO audit_auditevent (id, seq, actor_name, {names})"
        f" SELECT uuidv7(), %s, 'Nobody', {names} FROM audit_auditevent WHERE seq = %s",
        seq,
        seq + 1,
    )
    previous = chain.hash(seq - 1) if seq > 1 else ledger.GENESIS
    chain.sql(
        "UPDATE audit_auditevent SET previous_hash = %s, hash = %s WHERE seq = %s",
        previous,
        ledger.digest(previous, chain.columns(seq)),
        seq,
    )


def test_a_forged_row_is_found_where_the_old_chain_no_longer_follows_it(chain: Chain) -> None:
    forge(chain, 5)
    found = chain.verify().first_break
    assert found is not None and found.seq == 6 and "inserted" in found.what


def test_a_cut_off_tail_is_found_by_the_seal(chain: Chain) -> None:
    seal_client(chain.client_id, "2026-11-23T12:00:00Z")
    assert broken_at(chain) is None
    chain.sql("DELETE FROM audit_auditevent WHERE seq > 9")
    found = chain.verify().first_break
    assert found is not None and found.seq == 10
    assert found.what == f"events 10 to {chain.length} were cut off the end"
    chain.sql("DELETE FROM audit_auditevent")
    assert broken_at(chain) == 1


def test_a_chain_rewritten_with_good_hashes_is_found_by_the_seal_also_when_it_is_sealed_again(
    chain: Chain,
) -> None:
    seal_client(chain.client_id, "2026-11-23T12:00:00Z")
    chain.sql("UPDATE audit_auditevent SET actor_name = 'Somebody Else' WHERE seq = 4")
    chain.rehash_from(4)
    found = chain.verify().first_break
    assert found is not None and found.seq == chain.length and "sealed head" in found.what
    assert seal_client(chain.client_id, "2026-11-23T12:10:00Z") is None
    assert broken_at(chain) == chain.length


def test_a_hundred_random_manipulations_are_all_found(chain: Chain) -> None:
    seal_client(chain.client_id, "2026-11-23T12:00:00Z")
    chance = random.Random(20261123)  # noqa: S311 - a repeatable test, not a secret

    def edit(at: int) -> int:
        column = chance.choice(["reason", "actor_name", "role", "credential", "subject_id", "request_id"])
        chain.sql(f"UPDATE audit_auditevent SET {column} = {column} || 'x' WHERE seq = %s", at)
        return at

    def delete(at: int) -> int:
        chain.sql("DELETE FROM audit_auditevent WHERE seq = %s", at)
        return at

    def cut(at: int) -> int:
        chain.sql("DELETE FROM audit_auditevent WHERE seq >= %s", at)
        return at

    def insert(at: int) -> int:
        forge(chain, at)
        return min(at + 1, chain.length)  # at the end it stands in the sealed head's place

    def swap(at: int) -> int:
        other = chance.choice([n for n in range(1, chain.length + 1) if n != at])
        chain.sql("UPDATE audit_auditevent SET seq = %s - seq WHERE seq IN (%s, %s)", at + other, at, other)
        return min(at, other)

    def renumber(at: int) -> int:
        chain.sql("UPDATE audit_auditevent SET seq = seq + %s WHERE seq >= %s", chance.randint(1, 9), at)
        return at

    def rewrite(at: int) -> int:
        edit(at)
        chain.rehash_from(at)
        return chain.length  # the links hold again: only the sealed head tells

    acts: list[Callable[[int], int]] = [edit, delete, cut, insert, swap, renumber, rewrite]
    for _ in range(100):
        act, at = chance.choice(acts), chance.randint(1, chain.length)
        expected = act(at)
        assert broken_at(chain) == expected, (act.__name__, at)
        chain.sql("ROLLBACK TO whole")
        assert broken_at(chain) is None


@pytest.mark.django_db
def test_a_seal_that_was_altered_is_said_and_not_believed(seals: Path, settings: Any) -> None:
    here = cast.cypress()
    path = seals / f"client-{here.client.pk}.jsonl"
    with cast.opened(here):
        assert seal_client(here.client.pk, "2026-11-23T12:00:00Z") is not None
        assert seal_client(here.client.pk, "2026-11-23T12:10:00Z") is None, "nothing new to seal"
        line = path.read_text()
        seal = json.loads(line)
        for altered in (
            json.dumps({**seal, "hash": "00" * 32}),
            json.dumps({**seal, "seq": seal["seq"] - 1}),
            json.dumps({**seal, "signature": "ä"}),
            json.dumps({"seq": 1}),
            line[:40],
        ):
            path.write_text(altered + "\n")
            with pytest.raises(BrokenSeal, match="line 1"):
                verify_client(here.client.pk)
        path.write_text(line)
        assert verify_client(here.client.pk).first_break is None
        settings.MASTER_KEY = "A" * 43 + "="
        with pytest.raises(BrokenSeal, match="signature is wrong"):
            verify_client(here.client.pk)


@pytest.mark.django_db
def test_a_seal_of_another_client_is_not_taken(seals: Path) -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(here):
        seal_client(here.client.pk, "2026-11-23T12:00:00Z")
    (seals / f"client-{here.client.pk}.jsonl").rename(seals / f"client-{there.client.pk}.jsonl")
    with cast.opened(there), pytest.raises(BrokenSeal):
        verify_client(there.client.pk)


@pytest.mark.django_db(transaction=True)
def test_twenty_writers_at_once_leave_a_chain_without_gaps(seals: Path) -> None:
    here = cast.cypress()
    with cast.opened(here):
        before = AuditEvent.objects.count()
    failures: list[BaseException] = []
    start = threading.Barrier(20)

    def write() -> None:
        try:
            close_old_connections()
            start.wait()
            for _ in range(5):
                with cast.opened(here):
                    write_events(here.client.pk, 2)
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    with cast.opened(here):
        verdict = verify_client(here.client.pk)
    assert verdict.first_break is None
    assert verdict.count == verdict.head_seq == before + 200
