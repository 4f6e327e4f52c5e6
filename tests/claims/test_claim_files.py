"""Files of payers: kept once and sealed, read one at a time, set aside whole or in part, never lost."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from claims.actions import reading
from claims.actions.files import dismiss_problem, keep_file, retry_file
from claims.actions.folder import Lying, keep_from_folder, put_away
from claims.actions.posting.posted import Posted
from claims.models import Door, FileProblem, PayerFile, PayerFileChunk
from claims.rules.payer_files import Kind, recognize
from claims.rules.x12.parts import Problem
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import Conflict, Refused
from coding_ops.tenancy.actor import system_actor
from tests import cast
from tests.rules.claims.test_claim_payer_files import REMITTANCE, STATUS, interchange
from tests.shared_data import shared_path

pytestmark = pytest.mark.django_db
ACTOR = system_actor("tests")
WHOLE = interchange(REMITTANCE)
UNBALANCED = Problem("balance.transaction", "segment 3 (BPR)", "The parts differ.", Decimal("1.50"))


@dataclass
class Poster:
    """Stands in for the posters: answers what it is told, and remembers what it was given."""

    answer: Posted | Exception = field(default_factory=lambda: Posted(1, posted_count=1))
    texts: list[str] = field(default_factory=list)

    def __call__(
        self, *, file: PayerFile, text: str, progress: Callable[[int], None], now: datetime
    ) -> Posted:
        self.texts.append(text)
        progress(1)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def poster(monkeypatch: pytest.MonkeyPatch) -> Poster:
    one = Poster()
    monkeypatch.setattr(reading, "poster_of", lambda kind: one)
    return one


def keep(here: cast.Place, content: str = WHOLE, name: str = "Quillfeather.835") -> PayerFile:
    with cast.opened(here):
        file, _ = keep_file(
            actor=ACTOR,
            client_id=here.client.pk,
            filename=name,
            content=io.BytesIO(content.encode()),
            door=Door.UPLOAD,
            now=timezone.now(),
        )
    return file


def read(here: cast.Place) -> int:
    return reading.read_waiting(actor=ACTOR, client_id=here.client.pk)


def again(here: cast.Place, file: PayerFile) -> None:
    with cast.opened(here):
        retry_file(actor=ACTOR, file=file, now=timezone.now())
    read(here)


def now_of(here: cast.Place, file: PayerFile) -> tuple[str, int, int, int]:
    """State, entries, posted, problems."""
    with cast.opened(here):
        row = PayerFile.objects.get(pk=file.pk)
        return row.state, row.entry_count, row.posted_count, row.problem_count


def problems_of(here: cast.Place, file: PayerFile) -> list[tuple[str, str, bool]]:
    with cast.opened(here):
        rows = FileProblem.objects.filter(file_id=file.pk)
        return sorted(rows.values_list("code", "state", "is_whole_file"))


def test_the_same_bytes_are_kept_once_and_sealed() -> None:
    here, there = cast.cypress(), cast.harbor()
    first, second = keep(here), keep(here, name="other name")
    keep(there)
    assert first.pk == second.pk
    with cast.opened(here):
        row = PayerFile.objects.get()
        assert (row.kind, row.sender_id, row.interchange_number) == ("835", "PAYER", "000000007")
        assert (row.filename, row.byte_count) == ("Quillfeather.835", len(WHOLE))
        assert b"".join(bytes(one.content) for one in PayerFileChunk.objects.all()) == WHOLE.encode()
        assert AuditEvent.objects.filter(verb=Verb.CLAIM_FILE_RECEIVED).count() == 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT filename, content FROM claims_payerfile f, claims_payerfilechunk c")
            stored = [bytes(one) for one in cursor.fetchone()]
    assert not any(word in one for one in stored for word in (b"Quill", b"CLP"))


def test_a_file_larger_than_the_limit_is_refused_and_nothing_is_kept(settings: Any) -> None:
    here = cast.cypress()
    settings.INTAKE_MAX_BYTES = 100
    with pytest.raises(Refused):
        keep(here)
    with cast.opened(here):
        assert not PayerFile.objects.exists()


def test_a_whole_file_goes_to_the_poster_and_its_counts_stand(poster: Poster) -> None:
    here = cast.cypress()
    file = keep(here)
    poster.answer = Posted(4, posted_count=2, unmatched_count=1, duplicate_count=1)
    assert (read(here), read(here)) == (1, 0)
    assert poster.texts == [WHOLE]
    assert now_of(here, file) == ("done", 4, 2, 0)
    with cast.opened(here):
        facts = AuditEvent.objects.get(verb=Verb.CLAIM_FILE_POSTED).facts
    assert facts == {
        "kind": "835", "state": "done", "entries": 4,
        "posted": 2, "unmatched": 1, "duplicates": 1, "problems": 0,
    }  # fmt: skip


def test_what_is_left_out_stands_with_its_place_and_difference_until_it_is_read_or_dismissed(
    poster: Poster,
) -> None:
    here = cast.cypress()
    file = keep(here)
    poster.answer = Posted(2, posted_count=1, problems=(UNBALANCED, UNBALANCED, Problem("claim.x", "y", "z")))
    read(here)
    assert now_of(here, file) == ("problems", 2, 1, 2)
    with cast.opened(here):
        problem = FileProblem.objects.get(code=UNBALANCED.code)
        assert (problem.place, problem.difference_amount) == (UNBALANCED.place, Decimal("1.50"))
        with pytest.raises(Refused):
            dismiss_problem(actor=ACTOR, problem=problem, reason=" x ", now=timezone.now())
        dismiss_problem(actor=ACTOR, problem=problem, reason="The payer says so.", now=timezone.now())
        with pytest.raises(Conflict):
            dismiss_problem(actor=ACTOR, problem=problem, reason="Once more.", now=timezone.now())
    again(here, file)
    assert problems_of(here, file) == [
        ("balance.transaction", "dismissed", False),
        ("claim.x", "open", False),
    ]
    assert now_of(here, file) == ("problems", 2, 1, 1)
    poster.answer = Posted(2, posted_count=2)
    again(here, file)
    assert problems_of(here, file)[1] == ("claim.x", "retried", False)
    assert now_of(here, file) == ("done", 2, 2, 0)


def test_a_cut_file_is_set_aside_whole_and_no_reason_makes_it_posted(poster: Poster) -> None:
    here = cast.cypress()
    file = keep(here, WHOLE.partition("SE*")[0])
    read(here)
    assert now_of(here, file)[0] == "quarantined"
    assert {code for code, _, whole in problems_of(here, file) if whole} == {"envelope.truncated"}
    with cast.opened(here):
        for problem in FileProblem.objects.all():
            dismiss_problem(actor=ACTOR, problem=problem, reason="Never mind.", now=timezone.now())
    again(here, file)
    assert now_of(here, file) == ("quarantined", 1, 0, 0)
    assert poster.texts == []


def test_a_wrong_count_is_posted_only_after_a_person_accepted_it(poster: Poster) -> None:
    here = cast.cypress()
    file = keep(here, WHOLE.replace("IEA*1*", "IEA*2*"))
    read(here)
    again(here, file)
    assert now_of(here, file) == ("quarantined", 1, 0, 1)
    assert poster.texts == []
    with cast.opened(here):
        problem = FileProblem.objects.get()
        dismiss_problem(actor=ACTOR, problem=problem, reason="Nothing is missing.", now=timezone.now())
    again(here, file)
    assert now_of(here, file) == ("done", 1, 1, 0)
    assert len(poster.texts) == 1


def test_a_poster_that_fails_sets_its_file_aside_and_the_next_is_read(poster: Poster) -> None:
    here = cast.cypress()
    file = keep(here)
    poster.answer = ValueError("a fault")
    assert read(here) == 1
    assert now_of(here, file)[0] == "quarantined"
    assert problems_of(here, file) == [("file.fault", "open", True)]
    poster.answer = Posted(1, posted_count=1)
    other = keep(here, interchange(STATUS))
    assert read(here) == 1
    assert now_of(here, other)[0] == "done"
    again(here, file)
    assert now_of(here, file) == ("done", 1, 1, 0)


def test_one_reader_at_a_time_and_the_file_of_a_silent_one_is_begun_again(poster: Poster) -> None:
    here = cast.cypress()
    held, waiting = keep(here), keep(here, interchange(STATUS))
    with cast.opened(here):
        moved = timezone.now()
        PayerFile.objects.filter(pk=held.pk).update(state="reading", touched_at=moved, read_count=7)
        with pytest.raises(Conflict):
            retry_file(actor=ACTOR, file=held, now=moved)
    assert read(here) == 0
    assert now_of(here, waiting)[0] == "received"
    with cast.opened(here):
        PayerFile.objects.filter(pk=held.pk).update(touched_at=moved - reading.SILENT - timedelta(seconds=1))
    assert read(here) == 2
    assert (now_of(here, held)[0], now_of(here, waiting)[0]) == ("done", "done")


def test_every_kind_that_is_recognized_has_its_poster() -> None:
    assert set(reading.POSTERS) == set(Kind) - {Kind.UNKNOWN}
    for kind in reading.POSTERS:
        assert callable(reading.poster_of(kind))


def take(here: cast.Place, root: Path, later: timedelta = timedelta(minutes=1)) -> list[Lying]:
    return keep_from_folder(actor=ACTOR, client=here.client, root=root, now=timezone.now() + later)


def test_a_watched_folder_gives_its_plain_files_and_keeps_what_is_not_over(
    tmp_path: Path, poster: Poster
) -> None:
    here = cast.cypress()
    box = tmp_path / here.client.slug / "in"
    box.mkdir(parents=True)
    (box / "good.835").write_text(WHOLE)
    (box / "bad.txt").write_text("no X12")
    (box / ".hidden").write_text(WHOLE)
    (box / "half.part").write_text(WHOLE)
    (box / "folder").mkdir()
    secret = tmp_path / "secret"
    secret.write_text(interchange(STATUS))
    (box / "link").symlink_to(secret)
    os.link(secret, box / "hard")
    os.mkfifo(box / "pipe")
    assert take(here, tmp_path, timedelta(0)) == []
    lying = take(here, tmp_path)
    assert [one.name for one in lying] == ["bad.txt", "good.835"]
    assert put_away(client=here.client, root=tmp_path, lying=lying) == 0
    read(here)
    assert put_away(client=here.client, root=tmp_path, lying=lying) == 2
    assert (box.parent / "done" / "good.835").read_text() == WHOLE
    assert (box.parent / "set-aside" / "bad.txt").exists()
    assert {one.name for one in box.iterdir()} == {".hidden", "half.part", "folder", "link", "hard", "pipe"}
    (box / "good.835").write_text(WHOLE)
    assert put_away(client=here.client, root=tmp_path, lying=take(here, tmp_path)) == 1
    assert (box.parent / "done" / "good.835.2").exists()
    with cast.opened(here):
        assert PayerFile.objects.count() == 2


def test_a_folder_that_is_a_link_is_not_entered(tmp_path: Path) -> None:
    here, there = cast.cypress(), cast.harbor()
    (tmp_path / there.client.slug / "in").mkdir(parents=True)
    (tmp_path / there.client.slug / "in" / "a").write_text(WHOLE)
    (tmp_path / here.client.slug).symlink_to(tmp_path / there.client.slug)
    assert take(here, tmp_path) == []
    assert take(here, tmp_path / "nowhere") == []


def test_the_command_says_what_each_file_is_and_what_became_of_it(tmp_path: Path, poster: Poster) -> None:
    here = cast.cypress()
    (tmp_path / "a.835").write_text(WHOLE)
    (tmp_path / "b.txt").write_text("no X12")

    def run(*more: str) -> str:
        out = io.StringIO()
        arguments = (str(tmp_path), "--client", here.client.slug, *more)
        call_command("import_claims_files", *arguments, stdout=out, stderr=out)
        return out.getvalue()

    told = run("--dry-run")
    assert "a.835: 835, 1 entries" in told and "1 of 2 files can be read. Nothing was kept." in told
    with cast.opened(here):
        assert not PayerFile.objects.exists()
    told = run()
    assert "a.835: Remittance (835), Read: entries 1, posted 1" in told
    assert "b.txt: Not recognized, Set aside: entries 0" in told
    (tmp_path / "a.835").unlink()
    with pytest.raises(CommandError, match="Nothing could be read"):
        run()


def test_files_of_others_go_in_by_the_command_and_no_poster_fails(tmp_path: Path) -> None:
    """Acknowledgements and remittances that were published as examples, through the real posters."""
    here = cast.cypress()
    folder = shared_path("reference/edi/x12")
    found = [one for one in sorted(folder.rglob("*")) if one.is_file()]
    kinds = (Kind.RECEIPT, Kind.STATUS, Kind.REMITTANCE)
    chosen = [str(one) for one in found if recognize(one.read_bytes()).kind in kinds]
    call_command("import_claims_files", *chosen, "--client", here.client.slug, stdout=io.StringIO())
    with cast.opened(here):
        rows = list(PayerFile.objects.order_by("received_at"))
        codes = set(FileProblem.objects.values_list("code", flat=True))
    assert "file.fault" not in codes
    assert {row.state for row in rows} <= {"done", "problems", "quarantined"}
    assert sum(row.state == "done" for row in rows) >= 6
    for row in rows:
        taken = row.posted_count + row.unmatched_count + row.duplicate_count
        assert taken == row.entry_count or row.problem_count, row.kind
