"""Claims and denials move by one table each; what a claim carries comes back from its stored text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules import claim_states, denial_states
from claims.rules.claim_states import ADJUDICATED, OUT, ClaimState, ClaimVerb
from claims.rules.content import (
    Address,
    ClaimContent,
    ClaimForm,
    Diagnosis,
    Frequency,
    Organization,
    Person,
    Procedure,
    ServiceLine,
    from_json,
    to_json,
)
from claims.rules.denial_states import DenialState, DenialVerb
from coding_ops.core.errors import Conflict

TEXTS = st.text(max_size=12)
DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
MONEY = st.decimals("-99999999.99", "99999999.99", places=2, allow_nan=False)
ADDRESSES = st.none() | st.builds(Address, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS)
ORGANIZATIONS = st.builds(Organization, TEXTS, TEXTS, TEXTS, TEXTS, ADDRESSES, TEXTS, TEXTS)
PEOPLE = st.builds(Person, TEXTS, TEXTS, TEXTS, TEXTS, st.none() | DAYS, TEXTS, ADDRESSES, TEXTS)
LINES = st.builds(
    ServiceLine, st.integers(1, 99), TEXTS, MONEY, MONEY, st.none() | DAYS,
    modifiers=st.lists(TEXTS, max_size=4).map(tuple),
    pointers=st.lists(st.integers(1, 12), max_size=4).map(tuple),
)  # fmt: skip
CLAIMS = st.builds(
    ClaimContent, st.sampled_from(ClaimForm), TEXTS, st.sampled_from(Frequency), TEXTS, MONEY, ORGANIZATIONS,
    ORGANIZATIONS, PEOPLE, st.lists(st.builds(Diagnosis, TEXTS, TEXTS, TEXTS, TEXTS), max_size=3).map(tuple),
    st.lists(LINES, max_size=3).map(tuple), patient=st.none() | PEOPLE,
    service_facility=st.none() | ORGANIZATIONS,
    procedures=st.lists(st.builds(Procedure, TEXTS, st.none() | DAYS), max_size=2).map(tuple),
    statement_from_on=st.none() | DAYS,
)  # fmt: skip


@given(CLAIMS)
def test_a_claim_comes_back_from_its_stored_text(content: ClaimContent) -> None:
    assert from_json(to_json(content)) == content


def test_an_amount_keeps_its_cents() -> None:
    stored = '"charge_amount":"100.00"'
    line = ServiceLine(1, "99213", Decimal("100.00"), Decimal(1), None)
    content = ClaimContent(
        ClaimForm.PROFESSIONAL, "A", Frequency.ORIGINAL, "11", Decimal("100.00"), Organization("", ""),
        Organization("", ""), Person(""), (), (line,),
    )  # fmt: skip
    assert stored in to_json(content)
    assert str(from_json(to_json(content)).lines[0].charge_amount) == "100.00"


@pytest.mark.parametrize("state", OUT)
def test_a_remittance_may_come_before_any_acknowledgement(state: ClaimState) -> None:
    assert claim_states.step(state, ClaimVerb.PAY) == ClaimState.PAID
    assert claim_states.step(state, ClaimVerb.DENY) == ClaimState.DENIED


@pytest.mark.parametrize("state", ADJUDICATED)
def test_a_late_acknowledgement_moves_no_decided_claim(state: ClaimState) -> None:
    for verb in (ClaimVerb.RECEIVE, ClaimVerb.ACCEPT, ClaimVerb.REJECT):
        with pytest.raises(Conflict, match="This cannot be done now"):
            claim_states.step(state, verb)


@pytest.mark.parametrize("state", [ClaimState.REPLACED, ClaimState.VOIDED])
def test_an_answer_to_a_replaced_claim_is_heard_and_moves_nothing(state: ClaimState) -> None:
    assert {
        claim_states.step(state, verb) for verb in (ClaimVerb.PAY, ClaimVerb.DENY, ClaimVerb.REVERSE)
    } == {state}


@given(st.lists(st.sampled_from(ClaimVerb), max_size=30))
def test_what_never_went_out_is_never_answered(verbs: list[ClaimVerb]) -> None:
    state, went_out = ClaimState.READY, False
    for verb in verbs:
        try:
            after = claim_states.step(state, verb)
        except Conflict:
            continue
        went_out = went_out or verb == ClaimVerb.SUBMIT
        assert after == state or (state, after) in claim_states.allowed_pairs()
        assert went_out or after in (ClaimState.READY, ClaimState.BLOCKED, ClaimState.WITHDRAWN)
        state = after


def test_a_denial_that_was_upheld_is_appealed_again_and_one_that_was_won_is_not() -> None:
    assert denial_states.step(DenialState.UPHELD, DenialVerb.APPEAL) == DenialState.APPEALED
    with pytest.raises(Conflict, match="Overturned"):
        denial_states.step(DenialState.OVERTURNED, DenialVerb.APPEAL)


@given(st.lists(st.sampled_from(DenialVerb), max_size=30))
def test_money_comes_back_only_from_a_standing_denial(verbs: list[DenialVerb]) -> None:
    state = DenialState.OPEN
    for verb in verbs:
        try:
            after = denial_states.step(state, verb)
        except Conflict:
            continue
        if verb == DenialVerb.OVERTURN:
            assert state in denial_states.STANDING
        state = after
