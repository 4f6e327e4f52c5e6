"""An appeal from its draft to the next level, and credits for errors of our own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from claims.actions.appeals import (
    Decision,
    decide_appeal,
    draft_appeal,
    save_appeal,
    send_appeal,
    withdraw_appeal,
)
from claims.actions.credits import decide_credit, propose_credit
from claims.models import (
    Appeal,
    AppealState,
    ClaimStatus,
    ClaimStep,
    CreditProposal,
    Denial,
    DenialStatus,
    PayerKind,
)
from coding_ops.audit.models import AuditEvent
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.tenancy.models import Role
from tests import cast
from tests.claims import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Iterator[scene.Desk]:
    place = cast.cypress()
    with cast.opened(place):
        yield scene.desk(place)


def denied(desk: scene.Desk, **attributes: object) -> Denial:
    chart = scene.final_chart(desk)
    claim = scene.claim(desk, chart, state=ClaimStatus.DENIED, payer_control_number="ICN77")
    return scene.denial(desk, claim, **attributes)


def drafted(desk: scene.Desk, denial: Denial, key: str = "coding") -> Appeal:
    return draft_appeal(actor=desk.actor(desk.coder), denial=denial, template_key=key, now=timezone.now())


def sent(desk: scene.Desk, appeal: Appeal) -> Appeal:
    return send_appeal(actor=desk.actor(desk.coder), appeal=appeal, reference="", now=timezone.now())


def decided(desk: scene.Desk, appeal: Appeal, awarded: str) -> Appeal:
    decision = Decision(cast.today(), Decimal(awarded), "AP-1", "They read the note.")
    return decide_appeal(actor=desk.actor(desk.coder), appeal=appeal, decision=decision, now=timezone.now())


def test_a_letter_quotes_the_record_and_is_sealed(desk: scene.Desk) -> None:
    denial = denied(desk)
    appeal = drafted(desk, denial)
    letter = appeal.letter
    for words in (
        "“follow-up of diabetes and blood pressure”",
        "“Type 2 diabetes with diabetic chronic kidney disease, stage 3a”",
        "E11.22, N18.31",
        "Marguerite Theriot",
        "CO-97",
        f"claim {denial.claim.control_number}, your number ICN77",
        "$135.00",
        "Rosalind Ames",
    ):
        assert words in letter, words
    assert (appeal.level, appeal.due_on) == (1, denial.received_on + timedelta(days=120))
    with connection.cursor() as cursor:
        cursor.execute("SELECT letter FROM claims_appeal WHERE id = %s", [appeal.pk])
        assert "Theriot" not in str(cursor.fetchone()[0])
    assert not [one for one in AuditEvent.objects.all() if "Theriot" in str(one.facts)]
    with pytest.raises(Conflict):
        drafted(desk, denial)
    assert Appeal.objects.filter(client_id=denial.client_id).count() == 1


def test_a_draft_is_mended_then_sent_and_then_stands(desk: scene.Desk) -> None:
    denial = denied(desk)
    coder = desk.actor(desk.coder)
    appeal = drafted(desk, denial, "authorization")
    with pytest.raises(Refused) as gap:
        sent(desk, appeal)
    assert gap.value.code == "appeal.unfilled"
    denial.refresh_from_db()
    assert denial.state == DenialStatus.OPEN
    save_appeal(actor=coder, appeal=appeal, letter="Please pay.\r\n", requested_amount=Decimal("100.00"))
    appeal = sent(desk, appeal)
    denial.refresh_from_db()
    assert (appeal.state, denial.state) == (AppealState.SENT, DenialStatus.APPEALED)
    with pytest.raises(Conflict):
        save_appeal(actor=coder, appeal=appeal, letter="Other.", requested_amount=Decimal("1.00"))
    appeal.refresh_from_db()
    assert appeal.letter == "Please pay.\n"


def test_lost_at_one_level_it_goes_to_the_next_with_its_own_days(desk: scene.Desk) -> None:
    desk.payer.kind = PayerKind.MEDICARE
    desk.payer.save(update_fields=["kind"])
    denial = denied(desk)
    appeal = sent(desk, drafted(desk, denial))
    assert appeal.decision_due_on == cast.today() + timedelta(days=60)
    lost = decided(desk, appeal, "0.00")
    denial.refresh_from_db()
    next_on = cast.today() + timedelta(days=180)
    assert (lost.state, denial.state, denial.deadline_on) == ("lost", DenialStatus.UPHELD, next_on)
    second = drafted(desk, denial)
    assert (second.level, second.due_on) == (2, next_on)
    assert "Reconsideration" in second.letter
    part = decided(desk, sent(desk, second), "60.00")
    denial.refresh_from_db()
    assert (part.state, denial.state, denial.recovered_amount) == ("part", "overturned", Decimal("60.00"))
    kinds = ClaimStep.objects.filter(client_id=denial.client_id, claim=denial.claim)
    assert list(kinds.values_list("kind", flat=True)) == ["appealed", "decided"] * 2
    with pytest.raises(Conflict):
        decided(desk, part, "1.00")


def test_a_decision_has_a_day_that_can_be(desk: scene.Desk) -> None:
    appeal = sent(desk, drafted(desk, denied(desk)))
    for day in (cast.today() - timedelta(days=1), cast.today() + timedelta(days=1)):
        with pytest.raises(InvalidInput):
            decide_appeal(
                actor=desk.actor(desk.coder),
                appeal=appeal,
                decision=Decision(day, Decimal("1.00")),
                now=timezone.now(),
            )
    appeal.refresh_from_db()
    assert appeal.state == AppealState.SENT


def test_who_may_not_and_what_cannot_be_appealed(desk: scene.Desk) -> None:
    rejection = denied(desk, source="277CA")
    with pytest.raises(Refused) as refused:
        drafted(desk, rejection)
    assert refused.value.code == "appeal.rejection"
    denial = denied(desk)
    with pytest.raises(NotAllowed):
        draft_appeal(
            actor=desk.actor(desk.administrator), denial=denial, template_key="coding", now=timezone.now()
        )
    with pytest.raises(InvalidInput):
        drafted(desk, denial, "none")
    assert not Appeal.objects.filter(client_id=denial.client_id).exists()


def test_what_is_withdrawn_leaves_the_level_free(desk: scene.Desk) -> None:
    denial = denied(desk)
    appeal = sent(desk, drafted(desk, denial))
    withdraw_appeal(actor=desk.actor(desk.coder), appeal=appeal, reason="Paid meanwhile.", now=timezone.now())
    denial.refresh_from_db()
    assert denial.state == DenialStatus.UPHELD
    assert drafted(desk, denial).level == 1


def test_the_third_error_of_one_cause_makes_all_three_systemic(desk: scene.Desk) -> None:
    ours = {"is_vendor_error": True, "root_cause": "coding"}
    manager, now = desk.actor(desk.manager), timezone.now()
    rows = [denied(desk, **ours) for _ in range(3)]
    other = denied(desk, is_vendor_error=True, root_cause="evidence")
    Denial.objects.filter(client_id=rows[2].client_id, pk=rows[2].pk).update(is_vendor_error=None)
    for denial in rows[:2]:
        made = propose_credit(actor=manager, denial=denial, amount=Decimal("12.50"), basis="Fee.", now=now)
        assert not made.is_systemic
    with pytest.raises(Refused):
        propose_credit(actor=manager, denial=rows[2], amount=Decimal("12.50"), basis="Fee.", now=now)
    Denial.objects.filter(client_id=rows[2].client_id, pk=rows[2].pk).update(is_vendor_error=True)
    propose_credit(actor=manager, denial=other, amount=Decimal("5.00"), basis="Fee.", now=now)
    propose_credit(actor=manager, denial=rows[2], amount=Decimal("12.50"), basis="Fee.", now=now)
    marked = CreditProposal.objects.filter(client_id=other.client_id, is_systemic=True)
    assert {one.denial_id for one in marked} == {one.pk for one in rows}
    with pytest.raises(Conflict):
        propose_credit(actor=manager, denial=rows[0], amount=Decimal("1.00"), basis="Fee.", now=now)


def test_a_credit_is_decided_once_by_somebody_else(desk: scene.Desk) -> None:
    denial = denied(desk, is_vendor_error=True, root_cause="coding")
    manager, now = desk.actor(desk.manager), timezone.now()
    with pytest.raises(NotAllowed):
        propose_credit(
            actor=desk.actor(desk.coder), denial=denial, amount=Decimal("5.00"), basis="Fee.", now=now
        )
    made = propose_credit(actor=manager, denial=denial, amount=Decimal("5.00"), basis="Fee.", now=now)
    with pytest.raises(NotAllowed):
        decide_credit(actor=manager, proposal=made, is_approved=True, note="", now=now)
    boss = cast.actor_for(cast.person("Adaeze Obi", (desk.place, Role.VENDOR_ADMIN)), Role.VENDOR_ADMIN, "")
    with pytest.raises(InvalidInput):
        decide_credit(actor=boss, proposal=made, is_approved=False, note=" ", now=now)
    made.refresh_from_db()
    assert made.state == "proposed"
    decide_credit(actor=boss, proposal=made, is_approved=True, note="", now=now)
    with pytest.raises(Conflict):
        decide_credit(actor=boss, proposal=made, is_approved=False, note="No.", now=now)
