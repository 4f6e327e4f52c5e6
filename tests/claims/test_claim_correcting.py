"""Corrected claims: made from recoded charts or mended data, sent in place of the old ones."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.utils import timezone

from claims.actions.correcting import bring_up_to_date, correct_claim, successors_sent, void_claim
from claims.actions.overpayments import move_notice
from claims.actions.rework import ask_rework
from claims.models import (
    Claim,
    ClaimStatus,
    ClaimStep,
    ClaimStepKind,
    DenialStatus,
    OverpaymentNotice,
    PayerKind,
    RemittedLine,
    Rework,
)
from claims.rules.content import from_json
from coding_ops.audit.models import AuditEvent, Verb
from coding_ops.core.errors import Conflict, InvalidInput, NotAllowed, Refused
from coding_ops.core.overpayment import ClockVerb
from coding_ops.tenancy.actor import system_actor
from encounters.actions.coding import remove_code
from encounters.actions.finalize import finalize
from encounters.actions.leases import take_chart
from encounters.models import CodeAssignment, Encounter
from tests import cast
from tests.claims import scene

pytestmark = pytest.mark.django_db
WHY = "The payer wants the other code."
BEAT = system_actor("claims")


@pytest.fixture
def desk() -> Iterator[scene.Desk]:
    place = cast.cypress()
    with cast.opened(place):
        yield scene.desk(place)


def billed(desk: scene.Desk, state: str, paid: str = "0.00", **attributes: object) -> Claim:
    """The claim of a chart with two services, sent and answered."""
    chart = scene.final_chart(desk, services=(("99213", ()), ("83036", ())))
    made = bring_up_to_date(actor=BEAT, encounter=chart, now=timezone.now())
    assert made is not None
    assert made.state == ClaimStatus.READY
    answer(made, state, paid)
    return made


def answer(made: Claim, state: str, paid: str = "0.00") -> None:
    """Sends the claim and has it answered; the payer's number comes with all but a rejection."""
    rows = Claim.objects.filter(client_id=made.client_id, pk=made.pk)
    rows.update(state=ClaimStatus.SUBMITTED, submitted_at=timezone.now())
    number = "" if state == ClaimStatus.REJECTED else "ICN0001"
    rows.update(state=state, paid_amount=Decimal(paid), payer_control_number=number)
    made.refresh_from_db()


def recode(desk: scene.Desk, chart: Encounter, *, without: str = "") -> None:
    """Codes an open chart again, without one of its codes, and makes it final."""
    actor = desk.actor(desk.coder)
    fence = take_chart(actor=actor, item=cast.item_of(chart), now=timezone.now()).fence
    if without:
        row = CodeAssignment.objects.get(client_id=chart.client_id, encounter=chart, code=without)
        remove_code(actor=actor, encounter=chart, fence=fence, assignment_id=row.pk, reason=WHY)
    finalize(actor=actor, encounter=chart, fence=fence)
    chart.refresh_from_db()


def test_a_rejected_claim_is_coded_again_and_goes_out_as_an_original(desk: scene.Desk) -> None:
    old = billed(desk, ClaimStatus.REJECTED)
    chart = old.encounter
    assert chart is not None
    denial = scene.denial(desk, old, source="277CA", state=DenialStatus.OPEN)
    rework = ask_rework(
        actor=desk.actor(desk.coder), claim=old, denial=denial, reason=WHY, now=timezone.now()
    )
    denial.refresh_from_db()
    chart.refresh_from_db()
    assert (denial.state, chart.status) == (DenialStatus.WORKING, "reopened")
    assert rework.before_revision == 1
    recode(desk, chart, without="83036")
    made = bring_up_to_date(actor=BEAT, encounter=chart, now=timezone.now())
    assert made is not None
    content = from_json(made.content or "")
    assert (made.replaces_id, made.version, made.state) == (old.pk, 2, ClaimStatus.READY)
    assert (made.frequency_code, content.frequency, content.payer_control_number) == ("1", "1", "")
    assert [one.code for one in content.lines] == ["99213"]
    rework.refresh_from_db()
    assert (rework.after_revision, rework.done_at is not None) == (2, True)
    # Until it is sent the old one stands, and nothing is written twice.
    old.refresh_from_db()
    assert old.state == ClaimStatus.REJECTED
    assert bring_up_to_date(actor=BEAT, encounter=chart, now=timezone.now()) == made
    answer(made, ClaimStatus.SUBMITTED)
    moved = successors_sent(actor=BEAT, client_id=old.client_id, claim_ids=[made.pk], now=timezone.now())
    old.refresh_from_db()
    denial.refresh_from_db()
    assert (moved, old.state, denial.state) == (1, ClaimStatus.REPLACED, DenialStatus.CORRECTED)
    kinds = list(ClaimStep.objects.filter(client_id=old.client_id, claim=old).values_list("kind", flat=True))
    assert kinds == [
        ClaimStepKind.MADE,
        ClaimStepKind.REWORKED,
        ClaimStepKind.CORRECTED,
        ClaimStepKind.REPLACED,
    ]


def test_codes_made_final_again_without_a_change_need_no_correction(desk: scene.Desk) -> None:
    old = billed(desk, ClaimStatus.DENIED)
    chart = old.encounter
    assert chart is not None
    ask_rework(actor=desk.actor(desk.coder), claim=old, reason=WHY, now=timezone.now())
    recode(desk, chart)
    assert bring_up_to_date(actor=BEAT, encounter=chart, now=timezone.now()) == old
    old.refresh_from_db()
    assert (old.revision_number, old.state) == (2, ClaimStatus.DENIED)
    assert Claim.objects.filter(client_id=old.client_id, encounter=chart).count() == 1
    assert not Rework.objects.filter(client_id=old.client_id, done_at__isnull=True).exists()


def test_an_unanswered_claim_waits_and_its_codes_are_told_when_it_is_answered(desk: scene.Desk) -> None:
    old = billed(desk, ClaimStatus.SUBMITTED)
    chart = old.encounter
    assert chart is not None
    ask_rework(actor=desk.actor(desk.coder), claim=old, reason=WHY, now=timezone.now())
    recode(desk, chart, without="83036")
    assert bring_up_to_date(actor=BEAT, encounter=chart, now=timezone.now()) is None
    answer(old, ClaimStatus.ACCEPTED)
    made = bring_up_to_date(actor=BEAT, encounter=chart, now=timezone.now())
    assert made is not None
    assert (made.frequency_code, made.payer_control_number) == ("7", "ICN0001")


def test_a_correction_needs_something_to_correct_and_who_may(desk: scene.Desk) -> None:
    old = billed(desk, ClaimStatus.DENIED)
    manager, now = desk.actor(desk.manager), timezone.now()
    with pytest.raises(NotAllowed):
        correct_claim(actor=desk.actor(desk.coder), claim=old, reason=WHY, now=now)
    with pytest.raises(InvalidInput):
        correct_claim(actor=manager, claim=old, reason="no", now=now)
    with pytest.raises(Refused) as unchanged:
        correct_claim(actor=manager, claim=old, reason=WHY, now=now)
    assert unchanged.value.code == "correction.unchanged"
    assert Claim.objects.filter(client_id=old.client_id).count() == 1
    assert not AuditEvent.objects.filter(verb=Verb.CLAIM_CORRECTED).exists()
    # The member number was registered wrongly: that is a correction without any code of ours.
    assert old.coverage is not None
    old.coverage.member_id = "SM7654321"
    old.coverage.save(update_fields=["member_id"])
    made = correct_claim(actor=manager, claim=old, reason=WHY, now=now)
    assert from_json(made.content or "").subscriber.identifier == "SM7654321"
    step = ClaimStep.objects.get(client_id=old.client_id, claim=old, kind=ClaimStepKind.CORRECTED)
    assert (step.facts["changed"], step.note) == (["subscriber"], WHY)
    with pytest.raises(Conflict) as twice:
        correct_claim(actor=manager, claim=old, reason=WHY, now=now)
    assert twice.value.code == "correction.made"


def test_what_a_paid_medicare_claim_loses_starts_the_clock(desk: scene.Desk) -> None:
    desk.payer.kind = PayerKind.MEDICARE
    desk.payer.save(update_fields=["kind"])
    old = billed(desk, ClaimStatus.PAID, "100.00")
    row = scene.remitted(desk, old, adjustments=(), paid="80.00", status="1")
    second = old.lines.get(number=2)
    RemittedLine.objects.create(
        client_id=old.client_id, remitted_claim=row, position=2, claim_line=second, code="83036",
        charge_amount=Decimal("25.00"), paid_amount=Decimal("20.00"),
    )  # fmt: skip
    chart = old.encounter
    assert chart is not None
    ask_rework(actor=desk.actor(desk.coder), claim=old, reason=WHY, now=timezone.now())
    recode(desk, chart, without="83036")
    made = bring_up_to_date(actor=BEAT, encounter=chart, now=timezone.now())
    assert made is not None
    notice = OverpaymentNotice.objects.get(client_id=old.client_id, claim=old)
    today = cast.today()
    assert (notice.amount, notice.identified_on) == (Decimal("20.00"), today)
    manager = desk.actor(desk.manager)
    with pytest.raises(Conflict):
        move_notice(actor=manager, notice=notice, verb=ClockVerb.QUANTIFY, on=today, note=WHY, today=today)
    moved = move_notice(
        actor=manager, notice=notice, verb=ClockVerb.RETURN, on=today, note=WHY, today=today,
        amount=Decimal("18.40"),
    )  # fmt: skip
    assert (moved.returned_on, moved.amount) == (today, Decimal("18.40"))
    with pytest.raises(Conflict):
        move_notice(actor=manager, notice=notice, verb=ClockVerb.RETURN, on=today, note=WHY, today=today)


def test_a_void_takes_all_back_and_ends_its_denials(desk: scene.Desk) -> None:
    desk.payer.kind = PayerKind.MEDICARE
    desk.payer.save(update_fields=["kind"])
    old = billed(desk, ClaimStatus.PARTLY_PAID, "80.00")
    denial = scene.denial(desk, old)
    made = void_claim(actor=desk.actor(desk.manager), claim=old, reason=WHY, now=timezone.now())
    content = from_json(made.content or "")
    assert (made.frequency_code, content.frequency, content.payer_control_number) == ("8", "8", "ICN0001")
    assert content.control_number == made.control_number != old.control_number
    assert OverpaymentNotice.objects.get(client_id=old.client_id, claim=old).amount == Decimal("80.00")
    answer(made, ClaimStatus.SUBMITTED)
    # Told once more when it goes out: nothing is noticed twice.
    successors_sent(actor=BEAT, client_id=old.client_id, claim_ids=[made.pk], now=timezone.now())
    assert OverpaymentNotice.objects.filter(client_id=old.client_id).count() == 1
    answer(made, ClaimStatus.ACCEPTED)
    with pytest.raises(Refused) as again:
        void_claim(actor=desk.actor(desk.manager), claim=made, reason=WHY, now=timezone.now())
    assert again.value.code == "correction.void"
    old.refresh_from_db()
    denial.refresh_from_db()
    assert (old.state, denial.state) == (ClaimStatus.VOIDED, DenialStatus.CLOSED)
    assert denial.ended_at is not None


def test_a_rework_keeps_its_reason_sealed_and_is_asked_once(desk: scene.Desk) -> None:
    old = billed(desk, ClaimStatus.DENIED)
    coder = desk.actor(desk.coder)
    with pytest.raises(InvalidInput):
        ask_rework(actor=coder, claim=old, reason="again", now=timezone.now())
    with pytest.raises(NotAllowed):
        ask_rework(actor=desk.actor(desk.administrator), claim=old, reason=WHY, now=timezone.now())
    assert not Rework.objects.filter(client_id=old.client_id).exists()
    ask_rework(actor=coder, claim=old, reason=WHY, now=timezone.now())
    with pytest.raises(Conflict):
        ask_rework(actor=coder, claim=old, reason=WHY, now=timezone.now())
    assert not AuditEvent.objects.filter(reason__contains="other code").exists()
