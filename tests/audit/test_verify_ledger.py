"""``manage.py verify_ledger`` says in words, and by its exit status, whether the ledger holds."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from coding_ops.tenancy.tasks import tenant_task
from tests import cast
from tests.audit.test_ledger import write_events
from tests.tenancy.owner import as_owner


def verify(**options: Any) -> tuple[int, list[str], list[str]]:
    """Exit status, and the lines of both outputs."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    try:
        call_command("verify_ledger", stdout=out, stderr=err, **options)
    except CommandError as error:
        status = error.returncode
        err.write(str(error))
    return status, out.getvalue().splitlines(), err.getvalue().splitlines()


@pytest.fixture
def seals(settings: Any, tmp_path: Path) -> Path:
    settings.LEDGER_SEAL_DIR = tmp_path / "seals"
    return tmp_path / "seals"


@pytest.mark.django_db
def test_whole_ledgers_are_said_to_hold(seals: Path) -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(here):
        write_events(here.client.pk, 12)
    status, out, err = verify()
    assert status == 0 and err == []
    assert [line.split(",")[0] for line in out] == [
        "cypress-ridge: 15 events hold",
        "harbor-light: 3 events hold",
    ]
    assert [line.split(":")[0] for line in verify(client="harbor-light")[1]] == ["harbor-light"]
    assert there.client.pk != here.client.pk


@pytest.mark.django_db
def test_an_unknown_client_is_an_error_and_not_a_ledger_that_holds(seals: Path) -> None:
    cast.cypress()
    status, out, err = verify(client="nowhere")
    assert status == 1 and out == [] and "nowhere" in err[0]


@pytest.mark.django_db(transaction=True)
def test_a_broken_link_is_named_by_client_number_event_and_kind_and_the_others_are_still_checked(
    seals: Path,
) -> None:
    here, there = cast.cypress(), cast.harbor()
    with cast.opened(here):
        write_events(here.client.pk, 12)
    with as_owner(here.client.pk, commit=True) as cursor:
        cursor.execute("UPDATE audit_auditevent SET reason = 'other' WHERE seq = 11 RETURNING id::text")
        (event_id,) = cursor.fetchone()
    status, out, err = verify()
    assert status == 1
    assert err[0] == (
        f"cypress-ridge: broken at number 11, event {event_id}:"
        " its content is not what was written: it was edited"
    )
    assert err[-1] == "The ledger does not hold: cypress-ridge."
    assert [line.split(",")[0] for line in out] == ["harbor-light: 3 events hold"]
    assert verify(client=there.client.slug)[0] == 0


@pytest.mark.django_db(transaction=True)
def test_the_schedules_seals_tell_that_the_newest_events_were_cut_off(seals: Path) -> None:
    here = cast.cypress()
    with cast.opened(here):
        write_events(here.client.pk, 12)
    seal = tenant_task("audit.seal_ledger")
    assert seal.apply(kwargs={"client_id": here.client.pk}).get() == 15
    assert seal.apply(kwargs={"client_id": here.client.pk}).get() is None
    with as_owner(here.client.pk, commit=True) as cursor:
        cursor.execute("DELETE FROM audit_auditevent WHERE seq > 13")
    status, _, err = verify(client="cypress-ridge")
    assert status == 1
    assert err[0] == "cypress-ridge: broken at number 14: events 14 to 15 were cut off the end"
    # Somebody goes on working: the numbers are there again, the events are not.
    with cast.opened(here):
        write_events(here.client.pk, 4)
    assert seal.apply(kwargs={"client_id": here.client.pk}).get() == 17
    status, _, err = verify(client="cypress-ridge")
    assert status == 1 and "broken at number 15" in err[0] and "sealed head" in err[0]


@pytest.mark.django_db
def test_a_seal_that_is_not_ours_is_said_in_plain_words(seals: Path) -> None:
    here = cast.cypress()
    tenant_task("audit.seal_ledger").apply(kwargs={"client_id": here.client.pk}).get()
    path = seals / f"client-{here.client.pk}.jsonl"
    path.write_text(path.read_text().replace('"seq": 3', '"seq": 2'))
    status, _, err = verify()
    assert status == 1
    words = f"client-{here.client.pk}.jsonl, line 1: the seal's signature is wrong."
    assert err[0].startswith(f"cypress-ridge: {words}")
