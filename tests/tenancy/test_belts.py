"""Four belts, each proven to hold alone, and each check proven to notice when its belt is cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, models, transaction
from django.test import Client as Browser
from django.utils import timezone
from django_scopes import ScopeError, scope

from coding_ops.tenancy.access import Reach, ReachedClient
from coding_ops.tenancy.models import Client, Role
from encounters.actions import finalize as finalizing
from encounters.actions.coding import assign_code
from encounters.actions.leases import forget_bounds, take_chart, take_next
from encounters.models import CodeAssignment, CodeRevision, Encounter, EncounterStatus
from encounters.selectors.readiness import Judged, judged
from tests import cast
from tests.tenancy import checks
from tests.tenancy.full import Full, fill
from tests.tenancy.owner import as_owner
from tests.tenancy.walker import ask, browser_of


@pytest.fixture
def two(transactional_db: None) -> tuple[Full, Full]:
    cast.icd10cm()
    return fill(cast.cypress()), fill(cast.harbor())


# --- belt 1: the address -------------------------------------------------------------------------------


def addresses_that_open(full: Full, stranger: Browser) -> list[str]:
    """Pages of a client that open for somebody who is nobody there."""
    paths = [f"/c/{full.slug}/", f"/c/{full.slug}/encounters/{full.held.pk}/", f"/c/{full.slug}/dashboard/"]
    return [path for path in paths if ask(stranger, "GET", path).status != 404]


@pytest.mark.django_db
def test_a_clients_address_is_not_found_by_others_and_the_check_notices_when_membership_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast.icd10cm()
    full, elsewhere = fill(cast.cypress()), cast.place("third-clinic", "Third Clinic")
    stranger = browser_of(cast.person("Adaeze Obi", (elsewhere, Role.VENDOR_ADMIN)))
    assert addresses_that_open(full, stranger) == []

    def without_membership(self: Reach, slug: str) -> ReachedClient:
        client = Client.objects.get(slug=slug)
        return ReachedClient(client.pk, client.slug, client.name, client.timezone, Role.VENDOR_ADMIN)

    monkeypatch.setattr(Reach, "client", without_membership)
    assert len(addresses_that_open(full, stranger)) == 3


# --- belt 2: the scope ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_query_without_a_scope_raises_and_the_check_notices_a_manager_that_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ScopeError):
        Encounter.objects.count()
    assert checks.unscoped_managers() == []
    plain: models.Manager[Encounter] = models.Manager()
    plain.model = Encounter
    monkeypatch.setitem(Encounter._meta.__dict__, "default_manager", plain)
    assert checks.unscoped_managers() == ["encounters.Encounter: its manager answers without a scope"]


@pytest.mark.django_db
def test_the_scope_filters_by_itself_also_where_the_database_would_show_more() -> None:
    here, there = cast.cypress(), cast.harbor()
    for where in (here, there):
        with cast.opened(where):
            cast.encounter(where)
    with cast.opened(here, there):
        assert Encounter.objects.count() == 2
        with scope(client=here.client.pk):
            assert [row.client_id for row in Encounter.objects.all()] == [here.client.pk]


# --- belt 3: row-level security ------------------------------------------------------------------------


def test_raw_sql_without_a_scope_sees_no_row_of_any_table(two: tuple[Full, Full]) -> None:
    here, there = two
    with connection.cursor() as cursor:
        assert checks.visible_rows(cursor) == []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.client_ids', %s, true)", [str(here.client_id)])
        assert checks.empty_tables(cursor, here.client_id) == [], "no row, no proof"
        for table in checks.tenant_tables(cursor):
            cursor.execute(f'SELECT DISTINCT client_id FROM "{table}"')
            assert cursor.fetchall() == [(here.client_id,)], table
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.client_ids', %s, true)", [str(there.client_id)])
        assert checks.empty_tables(cursor, there.client_id) == []


def test_no_table_takes_a_row_for_a_client_that_is_not_open(two: tuple[Full, Full]) -> None:
    here, there = two
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.client_ids', %s, true)", [str(here.client_id)])
        assert checks.wrong_client_accepted(cursor, here.client_id, there.client_id) == []
        transaction.set_rollback(True)


Check = Callable[[Any], list[str]]
WITHOUT_CHECK = (
    "DROP POLICY only_open_clients ON encounters_pend",
    "CREATE POLICY half ON encounters_pend USING (client_id::text = current_setting('app.client_ids', true))",
)
OPEN_TO_ALL = (
    "DROP POLICY only_open_clients ON encounters_pend",
    "CREATE POLICY wide ON encounters_pend USING (true) WITH CHECK (true)",
)
PLANTED: dict[str, tuple[tuple[str, ...], Check, str]] = {
    "the policy is dropped": (
        ("DROP POLICY only_open_clients ON encounters_patient",),
        checks.tables_without_walls,
        "encounters_patient: has 0 policies",
    ),
    "row security is off": (
        ("ALTER TABLE encounters_patient DISABLE ROW LEVEL SECURITY",),
        checks.tables_without_walls,
        "encounters_patient: row security is not enabled",
    ),
    "row security is not forced": (
        ("ALTER TABLE encounters_patient NO FORCE ROW LEVEL SECURITY",),
        checks.tables_without_walls,
        "encounters_patient: row security is not forced",
    ),
    "the policy lets everything through": (
        OPEN_TO_ALL,
        checks.tables_without_walls,
        "encounters_pend: no policy",
    ),
    "the policy does not check writes": (
        WITHOUT_CHECK,
        checks.tables_without_walls,
        "encounters_pend: no policy",
    ),
    "a second policy widens the first": (
        ("CREATE POLICY wide ON encounters_pend USING (true)",),
        checks.tables_without_walls,
        "encounters_pend: has 2 policies",
    ),
    "the client may be left out": (
        ("ALTER TABLE encounters_pend ALTER COLUMN client_id DROP NOT NULL",),
        checks.tables_without_walls,
        "encounters_pend: client_id may be null",
    ),
    "a new table has no client": (
        ("CREATE TABLE planted_row (id int)",),
        checks.tables_without_walls,
        "planted_row: has no client_id",
    ),
    "a new table has a client and no walls": (
        ("CREATE TABLE planted_row (id int, client_id bigint NOT NULL)",),
        checks.tables_without_walls,
        "planted_row: row security is not enabled",
    ),
    "an exempted table got a client": (
        ("ALTER TABLE accounts_specialty ADD COLUMN client_id bigint",),
        checks.tables_without_walls,
        "accounts_specialty: has a client_id now",
    ),
    "an exempted table is gone": (
        ("ALTER TABLE accounts_specialty RENAME TO accounts_special",),
        checks.tables_without_walls,
        "accounts_specialty: is exempted but does not exist",
    ),
    "a composite key is dropped": (
        ("ALTER TABLE encounters_document DROP CONSTRAINT encounters_document_encounter_id_same_client",),
        checks.references_without_the_client,
        "encounters_document.encounter_id",
    ),
    "a unique key forgets the client": (
        ("CREATE UNIQUE INDEX one_mrn ON encounters_patient (mrn_index)",),
        checks.unique_across_clients,
        "one_mrn",
    ),
    "a view reads with its owner's rights": (
        ("CREATE VIEW all_patients AS SELECT * FROM encounters_patient",),
        checks.ways_around,
        "view all_patients",
    ),
    "a materialized view copies rows": (
        ("CREATE MATERIALIZED VIEW patients_copy AS SELECT id FROM encounters_patient",),
        checks.ways_around,
        "materialized view patients_copy",
    ),
    "a function runs with its owner's rights": (
        ("CREATE FUNCTION leak() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT 1::bigint'",),
        checks.ways_around,
        "function leak",
    ),
    "the ledger may be edited": (
        ("GRANT UPDATE (reason) ON audit_auditevent TO coding_ops_app",),
        lambda cursor: checks.rights_too_wide(cursor, "coding_ops_app"),
        "audit_auditevent: the application may update",
    ),
    "history may be deleted": (
        ("GRANT DELETE ON encounters_encounterevent TO coding_ops_app",),
        lambda cursor: checks.rights_too_wide(cursor, "coding_ops_app"),
        "encounters_encounterevent: the application may delete",
    ),
    "a table may be emptied": (
        ("GRANT TRUNCATE ON encounters_patient TO coding_ops_app",),
        lambda cursor: checks.rights_too_wide(cursor, "coding_ops_app"),
        "encounters_patient: the application may truncate",
    ),
}


@pytest.mark.django_db(transaction=True)
def test_each_check_of_the_catalogue_finds_the_defect_that_is_planted_for_it() -> None:
    with as_owner() as cursor:
        for what, (statements, check, expected) in PLANTED.items():
            cursor.execute("SAVEPOINT whole")
            assert check(cursor) == [], what
            for statement in statements:
                cursor.execute(statement)
            assert any(finding.startswith(expected) or expected in finding for finding in check(cursor)), what
            cursor.execute("ROLLBACK TO whole")


def test_the_checks_of_rows_find_a_wall_that_is_down(two: tuple[Full, Full]) -> None:
    here, there = two
    with as_owner() as cursor:
        assert checks.visible_rows(cursor) == [], "the owner is bound as well, because it is forced"
        for statement in ("NO FORCE", "DISABLE"):
            cursor.execute("SAVEPOINT whole")
            cursor.execute(f"ALTER TABLE encounters_patient {statement} ROW LEVEL SECURITY")
            assert checks.visible_rows(cursor) == ["encounters_patient: 8 rows are visible"]
            cursor.execute("SELECT set_config('app.client_ids', %s, true)", [str(here.client_id)])
            found = checks.wrong_client_accepted(cursor, here.client_id, there.client_id)
            assert any("encounters_patient: UPDATE for another client was accepted" in line for line in found)
            cursor.execute("ROLLBACK TO whole")


# --- belt 4: composite keys ----------------------------------------------------------------------------


def test_a_reference_abroad_is_found_when_its_composite_key_is_gone(two: tuple[Full, Full]) -> None:
    here, there = two
    with as_owner(here.client_id, there.client_id) as cursor:
        assert checks.crossing_references(cursor, here.client_id, there.client_id) == []
        cursor.execute(
            "ALTER TABLE encounters_document DROP CONSTRAINT encounters_document_encounter_id_same_client"
        )
        assert checks.crossing_references(cursor, here.client_id, there.client_id) == [
            "encounters_document.encounter_id: may point at another client's encounters_encounter"
        ]


# --- two more that must not be removed unnoticed ----------------------------------------------------------


def waits_for_others(place: cast.Place, coder: Any) -> list[str]:
    """Whether a coder who asks for the next chart waits for one that somebody else is just taking."""
    forget_bounds()
    with as_owner(place.client.pk) as other:
        other.execute(
            "SELECT encounter_id FROM encounters_workitem ORDER BY order_key, id LIMIT 1 FOR UPDATE"
        )
        (being_taken,) = other.fetchone()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '400ms'")
        try:
            taken = take_next(actor=cast.actor_for(coder, Role.CODER), client_ids=[place.client.pk])
        except OperationalError as error:
            return [f"it waited: {type(error.__cause__).__name__}"]
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
    if taken is None:
        return ["it came back with nothing"]
    return [f"it took {being_taken} as well"] if str(taken.encounter_id) == str(being_taken) else []


@pytest.mark.django_db(transaction=True)
def test_take_next_passes_over_a_chart_that_is_being_taken_and_the_check_notices_when_it_waits() -> None:
    here = cast.cypress()
    coders = [cast.coder(name, here) for name in ("Rosalind Ames", "Marcus Bell")]
    with cast.opened(here):
        for hours in (1, 2, 3):
            cast.encounter(here, due_at=timezone.now() + timedelta(hours=hours))
    assert waits_for_others(here, coders[0]) == []
    with as_owner() as cursor:
        cursor.execute("SELECT pg_get_functiondef('worklist_take_next'::regproc)")
        (whole,) = cursor.fetchone()
    assert "SKIP LOCKED" in whole
    try:
        with as_owner(commit=True) as cursor:
            cursor.execute(whole.replace("SKIP LOCKED", ""))
        assert waits_for_others(here, coders[1]) == ["it waited: LockNotAvailable"]
    finally:
        with as_owner(commit=True) as cursor:
            cursor.execute(whole)
    assert waits_for_others(here, coders[1]) == []


def finalizes_unsupported_codes(place: cast.Place, actor: Any) -> list[str]:
    """Whether a chart becomes final although a code has neither evidence nor a recorded exception."""
    with cast.opened(place):
        chart = cast.encounter(place)
        item = take_chart(actor=actor, item=cast.item_of(chart), now=timezone.now())
        assign_code(actor=actor, encounter=chart, fence=item.fence, system="ICD-10-CM", code="I10")
        try:
            finalizing.finalize(actor=actor, encounter=chart, fence=item.fence)
        except finalizing.NotReady:
            chart.refresh_from_db()
            kept = (
                chart.status == EncounterStatus.READY
                and not CodeRevision.objects.filter(encounter=chart).exists()
            )
            return [] if kept else ["it was refused, and yet something was saved"]
        return ["it was finalized"]


@pytest.mark.django_db
def test_finalize_refuses_a_code_without_evidence_and_the_check_notices_when_it_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast.icd10cm()
    here = cast.cypress()
    first, second = (
        cast.actor_for(cast.coder(name, here), Role.CODER) for name in ("Rosalind Ames", "Marcus Bell")
    )
    assert finalizes_unsupported_codes(here, first) == []
    real = judged

    def blind(chart: Encounter, rows: list[CodeAssignment]) -> Judged:
        found = real(chart, rows)
        return replace(found, readiness=replace(found.readiness, blocking=()))

    monkeypatch.setattr(finalizing, "judged", blind)
    assert finalizes_unsupported_codes(here, second) == ["it was finalized"]
