"""What becomes of a question that nobody answers: reminded, told to an advisor, run out; each once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from cdi_queries.actions.ending import expire_queries
from cdi_queries.actions.escalation import escalate_due, escalate_query, send_reminders
from cdi_queries.actions.routing import redirect_query
from cdi_queries.models import CdiQuery, ProviderContact, QueryPolicy, QueryStep
from cdi_queries.rules.escalation import Level, level_due
from coding_ops.audit.models import AuditEvent
from coding_ops.core.errors import Conflict, NotAllowed, Refused
from encounters.models import Provider
from tests import cast
from tests.cdi_queries import scene

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "level"),
    [(0, 0), (47.99, 0), (48, 1), (71.99, 1), (72, 2), (500, 2), (-1, 0)],
)
def test_a_level_begins_at_its_hour(hours: float, level: int) -> None:
    now = NOON + timedelta(hours=hours)
    assert level_due(NOON, now, first_hours=48, second_hours=72) == level


@pytest.fixture
def of() -> scene.Desk:
    return scene.desk(cast.cypress())


def policy(of: scene.Desk, **changes: object) -> None:
    QueryPolicy.objects.create(client=of.place.client, **({"advisor": of.manager} | changes))


def waiting(of: scene.Desk, hours: float) -> CdiQuery:
    made = scene.chart(of)
    ProviderContact.objects.get_or_create(
        client=of.place.client, provider=scene.provider_of(made), defaults={"email": "okafor@example.test"}
    )
    return scene.sent(of, made, now=timezone.now() - timedelta(hours=hours))


def told(query: CdiQuery) -> list[tuple[str, dict[str, object]]]:
    rows = QueryStep.objects.filter(client_id=query.client_id, query=query)
    return [(one.kind, one.facts) for one in rows if one.kind in ("escalated", "reminded")]


def run(of: scene.Desk) -> tuple[int, int]:
    """One beat: queries raised, mails sent."""
    client_id, now = of.place.client.pk, timezone.now()
    return escalate_due(client_id=client_id, now=now), send_reminders(client_id=client_id, now=now)


@pytest.mark.django_db
def test_the_first_level_reminds_the_provider_and_a_second_run_does_nothing(of: scene.Desk) -> None:
    with cast.opened(of.place):
        policy(of)
        young, late = waiting(of, 47), waiting(of, 49)
        assert run(of) == (1, 1)
        late.refresh_from_db()
        assert (late.escalation_level, late.advisor_id) == (1, None)
        assert told(late)[0] == ("escalated", {"level": 1, "advisor": None})
        assert [kind for kind, _ in told(late)] == ["escalated", "reminded"]
        assert [one.to for one in mail.outbox] == [["okafor@example.test"]]
        assert run(of) == (0, 0)
        assert told(young) == [] and len(told(late)) == 2


@pytest.mark.django_db
def test_the_second_level_tells_the_advisor_once_for_all_queries(of: scene.Desk) -> None:
    with cast.opened(of.place):
        policy(of)
        late = [waiting(of, 73), waiting(of, 80)]
        assert run(of) == (2, 3)
        for query in late:
            query.refresh_from_db()
            assert (query.escalation_level, query.advisor_id) == (2, of.manager.pk)
            assert ("escalated", {"told": of.manager.pk}) in told(query)
        to_advisor = [one for one in mail.outbox if one.to == [of.manager.email]]
        assert len(to_advisor) == 1 and "2 questions wait" in to_advisor[0].body
        assert run(of) == (0, 0)
        events = AuditEvent.objects.filter(client_id=of.place.client.pk, verb="query.escalated")
        assert {event.facts["level"] for event in events} == {2}


@pytest.mark.django_db
def test_mails_say_nothing_of_the_patient(of: scene.Desk) -> None:
    with cast.opened(of.place):
        policy(of)
        query = waiting(of, 73)
        run(of)
        patient = query.encounter.patient
        for one in mail.outbox:
            said = f"{one.subject} {one.body}"
            for secret in (patient.family_name, query.encounter.external_id, "heart failure", "BNP"):
                assert secret not in said


@pytest.mark.django_db
def test_a_mail_that_did_not_go_out_is_sent_by_a_later_run(
    of: scene.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: object, **kwargs: object) -> int:
        raise ConnectionRefusedError

    with cast.opened(of.place):
        policy(of)
        query = waiting(of, 73)
        with monkeypatch.context() as broken:
            broken.setattr("django.core.mail.EmailMessage.send", down)
            assert run(of) == (1, 0)
        assert [kind for kind, _ in told(query)] == ["escalated"], "nobody was reminded"
        assert run(of) == (0, 2)
        assert run(of) == (0, 0)


@pytest.mark.django_db
def test_a_policy_of_other_hours_holds_for_its_client(of: scene.Desk) -> None:
    with cast.opened(of.place):
        policy(of, first_escalation_hours=10, second_escalation_hours=20)
        first, second = waiting(of, 11), waiting(of, 21)
        escalate_due(client_id=of.place.client.pk, now=timezone.now())
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.escalation_level, second.escalation_level) == (Level.REMINDED, Level.ADVISOR)


@pytest.mark.django_db
def test_without_an_advisor_the_level_is_kept_and_nobody_is_told(of: scene.Desk) -> None:
    with cast.opened(of.place):
        query = waiting(of, 73)
        assert run(of) == (1, 1)
        query.refresh_from_db()
        assert (query.escalation_level, query.advisor_id) == (2, None)
        with pytest.raises(Refused, match="named no advisor"):
            escalate_query(actor=of.actor(of.cdi), query=query)


@pytest.mark.django_db
def test_passing_on_starts_the_clock_anew(of: scene.Desk) -> None:
    with cast.opened(of.place):
        policy(of)
        query = waiting(of, 73)
        run(of)
        other = Provider.objects.create(client=of.place.client, name="L. Haddad", npi="1000000491")
        passed = redirect_query(
            actor=of.actor(of.cdi), query=query, provider=other, reason="Covers this week"
        )
        assert (passed.escalation_level, passed.advisor_id, passed.escalated_at) == (0, None, None)
        assert run(of) == (0, 0)


@pytest.mark.django_db
def test_an_answered_query_is_never_escalated(of: scene.Desk) -> None:
    with cast.opened(of.place):
        policy(of)
        query = waiting(of, 73)
        scene.answered(of, query)
        assert run(of) == (0, 0)
        assert told(query) == [] and mail.outbox == []


@pytest.mark.django_db
def test_escalating_by_hand_goes_to_the_advisor_at_once_and_only_once(
    of: scene.Desk, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with cast.opened(of.place):
        policy(of)
        query = waiting(of, 1)
        with pytest.raises(NotAllowed):
            escalate_query(actor=of.actor(of.coder), query=query)
        query.refresh_from_db()
        assert query.escalation_level == 0
        raised = escalate_query(actor=of.actor(of.cdi), query=query, note="Discharge is tomorrow")
        assert (raised.escalation_level, raised.advisor_id) == (2, of.manager.pk)
        step = QueryStep.objects.get(client_id=query.client_id, query=query, kind="escalated")
        assert step.note == "Discharge is tomorrow"
        with pytest.raises(Conflict, match="has this query already"):
            escalate_query(actor=of.actor(of.cdi), query=query)
        assert run(of) == (0, 2)


@pytest.mark.django_db
def test_what_ran_out_is_ended_once_and_its_chart_is_back(of: scene.Desk) -> None:
    with cast.opened(of.place):
        policy(of, expiry_days=3)
        query = waiting(of, 73)
        fresh = waiting(of, 71)
        client_id = of.place.client.pk
        assert expire_queries(client_id=client_id, now=timezone.now()) == 1
        assert expire_queries(client_id=client_id, now=timezone.now()) == 0
        query.refresh_from_db()
        fresh.refresh_from_db()
        query.encounter.refresh_from_db()
        assert (query.state, fresh.state, query.encounter.status) == ("expired", "sent", "ready")
        assert run(of) == (1, 1), "the one that still waits is reminded; what ran out is not"
