"""A finished audit as a file: who may have it, and what stands in it."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Iterator
from datetime import timedelta
from importlib.abc import MetaPathFinder

import pytest
from django.test import Client as Browser
from django.utils import timezone

from code_sets import selectors
from coding_ops.core.errors import NotFound, Refused
from coding_ops.exports.actions import ask_export, make_export
from coding_ops.exports.models import ExportFile
from coding_ops.tenancy.models import Role
from qa_audit.actions.draws import draw_sample
from qa_audit.actions.plans import create_plan
from qa_audit.actions.reviews import deliver, take_review
from qa_audit.models import Draw, Review
from qa_audit.rules.review_states import LineVerb
from tests import cast
from tests.exports.test_exports import read_workbook
from tests.qa_audit.scene import Team, final_chart, team
from tests.qa_audit.test_exchange import Delivered, delivered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def crew() -> Team:
    return team(cast.cypress())


def made_by(crew: Team, user: object, role: Role, **given: str) -> ExportFile:
    client_id = crew.place.client.pk
    with cast.opened(crew.place):
        asked = ask_export(
            actor=cast.actor_for(user, role),  # type: ignore[arg-type]
            client_id=client_id,
            kind="qa.audit",
            given=given,
        )
    assert make_export(client_id=client_id, export_id=asked.pk, now=timezone.now())
    with cast.opened(crew.place):
        found: ExportFile = ExportFile.objects.get(pk=asked.pk)
        assert found.content
        return found


def overturned(crew: Team) -> Delivered:
    with cast.opened(crew.place):
        made = delivered(crew)
        for user, verb in (
            (crew.coder, LineVerb.REBUT),
            (crew.reviewer, LineVerb.UPHOLD),
            (crew.coder, LineVerb.ESCALATE),
            (crew.second, LineVerb.OVERTURN),
        ):
            made.say(user, verb)
        return made


def test_the_workbook_of_a_review_holds_lines_words_answers_and_the_final_score(crew: Team) -> None:
    made = overturned(crew)
    file = made_by(crew, crew.manager, Role.MANAGER, format="xlsx", review=str(made.review.pk))
    visit = made.review.encounter.external_id
    assert file.encounter_ids == [str(made.review.encounter_id)] and visit not in file.file_name
    sheets = read_workbook(file.content)
    line = next(row for row in sheets["Lines"] if "UN" in row)
    assert line[0] == visit and "Z79.4" in line and "Overturned" in line
    assert "Quentin Drake upheld it" in line[-1] and "Wilhelmina Stroud overturned it" in line[-1]
    words = [row for row in sheets["Words"] if "Z79.4" in row]
    assert [row[-1] for row in words] == ["insulin"] and words[0][-2].startswith("line ")
    level = next(row for row in sheets["Scores"] if row[0] == "Code-level")
    assert level[1:6] == ["yes", "1", "4", "4", "100.0%"]
    review = sheets["Reviews"][1]
    assert "Rosalind Ames" in review and "CPC" in review


def test_a_client_gets_the_file_without_names_of_the_vendors(crew: Team) -> None:
    made = overturned(crew)
    admin = cast.person("Odette Fontenot", (crew.place, Role.CLIENT_ADMIN))
    file = made_by(crew, admin, Role.CLIENT_ADMIN, format="xlsx", review=str(made.review.pk))
    texts = " ".join(text for rows in read_workbook(file.content).values() for row in rows for text in row)
    for person in (crew.coder, crew.reviewer, crew.second):
        assert person.full_name not in texts
    assert "The coder rebutted it" in texts and "A third person overturned it" in texts


def test_the_paper_is_tagged_and_names_seed_and_hashes_of_its_draw(crew: Team) -> None:
    today = cast.today()
    manager, reviewer = crew.actor(crew.manager), crew.actor(crew.reviewer)
    with cast.opened(crew.place):
        for _ in range(2):
            final_chart(crew)
        plan = create_plan(
            actor=manager, client=crew.place.client, name="Monthly", terms={"value": 100, "mode": "open"}
        )
        days = {"first": today - timedelta(days=10), "last": today - timedelta(days=1)}
        drawn = draw_sample(actor=manager, plan=plan, **days, seed=20261101)
        asked = {"format": "pdf", "draw": str(drawn.pk)}
        with pytest.raises(Refused, match="2 of its reviews are not finished"):
            ask_export(actor=manager, client_id=plan.client_id, kind="qa.audit", given=asked)
        for review in Review.objects.filter(draw=drawn):
            deliver(actor=reviewer, review=take_review(actor=reviewer, review=review))
    page = Browser()
    page.force_login(crew.manager)
    shown = page.get(f"/c/{crew.place.client.slug}/quality/draws/{drawn.pk}/").content.decode()
    assert f'name="draw" value="{drawn.pk}"' in shown
    file = made_by(crew, crew.manager, Role.MANAGER, **asked)
    assert file.content.startswith(b"%PDF-") and len(file.encounter_ids) == 2
    streams = b"".join(_plain(file.content))
    assert b"/StructTreeRoot" in file.content + streams and b"pdfuaid" in file.content + streams
    book = read_workbook(made_by(crew, crew.manager, Role.MANAGER, format="xlsx", draw=str(drawn.pk)).content)
    about = {row[0]: row[1] for row in book["About"][1:]}
    assert about["Seed"] == "20261101" and about["Frame SHA-256"] == drawn.frame_sha256
    assert about["Stratum Rosalind Ames"] == "2 of 2 charts"
    assert about["Plan SHA-256"] == drawn.plan_sha256 and about["Reviews closed"] == "2"


def _plain(content: bytes) -> Iterator[bytes]:
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            yield zlib.decompress(found.group(1))
        except zlib.error:
            yield found.group(1)


def test_what_is_not_finished_or_not_theirs_is_not_exported(crew: Team) -> None:
    with cast.opened(crew.place):
        made = delivered(crew)
        asked = {"format": "xlsx", "review": str(made.review.pk)}
        common = {"client_id": made.review.client_id, "kind": "qa.audit", "given": asked}
        with pytest.raises(Refused, match="not closed"):
            ask_export(actor=crew.actor(crew.manager), **common)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            ask_export(actor=crew.actor(crew.coder), **common)  # type: ignore[arg-type]
        assert not ExportFile.objects.exists() and not Draw.objects.exists()
    me = Browser()
    me.force_login(crew.manager)
    sent = {"kind": "qa.audit", **asked}
    assert me.post(f"/c/{crew.place.client.slug}/exports/", sent).status_code == 422


def test_a_machine_without_pango_says_what_to_install(crew: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    made = overturned(crew)

    class NoPango(MetaPathFinder):
        """As WeasyPrint fails where the library is not there."""

        def find_spec(self, fullname: str, path: object, target: object = None) -> None:
            if fullname == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    for name in [one for one in sys.modules if one.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [NoPango(), *sys.meta_path])
    client_id = crew.place.client.pk
    with cast.opened(crew.place):
        asked = ask_export(
            actor=crew.actor(crew.manager),
            client_id=client_id,
            kind="qa.audit",
            given={"format": "pdf", "review": str(made.review.pk)},
        )
    assert not make_export(client_id=client_id, export_id=asked.pk, now=timezone.now())
    with cast.opened(crew.place):
        assert "libpango-1.0-0" in ExportFile.objects.get(pk=asked.pk).failure
