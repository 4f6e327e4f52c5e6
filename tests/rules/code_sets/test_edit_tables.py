"""A packed table answers as the rows it was built from, whatever they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_sets.rules.edits.icd_build import apart
from code_sets.rules.edits.icd_near import near_number, wanted
from code_sets.rules.edits.packed import TableFormatError, code_number, code_text
from code_sets.rules.edits.ptp import NO_DATE, PtpTable, build_ptp

CODES = st.sampled_from([f"{number:05}" for number in range(11)] + ["G0101", "0001F"])
DAYS = st.integers(20200101, 20200109)
ROWS = st.lists(
    st.tuples(CODES, CODES, DAYS, DAYS, st.sampled_from([0, 1, 9]), st.sampled_from(["a", "b"])), max_size=40
)


@given(ROWS, st.lists(CODES, max_size=6), DAYS)
def test_a_ptp_table_finds_what_a_walk_over_its_rows_finds(
    rows: list[tuple[str, str, int, int, int, str]], claim: list[str], day: int
) -> None:
    table = PtpTable(build_ptp(rows, {}))
    found = {frozenset(pair) for pair in table.pairs(claim)}
    for a, one in enumerate(claim):
        for b, other in enumerate(claim):
            walked = [row for row in rows if {row[0], row[1]} == {one, other} and one != other]
            assert (frozenset((a, b)) in found) == bool(walked)
            active = [row[4] for row in walked if row[2] <= day <= row[3]]
            edit = table.edit(one, other, day) if one != other else None
            assert (edit.indicator if edit else None) == min(active, default=None)


@given(st.lists(st.text("0123456789ABCXYZ", min_size=1, max_size=8)))
def test_codes_as_numbers_sort_as_texts_and_come_back(codes: list[str]) -> None:
    assert [code_text(number) for number in sorted(map(code_number, codes))] == sorted(codes)


@pytest.mark.parametrize("size", [0, 5, 20, -1])
def test_a_cut_table_is_refused(size: int) -> None:
    data = build_ptp([("1", "2", 0, 9, 0, "x")], {})
    with pytest.raises(TableFormatError):
        PtpTable(data[:size])


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6), st.integers(0, 3)), max_size=8))
def test_intervals_apart_name_the_first_note_of_each_place(rows: list[tuple[int, int, int]]) -> None:
    given_rows = [(first, first + length, note) for first, length, note in rows]
    pieces = apart(given_rows)
    for place in range(30):
        expected = next((note for first, stop, note in given_rows if first <= place < stop), None)
        named = [note for first, stop, note in pieces if first <= place < stop]
        assert named == ([expected] if expected is not None else [])
    assert pieces == sorted(pieces)


@given(st.lists(st.lists(st.integers(-1, 5), max_size=9), max_size=12))
def test_pairs_of_many_claims_are_those_of_each(claims: list[list[int]]) -> None:
    rows = [("A0", "A1", 0, NO_DATE, 0, ""), ("A4", "A2", 0, NO_DATE, 1, ""), ("A5", "A0", 0, NO_DATE, 9, "")]
    rows += [("A3", "A3", 0, NO_DATE, 0, "")]
    table = PtpTable(build_ptp(rows, {}))
    alone = [{frozenset(pair) for pair in table.pairs_of(numbers)} for numbers in claims]
    assert [{frozenset(pair) for pair in pairs} for pairs in table.pairs_of_claims(claims)] == alone


@given(
    st.lists(st.tuples(st.integers(0, 2000), st.sets(st.integers(0, 2000), max_size=4)), max_size=8),
    st.booleans(),
)
def test_numbers_of_codes_miss_no_category_that_a_note_reaches(
    codes: list[tuple[int, set[int]]], unknown: bool
) -> None:
    numbers = [near_number(category, sum(1 << one for one in points)) for category, points in codes]
    bits = wanted(numbers + [0] * unknown)
    for place, (_, points) in enumerate(codes):
        others = {category for at, (category, _) in enumerate(codes) if at != place}
        if points & others:
            assert numbers[place] & bits


def test_codes_whose_notes_reach_no_other_are_passed_over() -> None:
    assert wanted([near_number(3, 1 << 3), near_number(4, 1 << 9)]) == 0
    assert wanted([near_number(3, 1 << 3), near_number(3, 0)]) != 0
    assert wanted([]) == 0


def test_a_table_without_edits_has_no_pairs() -> None:
    assert PtpTable(build_ptp([], {})).pairs_of_claims([[-1, -1], []]) == [[], []]
