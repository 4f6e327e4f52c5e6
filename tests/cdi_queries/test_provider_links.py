"""A provider's link: it opens one question of one client, after a code, once, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core import mail, signing
from django.test import Client as Browser
from django.utils import timezone

from cdi_queries.actions.delivery import deliver
from cdi_queries.actions.links import link_href, token_of
from cdi_queries.models import (
    CdiQuery,
    QueryAnswer,
    QueryLink,
    QueryStatus,
    QueryStep,
    StepKind,
)
from cdi_queries.terms.links import link_terms
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import Client, Role
from tests import cast
from tests.cdi_queries import scene
from tests.cdi_queries.link_scene import BODY, Asked, age_code, mailed, other_provider, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked() -> Asked:
    return mailed(cast.cypress())


def test_mail_holds_a_link_and_nothing_of_the_patient(asked: Asked) -> None:
    sent = mail.outbox[-1]
    assert sent.to == [asked.desk.doctor.email]
    assert sent.subject == "You have a question about your documentation"
    with cast.opened(asked.desk.place):
        chart = asked.query.encounter
        secrets = [chart.external_id, chart.patient.family_name, chart.patient.mrn, "heart", "BNP", "Okafor"]
    whole = f"{sent.subject}\n{sent.body}\n{sent.message().as_string()}"
    assert [word for word in secrets if word.lower() in whole.lower()] == []
    assert asked.desk.place.client.slug not in asked.href


def test_looking_at_the_link_mails_nothing_and_shows_nothing_before_the_code(asked: Asked) -> None:
    before = len(mail.outbox)
    page = asked.browser.get(asked.href)
    text = words_of(page)
    assert page.status_code == 200 and "Mail me the code" in text
    assert BODY not in text and "Theriot" not in text and asked.desk.place.client.name not in text
    assert len(mail.outbox) == before
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "strict-origin"
    assert "noindex" in page["X-Robots-Tag"]


def test_code_opens_the_question_and_the_answer_is_kept_to_the_letter(asked: Asked) -> None:
    asked.enter()
    text = words_of(asked.browser.get(asked.href))
    assert BODY in text and "Theriot" in text and "Progress note, 09/15/2026, L4" in text
    assert "checked" not in text
    sent = asked.browser.post(f"{asked.href}answer/", {"option": "o2", "words": " As of  11/19. "})
    assert (sent.status_code, sent["Location"]) == (303, asked.href)
    kept = words_of(asked.browser.get(asked.href))
    assert "Thank you, your answer is kept" in kept and "Acute systolic heart failure" in kept
    with cast.opened(asked.desk.place):
        answer = QueryAnswer.objects.get(query=asked.query)
        assert (answer.option_id, answer.words, answer.answered_by) == ("o2", "As of  11/19.", "code")
        assert (answer.by_id, answer.by_name) == (None, "N. Okafor")
        assert QueryLink.objects.get(query=asked.query).used_at is not None
        kinds = list(QueryStep.objects.filter(query=asked.query).values_list("kind", flat=True))
        assert kinds.count(StepKind.OPENED) == 1 and StepKind.DELIVERED in kinds
        read = AuditEvent.objects.filter(verb=Verb.QUERY_VIEWED, subject_id=str(asked.query.pk))
        assert {(event.actor_id, event.role) for event in read} == {(None, "provider")}


def test_link_answers_once(asked: Asked) -> None:
    asked.enter()
    asked.browser.post(f"{asked.href}answer/", {"option": "o2"})
    again = asked.browser.post(f"{asked.href}answer/", {"option": "o1"})
    assert again.status_code == 410 and "You have answered this question" in words_of(again)
    stranger = Browser()
    page = stranger.get(asked.href)
    assert page.status_code == 410 and "Acute systolic" not in words_of(page)
    assert stranger.post(f"{asked.href}code/").status_code == 410
    with cast.opened(asked.desk.place):
        assert QueryAnswer.objects.get(query=asked.query).option_id == "o2"


def test_nothing_is_done_without_the_code(asked: Asked) -> None:
    other = str(other_provider(asked).pk)
    sent = {"option": "o2", "words": "x", "where": "note", "provider": other, "reason": "Not mine at all"}
    for path in ("answer/", "complete/", "pass/"):
        refused = asked.browser.post(f"{asked.href}{path}", sent)
        assert (refused.status_code, refused["Location"]) == (303, asked.href), path
    assert asked.fresh().state == QueryStatus.SENT
    assert asked.fresh().provider_id == asked.query.provider_id


def test_code_of_one_link_opens_no_other(asked: Asked) -> None:
    with cast.opened(asked.desk.place):
        second = scene.sent(asked.desk, scene.chart(asked.desk))
        deliver(client_id=second.client_id, query_id=str(second.pk))
        other = link_href(QueryLink.objects.get(query=second))
    asked.enter()
    assert "Mail me the code" in words_of(asked.browser.get(other))
    assert asked.browser.post(f"{other}answer/", {"option": "o2"})["Location"] == other
    with cast.opened(asked.desk.place):
        assert not QueryAnswer.objects.filter(query=second).exists()


def test_code_dies_after_its_tries_and_a_right_one_is_too_late_then(asked: Asked) -> None:
    code = asked.code()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    answers = [asked.browser.post(f"{asked.href}open/", {"code": wrong}) for _ in range(link_terms().tries)]
    assert {answer.status_code for answer in answers} == {422}
    assert "tried too often" in words_of(answers[-1])
    late = asked.browser.post(f"{asked.href}open/", {"code": code})
    assert late.status_code == 422
    assert BODY not in words_of(asked.browser.get(asked.href))
    with cast.opened(asked.desk.place):
        assert AuditEvent.objects.filter(verb=Verb.QUERY_CODE_SPENT).count() == 1


def test_code_counts_once_and_for_its_minutes_only(asked: Asked) -> None:
    code = asked.code()
    assert asked.browser.post(f"{asked.href}open/", {"code": code}).status_code == 303
    assert Browser().post(f"{asked.href}open/", {"code": code}).status_code == 422
    age_code(asked, seconds=link_terms().resend_seconds)
    later = asked.code()
    with cast.opened(asked.desk.place):
        QueryLink.objects.filter(query=asked.query).update(code_expires_at=timezone.now())
    refused = Browser().post(f"{asked.href}open/", {"code": later})
    assert refused.status_code == 422 and "too old" in words_of(refused)


def test_codes_are_not_mailed_in_a_row_nor_without_end(asked: Asked) -> None:
    asked.code()
    soon = asked.browser.post(f"{asked.href}code/")
    assert soon.status_code == 422 and "Wait" in words_of(soon)
    for _ in range(link_terms().codes - 1):
        age_code(asked, seconds=link_terms().resend_seconds)
        asked.code()
    age_code(asked, seconds=link_terms().resend_seconds)
    sent = len(mail.outbox)
    assert asked.browser.post(f"{asked.href}code/").status_code == 422
    assert len(mail.outbox) == sent


def test_code_is_kept_as_a_hash_and_is_in_no_subject(asked: Asked) -> None:
    code = asked.code()
    link = asked.link()
    assert code not in link.code_hash and len(link.code_hash) > 60
    assert code not in mail.outbox[-1].subject


def test_code_that_could_not_be_mailed_does_not_count(asked: Asked, monkeypatch: Any) -> None:
    def broken(*_: Any, **__: Any) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", broken)
    page = asked.browser.post(f"{asked.href}code/")
    assert page.status_code == 422 and "could not be mailed" in words_of(page)
    assert (asked.link().codes_sent, asked.link().code_hash) == (0, "")


def test_session_gets_a_new_key_with_the_code(asked: Asked) -> None:
    code = asked.code()
    asked.browser.get(asked.href)
    session = asked.browser.session
    session["planted"] = "1"
    session.save()
    before = session.session_key
    asked.browser.post(f"{asked.href}open/", {"code": code})
    assert asked.browser.session.session_key != before


def test_minutes_of_the_session_end(asked: Asked) -> None:
    asked.enter()
    session = asked.browser.session
    kept = session["query_link"]
    session["query_link"] = [kept[0], int(timezone.now().timestamp()) - 1]
    session.save()
    assert BODY not in words_of(asked.browser.get(asked.href))


def test_forms_of_a_link_need_their_token(asked: Asked) -> None:
    strict = Browser(enforce_csrf_checks=True)
    for path in ("code/", "open/", "answer/", "complete/", "pass/", "renew/"):
        assert strict.post(f"{asked.href}{path}").status_code == 403, path
    assert asked.link().codes_sent == 0


def test_forged_and_unknown_links_get_one_and_the_same_page(asked: Asked) -> None:
    token = asked.href.split("/")[2]
    payload, signature = token.rsplit(".", 1)
    link = asked.link()
    reference = Browser().get("/q/nothing/")
    forged = {
        "flipped": f"{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
        "cut": token[:-2],
        "other client": token_of(QueryLink(id=link.pk, client_id=link.client_id + 1)),
        "too long": "x" * 500,
        "nobody's": token_of(QueryLink(client_id=link.client_id)),
        "other words": signing.Signer(salt="cdi_queries.links", sep=".").sign_object(["x", {}]),
        "closed client": token,
    }
    for change, text in forged.items():
        Client.objects.filter(pk=link.client_id).update(is_active=change != "closed client")
        answer = asked.browser.get(f"/q/{text}/")
        assert (answer.status_code, answer.content) == (404, reference.content), change
        assert answer["Cache-Control"] == "no-store"
        assert Browser().post(f"/q/{text}/code/").status_code == 404, change
    assert len(mail.outbox) == 1


def test_link_opens_only_its_own_clients_rows(asked: Asked) -> None:
    """The other client's links stay shut whatever the session has proven here."""
    harbor = cast.harbor()
    people = (
        cast.person("Ines Calderon", (harbor, role))
        for role in (Role.CDI_SPECIALIST, Role.MANAGER, Role.PROVIDER)
    )
    there = scene.Desk(harbor, cast.coder("Marcus Bell", harbor), *people)
    with cast.opened(harbor):
        query = scene.sent(there, scene.chart(there))
        deliver(client_id=harbor.client.pk, query_id=str(query.pk))
        foreign = link_href(QueryLink.objects.get(query=query))
    asked.enter()
    assert BODY not in words_of(asked.browser.get(foreign))
    crossed = token_of(QueryLink(id=asked.link().pk, client_id=harbor.client.pk))
    assert asked.browser.get(f"/q/{crossed}/").status_code == 404
    asked.browser.post(f"{asked.href}answer/", {"option": "o2"})
    with cast.opened(harbor):
        assert CdiQuery.objects.get(pk=query.pk).state == QueryStatus.SENT


def test_a_token_that_is_taken_apart_tells_no_number_of_a_client(asked: Asked) -> None:
    """Signed is not sealed: numbers that lie near each other would tell how many clients there are."""
    numbers = [
        json.loads(signing.b64_decode(token_of(QueryLink(client_id=client_id)).split(".")[0].encode()))[0]
        for client_id in (asked.query.client_id, asked.query.client_id, asked.query.client_id + 1)
    ]
    assert len(set(numbers)) == 3
    assert all(abs(number - asked.query.client_id) > 1000 for number in numbers)
