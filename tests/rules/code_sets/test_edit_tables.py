"""A packed table answers as the rows it was built from, whatever they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_sets.rules.edits.icd_build import apart
from code_sets.rules.edits.packed import TableFormatError, code_number, code_text
from code_sets.rules.edits.ptp import PtpTable, build_ptp

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
