"""What the application may do to the ledger: add to it and read it, nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from coding_ops.audit.models import AuditEvent
from tests import cast
from tests.audit.test_ledger import write_events

REFUSED = {
    "update": "UPDATE audit_auditevent SET reason = 'other'",
    "update of nothing much": "UPDATE audit_auditevent SET seq = seq WHERE false",
    "delete": "DELETE FROM audit_auditevent",
    "truncate": "TRUNCATE audit_auditevent",
    "drop trigger": "DROP TRIGGER audit_event_link ON audit_auditevent",
    "disable trigger": "ALTER TABLE audit_auditevent DISABLE TRIGGER audit_event_link",
    "disable walls": "ALTER TABLE audit_auditevent DISABLE ROW LEVEL SECURITY",
    "no force": "ALTER TABLE audit_auditevent NO FORCE ROW LEVEL SECURITY",
    "drop policy": "DROP POLICY only_open_clients ON audit_auditevent",
    "drop table": "DROP TABLE audit_auditevent",
    "skip triggers": "SET session_replication_role = replica",
    "replace the function": "CREATE OR REPLACE FUNCTION audit_event_link() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NEW; END'",
    "new table in the schema": "CREATE TABLE public.audit_shadow (id int)",
    "become the owner": "SET ROLE coding_ops_owner",
    "upsert": "INSERT INTO audit_auditevent (id, client_id, verb, actor_name, role, credential, subject_type,"
    " subject_id, reason, facts, request_id) SELECT id, client_id, verb, actor_name, role, credential,"
    " subject_type, subject_id, 'other', facts, request_id FROM audit_auditevent LIMIT 1"
    " ON CONFLICT (id) DO UPDATE SET reason = excluded.reason",
    **{
        f"choose {column}": "INSERT INTO audit_auditevent (id, client_id, verb, actor_name, role, credential,"
        f" subject_type, subject_id, reason, facts, request_id, {column}) SELECT uuidv7(), client_id, verb,"
        " actor_name, role, credential, subject_type, subject_id, reason, facts, request_id,"
        f" {value} FROM audit_auditevent LIMIT 1"
        for column, value in {
            "seq": "1",
            "occurred_at": "'2020-01-01'",
            "hash": "'\\x00'",
            "previous_hash": "'\\x00'",
        }.items()
    },
}


def content(table: str = "audit_auditevent") -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t.id)) FROM {table} t")
        return cursor.fetchone()


@pytest.mark.django_db
def test_the_application_can_only_add_to_the_ledger() -> None:
    here = cast.cypress()
    with cast.opened(here):
        before = content()
        for what, statement in REFUSED.items():
            refused = False
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(statement)
            except DatabaseError as error:
                refused = True
                assert "permission denied" in str(error) or "must be owner" in str(error), (what, error)
            assert refused, what
            assert content() == before, what


@pytest.mark.django_db
def test_the_application_holds_no_right_but_to_read_and_to_add_its_own_columns() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r, has_table_privilege('audit_auditevent', r) FROM unnest(%s) r",
            [["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]],
        )
        assert [right for right, held in cursor.fetchall() if held] == ["SELECT"]
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'audit_auditevent'::regclass AND attnum > 0"
            " AND NOT has_column_privilege(attrelid, attnum, 'INSERT') ORDER BY attname"
        )
        assert [name for (name,) in cursor.fetchall()] == ["hash", "occurred_at", "previous_hash", "seq"]


@pytest.mark.django_db
def test_number_time_and_hash_come_from_the_database() -> None:
    here = cast.cypress()
    with cast.opened(here):
        write_events(here.client.pk, 3)
        numbers = list(AuditEvent.objects.order_by("seq").values_list("seq", flat=True))
        times = list(AuditEvent.objects.order_by("seq").values_list("occurred_at", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert times == sorted(times) and len(set(times)) == len(times)


@pytest.mark.django_db
def test_an_event_for_a_client_that_is_not_open_is_refused() -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(here), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        write_events(there.client.pk, 1)
    with cast.opened(there):
        assert not AuditEvent.objects.filter(subject_id="subject-0").exists()
