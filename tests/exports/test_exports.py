"""Files made in the background: who may have them, how far they are, what is left when something breaks."""

from __future__ import annotations

import hashlib
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import InvalidInput, NotFound, Refused
from coding_ops.exports import kinds, tasks
from coding_ops.exports.actions import ask_export, make_export
from coding_ops.exports.kinds import Asked, ExportKind, Job, Produced
from coding_ops.exports.models import ExportFile
from coding_ops.exports.states import ExportState
from coding_ops.exports.xlsx import Column, Table, safe_text, workbook
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.models import Role
from tests import cast

pytestmark = pytest.mark.django_db
SECRET = b"Ezra Fontenot, seen on Monday"


@dataclass
class Kind:
    """A kind that does what the test says."""

    refuse: Exception | None = None
    seen: list[tuple[str, int, int]] = field(default_factory=list)
    on_read: Callable[[], None] = lambda: None

    def ask(self, actor: Actor, client_id: int, given: Mapping[str, str]) -> Asked:
        if self.refuse:
            raise self.refuse
        return Asked("Everything", {"what": given.get("what", "all")})

    def parts(self, job: Job) -> Sequence[str]:
        return ["a", "b"]

    def read(self, job: Job, part: str) -> str:
        row = ExportFile.objects.get(client_id=job.client_id)
        self.seen.append((part, row.done_count, row.total_count))
        self.on_read()
        return part

    def write(self, job: Job, parts: Sequence[Any]) -> Produced:
        return Produced(SECRET, "everything.txt", "text/plain", ("e1", "e2"))


TEST_KIND = Kind()


@pytest.fixture
def kind(settings: Any) -> Iterator[Kind]:
    settings.EXPORTS = {"test.all": f"{__name__}.REGISTERED"}
    kinds.kind_of.cache_clear()
    TEST_KIND.refuse, TEST_KIND.on_read = None, lambda: None
    TEST_KIND.seen.clear()
    yield TEST_KIND
    kinds.kind_of.cache_clear()


REGISTERED = ExportKind(
    ask=lambda actor, client_id, given: TEST_KIND.ask(actor, client_id, given),
    parts=lambda job: TEST_KIND.parts(job),
    read=lambda job, part: TEST_KIND.read(job, part),
    write=lambda job, parts: TEST_KIND.write(job, parts),
)


@dataclass(frozen=True, slots=True)
class Desk:
    here: cast.Place
    me: Any
    other: Any

    def ask(self) -> ExportFile:
        with cast.opened(self.here):
            actor = cast.actor_for(self.me, Role.MANAGER)
            return ask_export(actor=actor, client_id=self.here.client.pk, kind="test.all", given={})

    def make(self, made: ExportFile) -> bool:
        return make_export(client_id=self.here.client.pk, export_id=made.pk, now=timezone.now())

    def again(self, made: ExportFile) -> ExportFile:
        with cast.opened(self.here):
            found: ExportFile = ExportFile.objects.get(pk=made.pk)
            return found


@pytest.fixture
def desk(kind: Kind) -> Desk:
    here = cast.cypress()
    return Desk(
        here,
        cast.person("Marguerite Lowell", (here, Role.MANAGER)),
        cast.person("Wilhelmina Stroud", (here, Role.MANAGER)),
    )


def browser(user: Any) -> Browser:
    found = Browser()
    found.force_login(user)
    return found


# --- the life of a file ----------------------------------------------------------------------------------


def test_a_file_is_made_part_by_part_and_lies_sealed_with_its_digest(desk: Desk, kind: Kind) -> None:
    made = desk.ask()
    assert made.state == ExportState.WAITING and desk.make(made)
    assert kind.seen == [("a", 0, 3), ("b", 1, 3)]
    done = desk.again(made)
    assert (done.state, done.done_count, done.total_count) == (ExportState.DONE, 3, 3)
    assert (done.sha256, done.byte_count) == (hashlib.sha256(SECRET).hexdigest(), len(SECRET))
    assert done.expires_at is not None and done.expires_at > timezone.now()
    with cast.opened(desk.here), connection.cursor() as cursor:
        cursor.execute("SELECT content FROM exports_exportfile WHERE id = %s", [str(made.pk)])
        assert SECRET not in bytes(cursor.fetchone()[0])
        assert AuditEvent.objects.filter(verb=Verb.EXPORT_MADE).get().facts["sha256"] == done.sha256
    assert not desk.make(made), "a second delivery of the message makes nothing"


def test_what_the_kind_refuses_is_told_and_what_breaks_is_told_without_its_text(
    desk: Desk, kind: Kind
) -> None:
    def refuse() -> None:
        raise Refused("Take the Excel file.")

    def burst() -> None:
        raise ValueError("row of Ezra Fontenot")

    for on_read, words in ((refuse, "Take the Excel file."), (burst, "could not be made")):
        kind.on_read = on_read
        made = desk.ask()
        if on_read is burst:
            with pytest.raises(ValueError, match="Ezra"):
                desk.make(made)
        else:
            assert not desk.make(made)
        failed = desk.again(made)
        assert failed.state == ExportState.FAILED and words in failed.failure and "Ezra" not in failed.failure
        with cast.opened(desk.here):
            ExportFile.objects.all().delete()


def test_a_lost_message_and_a_lost_worker_are_made_up_for_and_not_without_end(desk: Desk, kind: Kind) -> None:
    made = desk.ask()
    client_id = desk.here.client.pk

    def age(**changes: Any) -> None:
        with cast.opened(desk.here):
            ExportFile.objects.filter(pk=made.pk).update(
                beat_at=timezone.now() - timedelta(hours=2), **changes
            )

    assert tasks.make_exports.run(client_id=client_id) == 0, "it may still be on its way"
    age(state="running", try_count=1)
    assert tasks.make_exports.run(client_id=client_id) == 1
    assert desk.again(made).state == ExportState.DONE
    hopeless = desk.ask()
    with cast.opened(desk.here):
        ExportFile.objects.filter(pk=hopeless.pk).update(
            try_count=3, beat_at=timezone.now() - timedelta(hours=2)
        )
    assert tasks.make_exports.run(client_id=client_id) == 0
    assert desk.again(hopeless).state == ExportState.FAILED


def test_the_content_is_deleted_when_its_days_are_over_and_the_row_stays(desk: Desk) -> None:
    made = desk.ask()
    desk.make(made)
    url = f"/c/{desk.here.client.slug}/exports/{made.pk}/"
    with cast.opened(desk.here):
        ExportFile.objects.filter(pk=made.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    me = browser(desk.me)
    assert me.get(f"{url}file/").status_code == 422
    tasks.make_exports.run(client_id=desk.here.client.pk)
    gone = desk.again(made)
    assert gone.state == ExportState.EXPIRED and not gone.content and len(gone.sha256) == 64
    assert "Download" not in me.get(url).content.decode()


def test_nobody_waits_for_more_than_a_few_files_at_once(desk: Desk) -> None:
    for _ in range(5):
        desk.ask()
    with pytest.raises(Refused, match="5 files already"):
        desk.ask()
    with cast.opened(desk.here):
        assert ExportFile.objects.count() == 5


# --- who may have it -------------------------------------------------------------------------------------


def test_only_who_asked_for_a_file_gets_it_and_each_chart_in_it_is_recorded_as_read(desk: Desk) -> None:
    made = desk.ask()
    desk.make(made)
    url = f"/c/{desk.here.client.slug}/exports/{made.pk}/"
    for path in (url, f"{url}file/"):
        assert browser(desk.other).get(path).status_code == 404
    answer = browser(desk.me).get(f"{url}file/")
    assert (answer.status_code, answer.content) == (200, SECRET)
    assert answer["Content-Disposition"] == 'attachment; filename="everything.txt"'
    assert answer["Cache-Control"] == "no-store"
    with cast.opened(desk.here):
        event = AuditEvent.objects.get(verb=Verb.EXPORT_DOWNLOADED)
    assert (event.subject_id, event.facts) == (str(made.pk), {"encounters": ["e1", "e2"]})


def test_a_right_that_was_lost_since_is_asked_for_again_at_the_download(desk: Desk, kind: Kind) -> None:
    made = desk.ask()
    desk.make(made)
    kind.refuse = NotFound()
    url = f"/c/{desk.here.client.slug}/exports/{made.pk}/file/"
    assert browser(desk.me).get(url).status_code == 404
    with cast.opened(desk.here):
        assert not AuditEvent.objects.filter(verb=Verb.EXPORT_DOWNLOADED).exists()


def test_a_kind_that_nobody_registered_is_refused_and_nothing_is_kept(desk: Desk) -> None:
    with cast.opened(desk.here), pytest.raises(InvalidInput):
        ask_export(
            actor=cast.actor_for(desk.me, Role.MANAGER), client_id=desk.here.client.pk, kind="x", given={}
        )
    posted = browser(desk.me).post(f"/c/{desk.here.client.slug}/exports/", {"kind": "x"})
    assert posted.status_code == 422
    with cast.opened(desk.here):
        assert not ExportFile.objects.exists()


def test_the_page_tells_how_far_it_is_and_its_partial_says_when_it_is_over(desk: Desk) -> None:
    me, base = browser(desk.me), f"/c/{desk.here.client.slug}/exports/"
    posted = me.post(base, {"kind": "test.all", "what": "all"})
    assert posted.status_code == 303 and posted["Location"].startswith(base)
    with cast.opened(desk.here):
        made = ExportFile.objects.get()
        ExportFile.objects.update(total_count=3, done_count=1)
    page = me.get(posted["Location"]).content.decode()
    assert '<progress max="3" value="1"' in page and "1 of 3 steps" in page and "data-poll" in page
    desk.make(made)
    part = me.get(posted["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "Everything: Ready" in part and "data-poll" not in part
    assert "Everything" in me.get(base).content.decode()
    assert "Everything" not in browser(desk.other).get(base).content.decode()
    assert browser(desk.other).get(f"{base}{uuid.uuid4()}/").status_code == 404


# --- workbooks -------------------------------------------------------------------------------------------

NS = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def read_workbook(content: bytes) -> dict[str, list[list[str]]]:
    """Texts and numbers of each sheet as the file holds them; a formula would be an ``f`` element."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        names = [one.get("name", "") for one in _tree(book, "xl/workbook.xml").iterfind(".//s:sheet", NS)]
        texts = [
            "".join(part.text or "" for part in one.iterfind(".//s:t", NS))
            for one in _tree(book, "xl/sharedStrings.xml").iterfind("s:si", NS)
        ]
        found = {}
        for number, name in enumerate(names, start=1):
            tree = _tree(book, f"xl/worksheets/sheet{number}.xml")
            assert tree.find(".//s:f", NS) is None
            found[name] = [
                [
                    texts[int(cell.findtext("s:v", "", NS))]
                    if cell.get("t") == "s"
                    else cell.findtext("s:v", "", NS)
                    for cell in row.iterfind("s:c", NS)
                ]
                for row in tree.iterfind(".//s:row", NS)
            ]
        return found


def _tree(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(book.read(name))  # noqa: S314 - our own file


@given(st.text(min_size=1, max_size=20))
def test_no_text_begins_like_a_formula(text: str) -> None:
    made = safe_text(text)
    assert not made.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert made in (text, f"'{text}")


def test_codes_keep_their_zeros_and_numbers_stay_numbers() -> None:
    table = Table(
        "Lines",
        (Column("Code"), Column("Note"), Column("Weight"), Column("Clean")),
        [("E11.10", "=cmd|'/c calc'!A1", Decimal("0.5"), True), ("00103", "", 7, False)],
    )
    found = read_workbook(workbook([table], title="Audit", made_at=datetime(2026, 11, 23, tzinfo=UTC)))
    assert found == {
        "Lines": [
            ["Code", "Note", "Weight", "Clean"],
            ["E11.10", "'=cmd|'/c calc'!A1", "0.5", "yes"],
            ["00103", "7", "no"],
        ]
    }
