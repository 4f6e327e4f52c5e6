"""Opening clients: what is refused, how long it lasts, and which views still see rows."""

from __future__ import annotations

from typing import Any

import psycopg2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from django_scopes import ScopeError

from coding_ops.audit.models import AuditEvent
from coding_ops.dev import services
from coding_ops.tenancy import checks as role_checks
from coding_ops.tenancy.models import Facility, Role
from coding_ops.tenancy.scope import (
    ScopeMisuse,
    client_transaction,
    current_client_ids,
    fetch_in_one_round_trip,
)
from encounters.models import Encounter
from tests import cast
from tests.conftest import owner_url
from tests.tenancy.probes import raw_count
from tests.tenancy.walker import browser_of


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.client_ids', true)")
        return cursor.fetchone()[0] or ""


@pytest.mark.django_db
@pytest.mark.parametrize("value", [None, [], (), "1", "", 1, {}])
def test_a_scope_of_no_list_or_of_nobody_is_refused(value: Any) -> None:
    cast.cypress()
    with pytest.raises(ScopeMisuse), client_transaction(value):
        pytest.fail("it was opened")
    with pytest.raises(ScopeMisuse):
        fetch_in_one_round_trip(value, "SELECT 1", {})
    assert setting() == "" and current_client_ids() == ()


@pytest.mark.django_db
@pytest.mark.parametrize("value", [["1); DROP"], [None], ["x"]])
def test_ids_that_are_no_numbers_are_refused(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)), client_transaction(value):
        pytest.fail("it was opened")


@pytest.mark.django_db
def test_a_scope_in_a_scope_is_refused_and_the_first_stays_open() -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(here):
        for ids in ([there.client.pk], [here.client.pk]):
            with pytest.raises(ScopeMisuse), client_transaction(ids):
                pytest.fail("it was opened")
            with pytest.raises(ScopeMisuse):
                fetch_in_one_round_trip(ids, "SELECT 1", {})
        assert current_client_ids() == (here.client.pk,) and setting() == str(here.client.pk)


@pytest.mark.django_db(transaction=True)
def test_the_setting_is_gone_after_commit_and_after_rollback() -> None:
    here = cast.cypress()
    with cast.opened(here):
        assert setting() == str(here.client.pk)
    assert setting() == "" and raw_count() == 0
    with pytest.raises(ZeroDivisionError), cast.opened(here):
        raise ZeroDivisionError
    assert setting() == "" and current_client_ids() == ()
    with pytest.raises(DatabaseError), cast.opened(here), connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")
    assert setting() == ""


@pytest.mark.django_db
def test_inside_an_outer_transaction_it_is_gone_too() -> None:
    here = cast.cypress()
    with cast.opened(here):
        cast.encounter(here)
    assert setting() == "" and raw_count() == 0
    with pytest.raises(ZeroDivisionError), cast.opened(here):
        raise ZeroDivisionError
    assert setting() == "" and raw_count() == 0
    with pytest.raises(ScopeError):
        Encounter.objects.count()


@pytest.mark.django_db
def test_a_savepoint_that_is_rolled_back_does_not_close_the_client() -> None:
    here = cast.cypress()
    with cast.opened(here):
        cast.encounter(here)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            raise ZeroDivisionError
        with transaction.atomic():
            assert raw_count() == 1
        assert raw_count() == 1 and Encounter.objects.count() == 1


@pytest.mark.django_db
def test_two_clients_open_together_are_two_and_no_third() -> None:
    here, there, third = cast.cypress(), cast.harbor(), cast.place("third-clinic", "Third Clinic")
    for where in (here, there, third):
        with cast.opened(where):
            cast.encounter(where)
    with cast.opened(here, there):
        assert raw_count() == 2 and Encounter.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_round_trip_shows_the_clients_rows_and_leaves_nothing_behind() -> None:
    here, there = cast.cypress(), cast.harbor()
    for where in (here, there):
        with cast.opened(where):
            cast.encounter(where)
    ids = "SELECT client_id FROM encounters_encounter WHERE %(all)s"
    assert fetch_in_one_round_trip([here.client.pk], ids, {"all": True}) == [(here.client.pk,)]
    assert setting() == "" and raw_count() == 0
    with pytest.raises(DatabaseError):
        fetch_in_one_round_trip([here.client.pk], "SELECT 1/%(n)s", {"n": 0})
    assert setting() == "" and raw_count() == 0 and current_client_ids() == ()


# --- requests ----------------------------------------------------------------------------------------


@pytest.fixture
def probes(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.tenancy.probes"


@pytest.mark.django_db
def test_a_template_that_renders_after_the_view_still_sees_its_rows(probes: None) -> None:
    here, there = cast.cypress(), cast.harbor()
    viewer = cast.person("Nora Vance", (here, Role.CLIENT_VIEWER))
    for where in (here, there):
        with cast.opened(where):
            cast.encounter(where, external_id=f"visit-{where.client.slug}")
    answer = browser_of(viewer).get("/c/cypress-ridge/lazy/")
    assert answer.content == b"[visit-cypress-ridge]"


@pytest.mark.django_db
def test_a_streamed_body_sees_no_rows(probes: None) -> None:
    here = cast.cypress()
    viewer = cast.person("Nora Vance", (here, Role.CLIENT_VIEWER))
    with cast.opened(here):
        cast.encounter(here)
    browser = browser_of(viewer)
    assert browser.get("/c/cypress-ridge/counted/").content == b"1"
    streamed = browser.get("/c/cypress-ridge/streamed/")
    assert b"".join(streamed.streaming_content) == b"0"  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_a_kept_connection_does_not_carry_one_persons_client_to_the_next(probes: None) -> None:
    here, there = cast.cypress(), cast.harbor()
    mine = browser_of(cast.person("Nora Vance", (here, Role.CLIENT_VIEWER)))
    theirs = browser_of(cast.person("Beatriz Souza", (there, Role.CLIENT_VIEWER)))
    with cast.opened(here):
        cast.encounter(here)
    backend = pid()
    for _ in range(2):
        assert mine.get("/c/cypress-ridge/counted/").content == b"1"
        assert theirs.get("/c/harbor-light/counted/").content == b"0"
        assert theirs.get("/elsewhere/counted/").content == b"0"
        assert setting() == ""
    assert pid() == backend, "the proof needs one and the same connection"


def pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        found: int = cursor.fetchone()[0]
    return found


@pytest.mark.django_db
def test_work_opens_the_clients_a_person_works_for_and_not_those_they_read_for(probes: None) -> None:
    here, there, third = cast.cypress(), cast.harbor(), cast.place("third-clinic", "Third Clinic")
    marcus = cast.person(
        "Marcus Bell", (here, Role.CODER), (there, Role.MANAGER), (third, Role.EXTERNAL_AUDITOR)
    )
    viewer = cast.person("Nora Vance", (here, Role.CLIENT_VIEWER))
    for where in (here, there, third):
        with cast.opened(where):
            cast.encounter(where)
    assert browser_of(marcus).get("/work/counted/").content == b"2"
    assert browser_of(viewer).get("/work/counted/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["refused", "fault", "not-found", "database"])
def test_what_a_failed_request_wrote_is_undone(probes: None, how: str) -> None:
    here = cast.cypress()
    browser = browser_of(cast.person("Paul Whitaker", (here, Role.CLIENT_ADMIN)))
    with cast.opened(here):
        cast.patient(here)
    assert browser.get(f"/c/cypress-ridge/writes/{how}/").status_code >= 400
    with cast.opened(here):
        assert not Facility.objects.exists()
    assert browser.get("/c/cypress-ridge/writes/done/").status_code == 200
    with cast.opened(here):
        assert Facility.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "records"), [("reads/done", 1), ("reads-alone", 1), ("reads/fault", 0)])
def test_a_read_is_recorded_once_a_request(probes: None, path: str, records: int) -> None:
    here = cast.cypress()
    browser = browser_of(cast.person("Nora Vance", (here, Role.CLIENT_VIEWER)))
    browser.get(f"/c/cypress-ridge/{path}/")
    with cast.opened(here):
        assert AuditEvent.objects.filter(verb="chart.viewed", subject_id="probe").count() == records


# --- roles -------------------------------------------------------------------------------------------


def problems_of(url: str, *first: str) -> list[str]:
    made = psycopg2.connect(url)
    try:
        with made.cursor() as cursor:
            for statement in first:
                cursor.execute(statement)
            return role_checks.role_problems(cursor)
    finally:
        made.close()


@pytest.mark.django_db
def test_the_check_refuses_every_role_that_row_security_does_not_bind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert role_checks.database_role_is_plain(databases=["default"]) == []
    database = connection.settings_dict["NAME"]
    root = services.ensure_postgres("test").superuser_url.rsplit("/", 1)[0] + f"/{database}"
    assert "owns tables" in problems_of(owner_url(database))[0]
    assert "is a superuser" in problems_of(root)[0]
    bypass = ("CREATE ROLE probe_bypass BYPASSRLS", "SET ROLE probe_bypass")
    assert "has BYPASSRLS" in problems_of(root, *bypass)[0]
    member = ("CREATE ROLE probe_member", "GRANT coding_ops_owner TO probe_member", "SET ROLE probe_member")
    assert "may become" in problems_of(root, *member)[0]


@pytest.mark.django_db
def test_a_process_that_connects_with_such_a_role_stops_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class AsOwner:
        alias = "default"
        closed = False

        def __init__(self) -> None:
            self.made = psycopg2.connect(owner_url(connection.settings_dict["NAME"]))

        def cursor(self) -> Any:
            return self.made.cursor()

        def close(self) -> None:
            self.closed = True
            self.made.close()

    monkeypatch.setattr(role_checks, "_looked_at", set())
    owner = AsOwner()
    with pytest.raises(ImproperlyConfigured, match="owns tables"):
        role_checks.refuse_a_role_that_sees_everything(owner)
    assert owner.closed
    role_checks.refuse_a_role_that_sees_everything(connection)  # the plain role goes on


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_sign_in(probes: None) -> None:
    cast.cypress()
    assert Browser().get("/c/cypress-ridge/counted/").status_code == 302
