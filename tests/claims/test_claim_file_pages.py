"""The pages of files: who sends, who looks, what is told, and that a control number is in no address."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from claims.actions.recounting import recount_unmatched
from claims.models import ClaimStatus, FileProblem, PayerFile
from claims.views.files import listing, page
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import Role
from tests import cast
from tests.claims import scene
from tests.rules.claims.test_claim_payer_files import REMITTANCE, STATUS, interchange

pytestmark = pytest.mark.django_db
SENT: list[str] = []


@pytest.fixture(autouse=True)
def _outside(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    SENT.clear()
    for module in (listing, page):
        monkeypatch.setattr(module, "enqueue", lambda name, **ids: SENT.append(name))


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def views(here: cast.Place) -> int:
    with cast.opened(here):
        return AuditEvent.objects.filter(verb=Verb.CLAIM_FILE_VIEWED).count()


def test_several_files_are_sent_at_once_and_a_viewer_only_looks() -> None:
    here = cast.cypress()
    url = f"/c/{here.client.slug}/claims/files/"
    sender = signed_in(cast.person("Paul Whitaker", (here, Role.CLIENT_ADMIN)))
    both = [
        SimpleUploadedFile(f"{n}.x12", interchange(g).encode()) for n, g in (("a", REMITTANCE), ("b", STATUS))
    ]
    answer = sender.post(url, {"file": both})
    assert (answer.status_code, answer["Location"], SENT) == (303, url, ["claims.read_files"])
    shown = sender.get(url).content.decode()
    assert "a.x12" in shown and "b.x12" in shown and "Remittance (835)" in shown
    assert views(here) == 1
    assert "b.x12" not in sender.get(url + "?kind=835").content.decode()
    empty = sender.post(url, {})
    assert empty.status_code == 422 and "Choose one file" in empty.content.decode()

    viewer = signed_in(cast.person("Vera Viewer", (here, Role.CLIENT_VIEWER)))
    assert "Send files" not in viewer.get(url).content.decode()
    assert viewer.post(url, {"file": both[0]}).status_code == 403
    coder = signed_in(cast.coder("Rosalind Ames", here))
    assert coder.get(url).status_code == 404
    with cast.opened(here):
        assert PayerFile.objects.count() == 2


def test_a_file_shows_what_it_set_aside_and_what_to_do_until_it_is_dismissed() -> None:
    here = cast.cypress()
    with cast.opened(here):
        of = scene.desk(here)
        row = scene.remitted(of, None).remittance.file
        PayerFile.objects.filter(pk=row.pk).update(state="problems", problem_count=1, entry_count=3)
        problem = FileProblem.objects.create(
            client=here.client,
            file=row,
            place="segment 3 (BPR), transaction 0001",
            code="envelope.count",
            message="SE01 says 5, there are 6 segments.",
            difference_amount="1234.5",
            made_at=timezone.now(),
        )
    manager = signed_in(of.manager)
    url = f"/c/{here.client.slug}/claims/files/{row.pk}/"
    shown = manager.get(url).content.decode()
    for words in ("Segment 3 (BPR)", "SE01 says 5", "$1,234.50", "dismiss this with the reason", "TRN0"):
        assert words in shown
    assert views(here) == 1
    card = manager.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "What became of it" in card and "<html" not in card
    assert views(here) == 1
    dismiss = f"/c/{here.client.slug}/claims/files/problems/{problem.pk}/dismiss/"
    assert manager.post(dismiss, {"reason": ""}).status_code == 422
    assert manager.post(dismiss, {"reason": "Nothing is missing."})["Location"] == url
    assert "Nothing is missing." in manager.get(url).content.decode()
    assert manager.post(url + "retry/")["Location"] == url
    assert SENT == ["claims.read_files"]
    assert manager.post(url + "retry/").status_code == 409


def test_payments_without_a_claim_are_found_by_a_number_that_is_posted() -> None:
    here = cast.cypress()
    with cast.opened(here):
        of = scene.desk(here)
        waiting = scene.remitted(of, None)
        other = scene.remitted(of, None)
        type(other).objects.filter(pk=other.pk).update(control_number="ANOTHER2")
    manager = signed_in(of.manager)
    url = f"/c/{here.client.slug}/claims/files/unmatched/"
    shown = manager.get(url).content.decode()
    assert waiting.control_number in shown and "ANOTHER2" in shown
    assert views(here) == 1
    found = manager.post(url, {"number": "ANOTHER2"}).content.decode()
    assert "ANOTHER2" in found and waiting.control_number not in found
    assert "No claim that you may open bears this number." in found
    assert "number=" not in found
    assert manager.post(url, {"number": " "}).status_code == 422


def test_what_found_its_claim_counts_as_posted_in_its_file() -> None:
    here = cast.cypress()
    with cast.opened(here):
        of = scene.desk(here)
        first, second = scene.remitted(of, None), scene.remitted(of, None)
        file = first.remittance.file
        type(second).objects.filter(pk=second.pk).update(remittance_id=first.remittance_id, position=2)
        counts = {"entry_count": 3, "posted_count": 1, "unmatched_count": 2}
        PayerFile.objects.filter(pk=file.pk).update(**counts)
        assert recount_unmatched(here.client.pk) == 0
        claim = scene.claim(of, scene.final_chart(of), state=ClaimStatus.SUBMITTED)
        type(first).objects.filter(pk=first.pk).update(claim_id=claim.pk)
        assert recount_unmatched(here.client.pk) == 1
        file.refresh_from_db(fields=["posted_count", "unmatched_count"])
    assert (file.posted_count, file.unmatched_count) == (2, 1)
