"""The first response: what counts as one, which comes first, and who passes.

Source of the cases: the project's definition of first pass (coding class fails, mixed cause fails, unmapped
is its own class, raw beside it).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules.classify import CATEGORIES
from claims.rules.first_pass import (
    Cut,
    First,
    Heard,
    adjudication,
    denials,
    first_of,
    is_unmapped,
    passes_coding,
    passes_raw,
    rejection,
)
from coding_ops.core.errors import InvalidInput

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
NOTHING: Heard | None = None


def cut(category: str, amount: str = "10.00", group: str = "CO") -> Cut:
    return Cut(group, category, Decimal(amount))


def answer(status: str, paid: str, *cuts: Cut) -> Heard:
    found = adjudication(NOON, status_code=status, paid_amount=Decimal(paid), cuts=cuts)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "paid", "cuts", "first"),
    [
        ("1", "80.00", (cut("not_a_denial"),), First.PAID),
        ("1", "0.00", (cut("not_a_denial", group="PR"),), First.PAID),
        ("1", "0.00", (cut("not_a_denial"),), First.UNPAID),
        ("1", "80.00", (cut("coding"),), First.DENIED),
        ("1", "0.00", (cut("coding"),), First.DENIED),
        ("4", "0.00", (cut("not_a_denial"),), First.DENIED),
        ("19", "80.00", (), First.PAID),
        ("1", "-5.00", (cut("eligibility"),), First.DENIED),
    ],
)
def test_a_remittance_decides(status: str, paid: str, cuts: tuple[Cut, ...], first: First) -> None:
    assert answer(status, paid, *cuts).first is first


@pytest.mark.parametrize("status", ["22", "23", "25", "31"])
def test_what_decides_nothing_is_no_response(status: str) -> None:
    assert adjudication(NOON, status_code=status, paid_amount=Decimal("-80")) is None


@pytest.mark.parametrize(
    ("categories", "coding", "raw", "unmapped"),
    [
        ((), True, True, False),
        (("coding",), False, False, False),
        (("coding", "eligibility"), False, False, False),
        (("eligibility",), True, False, False),
        (("unmapped",), True, False, True),
    ],
)
def test_who_passes(categories: tuple[str, ...], coding: bool, raw: bool, unmapped: bool) -> None:
    heard = answer("1", "80.00", *(cut(category) for category in categories))
    assert passes_coding(heard.categories) is coding
    assert passes_raw(heard.first, heard.categories) is raw
    assert is_unmapped(heard.categories) is unmapped


def test_a_rejection_or_denial_without_a_reason_fails_the_raw_rate_alone() -> None:
    for heard in (rejection(NOON), answer("4", "0.00")):
        assert not passes_raw(heard.first, heard.categories)
        assert passes_coding(heard.categories)


def test_a_file_read_late_does_not_come_first() -> None:
    paid = answer("1", "80.00")
    rejected = rejection(NOON - timedelta(days=3), ["coding"])
    assert first_of(paid, rejected) == first_of(rejected, paid) == rejected
    assert first_of(rejected, None) == rejected
    assert first_of(None, None) is None


def test_a_claim_split_over_two_entries_is_one_response() -> None:
    denied, paid = answer("4", "0.00", cut("coding")), answer("1", "80.00", cut("cob"))
    assert first_of(denied, paid) == Heard(NOON, First.DENIED, ("coding", "cob"))


def test_no_unknown_category_slips_in() -> None:
    with pytest.raises(InvalidInput):
        denials(["coding", "other"])


def test_the_words_of_parts_combine_in_any_order() -> None:
    for words in product(First, repeat=3):
        found = {reduce(first_of, order, NOTHING) for order in permutations([Heard(NOON, w) for w in words])}
        assert len(found) == 1


HEARD = st.builds(
    Heard,
    st.integers(0, 2).map(lambda days: NOON + timedelta(days=days)),
    st.sampled_from(First),
    st.sets(st.sampled_from(CATEGORIES), max_size=2).map(denials),
)


@given(st.lists(HEARD, min_size=1, max_size=4))
def test_any_order_of_reading_gives_the_same_first_response(said: list[Heard]) -> None:
    answers = {reduce(first_of, order, NOTHING) for order in permutations(said)}
    answers.add(reduce(first_of, [*said, *said], NOTHING))
    assert len(answers) == 1
    first = answers.pop()
    assert first is not None
    assert first.at == min(one.at for one in said)
