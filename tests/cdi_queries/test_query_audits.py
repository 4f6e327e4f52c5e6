"""Audits of queries: drawn by seed, judged by somebody else, told to their author and to who leads them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client as Browser
from django.utils import timezone

from cdi_queries.actions.audits import Drawing, draw_audit, reopen_audited, save_audited
from cdi_queries.actions.ending import cancel_query
from cdi_queries.models import AuditAnswer, AuditedQuery, CancelReason, CdiQuery, QueryAudit
from cdi_queries.rules.audit_sample import draw, frame_of, pack_frame
from cdi_queries.rules.query_audit import Judged, Judgement
from cdi_queries.selectors.audits import repeats, standing_of_author
from cdi_queries.terms.audits import editions
from code_sets import selectors
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.tenancy.models import Role
from tests import cast
from tests.cdi_queries import scene
from tests.cdi_queries.scene import Desk

pytestmark = pytest.mark.django_db
KEYS = editions()[-1].keys
ALL_MET = {key: Judgement(Judged.MET) for key in KEYS}
BASE = "/c/cypress-ridge/queries/audits/"


@pytest.fixture(autouse=True)
def _releases() -> Iterator[None]:
    yield
    selectors.forget_releases()


@pytest.fixture
def desk() -> Desk:
    return scene.desk(cast.cypress())


def browser(user: User) -> Browser:
    asked = Browser()
    asked.force_login(user, backend="coding_ops.tenancy.backends.ReachBackend")
    return asked


def queries(of: Desk, count: int, **given: Any) -> list[CdiQuery]:
    """Sent on one chart's note each; the scope must be open."""
    now = timezone.now() - timedelta(days=3)
    return [scene.sent(of, scene.chart(of), now=now, hold=False, **given) for _ in range(count)]


def drawn(of: Desk, *, count: int = 3, seed: int = 7, by: User | None = None, **given: Any) -> QueryAudit:
    today = cast.today()
    terms = {"first": today - timedelta(days=10), "last": today, "count": count, "seed": seed, **given}
    return draw_audit(
        actor=of.actor(by or of.manager),
        client_id=of.place.client.pk,
        zone=of.place.client.timezone,
        drawing=Drawing(**terms),
        today=today,
        now=timezone.now(),
    )


def finish(of: Desk, one: AuditedQuery, given: dict[str, Judgement] | None = None) -> AuditedQuery:
    return save_audited(
        actor=of.actor(of.manager),
        audited=one,
        given=given or ALL_MET,
        summary="",
        finish=True,
        now=timezone.now(),
    )


def first_of(audit: QueryAudit) -> AuditedQuery:
    return AuditedQuery.objects.get(client_id=audit.client_id, audit=audit, position=1)


# --- drawing ---------------------------------------------------------------------------------------------


def test_a_draw_keeps_its_frame_and_can_be_drawn_again_from_it(desk: Desk) -> None:
    with cast.opened(desk.place):
        sent = queries(desk, 4)
        cancel_query(actor=desk.actor(desk.cdi), query=sent[0], reason=CancelReason.DUPLICATE, note="")
        scene.draft(desk, sent[1].encounter)
        audit = drawn(desk, count=2)
        frame = frame_of(str(one.pk) for one in sent[1:])
        assert (audit.frame_count, audit.sample_count) == (3, 2)
        assert [str(one.query_id) for one in audit.queries.all()] == list(draw(frame, 2, 7))
        assert repeats(audit)
        # A frame that was changed behind our back gives another hash, and the page says so.
        audit.frame = pack_frame(frame[:2])
        assert not repeats(audit)


def test_the_same_sample_is_drawn_once(desk: Desk) -> None:
    with cast.opened(desk.place):
        queries(desk, 2)
        drawn(desk, count=5)
        with pytest.raises(Refused):
            drawn(desk, count=9)
        assert drawn(desk, count=5, seed=8).sample_count == 2
        assert QueryAudit.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"count": 0}, InvalidInput), ({"count": 201}, InvalidInput), ({"seed": -1}, InvalidInput),
        ({"seed": 2**53}, InvalidInput), ({"first": cast.today() + timedelta(days=1)}, InvalidInput),
        ({"last": cast.today() + timedelta(days=1)}, InvalidInput), ({"author_id": 0}, Refused),
    ],
)  # fmt: skip
def test_a_drawing_that_cannot_be_is_refused_and_nothing_is_kept(
    desk: Desk, given: dict[str, Any], error: type[Exception]
) -> None:
    with cast.opened(desk.place):
        queries(desk, 1)
        with pytest.raises(error):
            drawn(desk, **given)
        with pytest.raises(NotAllowed):
            drawn(desk, by=desk.cdi)
        with pytest.raises(NotFound):
            drawn(desk, by=desk.coder)
        assert not QueryAudit.objects.exists()
        assert not AuditEvent.objects.filter(verb=Verb.QUERY_AUDIT_DRAWN).exists()


def test_one_authors_queries_are_drawn_alone(desk: Desk) -> None:
    with cast.opened(desk.place):
        queries(desk, 2)
        mine = queries(desk, 1, by=desk.manager)
        audit = drawn(desk, author_id=desk.manager.pk)
        assert [one.query_id for one in audit.queries.all()] == [mine[0].pk]


# --- judging ---------------------------------------------------------------------------------------------


def test_nobody_audits_their_own_query_not_even_in_the_database(desk: Desk) -> None:
    with cast.opened(desk.place):
        queries(desk, 1, by=desk.manager)
        one = first_of(drawn(desk))
        with pytest.raises(NotAllowed):
            finish(desk, one)
        assert not AuditAnswer.objects.exists()
        with pytest.raises(IntegrityError), transaction.atomic():
            AuditedQuery.objects.filter(pk=one.pk).update(auditor=desk.manager)


def test_what_is_saved_can_be_finished_later_and_then_stands_until_it_is_opened_again(desk: Desk) -> None:
    with cast.opened(desk.place):
        queries(desk, 1)
        one = first_of(drawn(desk))
        manager = desk.actor(desk.manager)
        part = {"clear": Judgement(Judged.TRAINING), "kind": Judgement(Judged.MET, "Fits")}
        common: dict[str, Any] = {"actor": manager, "audited": one, "summary": "", "now": timezone.now()}
        save_audited(given=part, finish=False, **common)
        with pytest.raises(InvalidInput) as caught:
            save_audited(given=part, finish=True, **common)
        assert len(caught.value.details["fields"]) == 9
        assert AuditAnswer.objects.count() == 2
        whole = {
            **ALL_MET,
            "clear": Judgement(Judged.TRAINING, "Two in one"),
            "prior": Judgement(Judged.NOT_APPLICABLE),
        }
        done = finish(desk, one, whole)
        assert (done.met_count, done.training_count, done.auditor) == (8, 1, desk.manager)
        with pytest.raises(Conflict):
            finish(desk, one)
        reviewer = cast.actor_for(
            cast.person("Quentin Drake", (desk.place, Role.QA_REVIEWER)), Role.QA_REVIEWER
        )
        with pytest.raises(NotAllowed):
            reopen_audited(actor=reviewer, audited=one)
        reopen_audited(actor=manager, audited=one)
        with pytest.raises(Conflict, match="Marguerite Lowell"):
            save_audited(given=ALL_MET, finish=True, **{**common, "actor": reviewer})
        assert AuditAnswer.objects.get(question="clear").note == "Two in one"
        finish(desk, one)
        assert AuditAnswer.objects.get(question="clear").note is None
        verbs = AuditEvent.objects.filter(verb__startswith="query_audit.").values_list("verb", flat=True)
        assert list(verbs.order_by("seq")) == [
            Verb.QUERY_AUDIT_DRAWN, Verb.QUERY_AUDIT_SAVED, Verb.QUERY_AUDITED, Verb.QUERY_AUDIT_REOPENED,
            Verb.QUERY_AUDITED,
        ]  # fmt: skip


def test_an_audit_is_not_changed_after_it_was_drawn(desk: Desk) -> None:
    with cast.opened(desk.place):
        queries(desk, 1)
        audit = drawn(desk)
        with pytest.raises(ProgrammingError), transaction.atomic():
            QueryAudit.objects.filter(pk=audit.pk).update(seed=9)


# --- pages -----------------------------------------------------------------------------------------------


def test_from_the_form_over_the_questions_to_the_score(desk: Desk) -> None:
    with cast.opened(desk.place):
        queries(desk, 2)
    asked = browser(desk.manager)
    today = cast.today()
    form = {
        "first": f"{today - timedelta(days=10):%m/%d/%Y}", "through": f"{today:%m/%d/%Y}", "count": "2",
        "seed": "7", "author": "",
    }  # fmt: skip
    bad = asked.post(f"{BASE}new/", {**form, "count": "x", "first": "13/40/2026"})
    assert bad.status_code == 422
    assert b"How many: give a whole number." in bad.content and b'value="13/40/2026"' in bad.content
    made = asked.post(f"{BASE}new/", form)
    assert made.status_code == 303
    again = asked.post(f"{BASE}new/", form)
    assert again.status_code == 422 and b"drawn already" in again.content
    page = asked.get(made["Location"]).content.decode()
    assert "give the same queries in the same order" in page
    items = list(dict.fromkeys(re.findall(r'class="rowlk" href="([^"]*queries/[0-9a-f-]{36}/)"', page)))
    assert len(items) == 2
    first = asked.get(items[0]).content.decode()
    assert "ejection fraction 30%" in first and first.count('type="radio"') == 30
    short = asked.post(items[0], {"do": "finish", "clear": "met"})
    assert short.status_code == 422 and b"Question 1 is not answered." in short.content
    answers = {**dict.fromkeys(KEYS, "met"), "clear": "training", "note-clear": "Two in one", "prior": "na"}
    done = asked.post(items[0], {**answers, "do": "finish", "summary": "Good work."})
    assert (done.status_code, done["Location"]) == (303, items[1])
    kept = asked.get(items[0]).content.decode()
    assert "Two in one" in kept and "8 of 9" in kept and 'type="radio"' not in kept
    whole = asked.get(made["Location"]).content.decode()
    assert "1 of 2 are finished." in whole and "8 of 9" in whole
    rows = list(csv.reader(io.StringIO(asked.get(f"{made['Location']}csv/").content.decode())))
    assert len(rows) == 3 and {len(row) for row in rows} == {22}
    assert (rows[1][10:20].count("Criteria met"), rows[1][20:]) == (8, ["8", "1"])
    assert rows[2][9:] == [""] * 13
    assert "Two in one" not in str(rows) and "ejection" not in str(rows)
    with cast.opened(desk.place):
        assert AuditEvent.objects.filter(verb=Verb.QUERY_AUDIT_EXPORTED).count() == 1


def test_an_author_sees_their_own_results_and_nobody_elses(desk: Desk) -> None:
    with cast.opened(desk.place):
        queries(desk, 1)
        one = first_of(drawn(desk))
        other = cast.person("Ines Calderon", (desk.place, Role.CDI_SPECIALIST))
    mine, item = f"{BASE}authors/{desk.cdi.pk}/", f"{BASE}queries/{one.pk}/"
    author = browser(desk.cdi)
    assert "somebody else audits it" in author.get(item).content.decode()
    assert b"1 query audited" not in author.get(mine).content
    with cast.opened(desk.place):
        finish(desk, one)
        assert standing_of_author(desk.place.client.pk, desk.cdi.pk).criteria.hits == 10
    assert b"1 query audited" in author.get(mine).content
    assert b"Audits of queries by Sunita Rao" in browser(desk.manager).get(mine).content
    assert browser(other).get(mine).status_code == 404
    assert b"By author" not in author.get(BASE).content
    assert b"By author" in browser(desk.manager).get(BASE).content


def test_a_coder_who_writes_queries_is_led_to_their_own_results(desk: Desk) -> None:
    with cast.opened(desk.place):
        queries(desk, 1)
        audited = first_of(drawn(desk))
    asked = browser(desk.coder)
    led = asked.get(BASE)
    assert (led.status_code, led["Location"]) == (302, f"{BASE}authors/{desk.coder.pk}/")
    assert asked.get(led["Location"]).status_code == 200
    assert asked.get(f"{BASE}queries/{audited.pk}/").status_code == 404
    assert asked.post(f"{BASE}queries/{audited.pk}/reopen/").status_code == 404


@pytest.mark.parametrize(
    "role", [Role.CLIENT_ADMIN, Role.CLIENT_VIEWER, Role.PROVIDER, Role.EXTERNAL_AUDITOR]
)
def test_the_clients_people_have_no_audits(desk: Desk, role: Role) -> None:
    with cast.opened(desk.place):
        queries(desk, 1)
        audit = drawn(desk)
        one = first_of(audit)
    asked = browser(cast.person("Nora Vance", (desk.place, role)))
    for path in (
        "",
        "new/",
        f"{audit.pk}/",
        f"{audit.pk}/csv/",
        f"queries/{one.pk}/",
        f"authors/{desk.cdi.pk}/",
    ):
        assert asked.get(BASE + path).status_code == 404, path
