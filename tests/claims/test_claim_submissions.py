"""Files of claims: numbered without a gap, checked before they are ready, sent with all their claims."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from claims.access.submissions import take_content
from claims.actions import hearing
from claims.actions.correcting import bring_up_to_date
from claims.actions.hearing import bill_due, recheck_blocked
from claims.actions.submissions import build_submission, mark_sent, take_back
from claims.actions.writing import write_submission
from claims.models import Claim, ClaimStatus, ClaimStep, Submission, SubmissionState, SubmittedClaim
from claims.rules.content import Person, from_json, to_json
from claims.rules.x12.claims_837 import read_claims
from claims.rules.x12.parts import Problem
from claims.rules.x12.reader import read_file
from claims.selectors.submissions import waiting_claims, waiting_groups
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refused
from coding_ops.tenancy.scope import client_transaction
from encounters.models import Encounter, EncounterStatus
from tests import cast
from tests.claims import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> scene.Desk:
    place = cast.place("cypress-ridge", "Cypress Ridge")
    with client_transaction([place.client.pk]):
        return scene.desk(place)


def ready(of: scene.Desk, count: int = 1) -> list[Claim]:
    """Whole claims without a chart, each with a content that carries its own number."""
    made = []
    for _ in range(count):
        number = scene.claim(of).control_number
        one = Claim.objects.get(client_id=of.place.client.pk, control_number=number)
        one.content = to_json(scene.content(number))
        one.save(update_fields=["content"])
        made.append(one)
    return made


def ask(of: scene.Desk) -> Submission:
    return build_submission(
        actor=of.actor(of.manager),
        client_id=of.place.client.pk,
        receiver_id="CLEARTEST",
        form="837P",
        now=timezone.now(),
    )


def write(of: scene.Desk, asked: Submission) -> bool:
    return write_submission(actor=cast.SYSTEM, client_id=of.place.client.pk, submission_id=asked.pk)


def numbers_in(text: str) -> list[str]:
    problems: list[Problem] = []
    found = [
        one.content.control_number
        for transaction in read_file(text).transactions()
        for one in read_claims(transaction, problems)
    ]
    assert problems == []
    return found


def test_a_chart_goes_out_in_a_file_that_says_what_was_coded(desk: scene.Desk) -> None:
    client = desk.place.client.pk
    with client_transaction([client]):
        chart = scene.final_chart(desk)
    assert bill_due(actor=cast.SYSTEM, client_id=client) == 1
    with client_transaction([client]):
        made = Claim.objects.get(client_id=client, encounter=chart)
        group = waiting_groups(client)[0]
        assert (group.receiver_id, group.form, group.count, group.amount) == (
            "CLEARTEST",
            "837P",
            1,
            Decimal("135.00"),
        )
        asked = ask(desk)
        with pytest.raises(Conflict):
            ask(desk)
    assert write(desk, asked) is True
    with client_transaction([client]):
        asked.refresh_from_db()
        assert (asked.state, asked.written_count, asked.interchange_number) == ("ready", 1, 1)
        assert numbers_in(asked.content) == [made.control_number]
        assert not waiting_claims(client).exists()
        made.refresh_from_db()
        assert (made.state, made.submitted_at) == (ClaimStatus.READY, None)
        now = timezone.now()
        mark_sent(actor=desk.actor(desk.manager), submission=asked, now=now)
        made.refresh_from_db()
        assert (made.state, made.submitted_at) == (ClaimStatus.SUBMITTED, now)
        assert [one.kind for one in ClaimStep.objects.filter(client_id=client, claim=made)] == [
            "made",
            "submitted",
        ]
        facts = AuditEvent.objects.get(verb=Verb.SUBMISSION_SENT).facts
        assert facts == {"interchange": 1, "claims": 1, "replaced": 0, "amount": "135.00"}
        with pytest.raises(Conflict):
            mark_sent(actor=desk.actor(desk.manager), submission=asked, now=now)
    assert write(desk, asked) is False


def test_numbers_of_a_receiver_have_no_gap(desk: scene.Desk) -> None:
    client = desk.place.client.pk
    with client_transaction([client]):
        first = ready(desk)[0]
        asked = ask(desk)
        # It is taken back before anything was written.
        Claim.objects.filter(pk=first.pk).update(state=ClaimStatus.WITHDRAWN)
    assert write(desk, asked) is False
    with client_transaction([client]):
        asked.refresh_from_db()
        assert asked.state == SubmissionState.FAILED
        assert asked.content is None
        ready(desk)
        again = ask(desk)
        assert (again.pk, again.interchange_number, again.failure) == (asked.pk, 1, "")
    assert write(desk, again)
    with client_transaction([client]):
        ready(desk)
        assert ask(desk).interchange_number == 2


def test_what_the_validator_refuses_is_left_out_and_blocked(desk: scene.Desk) -> None:
    client = desk.place.client.pk
    with client_transaction([client]):
        good, bad = ready(desk, 2)
        # A state that is none: the write models take it, the guide's lists do not.
        content = from_json(bad.content)
        holder: Person = content.subscriber
        assert holder.address is not None
        bad.content = to_json(
            replace(content, subscriber=replace(holder, address=replace(holder.address, state="QQ")))
        )
        bad.save(update_fields=["content"])
        asked = ask(desk)
    assert write(desk, asked)
    with client_transaction([client]):
        asked.refresh_from_db()
        bad.refresh_from_db()
        assert (asked.written_count, asked.left_out_count) == (1, 1)
        assert numbers_in(asked.content) == [good.control_number]
        assert bad.state == ClaimStatus.BLOCKED
        assert bad.problems[0]["code"].startswith("validator.")
        assert "QQ" not in str(bad.problems)
        step = ClaimStep.objects.get(client_id=client, claim=bad)
        assert (step.kind, step.facts["party"]) == ("blocked", "vendor")


def test_a_file_whose_claims_changed_is_not_sent_but_taken_back(desk: scene.Desk) -> None:
    client = desk.place.client.pk
    with client_transaction([client]):
        chart = scene.final_chart(desk)
    bill_due(actor=cast.SYSTEM, client_id=client)
    with client_transaction([client]):
        asked = ask(desk)
    write(desk, asked)
    with client_transaction([client]):
        Encounter.objects.filter(pk=chart.pk).update(status=EncounterStatus.REOPENED)
        actor = desk.actor(desk.manager)
        with pytest.raises(Refused, match="1 claim was changed"):
            mark_sent(actor=actor, submission=asked, now=timezone.now())
        assert Claim.objects.get(client_id=client).state == ClaimStatus.READY
        with pytest.raises(InvalidInput):
            take_back(actor=actor, submission=asked, reason=" ")
        assert (
            take_back(actor=actor, submission=asked, reason="The chart was opened again.").state == "failed"
        )
        assert not waiting_claims(client).exists()
        Encounter.objects.filter(pk=chart.pk).update(status=EncounterStatus.FINAL)
        assert waiting_claims(client).count() == 1
        # A written file keeps its number.
        assert ask(desk).interchange_number == 2


def test_codes_that_were_replaced_do_not_go_out_while_a_review_keeps_the_new_ones_back(
    desk: scene.Desk,
) -> None:
    client = desk.place.client.pk
    with client_transaction([client]):
        chart = scene.final_chart(desk)
    bill_due(actor=cast.SYSTEM, client_id=client)
    with client_transaction([client]):
        asked = ask(desk)
    write(desk, asked)
    with client_transaction([client]):
        Encounter.objects.filter(pk=chart.pk).update(revision_count=2)
        with pytest.raises(Refused, match="1 claim was changed"):
            mark_sent(actor=desk.actor(desk.manager), submission=asked, now=timezone.now())
        take_back(actor=desk.actor(desk.manager), submission=asked, reason="Coded again.")
        assert not waiting_claims(client).exists()
        Claim.objects.filter(client_id=client).update(frequency_code="8")
        assert waiting_claims(client).exists(), "a void says what was sent"


def test_a_chart_that_cannot_be_billed_keeps_no_other_back(
    desk: scene.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = desk.place.client.pk
    with client_transaction([client]):
        bad, good = scene.final_chart(desk), scene.final_chart(desk)

    def fail(**given: Any) -> Claim | None:
        if given["encounter"].pk == bad.pk:
            raise ValueError("a fault of ours")
        return bring_up_to_date(**given)

    monkeypatch.setattr(hearing, "bring_up_to_date", fail)
    assert bill_due(actor=cast.SYSTEM, client_id=client) == 1
    with client_transaction([client]):
        assert Claim.objects.get(client_id=client).encounter_id == good.pk


def test_only_leaders_write_and_download(desk: scene.Desk) -> None:
    client = desk.place.client.pk
    with client_transaction([client]):
        ready(desk)
        asked = ask(desk)
    write(desk, asked)
    with client_transaction([client]):
        with pytest.raises(NotFound):
            take_content(actor=desk.actor(desk.coder), client_id=client, submission_id=asked.pk)
        with pytest.raises(NotAllowed):
            take_content(actor=desk.actor(desk.administrator), client_id=client, submission_id=asked.pk)
        with pytest.raises(NotAllowed):
            mark_sent(actor=desk.actor(desk.administrator), submission=asked, now=timezone.now())
        asked.refresh_from_db()
        assert asked.state == SubmissionState.READY
        assert SubmittedClaim.objects.filter(client_id=client).count() == 1
        _, text = take_content(actor=desk.actor(desk.manager), client_id=client, submission_id=asked.pk)
        assert text.startswith("ISA*")


def test_blocked_claims_are_looked_at_again(desk: scene.Desk) -> None:
    client = desk.place.client.pk
    with client_transaction([client]):
        chart = scene.final_chart(desk)
        chart.patient.address = None
        chart.patient.save(update_fields=["address"])
    bill_due(actor=cast.SYSTEM, client_id=client)
    assert recheck_blocked(actor=cast.SYSTEM, client_id=client) == 0
    with client_transaction([client]):
        scene.at_home(chart.patient)
    assert recheck_blocked(actor=cast.SYSTEM, client_id=client) == 1
    assert recheck_blocked(actor=cast.SYSTEM, client_id=client) == 0
