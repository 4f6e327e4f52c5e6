"""Answers that come twice, in parts, or for a number of several claims: no dollar and no denial twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import timezone

from claims.actions.matching import match_waiting
from claims.models import Claim, ClaimStatus, ClaimStep, ClaimTally, Denial, DenialTally
from claims.rules.content import ServiceLine
from tests import cast
from tests.claims import scene
from tests.claims.test_remit_posting import clp, now_of, post, sent, status_of, submission
from tests.rules.claims.x12_text import receipt, remittance

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def of() -> scene.Desk:
    here = cast.cypress()
    with cast.opened(here):
        return scene.desk(here)


def mark_sent(of: scene.Desk, made: Claim) -> None:
    with cast.opened(of.place):
        Claim.objects.filter(pk=made.pk).update(state=ClaimStatus.SUBMITTED, submitted_at=timezone.now())


def test_a_denial_and_the_payment_after_it_that_both_waited_end_as_if_read_in_turn(of: scene.Desk) -> None:
    made = sent(of, "LATE1", ClaimStatus.READY)
    denied = clp("LATE1", "0", cas="CAS*CO*97*135~", line="REF*6R*1~")
    post(of, remittance(denied, "0", trace="T1"))
    post(of, remittance(clp("LATE1", "135", line="REF*6R*1~"), "135", trace="T2", paid_on="20261104"))
    mark_sent(of, made)
    assert match_waiting(of.place.client.pk) == 2
    row = now_of(of, made)
    assert (row.state, row.paid_amount, row.first_response) == ("paid", D(135), "denied")
    with cast.opened(of.place):
        denial = Denial.objects.get()
    assert (denial.state, denial.recovered_amount) == ("overturned", D(135))


def test_the_same_rejection_in_two_files_that_waited_is_one_denial(of: scene.Desk) -> None:
    made = sent(of, "LATE1", ClaimStatus.READY)
    for _ in range(2):
        post(of, status_of("LATE1", "A7:254*20261101*U*135"), "277CA")
    mark_sent(of, made)
    assert match_waiting(of.place.client.pk) == 2
    with cast.opened(of.place):
        assert Denial.objects.get().denied_amount == D(135)
        assert ClaimStep.objects.filter(claim=made, kind="rejected").count() == 1


def test_a_rejection_and_the_acceptance_after_it_that_both_waited_leave_nothing_to_work(
    of: scene.Desk,
) -> None:
    made = sent(of, "LATE1", ClaimStatus.READY)
    post(of, status_of("LATE1", "A7:254*20261101*U*135"), "277CA")
    post(of, status_of("LATE1", "A2:20*20261102*WQ*135"), "277CA")
    mark_sent(of, made)
    assert match_waiting(of.place.client.pk) == 2
    assert now_of(of, made).state == "accepted"
    with cast.opened(of.place):
        assert Denial.objects.get().state == "closed"


def test_a_receipt_that_is_sent_again_another_day_refuses_nothing_twice(of: scene.Desk) -> None:
    made = sent(of, "C1")
    submission(of, made)
    text = receipt("AK1*HC*12*005010X222A1~AK2*837*0001~IK5*R*5~AK9*R*1*1*0~")
    post(of, text, "999")
    with cast.opened(of.place):
        made.acknowledgements.update(answered_on=cast.today() - timedelta(days=3))
    post(of, text, "999")
    with cast.opened(of.place):
        assert Denial.objects.get().denied_amount == D(135)


def test_a_claim_that_the_payer_splits_is_paid_in_part_and_both_parts_count(of: scene.Desk) -> None:
    lines = tuple(
        ServiceLine(number, code, D(charge), D(1), None, pointers=(1,))
        for number, code, charge in ((1, "99213", "135"), (2, "83036", "25"))
    )
    with cast.opened(of.place):
        whole = scene.content("C1", lines=lines, total_charge_amount=D(160))
        made = scene.claim(of, state="submitted", control_number="C1", content=whole)
    refused = "CLP*C1*4*25*0*0*CI*ICN2~SVC*HC:83036*25*0**1~CAS*CO*97*25~REF*6R*2~"
    taken = "CLP*C1*1*135*100*35*CI*ICN1~SVC*HC:99213*135*100**1~CAS*PR*2*35~REF*6R*1~AMT*B6*135~"
    post(of, remittance(refused + taken, "100"))
    row = now_of(of, made)
    assert (row.state, row.paid_amount, row.patient_amount) == ("partly_paid", D(100), D(35))
    with cast.opened(of.place):
        assert Denial.objects.get().state == "open"
    # A later answer to the first line says nothing of the second, whose denial stands.
    again = "CLP*C1*1*135*10*0*CI*ICN1~SVC*HC:99213*135*10**1~CAS*CO*45*125~REF*6R*1~"
    post(of, remittance(again, "10", trace="T2"))
    with cast.opened(of.place):
        assert Denial.objects.get().state == "open"


def test_what_a_payment_won_back_is_open_again_when_the_payer_reverses_it(of: scene.Desk) -> None:
    made = sent(of, "C1")
    paid = clp("C1", "135", line="REF*6R*1~")
    back = clp("C1", "-135", status="22", charge="-135")
    carried = "PLB*1234567893*20261231*FB:X*-135~"
    denied = clp("C1", "0", cas="CAS*CO*97*135~", line="REF*6R*1~")
    stands = []
    for trace, text, amount in (
        ("T1", denied, "0"), ("T2", paid, "135"), ("T3", back + carried, "0"), ("T4", paid, "135"),
        ("T5", back + paid, "0"), ("T6", back + denied + carried, "0"),
    ):  # fmt: skip
        assert not post(of, remittance(text, amount, trace=trace)).problems
        with cast.opened(of.place):
            denial = Denial.objects.get()
            won = DenialTally.objects.filter(category="").aggregate(dollars=Sum("recovered_amount"))
        assert won["dollars"] == denial.recovered_amount
        stands.append((now_of(of, made).state, denial.state, denial.recovered_amount))
    over, open_ = ("paid", "overturned", D(135)), ("accepted", "open", D(0))
    assert stands == [("denied", "open", D(0)), over, open_, over, over, ("denied", "open", D(0))]


def test_what_is_said_of_a_correction_is_no_first_answer_of_the_board(of: scene.Desk) -> None:
    made = sent(of, "C1", ClaimStatus.REPLACED)
    with cast.opened(of.place):
        scene.claim(of, state="submitted", control_number="C2", version=2, replaces=made)
    body = clp("C1", "0", cas="CAS*CO*97*135~") + clp("C2", "0", cas="CAS*CO*97*135~")
    post(of, remittance(body, "0"))
    with cast.opened(of.place):
        assert ClaimTally.objects.values_list("answered_count", "denied_count").get() == (1, 1)
        assert DenialTally.objects.filter(category="").aggregate(n=Sum("initial_count"))["n"] == 1


def test_a_paid_claim_that_is_denied_as_its_own_duplicate_is_not_unpaid(of: scene.Desk) -> None:
    made = sent(of, "C1")
    post(of, remittance(clp("C1", "135"), "135", trace="T1"))
    post(of, remittance(clp("C1", "0", status="4", cas="CAS*OA*18*135~"), "0", trace="T2"))
    row = now_of(of, made)
    assert (row.state, row.paid_amount) == ("partly_paid", D(135))


def test_a_reversal_takes_back_from_the_claim_that_was_paid(of: scene.Desk) -> None:
    with cast.opened(of.place):
        older, newer = (
            scene.claim(
                of, state="submitted", control_number="ACCT1", is_billed_by_client=True,
                content=scene.content("ACCT1", total_charge_amount=charge),
            )
            for charge in (D(135), D(150))
        )  # fmt: skip
    post(of, remittance(clp("ACCT1", "135"), "135", trace="T1"))
    back = clp("ACCT1", "-135", status="22", charge="-135")
    post(of, remittance(f"{back}PLB*1234567893*20261231*FB:X*-135~", "0", trace="T2"))
    assert (now_of(of, older).paid_amount, now_of(of, newer).paid_amount) == (D(0), D(0))
    assert (now_of(of, older).state, now_of(of, newer).state) == ("accepted", "submitted")
