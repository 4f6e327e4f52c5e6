"""Every table declares whose rows it holds, or stands on a list with a reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection

from tests import cast
from tests.tenancy import checks
from tests.tenancy.full import Full, fill
from tests.tenancy.owner import as_owner


@pytest.fixture
def two(transactional_db: None) -> Iterator[tuple[Full, Full]]:
    cast.icd10cm()
    yield fill(cast.cypress()), fill(cast.harbor())


@pytest.mark.django_db
def test_every_table_is_behind_the_walls_or_on_a_list_with_a_reason() -> None:
    with connection.cursor() as cursor:
        assert checks.tables_without_walls(cursor) == []
        assert len(checks.tenant_tables(cursor)) >= 25
    assert all(len(reason) > 12 for reason in checks.WITHOUT_A_CLIENT.values())


@pytest.mark.django_db
def test_every_model_of_a_client_is_a_tenant_model_or_its_history() -> None:
    with connection.cursor() as cursor:
        walled = set(checks.tenant_tables(cursor))
    assert {model._meta.db_table for model in apps.get_models()} >= walled


@pytest.mark.django_db
def test_every_reference_between_tenant_tables_carries_the_client() -> None:
    with connection.cursor() as cursor:
        assert checks.references_without_the_client(cursor) == []
    assert len(list(checks.references())) >= 25


@pytest.mark.django_db
def test_no_unique_key_reaches_across_clients() -> None:
    with connection.cursor() as cursor:
        assert checks.unique_across_clients(cursor) == []


@pytest.mark.django_db
def test_no_view_and_no_function_reads_with_its_owners_rights() -> None:
    with connection.cursor() as cursor:
        assert checks.ways_around(cursor) == []


@pytest.mark.django_db
def test_the_application_may_only_add_to_history_and_may_change_no_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert checks.rights_too_wide(cursor, cursor.fetchone()[0]) == []


@pytest.mark.django_db
def test_every_manager_of_a_clients_rows_refuses_to_answer_without_a_scope() -> None:
    assert checks.unscoped_managers() == []


def test_a_row_cannot_point_at_another_clients_row_even_when_both_are_open(two: tuple[Full, Full]) -> None:
    here, there = two
    with as_owner(here.client_id, there.client_id) as cursor:
        assert checks.empty_tables(cursor, here.client_id) == []
        assert checks.empty_tables(cursor, there.client_id) == []
        assert checks.crossing_references(cursor, here.client_id, there.client_id) == []
