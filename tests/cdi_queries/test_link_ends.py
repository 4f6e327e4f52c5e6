"""The ends of a provider's link: each has a page of its own words, and nothing is changed by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser
from django.utils import timezone

from cdi_queries.actions.contacts import Contact, save_contact
from cdi_queries.actions.delivery import remind
from cdi_queries.actions.ending import cancel_query, expire_queries
from cdi_queries.actions.routing import redirect_query
from cdi_queries.models import (
    CancelReason,
    CdiQuery,
    QueryAnswer,
    QueryLink,
)
from coding_ops.tenancy.actor import system_actor
from encounters.models import Provider
from tests import cast
from tests.cdi_queries import scene
from tests.cdi_queries.link_scene import BODY, LINK, Asked, mailed, other_provider, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked() -> Asked:
    return mailed(cast.cypress())


def _left(asked: Asked) -> None:
    provider = scene.provider_of(asked.query.encounter)
    save_contact(
        actor=asked.desk.actor(asked.desk.cdi),
        provider=provider,
        contact=Contact(left_on=cast.today() - timedelta(days=1), account=provider.user),
    )


def _redirected(asked: Asked) -> None:
    other = Provider.objects.create(client=asked.desk.place.client, name="L. Reyes", npi="1000000491")
    redirect_query(
        actor=asked.desk.actor(asked.desk.cdi), query=asked.query, provider=other, reason="Saw the patient"
    )


ENDS: dict[str, Any] = {
    "This question has been answered": lambda one: scene.answered(one.desk, one.query),
    "This question was passed on": _redirected,
    "no longer asked of you": _left,
    "This question was taken back": lambda one: cancel_query(
        actor=one.desk.actor(one.desk.cdi), query=one.query, reason=CancelReason.NOT_NEEDED
    ),
    "The time for this question is over": lambda one: expire_queries(
        client_id=one.query.client_id, now=timezone.now() + timedelta(days=30)
    ),
    "This link has expired": lambda one: QueryLink.objects.filter(query=one.query).update(
        expires_at=timezone.now()
    ),
}


@pytest.mark.parametrize("heading", list(ENDS))
def test_each_end_of_a_link_has_a_page_of_its_own_words(asked: Asked, heading: str) -> None:
    asked.enter()
    with cast.opened(asked.desk.place):
        ENDS[heading](asked)
        before = CdiQuery.objects.get(pk=asked.query.pk).state
        answers = QueryAnswer.objects.count()
    for answer in (
        asked.browser.get(asked.href),
        asked.browser.post(f"{asked.href}answer/", {"option": "o1"}),
    ):
        text = words_of(answer)
        assert answer.status_code == 410 and heading in text
        assert BODY not in text and "Theriot" not in text and asked.desk.place.client.name not in text
    assert asked.fresh().state == before
    with cast.opened(asked.desk.place):
        assert QueryAnswer.objects.count() == answers


def test_expired_link_is_renewed_to_the_providers_own_address(asked: Asked) -> None:
    with cast.opened(asked.desk.place):
        QueryLink.objects.filter(query=asked.query).update(expires_at=timezone.now())
    assert "Mail me a new link" in words_of(asked.browser.get(asked.href))
    assert asked.browser.post(f"{asked.href}renew/").status_code == 200
    found = LINK.search(str(mail.outbox[-1].body))
    assert found and found[1] != asked.href and mail.outbox[-1].to == [asked.desk.doctor.email]
    assert asked.browser.get(found[1]).status_code == 200
    assert "A newer link was mailed to you" in words_of(asked.browser.get(asked.href))
    sent = len(mail.outbox)
    assert asked.browser.post(f"{asked.href}renew/").status_code == 410
    assert len(mail.outbox) == sent


def test_reminder_mails_the_same_link_while_it_lives(asked: Asked) -> None:
    with cast.opened(asked.desk.place):
        assert remind(actor=system_actor("tests"), query=asked.query, now=timezone.now())
    found = LINK.search(str(mail.outbox[-1].body))
    assert found and found[1] == asked.href and mail.outbox[-1].subject.startswith("Reminder:")


def test_provider_who_is_signed_in_answers_on_their_own_page(asked: Asked) -> None:
    asked.browser.force_login(asked.desk.doctor)
    answer = asked.browser.get(asked.href)
    assert answer["Location"] == f"/c/{asked.desk.place.client.slug}/asked/{asked.query.pk}/"
    coder = Browser()
    coder.force_login(asked.desk.coder)
    assert "Mail me the code" in words_of(coder.get(asked.href))


def test_question_is_passed_on_through_the_link(asked: Asked) -> None:
    other = other_provider(asked)
    asked.enter()
    page = words_of(asked.browser.get(f"{asked.href}pass/"))
    assert "L. Reyes" in page and "N. Okafor" not in page
    bare = asked.browser.post(f"{asked.href}pass/", {"provider": str(other.pk), "reason": ""})
    assert bare.status_code == 422 and asked.fresh().provider_id == asked.query.provider_id
    nobody = asked.browser.post(f"{asked.href}pass/", {"provider": "", "reason": "Not my patient"})
    assert nobody.status_code == 422 and "Choose the provider" in words_of(nobody)
    moved = asked.browser.post(f"{asked.href}pass/", {"provider": str(other.pk), "reason": "Not my patient"})
    assert moved.status_code == 303 and asked.fresh().provider_id == other.pk
    assert "This question was passed on" in words_of(asked.browser.get(asked.href))
