"""Strata, best records, verdicts and amounts of an audit rehearsal; the clock of an overpayment.

Clock cases are counted by hand on a calendar from 42 CFR 401.305 as of 2025-01-01 (60 days; suspended while
investigated, at most until day 180) and as of 2016-03-14 (no suspension).
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import Conflict, InvalidInput, Refused
from coding_ops.core.overpayment import (
    ENDED,
    STEPS,
    ClockDates,
    ClockState,
    ClockVerb,
    check_day,
    face,
    lookback_from,
    step,
    terms_for,
    verbs_of,
)
from coding_ops.core.overpayment_terms import clock_editions
from qa_audit.rules.rehearsal import (
    HccVerdict,
    Record,
    best_record,
    by_score,
    overpaid,
    proof_of,
    recommended,
    size_for,
    two_sided,
)

D = Decimal
FIVE = D("0.05")


# --- strata and sizes ------------------------------------------------------------------------------------


def test_thirds_are_ranked_from_the_highest_score() -> None:
    scores = {f"m{number}": D(number) for number in range(1, 8)}
    found = by_score(scores, 3)
    assert found == {
        "m7": "1 high", "m6": "1 high", "m5": "1 high",
        "m4": "2 middle", "m3": "2 middle", "m2": "3 low", "m1": "3 low",
    }  # fmt: skip


def test_equal_scores_go_by_id_whatever_the_order_of_the_list() -> None:
    for order in permutations("abcd"):
        found = by_score(dict.fromkeys(order, D(1)), 2)
        assert found == {"a": "1 higher", "b": "1 higher", "c": "2 lower", "d": "2 lower"}


@given(st.dictionaries(st.text(min_size=1, max_size=4), st.decimals(0, 9, places=3)), st.integers(1, 4))
def test_strata_differ_by_one_at_most_and_no_lower_one_holds_a_higher_score(
    scores: dict[str, Decimal], parts: int
) -> None:
    found = by_score(scores, parts)
    assert found.keys() == scores.keys()
    sizes = list(Counter(found.values()).values())
    if len(scores) >= parts:
        assert len(sizes) == parts and max(sizes) - min(sizes) <= 1
    for one in scores:
        for other in scores:
            if found[one] < found[other]:
                assert scores[one] >= scores[other]


SIZES: list[tuple[int, dict[str, Any], int]] = [
    (1000, {"count": 201, "precision": None}, 201),
    (120, {"count": 201, "precision": None}, 120),
    (1000, {"count": None, "precision": D("0.05")}, 49),
    (1000, {"count": None, "precision": D("0.03")}, 126),
    (5000, {"count": None, "precision": D("0.02")}, 302),
]


@pytest.mark.parametrize(("population", "asked", "size"), SIZES)
def test_sizes_as_worked_in_the_measures(population: int, asked: dict[str, Any], size: int) -> None:
    assert size_for(population, expected=FIVE, confidence=D("0.90"), **asked) == size


@pytest.mark.parametrize("asked", [(None, None), (5, D("0.05")), (0, None)])
def test_a_size_is_a_count_or_a_precision(asked: tuple[Any, Any]) -> None:
    with pytest.raises(InvalidInput):
        size_for(10, count=asked[0], precision=asked[1], expected=FIVE, confidence=D("0.90"))


def test_a_one_sided_confidence_is_the_lower_end_of_a_wider_two_sided_one() -> None:
    assert (two_sided(D("0.95")), two_sided(D("0.975"))) == (D("0.90"), D("0.950"))
    for bad in ("0.5", "1", "0"):
        with pytest.raises(InvalidInput):
            two_sided(D(bad))
    assert recommended(35, 35, 200) == recommended(200, 35, 200) == ""
    assert recommended(34, 35, 200) and recommended(201, 35, 200)


# --- records and verdicts --------------------------------------------------------------------------------


def record(key: str, eligibility: str = "met", own: bool = True, **more: Any) -> Record:
    given_values: dict[str, Any] = {"is_weak": False, "meat": "", "on": date(2026, 5, 1)} | more
    return Record(key, eligibility, own, **given_values)


#: Each entry goes before all that follow it.
RANKED = (
    record("1", meat="A", on=date(2026, 9, 1)),
    record("2", meat="A", on=date(2026, 3, 1)),
    record("3", meat="A", own=False, on=date(2026, 12, 1)),
    record("4", on=date(2026, 12, 1)),
    record("5", own=False),
    record("6", is_weak=True, meat="M"),
    record("7", "unknown", meat="M"),
    record("8", "unknown", is_weak=True),
    record("9", "not_met", meat="M", on=date(2026, 12, 31)),
)


def test_the_best_record_is_eligible_then_strong_then_tagged_then_own_then_late() -> None:
    for place in range(len(RANKED)):
        assert best_record(RANKED[place:][::-1]) == RANKED[place]
    twins = [record("b"), record("a")]
    assert best_record(twins) == twins[1]
    assert best_record([]) is None


OWN, OTHER = record("own"), record("other", own=False)
WEAK, UNKNOWN = record("weak", is_weak=True), record("unknown", "unknown")
VERDICTS: list[tuple[HccVerdict, list[Record], str | None]] = [
    (HccVerdict.SUPPORTED, [OWN], "own"),
    (HccVerdict.SUPPORTED, [OTHER, OWN, WEAK], "own"),
    (HccVerdict.ELSEWHERE, [OTHER], "other"),
    (HccVerdict.ELSEWHERE, [OTHER, WEAK, UNKNOWN], "other"),
    (HccVerdict.NOT_SUPPORTED, [], None),
    (HccVerdict.NOT_SUPPORTED, [WEAK, UNKNOWN], None),
]
REFUSED: list[tuple[HccVerdict, list[Record], str]] = [
    (HccVerdict.SUPPORTED, [], "Cite the words"),
    (HccVerdict.SUPPORTED, [OTHER], "Better supported elsewhere"),
    (HccVerdict.SUPPORTED, [UNKNOWN], "not eligible yet"),
    (HccVerdict.SUPPORTED, [WEAK], "history or a list"),
    (HccVerdict.ELSEWHERE, [OWN, OTHER], "choose Supported"),
    (HccVerdict.ELSEWHERE, [], "Cite the words"),
    (HccVerdict.ELSEWHERE, [record("late", "not_met", own=False)], "not eligible yet"),
    (HccVerdict.NOT_SUPPORTED, [OWN], "Take the record away"),
    (HccVerdict.NOT_SUPPORTED, [OTHER, WEAK], "Take the record away"),
]


@pytest.mark.parametrize(("verdict", "records", "proof"), VERDICTS)
def test_a_verdict_rests_on_its_record(verdict: HccVerdict, records: list[Record], proof: str | None) -> None:
    found = proof_of(verdict, records)
    assert (found.key if found else None) == proof


@pytest.mark.parametrize(("verdict", "records", "words"), REFUSED)
def test_a_verdict_that_the_records_do_not_carry_is_refused(
    verdict: HccVerdict, records: list[Record], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        proof_of(verdict, records)


@given(st.lists(st.sampled_from(RANKED), unique_by=lambda one: one.key))
def test_exactly_one_verdict_is_open_for_any_records(records: list[Record]) -> None:
    allowed = []
    for verdict in HccVerdict:
        try:
            proof_of(verdict, records)
        except Refused:
            continue
        allowed.append(verdict)
    assert len(allowed) == 1


def test_dollars_are_those_entered_then_the_rate_and_nothing_where_it_is_supported() -> None:
    rate = D("1203.50")
    assert overpaid(HccVerdict.NOT_SUPPORTED, entered=None, rate=rate) == rate
    assert overpaid(HccVerdict.NOT_SUPPORTED, entered=D(0), rate=rate) == 0
    assert overpaid(HccVerdict.NOT_SUPPORTED, entered=None, rate=None) is None
    assert overpaid(HccVerdict.ELSEWHERE, entered=None, rate=rate) == 0
    assert overpaid(HccVerdict.SUPPORTED, entered=D("-12.5"), rate=None) == D("-12.5")


# --- the clock -------------------------------------------------------------------------------------------

JAN = date(2026, 1, 5)
#: program, dates, on which day it is looked at, last day, suspended, days left
CLOCKS: list[tuple[str, ClockDates, date, date, bool, int]] = [
    # 60 days from January 5, 2026 end on March 6.
    ("medicare_ab", ClockDates(JAN), date(2026, 2, 1), date(2026, 3, 6), False, 33),
    ("medicare_ab", ClockDates(JAN), date(2026, 3, 6), date(2026, 3, 6), False, 0),
    ("medicare_ab", ClockDates(JAN), date(2026, 3, 9), date(2026, 3, 6), False, -3),
    # Investigated on day 10: 50 days left after day 180 (July 4), which is August 23.
    ("medicare_ab", ClockDates(JAN, date(2026, 1, 15)), date(2026, 2, 1), date(2026, 8, 23), True, 203),
    # The same on July 5: the suspension has run out, the 50 days run.
    ("medicare_ab", ClockDates(JAN, date(2026, 1, 15)), date(2026, 7, 5), date(2026, 8, 23), False, 49),
    # Concluded on March 1: 50 days from there are April 20.
    (
        "medicare_ab", ClockDates(JAN, date(2026, 1, 15), date(2026, 3, 1)),
        date(2026, 3, 10), date(2026, 4, 20), False, 41,
    ),
    # Concluded after day 180: day 180 counts.
    (
        "medicare_ab", ClockDates(JAN, date(2026, 1, 15), date(2026, 9, 1)),
        date(2026, 9, 2), date(2026, 8, 23), False, -10,
    ),
    # Investigated from the first day on: all 60 days remain, day 240 is September 2.
    ("medicare_ab", ClockDates(JAN, JAN), date(2026, 1, 6), date(2026, 9, 2), True, 239),
    # Begun before it was identified: no day is used.
    ("medicare_ab", ClockDates(JAN, date(2025, 12, 1)), date(2026, 1, 6), date(2026, 9, 2), True, 239),
    # Returned: counted on the day of return, whenever it is looked at.
    (
        "medicare_ab", ClockDates(JAN, None, None, date(2026, 3, 1)),
        date(2027, 1, 1), date(2026, 3, 6), False, 5,
    ),
    # Medicare Advantage: an investigation suspends nothing.
    ("medicare_advantage", ClockDates(JAN, JAN), date(2026, 2, 1), date(2026, 3, 6), False, 33),
    # Identified before 2025: the rule of 2016, 60 days, no suspension. December 2, 2024 + 60 = January 31.
    (
        "medicare_ab", ClockDates(date(2024, 12, 2), date(2024, 12, 3)),
        date(2025, 1, 1), date(2025, 1, 31), False, 30,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("program", "dates", "today", "due", "suspended", "left"), CLOCKS)
def test_the_last_day(
    program: str, dates: ClockDates, today: date, due: date, suspended: bool, left: int
) -> None:
    found = face(dates, terms_for(clock_editions(), program, dates.identified_on), today)
    assert (found.due_on, found.is_suspended, found.days_left) == (due, suspended, left)
    assert found.why and f"{due:%m/%d/%Y}" in " ".join(found.why)


@given(st.integers(0, 60), st.integers(0, 300), st.integers(0, 400))
def test_an_investigation_gives_at_most_what_is_left_after_its_longest_run(
    used: int, lasted: int, later: int
) -> None:
    terms = terms_for(clock_editions(), "medicare_ab", JAN)
    began = JAN + timedelta(days=used)
    ended = began + timedelta(days=lasted)
    due = face(ClockDates(JAN, began, ended), terms, JAN + timedelta(days=later)).due_on
    # Never before the plain last day, never after day 240 less the days used.
    assert JAN + timedelta(days=60) <= due <= JAN + timedelta(days=240 - used)
    longer = face(ClockDates(JAN, began, ended + timedelta(days=1)), terms, JAN).due_on
    assert due <= longer <= due + timedelta(days=1)


def test_programs_and_days_without_a_rule_are_refused() -> None:
    for program, day in (("medicare_ab", date(2016, 3, 13)), ("tricare", JAN)):
        with pytest.raises(InvalidInput):
            terms_for(clock_editions(), program, day)


def test_steps_end_and_nothing_follows_an_end() -> None:
    for state in ClockState:
        assert (not verbs_of(state)) is (state in ENDED)
        for verb in ClockVerb:
            if (state, verb) in STEPS:
                assert step(state, verb) is STEPS[state, verb]
            else:
                with pytest.raises(Conflict):
                    step(state, verb)


@pytest.mark.parametrize(
    ("verb", "day", "dates"),
    [
        (ClockVerb.INVESTIGATE, date(2026, 12, 1), ClockDates(JAN)),  # tomorrow
        (ClockVerb.INVESTIGATE, date(2026, 1, 4), ClockDates(JAN)),
        (ClockVerb.INVESTIGATE, date(2026, 3, 7), ClockDates(JAN)),  # day 61
        (ClockVerb.QUANTIFY, date(2026, 1, 14), ClockDates(JAN, date(2026, 1, 15))),
        (ClockVerb.RETURN, date(2026, 2, 1), ClockDates(JAN, date(2026, 1, 15), date(2026, 3, 1))),
    ],
)
def test_a_day_that_cannot_be_is_refused(verb: ClockVerb, day: date, dates: ClockDates) -> None:
    terms = terms_for(clock_editions(), "medicare_ab", JAN)
    with pytest.raises((InvalidInput, Refused)):
        check_day(verb, day, dates, terms, date(2026, 11, 23))


def test_the_lookback_ends_on_the_same_day_years_before() -> None:
    assert lookback_from(date(2026, 11, 23), 6) == date(2020, 11, 23)
    assert lookback_from(date(2024, 2, 29), 6) == date(2018, 2, 28)
