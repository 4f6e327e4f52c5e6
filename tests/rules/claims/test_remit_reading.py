"""Remittances against published samples (facts found by another reader) and against built ones."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.rules.balance import Sum, imbalances, words
from claims.rules.x12.reader import read_file
from claims.rules.x12.remit_835 import Remittance, read_835
from tests.rules.claims.x12_text import CLAIM, interchange, remittance
from tests.shared_data import shared_path

D = Decimal
SAMPLES = (
    "linuxforhealth/835_005010X221A1__cob-contractural-adjustment.835",
    "linuxforhealth/835_005010X221A1__managed-care.835",
    "linuxforhealth/835_005010X221A1__medicare-part-a.835",
    "linuxforhealth/835_005010X221A1__secondary-payment.835",
    "edi_835_parser/emedny_sample.txt",
    "edi_835_parser/united_healthcare_legacy_sample.txt",
    "pyx12/835_mult_loops.txt",
    "pyx12/835id.source.x12",
    "pyx12/bad_header_looping.source.x12",
)


def read(text: str) -> list[Remittance]:
    return [read_835(one) for one in read_file(text).transactions() if one.code == "835"]


def only(text: str) -> Remittance:
    found = read(text)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("name", SAMPLES)
def test_it_finds_what_another_reader_found(name: str) -> None:
    facts = json.loads(shared_path("reference/edi/x12_expected_facts_dev.json").read_text())
    wanted = next(one for one in facts if one["file"] == name)["facts"]["remits"][0]
    found = only(shared_path(f"reference/edi/x12/{name}").read_text())
    assert found.paid_amount == D(wanted["bpr02"])
    assert sum(one.amount for one in found.provider_adjustments) == D(wanted["plb_total"])
    assert len(found.claims) == len(wanted["claims"])
    wrong = imbalances(found)
    foots = not any(one.sum in (Sum.PAYMENT, Sum.NEGATIVE) for one in wrong)
    assert foots == wanted["transaction_balances(sum paid - plb = bpr02)"]
    for claim, expected in zip(found.claims, wanted["claims"], strict=True):
        check_claim(claim, expected)
        assert not [one for one in wrong if one.position == claim.position]


def check_claim(claim: Any, expected: dict[str, Any]) -> None:
    adjustments = [*claim.adjustments, *(one for line in claim.services for one in line.adjustments)]
    assert claim.control_number == expected["claim_id"]
    assert claim.status == expected["status"]
    assert claim.charge_amount == D(expected["charge"])
    assert claim.paid_amount == D(expected["paid"])
    assert claim.patient_amount == D(expected["patient_resp"])
    assert [(f"{one.group}-{one.carc}", one.amount) for one in adjustments] == [
        (code, D(amount)) for code, _, amount in (one.partition(":") for one in expected["adjustments"])
    ]
    assert len(claim.services) == expected["lines"]


def test_a_sample_by_its_services() -> None:
    found = only(shared_path("reference/edi/x12/edi_835_parser/emedny_sample.txt").read_text())
    lines = [line for claim in found.claims for line in claim.services]
    assert [line.code for line in lines] == [
        "V2020", "V2700", "V2103", "S0580", "V2020", "V2103", "V2020", "V2103", "V2700", "S0580",
    ]  # fmt: skip
    assert lines[0].modifiers == ("RB",) and lines[0].allowed_amount == D(6)
    assert lines[3].units == D(2) and lines[3].service_on == date(2010, 1, 1)
    assert [line.remarks for line in lines[8:]] == [("N206",), ("N206",)]
    assert (found.payer_name, found.trace_number, found.paid_on) == (
        "NYSDOH",
        "10100000000",
        date(2010, 1, 1),
    )


def test_every_triple_of_an_adjustment_counts() -> None:
    triples = "45*10**1*5.5*1*2*-1**3*0.25**253*.25**97*15*2"
    found = only(remittance(f"CLP*{CLAIM}*1*100*70**MB*P1~SVC*HC:99213:25*100*70**1~CAS*CO*{triples}~", "70"))
    line = found.claims[0].services[0]
    assert [one.carc for one in line.adjustments] == ["45", "1", "2", "3", "253", "97"]
    assert sum(one.amount for one in line.adjustments) == D(30)
    assert line.adjustments[1].quantity == D(1) and line.adjustments[0].quantity is None
    assert imbalances(found) == ()


def test_remarks_of_claims_and_lines_stand_where_they_were_written() -> None:
    found = only(
        remittance(
            f"CLP*{CLAIM}*4*100*0**MB*P1*11*7**470~CAS*CO*16*40~MIA*0****MA01***************M76~"
            "MOA***N1*N2~SVC*NU:0521*60*0**0~DTM*472*20260901~CAS*CO*16*60~LQ*HE*M51~LQ*RX*75~REF*6R*2~",
            "0",
        )
    )
    claim = found.claims[0]
    assert claim.remarks == ("MA01", "M76", "N1", "N2")
    assert (claim.facility_code, claim.frequency, claim.drg_code) == ("11", "7", "470")
    line = claim.services[0]
    assert (line.code, line.revenue_code, line.remarks, line.line_number) == ("", "0521", ("M51",), "2")
    assert [one.amount for one in claim.adjustments] == [D(40)] and line.adjustments[0].amount == D(60)
    assert imbalances(found) == ()


def test_a_reversal_its_correction_interest_and_a_recoupment_foot_together() -> None:
    text = remittance(
        f"CLP*{CLAIM}*22*-100*-80**MB*P1~CAS*CO*45*-20~CLP*{CLAIM}*1*100*50**MB*P2~CAS*CO*45*20**97*30~"
        "AMT*I*1.37~PLB*1234567893*20261231*L6:P2*-1.37*WO:P9*20~",
        "-48.63",
    )
    found = only(text)
    assert [(one.status, one.paid_amount) for one in found.claims] == [("22", D(-80)), ("1", D(50))]
    assert found.claims[1].interest_amount == D("1.37")
    assert [(one.reason, one.reference, one.amount) for one in found.provider_adjustments] == [
        ("L6", "P2", D("-1.37")), ("WO", "P9", D(20)),
    ]  # fmt: skip
    # It foots, and yet no payer pays less than nothing: it carries the balance forward in a PLB (FB).
    assert [(one.sum, one.stated) for one in imbalances(found)] == [(Sum.NEGATIVE, D("-48.63"))]
    carried = text.replace("WO:P9*20~", "WO:P9*20*FB:N*-48.63~").replace("BPR*I*-48.63", "BPR*I*0")
    assert imbalances(only(carried)) == ()


def test_what_does_not_foot_is_told_with_its_place_and_difference() -> None:
    found = only(remittance(f"CLP*{CLAIM}*1*100*70**MB*P1~SVC*HC:99213*100*65**1~CAS*CO*45*30~", "71.50"))
    assert [(one.sum, one.segment, one.position, one.difference) for one in imbalances(found)] == [
        (Sum.SERVICE, "SVC", 9, D(-5)), (Sum.PAYMENT, "BPR", 4, D("1.50")),
    ]  # fmt: skip
    assert words(imbalances(found)[1]) == (
        "The payment is $71.50; its claims less the provider's adjustments are $70.00: $1.50 apart."
    )


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (f"CLP*{CLAIM}*1*1O0*70~", "remit.amount", "segment 8 (CLP)"),
        (f"CLP*{CLAIM}*1*100.005*70~", "remit.amount", "segment 8 (CLP)"),
        (f"CLP*{CLAIM}*1*1e5*70~", "remit.amount", "segment 8 (CLP)"),
        ("CLP**1*100*70~", "remit.claim_number", "segment 8 (CLP)"),
        ("CAS*CO*45*30~", "remit.order", "segment 8 (CAS)"),
        ("SVC*HC:99213*1*1~", "remit.order", "segment 8 (SVC)"),
        (f"CLP*{CLAIM}*1*1*1~CAS*XX*45*30~", "remit.group", "segment 9 (CAS)"),
        (f"CLP*{CLAIM}*1*1*1~N1*PR*OTHER~", "remit.order", "segment 9 (N1)"),
    ],
)
def test_what_cannot_be_read_is_placed_and_never_posted(body: str, code: str, place: str) -> None:
    found = only(remittance(body, "70"))
    assert not found.is_readable
    problem = found.problems[0]
    assert problem.code == code and place in problem.place
    assert CLAIM not in problem.message and "OTHER" not in problem.message


def test_a_component_sign_that_is_not_the_files_is_named_at_its_service() -> None:
    found = only(remittance(f"CLP*{CLAIM}*1*70*70~SVC*HC>99213*70*70~", "70"))
    assert [one.code for one in found.problems] == ["remit.procedure"] and found.is_readable


def test_a_remittance_without_payment_or_trace_is_not_posted() -> None:
    found = only(interchange("835", "N1*PR*A~", kind="HP", version="005010X221A1"))
    assert [one.code for one in found.problems] == ["remit.payment"] and not found.is_readable


cents = st.integers(min_value=0, max_value=99_999_999).map(lambda count: D(count) / 100)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cents, cents, cents), min_size=1, max_size=5), st.integers(-5000, 5000))
def test_sums_that_foot_are_never_called_wrong_and_one_cent_is_always_found(
    claims: list[tuple[Decimal, Decimal, Decimal]], withheld: int
) -> None:
    body = "".join(
        f"CLP*C{number}*1*{paid + one + two}*{paid}~CAS*CO*45*{one}~"
        f"SVC*HC:99213*{paid + one + two}*{paid + one}~CAS*PR*1*{two}~"
        for number, (paid, one, two) in enumerate(claims)
    )
    total = sum((paid for paid, _, _ in claims), D(0))
    plb = min(D(withheld) / 100, total)
    found = only(remittance(f"{body}PLB*1234567893*20261231*WO:R*{plb}~", str(total - plb)))
    assert imbalances(found) == ()
    off = only(remittance(f"{body}PLB*1234567893*20261231*WO:R*{plb}~", str(total - plb + D("0.01"))))
    assert [(one.sum, one.difference) for one in imbalances(off)] == [(Sum.PAYMENT, D("0.01"))]
