"""Receipts (999) and claim acknowledgements (277CA): published samples and built ones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from claims.rules.x12.ack_999 import Receipt, read_999
from claims.rules.x12.reader import read_file
from claims.rules.x12.status_277ca import Acknowledgement, Level, Outcome, outcome_of, read_277ca
from tests.rules.claims.x12_text import CLAIM, acknowledgement, receipt
from tests.shared_data import shared_path

SAMPLES = "reference/edi/x12/"


def status_of(text: str) -> Acknowledgement:
    return read_277ca(next(iter(read_file(text).transactions())))


def receipt_of(text: str) -> Receipt:
    return read_999(next(iter(read_file(text).transactions())))


def test_an_accepted_sample() -> None:
    found = status_of(shared_path(SAMPLES + "imsweb/x12_277CA_accepted.txt").read_text())
    assert (found.payer_name, found.payer_code, found.stated_on) == ("NYSDOH", "141797357", date(2011, 3, 11))
    assert [(one.batch_number, one.statuses[0].category) for one in found.batches] == [("000000674", "A1")]
    claim = found.claims[0]
    assert (claim.control_number, claim.payer_control_number) == ("5781", "1107000000014420")
    assert claim.outcome is Outcome.ACCEPTED and claim.batch_number == "000000674"
    assert claim.statuses[0].amount == Decimal(125) and not found.problems


def test_a_rejected_sample_of_another_component_sign() -> None:
    found = status_of(shared_path(SAMPLES + "imsweb/x12_277CA_rejected.txt").read_text())
    claim = found.claims[0]
    status = claim.statuses[0]
    assert (status.category, status.code, status.entity) == ("A7", "562", "85")
    assert (status.outcome, status.level, status.position) == (Outcome.REJECTED, Level.CLAIM, 22)
    assert (claim.control_number, claim.payer_control_number) == ("3920394930203", "1107000000001120")
    assert claim.service_from_on == date(2009, 3, 11) and not found.problems


@pytest.mark.parametrize(
    ("name", "status", "passed"),
    [
        ("834_ls_le_ls_5010.999.txt", "A", [("834", "146001", False)]),
        ("834_eol_in_element.expected_ack999.x12", "R", [("834", "0001", True)]),
        ("834_lui_id_5010.expected_ack999.x12", "A", [("834", "0001", False)]),
        ("835id.expected_ack997.x12", "A", [("835", "40731", False)]),
    ],
)
def test_receipts_of_another_program(name: str, status: str, passed: list[tuple[str, str, bool]]) -> None:
    found = receipt_of(shared_path(f"{SAMPLES}pyx12/{name}").read_text())
    assert found.status == status and not found.problems
    assert [(one.code, one.control_number, one.is_rejected) for one in found.sets] == passed


def test_what_a_receipt_says_of_a_segment_is_placed_and_the_bad_value_is_left_out() -> None:
    found = receipt_of(
        receipt(
            "AK1*HC*12*005010X222A1~AK2*837*0001*005010X222A1~IK3*NM1*31*2010BA*8~CTX*SITUATIONAL TRIGGER~"
            f"CTX*CLM01:{CLAIM}~IK4*9:1*67*I9*ROE~IK4*3**1~IK3*CLM*40**3~IK5*R*5*I6~AK2*837*0002~IK5*E~"
            "AK9*P*2*2*1~"
        )
    )
    first, second = found.sets
    assert (found.group_kind, found.group_number, found.status) == ("HC", "12", "P")
    assert first.is_rejected and first.codes == ("5", "I6") and not second.is_rejected
    error, other = first.errors
    assert (error.segment_id, error.segment_position, error.loop, error.codes) == (
        "NM1",
        31,
        "2010BA",
        ("8",),
    )
    assert error.control_number == CLAIM and error.elements == (("9", "I9"), ("3", "1"))
    assert other.control_number == "" and "ROE" not in repr(found)


def test_a_group_that_is_rejected_whole_names_no_transaction() -> None:
    assert receipt_of(receipt("AK1*HC*12~AK9*R*3*3*0*2~")).is_whole_group_rejected
    assert not receipt_of(receipt("AK1*HC*12~AK9*A*3*3*3~")).is_whole_group_rejected


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        ("AK9*A*1*1*1~", "receipt.group", "segment 3 (ST)"),
        ("AK1*HC*12~IK5*A~AK9*A*1*1*1~", "receipt.order", "segment 5 (IK5)"),
        ("AK1*HC*12~AK2*837*0001~AK9*A*1*1*1~", "receipt.status", "segment 5 (AK2)"),
    ],
)
def test_a_receipt_that_says_too_little_is_named(body: str, code: str, place: str) -> None:
    problem = receipt_of(receipt(body)).problems[0]
    assert problem.code == code and place in problem.place


HEAD = (
    "HL*1**20*1~NM1*PR*2*HARBOR*****PI*60054~HL*2*1*21*1~NM1*41*2*V*****46*X~TRN*2*B9~STC*A1:19*20261101*WQ~"
)


def test_every_status_of_a_claim_and_its_lines_is_kept_and_one_rejection_decides() -> None:
    found = status_of(
        acknowledgement(
            f"{HEAD}HL*3*2*19*1~NM1*85*2*CLINIC*****XX*1234567893~TRN*1*0~HL*4*3*PT~NM1*QC*1*ROE*JAN~"
            f"TRN*2*{CLAIM}~STC*A2:20*20261101*WQ*120******A1:19~DTP*472*RD8*20260901-20260903~"
            "SVC*HC:99213*120*****1~STC*A8:562:85*20261101*U*120********ROE JAN WAS NOT FOUND~REF*FJ*2~"
            "DTP*472*D8*20260903~TRN*2*SECOND~STC*A0:16*20261101*WQ*80~"
        )
    )
    first, second = found.claims
    assert [(one.category, one.level, one.line_number) for one in first.statuses] == [
        ("A2", Level.CLAIM, ""), ("A1", Level.CLAIM, ""), ("A8", Level.LINE, "2"),
    ]  # fmt: skip
    assert first.outcome is Outcome.REJECTED and first.batch_number == "B9"
    assert (first.service_from_on, first.service_through_on) == (date(2026, 9, 1), date(2026, 9, 3))
    assert (second.control_number, second.outcome) == ("SECOND", Outcome.RECEIVED)
    assert "ROE" not in repr(found) and not found.problems


def test_a_file_rejected_as_a_whole_has_no_claims() -> None:
    found = status_of(acknowledgement(HEAD.replace("A1:19*20261101*WQ", "A3:24:41*20261101*U")))
    assert not found.claims and [(one.batch_number, one.is_rejected) for one in found.batches] == [
        ("B9", True)
    ]


@pytest.mark.parametrize(
    ("category", "action", "outcome"),
    [
        ("A0", "WQ", Outcome.RECEIVED), ("A1", "", Outcome.RECEIVED), ("A2", "WQ", Outcome.ACCEPTED),
        ("A3", "U", Outcome.REJECTED), ("A4", "", Outcome.REJECTED), ("A6", "WQ", Outcome.REJECTED),
        ("A7", "U", Outcome.REJECTED), ("A8", "U", Outcome.REJECTED), ("A5", "", Outcome.RECEIVED),
        ("DR", "U", Outcome.REJECTED), ("F1", "WQ", Outcome.OTHER), ("", "", Outcome.OTHER),
    ],
)  # fmt: skip
def test_what_a_category_means(category: str, action: str, outcome: Outcome) -> None:
    assert outcome_of(category, action) is outcome


def test_a_status_answer_is_no_acknowledgement() -> None:
    path = "linuxforhealth/277_005010X212__claim-level-status-ncpdp.277"
    found = status_of(shared_path(SAMPLES + path).read_text())
    assert [one.code for one in found.problems] == ["status.version"] and not found.claims


def test_a_claim_without_its_number_and_a_status_without_a_level_are_placed() -> None:
    found = status_of(acknowledgement("STC*A2:20~HL*1**PT~STC*A9:20*20261101*WQ*1X~"))
    assert [(one.code, one.place.split(" (")[0]) for one in found.problems] == [
        ("status.order", "segment 5"), ("status.amount", "segment 7"), ("status.category", "segment 7"),
        ("status.claim_number", "segment 6"),
    ]  # fmt: skip
