"""The pages of files of claims: from what waits to a file that was sent, and what a client reads of it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser

from claims.actions.writing import write_submission
from claims.models import Claim, ClaimStatus, Submission, SubmissionState
from claims.rules.content import to_json
from claims.views.submissions import listing
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from tests import cast
from tests.claims import scene

pytestmark = pytest.mark.django_db
ROOM = "/c/cypress-ridge/claims/submissions/"


@pytest.fixture(autouse=True)
def _plain_files(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


@pytest.fixture
def desk() -> scene.Desk:
    here = cast.cypress()
    with cast.opened(here):
        of = scene.desk(here)
        made = scene.claim(of)
        made.content = to_json(scene.content(made.control_number))
        made.save(update_fields=["content"])
    return of


def asked(of: scene.Desk) -> tuple[Browser, str]:
    """The leader's browser and the address of a file that was written."""
    browser = signed_in(of.manager)
    answer = browser.post(ROOM, {"receiver": "CLEARTEST", "form": "837P"})
    assert answer.status_code == 303
    url = answer["Location"]
    client = of.place.client.pk
    assert write_submission(actor=cast.SYSTEM, client_id=client, submission_id=uuid.UUID(url.split("/")[-2]))
    return browser, url


def test_a_leader_writes_downloads_and_sends_a_file(desk: scene.Desk) -> None:
    browser = signed_in(desk.manager)
    shown = browser.get(ROOM).content.decode()
    assert "Sample Mutual" in shown and "$135.00" in shown and "Write file" in shown
    browser, url = asked(desk)
    shown = browser.get(url).content.decode()
    assert "Written and checked" in shown and "Mark as sent" in shown and "Put into" not in shown
    with cast.opened(desk.place):
        number = Claim.objects.get(client_id=desk.place.client.pk).control_number
    assert number in shown
    file = browser.get(url + "file/")
    assert file.content.decode().startswith("ISA*") and number in file.content.decode()
    assert file["Content-Disposition"] == 'attachment; filename="837P_CLEARTEST_000000001.x12"'
    assert file["Cache-Control"] == "no-store"
    with cast.opened(desk.place):
        assert AuditEvent.objects.filter(verb=Verb.SUBMISSION_DOWNLOADED).count() == 1
    assert browser.post(url + "sent/").status_code == 303
    with cast.opened(desk.place):
        assert Claim.objects.get(control_number=number).state == ClaimStatus.SUBMITTED
    shown = browser.get(url).content.decode()
    assert "Mark as sent" not in shown
    assert "No claim waits" in browser.get(ROOM).content.decode()


def test_blocked_claims_are_told_and_looked_at_again_on_request(
    desk: scene.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(listing, "enqueue", lambda name, **ids: sent.append(name))
    with cast.opened(desk.place):
        Claim.objects.update(state=ClaimStatus.BLOCKED)
    browser = signed_in(desk.manager)
    shown = browser.get(ROOM).content.decode()
    assert "1 claim cannot be written yet" in shown and "No claim waits" in shown
    assert signed_in(desk.administrator).post(ROOM, {"act": "recheck"}).status_code == 403
    assert sent == []
    assert browser.post(ROOM, {"act": "recheck"}).status_code == 303
    assert sent == ["claims.recheck_blocked"]


def test_a_client_reads_what_went_out_but_neither_the_file_nor_who_wrote_it(desk: scene.Desk) -> None:
    _, url = asked(desk)
    client = signed_in(desk.administrator)
    listed, shown = client.get(ROOM).content.decode(), client.get(url).content.decode()
    assert "000000001" in listed and "Write file" not in listed
    assert desk.manager.full_name not in shown and "Download" not in shown and "Mark as sent" not in shown
    assert client.get(url + "file/").status_code == 403
    assert signed_in(desk.coder).get(ROOM).status_code == 404


def test_taking_back_asks_why(desk: scene.Desk) -> None:
    browser, url = asked(desk)
    refused = browser.post(url + "take-back/", {"reason": ""})
    assert refused.status_code == 422 and "Say in a few words" in refused.content.decode()
    assert browser.post(url + "take-back/", {"reason": "Wrong receiver."}).status_code == 303
    assert "Taken back: Wrong receiver." in browser.get(url).content.decode()
    assert "Write file" in browser.get(ROOM).content.decode()


def test_the_out_folder_gets_the_file_once_and_follows_no_link(
    desk: scene.Desk, settings: Any, tmp_path: Path
) -> None:
    settings.CLAIMS_FOLDER = str(tmp_path)
    browser, url = asked(desk)
    home, elsewhere = tmp_path / "cypress-ridge", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    (home / "out").symlink_to(elsewhere)
    refused = browser.post(url + "sent/", {"way": "folder"})
    assert refused.status_code == 422 and not list(elsewhere.iterdir())
    with cast.opened(desk.place):
        assert Submission.objects.get().state == SubmissionState.READY
        assert Claim.objects.get().state == ClaimStatus.READY
    (home / "out").unlink()
    (home / "out").mkdir()
    assert browser.post(url + "sent/", {"way": "folder"}).status_code == 303
    found = list((home / "out").iterdir())
    assert [one.name for one in found] == ["837P_CLEARTEST_000000001.x12"]
    with cast.opened(desk.place):
        assert found[0].read_text() == Submission.objects.get().content
        assert Submission.objects.get().state == SubmissionState.SENT
