"""Every version of encounters, codes and evidence is kept, whoever changed them and by whatever way."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django_scopes import ScopeError

from coding_ops.tenancy.scope import acting_as
from encounters.models import CodeAssignment, Encounter, EvidenceLink
from tests import cast
from tests.tenancy.full import Full, fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def full() -> Full:
    cast.icd10cm()
    return fill(cast.cypress())


def versions(row: Any) -> Any:
    """The history rows of a row that may be gone itself."""
    return type(row)._meta.get_field("history").related_model.objects.filter(pgh_obj_id=row.pk)


def labels(row: Any) -> list[str]:
    return list(versions(row).order_by("pgh_id").values_list("pgh_label", flat=True))


def raw(statement: str, *params: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


def test_inserts_updates_and_deletes_are_kept_for_each_table(full: Full) -> None:
    with cast.opened(full.place):
        for row in (full.held, full.assignment, full.evidence):
            assert labels(row)[0] == "insert"
        full.assignment.service_unit_quantity = 2
        full.assignment.save()
        full.evidence.start += 1
        full.evidence.save()
        full.held.risk = 3
        full.held.save()
        for row in (full.held, full.assignment, full.evidence):
            assert labels(row)[-1] == "update", row
        EvidenceLink.objects.filter(pk=full.evidence.pk).delete()
        assert labels(full.evidence)[-1] == "delete"
        alone = cast.encounter(full.place, note=None, queued=False)
        alone_id = alone.pk
        alone.delete()
        alone.pk = alone_id
        assert labels(alone) == ["insert", "delete"]


def test_raw_sql_and_queryset_updates_leave_their_versions_too(full: Full) -> None:
    with cast.opened(full.place):
        before = len(labels(full.held)), len(labels(full.assignment)), len(labels(full.evidence))
        assert raw("UPDATE encounters_encounter SET risk = 5 WHERE id = %s", full.held.pk) == 1
        assert raw("UPDATE encounters_codeassignment SET title = 'x' WHERE id = %s", full.assignment.pk) == 1
        assert (
            raw('UPDATE encounters_evidencelink SET "start" = "start" + 1 WHERE id = %s', full.evidence.pk)
            == 1
        )
        CodeAssignment.objects.filter(pk=full.assignment.pk).update(title="y")
        after = len(labels(full.held)), len(labels(full.assignment)), len(labels(full.evidence))
        assert [late - early for early, late in zip(before, after, strict=True)] == [1, 2, 1]
        titles = versions(full.assignment).order_by("pgh_id").values_list("title", flat=True)
        assert list(titles)[-2:] == ["x", "y"]


TABLES = ("encounter", "codeassignment", "evidencelink")
FORBIDDEN = (
    "UPDATE {0}event SET pgh_label = 'other'",
    "DELETE FROM {0}event",
    "TRUNCATE {0}event",
    "ALTER TABLE {0}event DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {0} DISABLE TRIGGER USER",
)


def content(table: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY pgh_id)) FROM {table} t")
        return cursor.fetchone()


def test_the_application_can_neither_change_history_nor_stop_it_from_being_kept(full: Full) -> None:
    refusal = r"permission denied|must be owner"
    with cast.opened(full.place):
        for name in (f"encounters_{table}" for table in TABLES):
            before = content(f"{name}event")
            assert before[0] > 0
            for statement in FORBIDDEN:
                with pytest.raises(DatabaseError, match=refusal), transaction.atomic():
                    raw(statement.format(name))
                assert content(f"{name}event") == before, statement


def test_history_is_behind_the_walls_like_the_row(full: Full) -> None:
    there = cast.harbor()
    model: Any = Encounter
    history = model._meta.get_field("history").related_model.objects
    with pytest.raises(ScopeError):
        history.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM encounters_encounterevent")
        assert cursor.fetchone()[0] == 0
    with cast.opened(there):
        assert history.count() == 0
    with cast.opened(full.place):
        assert history.count() > 0


def test_a_version_says_who_wrote_it_and_one_without_is_the_alarm(full: Full) -> None:
    with acting_as(user=7, role="coder", request="r-1"), cast.opened(full.place):
        full.held.risk = 4
        full.held.save()
        assert versions(full.held).order_by("-pgh_id").first().pgh_context == {
            "user": 7,
            "role": "coder",
            "request": "r-1",
        }
    with cast.opened(full.place):
        full.held.risk = 6
        full.held.save()
        assert versions(full.held).order_by("-pgh_id").first().pgh_context is None
