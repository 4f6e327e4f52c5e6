"""Set-up of queries: what is agreed, who may set the way out, what is past its retention."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone

from cdi_queries.actions.carrying import send_message
from cdi_queries.actions.ending import cancel_query
from cdi_queries.actions.outbox import send_out
from cdi_queries.models import CancelReason, CdiQuery, DeliveryRoute, OutboundMessage, QueryPolicy
from cdi_queries.selectors.setup import cutoff_of, retention_report
from coding_ops.accounts.models import User
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.tenancy.models import Role
from tests import cast
from tests.cdi_queries import scene

pytestmark = pytest.mark.django_db
TOKEN = "kept-secret-token"
POLICY = {
    "first_escalation_hours": "24",
    "second_escalation_hours": "60",
    "answer_hours": "48",
    "expiry_days": "10",
    "link_hours": "72",
    "code_minutes": "10",
    "retention_years": "7",
    "is_part_of_record": "1",
}
WAY = {"kind": "fhir", "address": "https://fhir.example.org/r4", "token": TOKEN, "is_on": "1"}


@pytest.fixture
def of() -> scene.Desk:
    return scene.desk(cast.cypress())


def browser(user: User) -> Browser:
    found = Browser()
    found.force_login(user)
    return found


def page(of: scene.Desk, user: User, path: str = "") -> Any:
    return browser(user).get(f"/c/{of.place.client.slug}/queries/setup/{path}")


def post(of: scene.Desk, user: User, path: str, sent: Mapping[str, str]) -> Any:
    return browser(user).post(f"/c/{of.place.client.slug}/queries/setup/{path}", dict(sent))


def admin(of: scene.Desk) -> User:
    return cast.person("Adaeze Obi", (of.place, Role.VENDOR_ADMIN))


def route(of: scene.Desk) -> DeliveryRoute:
    with cast.opened(of.place):
        return DeliveryRoute.objects.get(client_id=of.place.client.pk)


def test_what_is_agreed_is_kept_with_its_change(of: scene.Desk) -> None:
    answer = post(of, of.cdi, "policy/", {**POLICY, "advisor": str(of.manager.pk)})
    assert answer.status_code == 303
    with cast.opened(of.place):
        policy = QueryPolicy.objects.get(client_id=of.place.client.pk)
        event = AuditEvent.objects.get(client_id=of.place.client.pk, verb=Verb.QUERY_POLICY_CHANGED)
    assert (policy.first_escalation_hours, policy.retention_years, policy.advisor) == (24, 7, of.manager)
    assert event.facts["changed"]["retention_years"] == [10, 7]
    assert post(of, of.cdi, "policy/", {**POLICY, "retention_years": "8"}).status_code == 303
    with cast.opened(of.place):
        assert QueryPolicy.objects.get(client_id=of.place.client.pk).advisor is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"retention_years": "5"}, "from 6 to 30"),
        ({"retention_years": "ten"}, "from 6 to 30"),
        ({"second_escalation_hours": "24"}, "comes after the first"),
        ({"expiry_days": "2"}, "runs out after its second escalation"),
        ({"advisor": "999999"}, "somebody who works for this client"),
    ],
)
def test_a_policy_that_cannot_be_kept_is_shown_again_as_typed(
    of: scene.Desk, wrong: dict[str, str], words: str
) -> None:
    answer = post(of, of.cdi, "policy/", {**POLICY, **wrong})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text and f'value="{ {**POLICY, **wrong}["answer_hours"] }"' in text
    with cast.opened(of.place):
        assert not QueryPolicy.objects.filter(client_id=of.place.client.pk).exists()


def test_a_stranger_is_no_advisor(of: scene.Desk) -> None:
    stranger = cast.person("Beatriz Souza", (cast.harbor(), Role.MANAGER))
    assert post(of, of.cdi, "policy/", {**POLICY, "advisor": str(stranger.pk)}).status_code == 422


def test_only_a_vendor_administrator_sets_the_way_out(of: scene.Desk) -> None:
    for user in (of.cdi, of.manager):
        assert post(of, user, "way/", WAY).status_code == 403
        assert post(of, user, "way/test/", {}).status_code == 403
        assert "/setup/way/" not in page(of, user).content.decode()
    for user in (of.coder, of.doctor):
        assert post(of, user, "way/", WAY).status_code == 404
    with cast.opened(of.place):
        assert not DeliveryRoute.objects.filter(client_id=of.place.client.pk).exists()


def test_a_token_is_kept_never_shown_and_never_follows_to_another_address(of: scene.Desk) -> None:
    keeper = admin(of)
    assert post(of, keeper, "way/", WAY).status_code == 303
    assert route(of).token == TOKEN
    assert post(of, keeper, "way/", {**WAY, "token": "", "receiving_facility": "X"}).status_code == 303
    assert route(of).token == TOKEN
    assert TOKEN not in page(of, keeper).content.decode()
    assert post(of, keeper, "way/", {**WAY, "token": "bad\r\nX-Evil: 1"}).status_code == 422
    elsewhere = {**WAY, "token": "", "address": "https://elsewhere.example.org/r4"}
    assert post(of, keeper, "way/", elsewhere).status_code == 303
    assert not route(of).token
    with cast.opened(of.place):
        events = AuditEvent.objects.filter(client_id=of.place.client.pk, verb=Verb.QUERY_WAY_CHANGED)
        assert TOKEN not in str([one.facts for one in events])


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "http://fhir.example.org/r4"},
        {"address": "https://user:pw@fhir.example.org/"},
        {"address": "file:///etc/passwd"},
        {"kind": "hl7_oru"},
        {"kind": "telegram"},
        {"address": "drop:", "token": ""},
        {"receiving_application": "APP\rMSH|evil"},
        {"authority": "CRMRN"},
        {"authority": "urn:oid: 2.16"},
    ],
)
def test_a_way_that_leads_nowhere_good_is_refused(of: scene.Desk, wrong: dict[str, str]) -> None:
    answer = post(of, admin(of), "way/", {**WAY, **wrong})
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert TOKEN not in answer.content.decode()
    with cast.opened(of.place):
        assert not DeliveryRoute.objects.filter(client_id=of.place.client.pk).exists()


def test_a_test_message_is_listed_and_nobody_outside_sees_the_messages(of: scene.Desk) -> None:
    keeper = admin(of)
    post(of, keeper, "way/", {"kind": "hl7_oru", "address": "mllps://inbox.example.org:2576"})
    assert post(of, keeper, "way/test/", {}).status_code == 303
    with cast.opened(of.place):
        message = OutboundMessage.objects.get(client_id=of.place.client.pk)
        assert (message.query, message.state) == (None, "queued")
        assert b"|T|2.5.1" in message.body and b"TEST-0000" in message.body
    for shown in (page(of, of.cdi), page(of, of.cdi, "messages/?state=queued")):
        assert "Test message" in shown.content.decode()
    assert "No message of this state" in page(of, of.cdi, "messages/?state=failed").content.decode()
    outside = cast.person("Paul Whitaker", (of.place, Role.CLIENT_ADMIN))
    own = page(of, outside)
    assert own.status_code == 200
    assert "inbox.example.org" not in own.content.decode() and "Test message" not in own.content.decode()
    assert page(of, outside, "messages/").status_code == 404


def test_a_changed_way_sends_nothing_of_what_was_in_line_for_the_other(of: scene.Desk) -> None:
    keeper = admin(of)
    way = {"kind": "hl7_oru", "address": "mllps://inbox.example.org:2576", "is_on": "1"}
    post(of, keeper, "way/", way)
    with cast.opened(of.place):
        query = scene.sent(of, scene.chart(of))
        assert send_out(query=query)
        message = OutboundMessage.objects.get(client_id=of.place.client.pk)
    post(of, keeper, "way/", {**way, "address": "mllps://elsewhere.example.org:2576"})
    assert send_message(client_id=of.place.client.pk, message_id=message.pk, now=timezone.now()) is None
    with cast.opened(of.place):
        message.refresh_from_db()
        assert (message.state, message.result, message.tries) == ("failed", "other_way", 0)
        assert not send_out(query=query), "it goes by mail"


def test_retention_counts_what_ended_before_the_agreed_years_and_deletes_nothing(of: scene.Desk) -> None:
    client = of.place.client
    with cast.opened(of.place):
        kept, old, unsent = (scene.draft(of, scene.chart(of)) for _ in range(3))
        for query in (kept, old, unsent):
            cancel_query(actor=of.actor(of.cdi), query=query, reason=CancelReason.NOT_NEEDED)
        then = timezone.now() - timedelta(days=3660)
        CdiQuery.objects.filter(client_id=client.pk, pk__in=[old.pk, unsent.pk]).update(
            drafted_at=then, ended_at=then
        )
        CdiQuery.objects.filter(client_id=client.pk, pk=old.pk).update(sent_at=then)
        report = retention_report(client, cast.today(), 10)
        assert (report.count, retention_report(client, cast.today(), 11).count) == (2, 0)
    shown = page(of, of.cdi, "retention/").content.decode()
    assert f"/queries/{old.pk}/" in shown and f"/queries/{kept.pk}/" not in shown and "2 ended" in shown
    outside = cast.person("Paul Whitaker", (of.place, Role.CLIENT_ADMIN))
    theirs = page(of, outside, "retention/").content.decode()
    assert "1 ended" in theirs and f"/queries/{unsent.pk}/" not in theirs
    out = StringIO()
    call_command("query_retention", "--client", client.slug, "--ids", stdout=out)
    first, *ids = out.getvalue().split("\n")
    assert first.startswith(f"{client.slug}: 2 ended before") and f"  {old.pk}" in ids
    with cast.opened(of.place):
        assert CdiQuery.objects.filter(client_id=client.pk).count() == 3


def test_a_leap_day_has_a_day_ten_years_ago() -> None:
    assert cutoff_of(date(2028, 2, 29), 6) == date(2022, 3, 1)
    assert cutoff_of(date(2026, 11, 23), 10) == date(2016, 11, 23)
