"""The files' pages: who may send, that sending stores and enqueues, and what others never see."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone

from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Role
from coding_ops.tenancy.tasks import tenant_task
from coding_ops.web.context import FILE_ROLES
from encounters import tasks
from encounters.actions.intake import store_file
from encounters.models import Encounter, QuarantineItem, RawFile
from encounters.views import intake as pages
from tests import cast
from tests.rules.encounters.intake_samples import adt, csv_file

pytestmark = pytest.mark.django_db(transaction=True)
SENT: list[tuple[str, dict[str, Any]]] = []


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture(autouse=True)
def _broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would go to the broker after the commit, in ``SENT``."""

    def enqueue(name: str, **ids: Any) -> None:
        tenant_task(name)
        transaction.on_commit(lambda: SENT.append((name, ids)))

    SENT.clear()
    monkeypatch.setattr(pages, "enqueue", enqueue)


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def upload(browser: Browser, here: cast.Place, content: bytes, name: str = "day.csv") -> Any:
    return browser.post(f"/c/{here.client.slug}/intake/", {"file": SimpleUploadedFile(name, content)})


def work_off() -> None:
    """What a worker does with what was sent."""
    while SENT:
        _, kwargs = SENT.pop(0)
        tasks.read_file.run(**kwargs)


def test_a_manager_sends_a_file_and_sees_what_became_of_it() -> None:
    here = cast.cypress()
    browser = signed_in(cast.person("Marguerite Lowell", (here, Role.MANAGER)))
    answer = upload(browser, here, csv_file({"note_text": "x"}, {"encounter_id": "V-2", "mrn": ""}))
    assert answer.status_code == 303
    page = browser.get(answer["Location"]).content.decode()
    assert "Waiting to be read" in page
    with cast.opened(here):
        raw_file = RawFile.objects.get()
        assert not Encounter.objects.exists()
    assert [("encounters.read_file", {"client_id": here.client.pk, "raw_file_id": str(raw_file.pk)})] == SENT
    work_off()
    page = browser.get(answer["Location"]).content.decode()
    assert "1 new, 0 updated, 0 known before, 1 set aside" in page
    assert "row 3, column mrn" in page
    assert "A required value is empty." in page
    listed = browser.get(f"/c/{here.client.slug}/intake/").content.decode()
    assert "day.csv" in listed
    assert "row 3, column mrn" in listed


def test_the_same_file_again_is_said_to_be_known_and_not_read_again() -> None:
    here = cast.cypress()
    browser = signed_in(cast.person("Marguerite Lowell", (here, Role.MANAGER)))
    upload(browser, here, csv_file({}))
    work_off()
    answer = upload(browser, here, csv_file({}))
    assert "received before" in browser.get(answer["Location"]).content.decode()
    assert SENT == []


def test_a_form_without_a_file_and_a_file_too_large_are_422_and_store_nothing(settings: Any) -> None:
    here = cast.cypress()
    browser = signed_in(cast.person("Paul Whitaker", (here, Role.CLIENT_ADMIN)))
    empty = browser.post(f"/c/{here.client.slug}/intake/", {})
    assert empty.status_code == 422
    assert "Choose a file first." in empty.content.decode()
    settings.INTAKE_MAX_BYTES = 10
    assert upload(browser, here, csv_file({})).status_code == 422
    with cast.opened(here):
        assert not RawFile.objects.exists()
    assert SENT == []


ROLES = {
    Role.MANAGER: (200, 303),
    Role.VENDOR_ADMIN: (200, 303),
    Role.CLIENT_ADMIN: (200, 303),
    Role.CLIENT_VIEWER: (200, 403),
    Role.CODER: (404, 404),
    Role.QA_REVIEWER: (404, 404),
    Role.CDI_SPECIALIST: (404, 404),
    Role.PROVIDER: (404, 404),
    Role.EXTERNAL_AUDITOR: (404, 404),
}


@pytest.mark.parametrize("role", ROLES)
def test_who_may_look_and_who_may_send(role: Role) -> None:
    here = cast.cypress()
    browser = signed_in(cast.person("Nora Vance", (here, role)))
    may_look, may_send = ROLES[role]
    assert browser.get(f"/c/{here.client.slug}/intake/").status_code == may_look
    assert (role in FILE_ROLES) == (may_look == 200), "the navigation names no page that answers 404"
    assert upload(browser, here, csv_file({})).status_code == may_send
    with cast.opened(here):
        assert RawFile.objects.count() == (may_send == 303)


def set_aside(here: cast.Place) -> QuarantineItem:
    browser = signed_in(cast.person("Adaeze Obi", (here, Role.VENDOR_ADMIN)))
    upload(browser, here, csv_file({"mrn": ""}), "Quillfeather.csv")
    work_off()
    with cast.opened(here):
        return QuarantineItem.objects.get()


def test_another_clients_files_do_not_exist() -> None:
    here, there = cast.cypress(), cast.harbor()
    item = set_aside(there)
    browser = signed_in(cast.person("Marguerite Lowell", (here, Role.MANAGER)))
    for base in (here.client.slug, there.client.slug):
        for path in (
            f"/c/{base}/intake/{item.raw_file_id}/",
            f"/c/{base}/intake/items/{item.pk}/dismiss/",
        ):
            answer = browser.get(path)
            assert answer.status_code == 404
            assert b"Quillfeather" not in answer.content
        assert browser.post(f"/c/{base}/intake/{item.raw_file_id}/retry/").status_code == 404
        assert (
            browser.post(f"/c/{base}/intake/items/{item.pk}/dismiss/", {"reason": "mine"}).status_code == 404
        )
    with cast.opened(there):
        assert QuarantineItem.objects.get().status == QuarantineItem.Status.OPEN
        assert RawFile.objects.get().status == RawFile.Status.FAILED
    assert SENT == []


def test_dismissing_asks_why_and_records_it() -> None:
    here = cast.cypress()
    item = set_aside(here)
    browser = signed_in(cast.person("Marguerite Lowell", (here, Role.MANAGER)))
    path = f"/c/{here.client.slug}/intake/items/{item.pk}/dismiss/"
    assert "Why" in browser.get(path).content.decode()
    refused = browser.post(path, {"reason": ""})
    assert refused.status_code == 422
    with cast.opened(here):
        assert QuarantineItem.objects.get().status == QuarantineItem.Status.OPEN
    assert browser.post(path, {"reason": "test patient"}).status_code == 303
    assert browser.post(path, {"reason": "again"}).status_code == 303
    with cast.opened(here):
        found = QuarantineItem.objects.get()
        assert (found.status, found.resolution) == (QuarantineItem.Status.DISMISSED, "test patient")
        assert AuditEvent.objects.filter(verb=Verb.QUARANTINE_RESOLVED).count() == 1


def test_reading_again_is_sent_to_the_worker() -> None:
    here = cast.cypress()
    item = set_aside(here)
    browser = signed_in(cast.person("Marguerite Lowell", (here, Role.MANAGER)))
    assert browser.post(f"/c/{here.client.slug}/intake/{item.raw_file_id}/retry/").status_code == 303
    assert len(SENT) == 1
    work_off()
    with cast.opened(here):
        assert QuarantineItem.objects.get().status == QuarantineItem.Status.OPEN


def test_each_look_at_files_leaves_one_record() -> None:
    here = cast.cypress()
    item = set_aside(here)
    browser = signed_in(cast.person("Marguerite Lowell", (here, Role.MANAGER)))
    for path in (f"/c/{here.client.slug}/intake/", f"/c/{here.client.slug}/intake/{item.raw_file_id}/"):
        with cast.opened(here):
            before = AuditEvent.objects.filter(verb=Verb.RAW_FILE_VIEWED).count()
        browser.get(path)
        with cast.opened(here):
            assert AuditEvent.objects.filter(verb=Verb.RAW_FILE_VIEWED).count() == before + 1


def test_the_list_costs_the_same_for_one_file_and_for_many(django_assert_max_num_queries: Any) -> None:
    here = cast.cypress()
    browser = signed_in(cast.person("Marguerite Lowell", (here, Role.MANAGER)))
    for number in range(12):
        upload(browser, here, csv_file({"encounter_id": f"V-{number}", "mrn": ""}))
    work_off()
    with django_assert_max_num_queries(12):
        assert browser.get(f"/c/{here.client.slug}/intake/").status_code == 200


def test_a_lost_message_and_a_dead_reader_are_found_by_the_sweep() -> None:
    here = cast.cypress()
    old = timezone.now() - timedelta(minutes=30)
    with cast.opened(here):
        for number in range(3):
            store_file(
                actor=system_actor("test"),
                connection=here.connection,
                filename="a",
                content=io.BytesIO(adt(control=str(number))),
            )
        lost, dead, alive = RawFile.objects.order_by("pk")
        RawFile.objects.filter(pk=dead.pk).update(status=RawFile.Status.READING, received_at=old)
        RawFile.objects.filter(pk=alive.pk).update(status=RawFile.Status.READING)
    assert tasks.read_received_files.run(client_id=here.client.pk) == 2
    with cast.opened(here):
        states = {row.pk: row.status for row in RawFile.objects.all()}
    assert states == {lost.pk: "done", dead.pk: "done", alive.pk: "reading"}


def test_the_task_is_registered_with_its_repair() -> None:
    for name in ("encounters.read_file", "encounters.read_received_files"):
        assert tenant_task(name).opens_own_transaction
