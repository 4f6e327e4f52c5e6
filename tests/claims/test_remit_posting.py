"""Remittances, acknowledgements and receipts become rows, move claims, and open what they deny."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from claims.actions.files import keep_file
from claims.actions.matching import match_waiting
from claims.actions.posting import remittances
from claims.actions.posting.acks import post_277ca, post_999
from claims.actions.posting.posted import Posted
from claims.actions.posting.remittances import post_835
from claims.actions.reading import read_waiting
from claims.models import (
    Acknowledgement,
    Adjustment,
    Claim,
    ClaimStatus,
    ClaimStep,
    Denial,
    Door,
    FileProblem,
    PayerFile,
    ProviderAdjustment,
    Remittance,
    RemittedClaim,
    RemittedLine,
    Submission,
    SubmittedClaim,
)
from coding_ops.audit.models import AuditEvent, Verb
from tests import cast
from tests.claims import answers, scene
from tests.rules.claims.x12_text import acknowledgement, receipt, remittance

pytestmark = pytest.mark.django_db
D = Decimal
LEVELS = (
    "HL*1**20*1~NM1*PR*2*HARBOR*****PI*60054~HL*2*1*21*1~NM1*41*2*V*****46*X~TRN*2*{batch}~STC*{batch_code}~"
)


@pytest.fixture
def of() -> scene.Desk:
    here = cast.cypress()
    with cast.opened(here):
        return scene.desk(here)


def sent(of: scene.Desk, number: str, state: str = ClaimStatus.SUBMITTED) -> Claim:
    with cast.opened(of.place):
        return scene.claim(of, state=state, control_number=number)


def post(of: scene.Desk, text: str, kind: str = "835", file: PayerFile | None = None) -> Posted:
    with cast.opened(of.place):
        kept = file or scene.payer_file(of, kind)
    poster = {"835": post_835, "277CA": post_277ca, "999": post_999}[kind]
    return poster(file=kept, text=text, progress=lambda _: None, now=timezone.now())


def now_of(of: scene.Desk, made: Claim) -> Claim:
    with cast.opened(of.place):
        return Claim.objects.get(pk=made.pk)


def clp(
    number: str, paid: str, *, status: str = "1", charge: str = "135", cas: str = "", line: str = ""
) -> str:
    """One CLP with one service of the scene's claim; ``cas`` follows it, ``line`` the adjustments."""
    return (
        f"CLP*{number}*{status}*{charge}*{paid}*0*CI*ICN{number}~SVC*HC:99213*{charge}*{paid}**1~{cas}{line}"
    )


def status_of(number: str, stc: str, *, batch: str = "1", batch_code: str = "A1:19**WQ") -> str:
    head = LEVELS.format(batch=batch, batch_code=batch_code)
    claim = f"HL*3*2*PT~TRN*2*{number}~STC*{stc}~REF*1K*ICN{number}~" if number else ""
    return acknowledgement(f"{head}{claim}")


def test_a_payment_and_a_denial_of_one_file_move_their_claims_and_leave_every_row(of: scene.Desk) -> None:
    paid, part = sent(of, "PAID1"), sent(of, "PART1")
    text = remittance(
        clp("PAID1", "100", cas="CAS*CO*45*35~", line="REF*6R*1~AMT*B6*100~")
        + clp("PART1", "50", cas="CAS*CO*97*60**45*20~CAS*PR*1*5~", line="LQ*HE*M51~")
        + "PLB*1234567893*20261231*L6:I*-2.50*WO:R*10~",
        "142.50",
    )
    assert post(of, text) == Posted(entry_count=2, posted_count=2)
    first, second = now_of(of, paid), now_of(of, part)
    assert (first.state, first.paid_amount, first.allowed_amount) == ("paid", D(100), D(100))
    assert (first.first_response, first.first_categories, first.payer_control_number) == (
        "paid",
        [],
        "ICNPAID1",
    )
    assert (second.state, second.paid_amount) == ("partly_paid", D(50))
    assert (second.first_response, second.first_categories) == ("denied", ["coding"])
    with cast.opened(of.place):
        row = Remittance.objects.get()
        assert (row.payer, row.payment_amount, row.paid_on, row.claim_count) == (
            None, D("142.50"), date(2026, 11, 2), 2,
        )  # fmt: skip
        line = RemittedLine.objects.get(remitted_claim__claim=part)
        assert (line.claim_line_id, line.remarks) == (part.lines.get().pk, ["M51"])
        told = Adjustment.objects.filter(remitted_claim__claim=part).values_list(
            "position", "group_code", "carc", "amount", "category"
        )
        assert list(told) == [
            (1, "CO", "97", D(60), "coding"), (2, "CO", "45", D(20), "not_a_denial"),
            (3, "PR", "1", D(5), "not_a_denial"),
        ]  # fmt: skip
        assert list(ProviderAdjustment.objects.values_list("reason_code", "amount")) == [
            ("L6", D("-2.50")), ("WO", D(10)),
        ]  # fmt: skip
        denial = Denial.objects.get()
        assert (denial.claim, denial.claim_line_id, denial.carc, denial.denied_amount, denial.is_initial) == (
            part, line.claim_line_id, "97", D(60), True,
        )  # fmt: skip
        steps = ClaimStep.objects.filter(claim=part).values_list("kind", "facts")
        assert [(kind, facts["reasons"], facts["paid_amount"]) for kind, facts in steps] == [
            ("partly_paid", ["CO-97"], "50"),
        ]  # fmt: skip


def test_what_does_not_foot_is_not_posted_and_says_by_how_much(of: scene.Desk) -> None:
    made = sent(of, "C1")
    found = post(of, remittance(clp("C1", "100", cas="CAS*CO*45*35~"), "101.25"))
    assert (found.entry_count, found.posted_count, found.unmatched_count) == (1, 0, 0)
    assert [(one.code, one.amount) for one in found.problems] == [("balance.payment", D("1.25"))]
    assert "segment 4 (BPR)" in found.problems[0].place
    with cast.opened(of.place):
        assert not Remittance.objects.exists() and not RemittedClaim.objects.exists()
    assert now_of(of, made).state == ClaimStatus.SUBMITTED


def test_a_file_posted_again_changes_nothing_and_the_same_payment_in_another_file_is_set_aside(
    of: scene.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remittances, "BATCH", 2)
    claims = [sent(of, f"C{number}") for number in range(5)]
    text = remittance("".join(clp(f"C{number}", "135") for number in range(5)), "675")
    with cast.opened(of.place):
        file = scene.payer_file(of)
    seen: list[int] = []

    def stop(count: int) -> None:
        seen.append(count)
        if count == 4:
            raise RuntimeError("the worker is gone")

    with pytest.raises(RuntimeError):
        post_835(file=file, text=text, progress=stop, now=timezone.now())
    assert seen == [2, 4]
    assert post(of, text, file=file) == Posted(entry_count=5, posted_count=5)
    assert post(of, text, file=file) == Posted(entry_count=5, posted_count=5)
    assert [now_of(of, one).paid_amount for one in claims] == [D(135)] * 5
    again = post(of, text)
    assert (again.duplicate_count, again.posted_count) == (5, 0)
    assert [(one.code, one.amount) for one in again.problems] == [("remit.duplicate", D(675))]
    with cast.opened(of.place):
        assert RemittedClaim.objects.count() == 5 and ClaimStep.objects.filter(kind="paid").count() == 5


def test_a_reversal_and_its_correction_leave_the_sum_and_the_last_word(of: scene.Desk) -> None:
    made = sent(of, "C1")
    post(of, remittance(clp("C1", "135"), "135", trace="T1"))
    body = clp("C1", "-135", status="22", charge="-135") + clp("C1", "35", cas="CAS*CO*97*100~")
    # 35 - 135 is below zero: the payer carries 100 forward beside the claims, or it does not foot.
    assert [one.amount for one in post(of, remittance(body, "0", trace="T2")).problems] == [D(100)]
    assert now_of(of, made).paid_amount == D(135)
    carried = remittance(f"{body}PLB*1234567893*20261231*FB:X*-100~", "0", trace="T3", paid_on="20261103")
    assert post(of, carried).posted_count == 2
    row = now_of(of, made)
    assert (row.state, row.paid_amount, row.first_response) == ("partly_paid", D(35), "paid")
    with cast.opened(of.place):
        kinds = list(ClaimStep.objects.filter(claim=made).values_list("kind", flat=True))
        denial = Denial.objects.get()
    assert kinds == ["paid", "reversed", "partly_paid"]
    assert (denial.denied_amount, denial.is_initial) == (D(100), False)


def test_a_payment_for_an_unknown_claim_is_kept_and_matched_when_the_claim_is_sent(of: scene.Desk) -> None:
    text = remittance(clp("LATE1", "35", cas="CAS*CO*97*100~", line="REF*6R*1~"), "35")
    assert post(of, text) == Posted(entry_count=1, unmatched_count=1)
    assert post(of, status_of("LATE1", "A2:20*20261101*WQ*135"), "277CA").unmatched_count == 1
    assert match_waiting(of.place.client.pk) == 0
    made = sent(of, "LATE1", ClaimStatus.READY)
    assert match_waiting(of.place.client.pk) == 0
    assert now_of(of, made).state == ClaimStatus.READY
    with cast.opened(of.place):
        Claim.objects.filter(pk=made.pk).update(state=ClaimStatus.SUBMITTED, submitted_at=timezone.now())
    assert match_waiting(of.place.client.pk) == 2
    assert match_waiting(of.place.client.pk) == 0
    row = now_of(of, made)
    assert (row.state, row.paid_amount, row.first_categories) == ("partly_paid", D(35), ["coding"])
    assert row.accepted_at is not None
    with cast.opened(of.place):
        assert RemittedLine.objects.get().claim_line_id == made.lines.get().pk
        assert Denial.objects.get().claim_line_id == made.lines.get().pk
        assert list(ClaimStep.objects.filter(claim=made).values_list("kind", flat=True)) == [
            "accepted", "partly_paid",
        ]  # fmt: skip


def test_an_answer_to_a_claim_that_is_not_marked_as_sent_waits_says_so_and_ends_when_it_is(
    of: scene.Desk,
) -> None:
    made = sent(of, "C1", ClaimStatus.READY)
    with cast.opened(of.place):
        file = scene.payer_file(of, state="problems", unmatched_count=1, problem_count=1)
    found = post(of, remittance(clp("C1", "135"), "135"), file=file)
    assert found.unmatched_count == 1 and [one.code for one in found.problems] == ["remit.not_sent"]
    assert now_of(of, made).state == ClaimStatus.READY
    with cast.opened(of.place):
        FileProblem.objects.create(
            client=of.place.client, file=file, place="x", code="remit.not_sent", message="x",
            made_at=timezone.now(),
        )  # fmt: skip
        Claim.objects.filter(pk=made.pk).update(state=ClaimStatus.SUBMITTED, submitted_at=timezone.now())
    assert match_waiting(of.place.client.pk) == 1
    with cast.opened(of.place):
        file.refresh_from_db()
        assert (file.state, file.posted_count, file.unmatched_count, file.problem_count) == ("done", 1, 0, 0)
        assert FileProblem.objects.get().state == FileProblem.State.RETRIED
        event = AuditEvent.objects.get(verb=Verb.PAYMENT_MATCHED)
        assert (event.subject_id, event.facts["matched"]) == (str(file.pk), 1)


def test_the_payers_number_matches_where_ours_is_not_known(of: scene.Desk) -> None:
    made = sent(of, "C1")
    with cast.opened(of.place):
        Claim.objects.filter(pk=made.pk).update(payer_control_number="ICNX")
    assert post(of, remittance("CLP*0*1*135*135*0*CI*ICNX~", "135")).posted_count == 1
    assert now_of(of, made).state == ClaimStatus.PAID


def test_an_acceptance_is_no_first_response_and_a_rejection_is(of: scene.Desk) -> None:
    taken, refused = sent(of, "C1"), sent(of, "C2")
    assert post(of, status_of("C1", "A2:20*20261101*WQ*135"), "277CA") == Posted(1, 1)
    twice = status_of("C2", "A7:254*20261101*U*135******A3:21~SVC*HC:99213*135~STC*A8:562:85**U~REF*FJ*1")
    with cast.opened(of.place):
        file = scene.payer_file(of, "277CA")
    assert post(of, twice, "277CA", file) == post(of, twice, "277CA", file) == Posted(1, 1)
    first, second = now_of(of, taken), now_of(of, refused)
    assert (first.state, first.first_response, first.payer_control_number) == ("accepted", "", "ICNC1")
    assert (second.state, second.first_response) == ("rejected", "rejected")
    assert second.first_response_at is not None and second.accepted_at is None
    with cast.opened(of.place):
        rows = Acknowledgement.objects.filter(claim=refused)
        assert [(one.category_code, one.status_code, one.entity_code) for one in rows] == [
            ("A7", "254", ""), ("A3", "21", ""), ("A8", "562", "85"),
        ]  # fmt: skip
        denials = Denial.objects.filter(claim=refused).order_by("acknowledgement__position")
        assert [one.denied_amount for one in denials] == [D(135), D(0), D(0)]
        assert {one.source for one in denials} == {"277CA"}
        assert [one.claim_line_id for one in denials] == [None, None, refused.lines.get().pk]
        assert set(second.first_categories) == {one.category for one in denials}
    # A clearinghouse sends the same rejection again in a file of its own: no news.
    assert post(of, twice, "277CA") == Posted(1, 1)
    with cast.opened(of.place):
        assert Denial.objects.filter(claim=refused).count() == 3
        assert ClaimStep.objects.filter(claim=refused, kind="rejected").count() == 1


def test_an_acknowledgement_that_is_read_after_the_payment_moves_nothing_but_may_be_the_first_answer(
    of: scene.Desk,
) -> None:
    made = sent(of, "C1")
    post(of, remittance(clp("C1", "135"), "135", paid_on="20261110"))
    post(of, status_of("C1", "A7:254*20261101*U*135"), "277CA")
    row = now_of(of, made)
    assert (row.state, row.paid_amount, row.first_response) == ("paid", D(135), "rejected")
    with cast.opened(of.place):
        assert not Denial.objects.exists()


def submission(of: scene.Desk, *claims: Claim) -> Submission:
    with cast.opened(of.place):
        made: Submission = Submission.objects.create(
            client=of.place.client, form="837P", receiver_id="PAYER1", receiver_name="Payer",
            interchange_number=12, state="sent", content="x", asked_by=of.manager, asked_at=timezone.now(),
        )  # fmt: skip
        SubmittedClaim.objects.bulk_create(
            SubmittedClaim(
                client=of.place.client, submission=made, claim=one, position=place,
                transaction_number=f"{place:04d}",
            )
            for place, one in enumerate(claims, 1)
        )  # fmt: skip
    return made


def test_a_receipt_reaches_each_claim_of_the_transaction_it_answers(of: scene.Desk) -> None:
    taken, refused = sent(of, "C1"), sent(of, "C2")
    made = submission(of, taken, refused)
    text = receipt(
        "AK1*HC*12*005010X222A1~AK2*837*0001~IK5*A~AK2*837*0002~IK3*NM1*31*2010BA*8~CTX*CLM01:C2~"
        "IK4*9*67*7*ROE~IK5*R*5~AK9*P*2*2*1~"
    )
    with cast.opened(of.place):
        file = scene.payer_file(of, "999")
    assert post(of, text, "999", file) == post(of, text, "999", file) == Posted(2, 2)
    assert [now_of(of, one).state for one in (taken, refused)] == ["received", "rejected"]
    assert now_of(of, refused).first_categories == ["submission"]
    with cast.opened(of.place):
        made.refresh_from_db()
        assert made.state == "partly" and made.acknowledged_at is not None
        told = Acknowledgement.objects.order_by("position").values_list(
            "control_number", "outcome", "status_code"
        )
        assert list(told) == [("", "received", ""), ("", "rejected", "5"), ("C2", "rejected", "7")]
        assert Denial.objects.get().source == "999"


def test_a_receipt_for_no_file_of_ours_is_kept_and_told(of: scene.Desk) -> None:
    found = post(of, receipt("AK1*HC*99~AK2*837*0001~IK5*A~AK9*A*1*1*1~"), "999")
    assert found.unmatched_count == 1 and [one.code for one in found.problems] == ["receipt.unknown"]


def test_a_file_that_is_refused_as_a_whole_refuses_each_of_its_claims(of: scene.Desk) -> None:
    one, other = sent(of, "C1"), sent(of, "C2")
    submission(of, one, other)
    found = post(of, status_of("", "", batch="0000000120001", batch_code="A3:24:41*20261101*U"), "277CA")
    assert not found.problems
    assert [now_of(of, made).state for made in (one, other)] == ["rejected", "submitted"]


def test_a_file_that_comes_in_by_a_door_reaches_its_claim(of: scene.Desk) -> None:
    made = sent(of, "C1")
    with cast.opened(of.place):
        files = [answers.acknowledged(made, "A2:20"), answers.denied(made, "CO", "97", "M51")]
        for text in files:
            keep_file(
                actor=of.actor(of.manager), client_id=of.place.client.pk, filename="x", door=Door.UPLOAD,
                content=io.BytesIO(text.encode()), now=timezone.now(),
            )  # fmt: skip
    assert read_waiting(actor=of.actor(of.manager), client_id=of.place.client.pk) == 2
    row = now_of(of, made)
    assert (row.state, row.first_response, row.first_categories) == ("denied", "denied", ["coding"])
    with cast.opened(of.place):
        assert list(PayerFile.objects.values_list("state", "posted_count", "problem_count")) == [
            ("done", 1, 0), ("done", 1, 0),
        ]  # fmt: skip
        assert Remittance.objects.get().payer == of.payer


def test_a_batch_takes_as_many_statements_for_many_claims_as_for_few(of: scene.Desk) -> None:
    counts = []
    for trace, numbers in (("A", range(3)), ("B", range(3, 30))):
        for number in numbers:
            sent(of, f"C{number}")
        body = "".join(clp(f"C{number}", "0", cas="CAS*CO*97*135~") for number in numbers)
        with CaptureQueriesContext(connection) as seen:
            assert post(of, remittance(body, "0", trace=trace)).posted_count == len(numbers)
        counts.append(len(seen))
    assert counts[0] == counts[1]
