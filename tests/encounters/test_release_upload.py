"""Loading a release through the page: kept, read by the worker, told; refused files leave nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from code_sets.actions import uploads
from code_sets.actions.uploads import read_waiting_uploads
from code_sets.models import EditTableRelease, ReleaseUpload, UploadStatus
from code_sets.tasks import read_uploads
from coding_ops.tenancy.models import Role
from tests import cast
from tests.encounters.test_release_page import browser_of, text_of
from tests.rules.code_sets.edit_files import PTP_ROWS, mue_file, ptp_file

pytestmark = pytest.mark.django_db(transaction=True)
PAGE, SEND = "/work/code-sets/", "/work/code-sets/send/"
MUE, PTP = "NCCI-MUE-PRACTITIONER", "NCCI-PTP-PRACTITIONER"


@pytest.fixture(autouse=True)
def sent(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The tasks that would have gone to the broker."""
    settings.CODE_INDEX_DIR = tmp_path / "indexes"
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    names: list[str] = []
    monkeypatch.setattr(Celery, "send_task", lambda self, name, *a, **k: names.append(name))
    yield names


@pytest.fixture
def admin() -> Browser:
    return browser_of(cast.person("Ada Minster", (cast.cypress(), Role.VENDOR_ADMIN)))


def upload(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(path.name, path.read_bytes())


def test_an_administrator_sends_a_file_and_the_worker_loads_it(
    admin: Browser, sent: list[str], tmp_path: Path
) -> None:
    answer = admin.post(SEND, {"system": MUE, "file": upload(mue_file(tmp_path))})
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    assert sent == ["code_sets.read_uploads"]
    waiting = text_of(admin.get(PAGE))
    assert f"{MUE} MCR_MUE_PractitionerServices_Eff_07-01-2026.csv Waiting" in waiting
    assert read_uploads() == 1
    told = text_of(admin.get(PAGE))
    assert "Loaded: NCCI-MUE-PRACTITIONER 2026q3, 5 entries." in told
    kept = ReleaseUpload.objects.get()
    assert (kept.status, bytes(kept.data), kept.sent_by.full_name) == (
        UploadStatus.LOADED,
        b"",
        "Ada Minster",
    )
    assert EditTableRelease.objects.get().release == "2026q3"


def test_the_parts_of_a_release_are_sent_together(admin: Browser, tmp_path: Path) -> None:
    files = [upload(ptp_file(tmp_path, [PTP_ROWS[at]], f"ccipra-v322r0-f{at + 1}.txt")) for at in range(2)]
    admin.post(SEND, {"system": PTP, "file": files})
    assert read_waiting_uploads(timezone.now()) == 1
    assert EditTableRelease.objects.get().row_count == 2


def test_a_wrong_file_is_refused_with_its_line_and_leaves_nothing(admin: Browser, tmp_path: Path) -> None:
    bad = ptp_file(tmp_path, [*PTP_ROWS, ("1", "2", "3", "4", "5", "6")])
    admin.post(SEND, {"system": PTP, "file": upload(bad)})
    assert read_waiting_uploads(timezone.now()) == 1
    told = text_of(admin.get(PAGE))
    assert "Refused" in told and "Nothing was loaded. ccipra-v322r0-f1.txt, line 14" in told
    assert EditTableRelease.objects.count() == 0


def test_what_cannot_be_sent_is_told_beside_its_field(
    admin: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = mue_file(tmp_path)
    for posted, words in (
        ({"system": "NONSENSE", "file": upload(file)}, "Choose what the file is of."),
        ({"system": MUE}, "Choose a file first."),
        ({"system": PTP, "file": [upload(file), upload(file)]}, "two files of one name were given"),
    ):
        answer = admin.post(SEND, posted)
        assert answer.status_code == 422
        assert words in text_of(answer)
    monkeypatch.setattr(uploads, "LARGEST", 10)
    assert "larger than" in text_of(admin.post(SEND, {"system": MUE, "file": upload(file)}))
    assert ReleaseUpload.objects.count() == 0


def test_only_an_administrator_loads(tmp_path: Path) -> None:
    here = cast.cypress()
    for name, role in (("Marguerite Lowell", Role.MANAGER), ("Rosalind Ames", Role.QA_REVIEWER)):
        browser = browser_of(cast.person(name, (here, role)))
        assert "Load a release" not in text_of(browser.get(PAGE))
        answer = browser.post(SEND, {"system": MUE, "file": upload(mue_file(tmp_path))})
        assert answer.status_code == 403
    assert ReleaseUpload.objects.count() == 0


def test_a_file_whose_worker_died_is_read_again(admin: Browser, tmp_path: Path) -> None:
    admin.post(SEND, {"system": MUE, "file": upload(mue_file(tmp_path))})
    ReleaseUpload.objects.update(status=UploadStatus.READING)
    now = timezone.now()
    assert read_waiting_uploads(now) == 0
    assert read_waiting_uploads(now + timedelta(minutes=21)) == 1
    assert ReleaseUpload.objects.get().status == UploadStatus.LOADED


def test_progress_is_seen_while_the_file_is_read(
    admin: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def load(*, system: str, path: Path, release: str | None, progress: Any) -> list[Any]:
        progress("reading", 40, 100)
        seen.append(admin.get(PAGE).content.decode())
        return []

    monkeypatch.setattr(uploads, "load_official", load)
    admin.post(SEND, {"system": MUE, "file": upload(mue_file(tmp_path))})
    read_waiting_uploads(timezone.now())
    assert '<progress aria-label="reading" value="40" max="100">' in seen[0]


def test_a_failure_of_the_server_is_told_and_not_swallowed(
    admin: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**asked: Any) -> list[Any]:
        raise RuntimeError("disk")

    monkeypatch.setattr(uploads, "load_official", fail)
    admin.post(SEND, {"system": MUE, "file": upload(mue_file(tmp_path))})
    with pytest.raises(RuntimeError):
        read_waiting_uploads(timezone.now())
    assert "the server could not finish" in text_of(admin.get(PAGE))
    assert read_waiting_uploads(timezone.now()) == 0
