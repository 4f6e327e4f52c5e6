"""Under which frequency a correction goes out, what is different in it, and what it gives back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules.claim_states import ADJUDICATED, ClaimState
from claims.rules.content import (
    ClaimContent,
    ClaimForm,
    Diagnosis,
    Frequency,
    Organization,
    Person,
    ServiceLine,
)
from claims.rules.correcting import Overpaid, PaidLine, differences, frequency_of, overpaid, overpaid_by_group
from coding_ops.core.errors import Conflict, DomainError, Refused

DAY = date(2026, 9, 15)


def line(code: str = "99214", units: str = "1", charge: str = "190.00", *modifiers: str) -> ServiceLine:
    return ServiceLine(1, code, Decimal(charge), Decimal(units), DAY, modifiers=modifiers, key="ours")


def paid(code: str, units: str, charge: str, amount: str | None, *modifiers: str) -> PaidLine:
    return PaidLine(code, modifiers, Decimal(units), Decimal(charge), Decimal(amount) if amount else None)


CONTENT = ClaimContent(
    form=ClaimForm.PROFESSIONAL,
    control_number="A1",
    frequency=Frequency.ORIGINAL,
    facility_code="11",
    total_charge_amount=Decimal("190.00"),
    billing=Organization("Practice", "1234567893"),
    payer=Organization("Payer", "P1"),
    subscriber=Person("Theriot", "Marguerite", identifier="M1"),
    diagnoses=(Diagnosis("E1122", "principal", key="one"), Diagnosis("N1831")),
    lines=(line(),),
)


@pytest.mark.parametrize("state", [ClaimState.ACCEPTED, *ADJUDICATED])
def test_what_the_payer_has_is_replaced_or_voided_there(state: ClaimState) -> None:
    assert frequency_of(state) is Frequency.REPLACEMENT
    assert frequency_of(state, is_void=True) is Frequency.VOID


def test_a_rejected_claim_goes_out_as_an_original_and_cannot_be_voided() -> None:
    assert frequency_of(ClaimState.REJECTED) is Frequency.ORIGINAL
    with pytest.raises(Refused) as refused:
        frequency_of(ClaimState.REJECTED, is_void=True)
    assert refused.value.code == "correction.nothing_to_void"


@pytest.mark.parametrize(
    ("state", "error", "code"),
    [
        (ClaimState.READY, Refused, "correction.unsent"),
        (ClaimState.BLOCKED, Refused, "correction.unsent"),
        (ClaimState.SUBMITTED, Refused, "correction.unanswered"),
        (ClaimState.RECEIVED, Refused, "correction.unanswered"),
        (ClaimState.REPLACED, Conflict, "claim.step"),
        (ClaimState.VOIDED, Conflict, "claim.step"),
        (ClaimState.WITHDRAWN, Conflict, "claim.step"),
    ],
)
def test_no_other_claim_is_corrected(state: ClaimState, error: type[DomainError], code: str) -> None:
    for is_void in (False, True):
        with pytest.raises(error) as refused:
            frequency_of(state, is_void=is_void)
        assert refused.value.code == code


def test_numbers_frequency_and_our_own_keys_are_no_difference() -> None:
    again = replace(
        CONTENT,
        control_number="B2",
        frequency=Frequency.REPLACEMENT,
        payer_control_number="ICN1",
        diagnoses=(Diagnosis("E1122", "principal", key="two"), Diagnosis("N1831", key="three")),
    )
    assert differences(CONTENT, again) == ()


def test_each_difference_is_named() -> None:
    other = replace(
        CONTENT,
        diagnoses=(Diagnosis("N1831", "principal"), Diagnosis("E1122")),
        lines=(line("99213", charge="135.00"),),
        total_charge_amount=Decimal("135.00"),
        discharge_status_code="01",
    )
    assert set(differences(CONTENT, other)) == {
        "diagnoses",
        "service lines",
        "total charge",
        "dates and status",
    }


def test_a_lower_level_gives_back_the_share_of_the_charge() -> None:
    found = overpaid(
        [paid("99214", "1", "190.00", "100.00")], Decimal("100.00"), [line("99213", charge="135.00")]
    )
    assert found == Overpaid(
        Decimal("28.95"), ("99214 became 99213 at a lower charge: $28.95 of $100.00 paid.",)
    )


def test_a_line_that_is_gone_and_units_that_are_gone_are_given_back() -> None:
    lines = [paid("83036", "4", "100.00", "40.00"), paid("99213", "1", "135.00", "80.00")]
    found = overpaid(lines, Decimal("120.00"), [line("83036", "1", "25.00")])
    assert found is not None
    assert found.amount == Decimal("110.00")
    assert found.why == (
        "83036 has 1 units in place of 4: $30.00 of $40.00 paid.",
        "99213 is gone: $80.00 of $80.00 paid.",
    )


def test_a_void_gives_all_back_and_a_raise_nothing() -> None:
    lines = [paid("99213", "1", "135.00", "80.00")]
    found = overpaid(lines, Decimal("80.00"), None)
    assert found is not None
    assert found.amount == Decimal("80.00")
    assert overpaid(lines, Decimal("80.00"), [line("99214", charge="190.00")]) is None
    assert overpaid(lines, Decimal("80.00"), [line("99213", "1", "135.00")]) is None
    assert overpaid(lines, Decimal("0.00"), None) is None


def test_without_payment_by_line_the_charges_share_it() -> None:
    lines = [paid("99213", "1", "135.00", None), paid("83036", "1", "25.00", None)]
    found = overpaid(lines, Decimal("64.00"), [line("99213", "1", "135.00")])
    assert found is not None
    assert found.amount == Decimal("10.00")


def test_a_lower_group_gives_back_the_share_of_its_weight() -> None:
    paid_amount = Decimal("10000.00")
    weights = (Decimal("2.0000"), Decimal("1.5000"))
    found = overpaid_by_group("193", "194", paid_amount, weights)
    assert found is not None
    assert found.amount == Decimal("2500.00")
    assert overpaid_by_group("194", "193", paid_amount, weights[::-1]) is None
    assert overpaid_by_group("193", "193", paid_amount, None) is None
    assert overpaid_by_group("193", "", paid_amount, None) is None
    unknown = overpaid_by_group("193", "194", paid_amount, None)
    assert unknown is not None
    assert (unknown.amount, "at most" in unknown.why[0]) == (paid_amount, True)


AMOUNTS = st.decimals(min_value="0.01", max_value="9999.99", places=2)


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 5), AMOUNTS, st.none() | AMOUNTS), max_size=4),
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 5), AMOUNTS), max_size=4),
    AMOUNTS,
)
def test_never_more_is_given_back_than_was_paid(
    before: list[tuple[str, int, Decimal, Decimal | None]],
    after: list[tuple[str, int, Decimal]],
    total: Decimal,
) -> None:
    lines = [PaidLine(code, (), Decimal(units), charge, amount) for code, units, charge, amount in before]
    found = overpaid(lines, total, [line(code, str(units), str(charge)) for code, units, charge in after])
    if found is not None:
        assert Decimal(0) < found.amount <= total
        assert found.why
