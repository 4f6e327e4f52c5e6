"""Which claims each measure counts, worked out by hand for one week."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from claims.rules import measures
from claims.rules.first_pass import First
from claims.rules.measures import DenialFact, Picked, SentClaim, Window

START = datetime(2026, 11, 9, tzinfo=UTC)
WEEK = Window(START, START + timedelta(days=7))


def day(number: float) -> datetime:
    """So many days after the week began."""
    return START + timedelta(days=number)


def claim(
    number: int,
    sent: float,
    answered: float | None = None,
    first: First | None = None,
    *categories: str,
    accepted: float | None = None,
) -> SentClaim:
    return SentClaim(
        UUID(int=number),
        day(sent),
        None if accepted is None else day(accepted),
        None if answered is None else day(answered),
        first,
        categories,
        Decimal("100.00"),
    )


CLAIMS = [
    claim(1, -20, 1, First.PAID, accepted=-19),
    claim(2, -20, 2, First.DENIED, "coding", "eligibility", accepted=-18),
    claim(3, -20, 3, First.DENIED, "eligibility", accepted=1),
    claim(4, -20, 4, First.DENIED, "unmapped", "cob"),
    claim(5, 1, 2, First.REJECTED, "coding"),
    claim(6, 1, 3, First.REJECTED, accepted=2),
    claim(7, -20, 5, First.DENIED),
    claim(8, -20, 6, First.UNPAID, accepted=-18),
    claim(9, 1, accepted=2),
    claim(10, 6.5),
    claim(11, -20, -1, First.DENIED, "coding"),  # answered before the week
    claim(12, 1, 8, First.DENIED, "coding"),  # answered after it: not yet known
    claim(13, 7),  # sent after it
]


def parts(picked: Picked) -> dict[int, str]:
    return {one.id.int: one.part for one in picked.counted}


def out(picked: Picked) -> dict[int, str]:
    return {one.id.int: one.reason for one in picked.left_out}


NO_ANSWER = dict.fromkeys((9, 10, 12), measures.NO_RESPONSE)


def test_coding_fails_mixed_claims_and_keeps_unmapped_apart() -> None:
    found = measures.first_pass(CLAIMS, WEEK)
    assert parts(found) == {
        1: "passed",
        2: "coding",
        3: "other",
        4: "unmapped",
        5: "coding",
        6: "other",
        7: "other",
        8: "passed",
    }
    assert out(found) == NO_ANSWER
    assert found.counted[0].amount == Decimal(21)


def test_raw_fails_whatever_refused() -> None:
    found = measures.raw(CLAIMS, WEEK)
    assert {key for key, part in parts(found).items() if part == "clean"} == {1, 8}
    assert len(found.counted) == 8
    assert out(found) == NO_ANSWER


def test_acceptance_counts_the_first_word_and_any_rejection_fails_it() -> None:
    found = measures.acceptance(CLAIMS, WEEK)
    assert parts(found) == {3: "accepted", 5: "rejected", 6: "rejected", 9: "accepted"}
    assert out(found) == {
        4: measures.NO_ACKNOWLEDGEMENT,
        7: measures.NO_ACKNOWLEDGEMENT,
        10: measures.NO_RESPONSE,
        12: measures.NO_RESPONSE,
    }


def test_resolution_and_denials_are_of_claims_the_payer_decided() -> None:
    found = measures.resolution(CLAIMS, WEEK)
    assert parts(found) == {1: "paid", 2: "denied", 3: "denied", 4: "denied", 7: "denied", 8: "unpaid"}
    assert out(found) == NO_ANSWER | dict.fromkeys((5, 6), measures.NOT_DECIDED)
    denied = measures.initial_denials(CLAIMS, WEEK)
    assert Counter(one.part for one in denied.counted) == {
        "clean": 2,
        "coding": 1,
        "eligibility": 2,
        "cob": 1,
        "unmapped": 2,
    }
    assert out(denied) == dict.fromkeys((5, 6), measures.NOT_DECIDED)


def test_only_claims_whose_time_was_over_are_mature() -> None:
    found = measures.mature([*CLAIMS, claim(14, -20)], WEEK, 21)
    assert parts(found) == {
        1: "passed", 2: "coding", 3: "other", 4: "unmapped", 7: "other", 8: "passed", 11: "coding",
    }  # fmt: skip
    assert out(found) == {14: measures.NO_RESPONSE}
    assert not measures.mature(CLAIMS, WEEK, 45).counted


def test_denials_count_where_they_ended_and_were_appealed() -> None:
    denials = [
        DenialFact(UUID(int=1), "coding", day(-5), day(1), is_overturned=True, appealed_at=day(-1)),
        DenialFact(UUID(int=2), "cob", day(-5), day(2), appealed_at=day(0.5), denied_amount=Decimal(80)),
        DenialFact(UUID(int=3), "coding", day(-5), day(7), is_overturned=True),
        DenialFact(UUID(int=4), "coding", day(-5)),
    ]
    assert parts(measures.overturns(denials, WEEK)) == {1: "overturned", 2: "not_overturned"}
    assert [one.amount for one in measures.days_to_appeal(denials, WEEK).counted] == [Decimal("5.5")]
