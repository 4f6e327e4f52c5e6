"""Where providers are written to: who may change it, what is refused, and what happens to mailed links."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client as Browser
from django.utils import timezone

from cdi_queries.actions.contacts import KEEPERS
from cdi_queries.actions.delivery import deliver, deliver_waiting, remind, undelivered
from cdi_queries.models import ProviderContact, QueryLink, QueryStep, StepKind
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.actor import system_actor
from coding_ops.tenancy.models import Role
from encounters.models import Provider
from tests import cast
from tests.cdi_queries import scene
from tests.cdi_queries.link_scene import mailed, words_of

pytestmark = pytest.mark.django_db
LIST = "/c/cypress-ridge/queries/setup/providers/"


@pytest.fixture
def desk() -> scene.Desk:
    return scene.desk(cast.cypress())


def browser(user: User) -> Browser:
    made = Browser()
    made.force_login(user)
    return made


def provider(desk: scene.Desk, **values: str) -> Provider:
    with cast.opened(desk.place):
        made: Provider = Provider.objects.create(
            client=desk.place.client, **({"name": "L. Reyes", "npi": "1000000491"} | values)
        )
    return made


def stored(desk: scene.Desk, one: Provider) -> ProviderContact | None:
    with cast.opened(desk.place):
        return ProviderContact.objects.filter(provider=one).first()


def test_contact_is_kept_shown_and_recorded_without_the_address(desk: scene.Desk) -> None:
    one, other = provider(desk), provider(desk, name="B. Stand", npi="1000000509")
    cdi = browser(desk.cdi)
    assert "Not reachable" in words_of(cdi.get(LIST))
    day = cast.today() + timedelta(days=30)
    sent = {"email": " Reyes@Example.test ", "left_on": f"{day:%m/%d/%Y}", "stands_in": str(other.pk)}
    saved = cdi.post(f"{LIST}{one.pk}/", sent)
    assert (saved.status_code, saved["Location"]) == (303, LIST)
    page = words_of(cdi.get(LIST))
    assert "reyes@example.test" in page and f"Leaves {day:%m/%d/%Y}" in page and "B. Stand" in page
    assert 'value="reyes@example.test"' in cdi.get(f"{LIST}{one.pk}/").content.decode()
    with cast.opened(desk.place):
        event = AuditEvent.objects.get(verb=Verb.PROVIDER_CONTACT_CHANGED)
        assert sorted(event.facts["changed"]) == ["email", "left_on", "stands_in"]
        assert "example" not in str(event.facts)


def test_list_is_found_by_name_number_and_reachability(desk: scene.Desk) -> None:
    one, other = provider(desk), provider(desk, name="B. Stand", npi="1000000509")
    cdi = browser(desk.cdi)
    cdi.post(f"{LIST}{one.pk}/", {"email": "reyes@example.test"})
    assert "B. Stand" not in words_of(cdi.get(LIST, {"q": "reyes"}))
    assert "L. Reyes" not in words_of(cdi.get(LIST, {"q": "1000000509"}))
    unreachable = words_of(cdi.get(LIST, {"show": "unreachable"}))
    assert other.name in unreachable and one.name not in unreachable
    assert cdi.get(LIST, {"show": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("email", "reyes at example", "Write one mail address"),
        ("email", "{vendor}", "belongs to somebody who codes"),
        ("left_on", "soon", "Write the day"),
        ("stands_in", "{self}", "Select a valid choice"),
        ("account", "{vendor_id}", "Select a valid choice"),
    ],
)
def test_contact_that_cannot_be_is_refused_beside_its_field(
    desk: scene.Desk, name: str, value: str, message: str
) -> None:
    one = provider(desk)
    value = value.format(vendor=desk.cdi.email.upper(), self=one.pk, vendor_id=desk.cdi.pk)
    answer = browser(desk.cdi).post(f"{LIST}{one.pk}/", {name: value})
    page = answer.content.decode()
    assert answer.status_code == 422 and message in page and f'id="{name}-err"' in page
    kept = stored(desk, one)
    assert kept is None or not (kept.email or kept.stands_in_id)


def test_account_is_one_of_a_provider_and_of_no_other(desk: scene.Desk) -> None:
    with cast.opened(desk.place):
        scene.chart(desk)
    one = provider(desk)
    taken = browser(desk.cdi).post(f"{LIST}{one.pk}/", {"account": str(desk.doctor.pk)})
    assert taken.status_code == 422 and "another provider" in words_of(taken)
    free = cast.person("Lena Reyes", (desk.place, Role.PROVIDER))
    assert browser(desk.cdi).post(f"{LIST}{one.pk}/", {"account": str(free.pk)}).status_code == 303
    with cast.opened(desk.place):
        assert Provider.objects.get(pk=one.pk).user_id == free.pk


def test_only_keepers_see_and_change_contacts(desk: scene.Desk) -> None:
    one = provider(desk)
    for role in sorted(Role, key=lambda role: role in KEEPERS):
        user = browser(cast.person("Nora Vance", (desk.place, role)))
        expected = 200 if role in KEEPERS else 404
        assert user.get(LIST).status_code == user.get(f"{LIST}{one.pk}/").status_code == expected, role
        saved = user.post(f"{LIST}{one.pk}/", {"email": "new@example.test"})
        assert saved.status_code == (303 if role in KEEPERS else 404), role
        assert (stored(desk, one) is not None) == (role in KEEPERS), role


def test_questions_that_wait_for_who_left_are_told(desk: scene.Desk) -> None:
    with cast.opened(desk.place):
        query = scene.sent(desk, scene.chart(desk))
        one = scene.provider_of(query.encounter)
    manager = browser(desk.manager)
    manager.post(f"{LIST}{one.pk}/", {"left_on": "t", "account": str(desk.doctor.pk)})
    page = words_of(manager.get(LIST))
    assert "1 question still waits for N. Okafor. Pass them on" in page and "Left" in page


def test_new_address_ends_the_links_already_mailed() -> None:
    asked = mailed(cast.cypress())
    with cast.opened(asked.desk.place):
        one = scene.provider_of(asked.query.encounter)
    sent = {"email": "new@example.test", "account": str(asked.desk.doctor.pk)}
    browser(asked.desk.cdi).post(f"{LIST}{one.pk}/", sent)
    page = asked.browser.get(asked.href)
    assert page.status_code == 410 and "A newer link was mailed to you" in words_of(page)
    with cast.opened(asked.desk.place):
        assert remind(actor=system_actor("tests"), query=asked.query, now=timezone.now())
    assert mail.outbox[-1].to == ["new@example.test"]


def test_query_is_delivered_once_and_only_when_the_mail_went_out(
    desk: scene.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cast.opened(desk.place):
        query = scene.sent(desk, scene.chart(desk))
        client_id = query.client_id

        def broken(*_: object, **__: object) -> int:
            raise ConnectionRefusedError

        with monkeypatch.context() as patch:
            patch.setattr("django.core.mail.EmailMessage.send", broken)
            assert not deliver(client_id=client_id, query_id=str(query.pk))
            assert not remind(actor=system_actor("tests"), query=query, now=timezone.now())
        kinds = QueryStep.objects.filter(query=query).values_list("kind", flat=True)
        assert not {StepKind.DELIVERED, StepKind.REMINDED} & set(kinds)
        assert deliver_waiting(client_id=client_id) == 1
        assert deliver_waiting(client_id=client_id) == 0
        assert not deliver(client_id=client_id, query_id=str(query.pk))
        assert len(mail.outbox) == 1 and QueryLink.objects.filter(query=query).count() == 1
        assert not undelivered(client_id).exists()


def test_query_without_an_address_waits_for_one(desk: scene.Desk) -> None:
    with cast.opened(desk.place):
        chart = scene.chart(desk)
        one = scene.provider_of(chart)
        one.user = None
        one.save(update_fields=["user"])
        query = scene.sent(desk, chart)
        assert deliver_waiting(client_id=query.client_id) == 0 and mail.outbox == []
        ProviderContact.objects.create(client_id=query.client_id, provider=one, email="okafor@example.test")
        assert deliver_waiting(client_id=query.client_id) == 1
    assert mail.outbox[-1].to == ["okafor@example.test"]
