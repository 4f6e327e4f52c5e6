"""Which line of a claim a service of a remittance answers, and what an answer does to a claim."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from claims.rules.claim_states import ClaimState, ClaimVerb
from claims.rules.first_pass import Cut, adjudication
from claims.rules.remit_lines import AnsweredLine, BilledLine, match_lines
from claims.rules.remit_outcome import is_denying, moved, verb_of_payment

D = Decimal
AT = datetime(2026, 11, 2, tzinfo=UTC)
BILLED = (
    BilledLine(1, "99213", ("25",), "", D(135)),
    BilledLine(2, "83036", (), "", D(25)),
    BilledLine(3, "83036", ("91",), "", D(25)),
)


def said(number: str, code: str, charge: str, *modifiers: str, submitted: str = "") -> AnsweredLine:
    return AnsweredLine(number, code, submitted, modifiers, "", D(charge))


@pytest.mark.parametrize(
    ("answered", "lines"),
    [
        # The returned number decides between lines of one code.
        ([said("3", "83036", "25"), said("2", "83036", "25"), said("1", "99213", "135", "25")], (2, 1, 0)),
        # Without it code, modifiers and charge do, each line once.
        ([said("", "83036", "25", "91"), said("", "83036", "25"), said("", "83036", "25")], (2, 1, None)),
        # The payer paid another code than was billed, and says which was billed.
        ([said("", "99212", "135", submitted="99213")], (0,)),
        # A number of the payer's own, which is one of ours by chance, is not believed against the code.
        ([said("2", "99213", "135", "25")], (0,)),
        ([said("800941258001", "99213", "135")], (0,)),
        # A split line: two services name one line.
        ([said("1", "99213", "100"), said("1", "99213", "35")], (0, 0)),
        ([said("", "36415", "8")], (None,)),
    ],
)
def test_a_service_answers_the_line_it_names_or_agrees_with_best(
    answered: list[AnsweredLine], lines: tuple[int | None, ...]
) -> None:
    assert match_lines(answered, BILLED) == lines


def test_institutional_lines_without_a_code_go_by_revenue_code() -> None:
    billed = (BilledLine(1, "", (), "0250", D(40)), BilledLine(2, "", (), "0270", D(40)))
    assert match_lines([AnsweredLine("", "", "", (), "270", D(40))], billed) == (1,)


@pytest.mark.parametrize(
    ("status", "paid", "category", "verb"),
    [
        ("1", "100", "not_a_denial", ClaimVerb.PAY),
        ("19", "100", "not_a_denial", ClaimVerb.PAY),
        ("1", "0", "not_a_denial", ClaimVerb.PAY),
        ("1", "60", "coding", ClaimVerb.PAY_PART),
        ("2", "60", "unmapped", ClaimVerb.PAY_PART),
        # Most payers deny with status 1 and nothing paid.
        ("1", "0", "coding", ClaimVerb.DENY),
        ("4", "0", "not_a_denial", ClaimVerb.DENY),
        ("22", "-60", "coding", ClaimVerb.REVERSE),
        ("23", "0", "cob", None),
        ("25", "60", "not_a_denial", None),
    ],
)
def test_what_an_answer_does_to_a_claim(
    status: str, paid: str, category: str, verb: ClaimVerb | None
) -> None:
    heard = adjudication(AT, status_code=status, paid_amount=D(paid), cuts=[Cut("CO", category, D(40))])
    assert verb_of_payment(status, heard, D(paid)) is verb


def test_money_that_is_added_denies_nothing() -> None:
    assert is_denying("unmapped", D("0.01"))
    assert not is_denying("coding", D(0)) and not is_denying("coding", D(-9))
    assert not is_denying("not_a_denial", D(9))


def test_an_acknowledgement_after_the_payment_moves_nothing() -> None:
    for verb in (ClaimVerb.RECEIVE, ClaimVerb.ACCEPT, ClaimVerb.REJECT):
        assert moved(ClaimState.PAID, verb) is None
    assert moved(ClaimState.REPLACED, ClaimVerb.PAY) is ClaimState.REPLACED
    assert moved("rejected", ClaimVerb.PAY) is ClaimState.PAID
