"""A provider who is signed in: their list, one question on one page, its answer, and passing it on."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from cdi_queries.actions.contacts import Contact, save_contact
from cdi_queries.actions.ending import cancel_query
from cdi_queries.models import CancelReason, CdiQuery, QueryAnswer, QueryStatus, QueryStep, StepKind
from cdi_queries.rules.query import Kind
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import Role
from encounters.models import DocumentVersion, EncounterStatus, Provider
from tests import cast
from tests.cdi_queries import scene
from tests.cdi_queries.link_scene import BODY, words_of
from tests.cdi_queries.test_query_core import finished

pytestmark = pytest.mark.django_db
LIST = "/c/cypress-ridge/asked/"


@pytest.fixture
def desk() -> scene.Desk:
    return scene.desk(cast.cypress())


def asked(desk: scene.Desk, **changes: Any) -> CdiQuery:
    with cast.opened(desk.place):
        return scene.sent(desk, scene.chart(desk), **changes)


def browser(user: User) -> Browser:
    made = Browser()
    made.force_login(user)
    return made


def href(query: CdiQuery) -> str:
    return f"{LIST}{query.pk}/"


def fresh(desk: scene.Desk, query: CdiQuery) -> CdiQuery:
    with cast.opened(desk.place):
        return CdiQuery.objects.get(pk=query.pk)


def test_list_shows_what_waits_first_then_answers_with_their_words(desk: scene.Desk) -> None:
    first, second = asked(desk), asked(desk)
    with cast.opened(desk.place):
        scene.answered(desk, first, "o4", "Mixed, as of today")
    text = words_of(browser(desk.doctor).get(LIST))
    assert text.index("Waiting for your answer") < text.index(str(second.pk))
    assert text.index(str(second.pk)) < text.index("Asked before") < text.index(str(first.pk))
    assert "Mixed, as of today" in text and "Theriot, Marguerite" in text
    with cast.opened(desk.place):
        event = AuditEvent.objects.filter(verb=Verb.CHART_LISTED).get()
        assert len(event.facts["encounters"]) == 2


def test_answer_page_is_unselected_and_takes_one_choice(desk: scene.Desk) -> None:
    query = asked(desk)
    doctor = browser(desk.doctor)
    page = doctor.get(href(query)).content.decode()
    assert page.count('type="radio"') == 5 and "checked" not in page
    done = doctor.post(href(query), {"option": "o5"})
    assert (done.status_code, done["Location"]) == (303, href(query))
    kept = words_of(doctor.get(href(query)))
    assert "Unable to determine" in kept and "Ngozi Okafor" in kept and BODY in kept
    assert fresh(desk, query).outcome == "undetermined"
    fields = dict(re.findall(r'type="hidden" name="(kind|query|copy)" value="([^"]+)"', kept))
    paper = doctor.post("/c/cypress-ridge/exports/", fields)
    assert paper.status_code == 303 and doctor.get(paper["Location"]).status_code == 200
    with cast.opened(desk.place):
        assert QueryAnswer.objects.get(query=query).answered_by == "account"
        assert QueryStep.objects.filter(query=query, kind=StepKind.OPENED).count() == 1


@pytest.mark.parametrize(
    ("sent", "name", "message"),
    [
        ({}, "option", "Choose an answer, or write your own."),
        ({"option": "o9"}, "option", "Choose one of the answers offered."),
        ({"option": "o4", "words": "  "}, "words", "Write what you mean"),
        ({"option": "o2", "words": "x" * 4001}, "words", "Keep your words to 4,000"),
    ],
)
def test_answer_that_is_not_whole_is_said_beside_its_field(
    desk: scene.Desk, sent: dict[str, str], name: str, message: str
) -> None:
    query = asked(desk)
    answer = browser(desk.doctor).post(href(query), sent)
    page = answer.content.decode()
    assert answer.status_code == 422 and f'id="{name}-err"' in page and message in page
    assert "There is a problem" in page and f'href="#{name}"' in page
    if sent.get("option") in ("o2", "o4"):
        assert re.search(rf'value="{sent["option"]}" checked', page)
    assert fresh(desk, query).state == QueryStatus.SENT


def test_open_question_takes_words_alone(desk: scene.Desk) -> None:
    query = asked(desk, kind=Kind.OPEN, options=())
    doctor = browser(desk.doctor)
    page = doctor.get(href(query)).content.decode()
    assert "radio" not in page and "Your answer" in page
    empty = doctor.post(href(query), {"words": ""})
    assert empty.status_code == 422 and 'id="words-err"' in empty.content.decode()
    doctor.post(href(query), {"words": "Acute on chronic systolic."})
    assert fresh(desk, query).outcome == "other"


def test_record_that_says_it_already_is_an_answer_with_the_place(desk: scene.Desk) -> None:
    query = asked(desk)
    doctor = browser(desk.doctor)
    bare = doctor.post(f"{href(query)}complete/", {"where": " "})
    assert bare.status_code == 422 and 'id="where-err"' in bare.content.decode()
    assert fresh(desk, query).state == QueryStatus.SENT
    doctor.post(f"{href(query)}complete/", {"where": "discharge summary, line 12"})
    with cast.opened(desk.place):
        kept = QueryAnswer.objects.get(query=query)
        assert kept.words == "The record already answers this: discharge summary, line 12"
        assert (kept.option_id, fresh_outcome(query)) == ("", "other")


def fresh_outcome(query: CdiQuery) -> str:
    return CdiQuery.objects.get(pk=query.pk).outcome


def test_second_answer_is_told_what_stands(desk: scene.Desk) -> None:
    query = asked(desk)
    doctor = browser(desk.doctor)
    doctor.get(href(query))
    with cast.opened(desk.place):
        scene.answered(desk, query, "o2")
    late = doctor.post(href(query), {"option": "o1"})
    assert "Acute systolic heart failure" in words_of(late)
    with cast.opened(desk.place):
        assert QueryAnswer.objects.get(query=query).option_id == "o2"


def test_answer_after_final_is_taken_and_opens_the_visit_again(desk: scene.Desk) -> None:
    with cast.opened(desk.place):
        chart = scene.chart(desk)
        finished(desk, chart)
        query = scene.sent(desk, chart)
    doctor = browser(desk.doctor)
    assert "The coding of this visit is finished" in words_of(doctor.get(href(query)))
    doctor.post(href(query), {"option": "o2"})
    assert "is opened again" in words_of(doctor.get(href(query)))
    with cast.opened(desk.place):
        chart.refresh_from_db()
        assert chart.status == EncounterStatus.REOPENED
        text = DocumentVersion.objects.get(document__encounter=chart, document__kind="query").text
        assert "Acute systolic heart failure" in text


def test_ended_question_and_a_provider_who_left_have_their_pages(desk: scene.Desk) -> None:
    taken_back, gone = asked(desk), asked(desk)
    doctor = browser(desk.doctor)
    with cast.opened(desk.place):
        cancel_query(actor=desk.actor(desk.cdi), query=taken_back, reason=CancelReason.DUPLICATE)
    assert "This question was taken back" in words_of(doctor.get(href(taken_back)))
    with cast.opened(desk.place):
        provider = scene.provider_of(gone.encounter)
        save_contact(
            actor=desk.actor(desk.cdi),
            provider=provider,
            contact=Contact(left_on=cast.today() - timedelta(days=1), account=desk.doctor),
        )
    assert "no longer asked of you" in words_of(doctor.get(href(gone)))


def test_provider_who_left_cannot_answer(desk: scene.Desk) -> None:
    query = asked(desk)
    with cast.opened(desk.place):
        save_contact(
            actor=desk.actor(desk.cdi),
            provider=scene.provider_of(query.encounter),
            contact=Contact(left_on=cast.today() - timedelta(days=1), account=desk.doctor),
        )
    for path in ("", "complete/", "pass/"):
        sent = browser(desk.doctor).post(
            f"{href(query)}{path}", {"option": "o2", "where": "note", "reason": "Not mine"}
        )
        assert "no longer asked of you" in words_of(sent), path
    assert fresh(desk, query).state == QueryStatus.SENT


def test_passed_on_question_leaves_the_list_and_starts_anew(desk: scene.Desk) -> None:
    query = asked(desk, now=timezone.now() - timedelta(hours=20))
    with cast.opened(desk.place):
        other = Provider.objects.create(client=desk.place.client, name="L. Reyes", npi="1000000491")
        left = Provider.objects.create(client=desk.place.client, name="A. Gone", npi="1000000509")
        save_contact(actor=desk.actor(desk.cdi), provider=left, contact=Contact(left_on=cast.today()))
    doctor = browser(desk.doctor)
    page = words_of(doctor.get(f"{href(query)}pass/"))
    assert "L. Reyes" in page and "A. Gone" not in page
    refused = doctor.post(f"{href(query)}pass/", {"provider": str(left.pk), "reason": "Theirs"})
    assert refused.status_code == 422
    moved = doctor.post(f"{href(query)}pass/", {"provider": str(other.pk), "reason": "She treats it"})
    assert (moved.status_code, moved["Location"]) == (303, LIST)
    after = fresh(desk, query)
    assert after.provider_id == other.pk and after.asked_at != query.asked_at
    assert doctor.get(href(query)).status_code == 404
    assert str(query.pk) not in words_of(doctor.get(LIST))


def test_nobody_but_the_provider_answers(desk: scene.Desk) -> None:
    query = asked(desk)
    for role in (role for role in Role if role != Role.PROVIDER):
        other = browser(cast.person("Nora Vance", (desk.place, role)))
        answers = (
            other.get(LIST), other.get(href(query)), other.post(href(query), {"option": "o2"}),
            other.post(f"{href(query)}complete/", {"where": "note"}), other.get(f"{href(query)}pass/"),
        )  # fmt: skip
        assert [answer.status_code for answer in answers] == [404] * 5, role
    assert fresh(desk, query).state == QueryStatus.SENT


def test_another_providers_question_does_not_exist(desk: scene.Desk) -> None:
    query = asked(desk)
    colleague = browser(cast.person("Lena Reyes", (desk.place, Role.PROVIDER)))
    assert colleague.get(href(query)).status_code == 404
    assert colleague.post(href(query), {"option": "o2"}).status_code == 404
    assert "Nothing waits for you" in words_of(colleague.get(LIST))
