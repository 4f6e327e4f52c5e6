"""The add-code box: the golden table of what coders type, and no input that breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encounters.rules.code_entry import (
    CodeEntry,
    CodeOptions,
    EntryProblem,
    LineChange,
    SearchWords,
    dotted,
    parse_entry,
)

CM, CPT, HC, PCS = "ICD-10-CM", "CPT", "HCPCS", "ICD-10-PCS"


def code(system: str, value: str, *modifiers: str, **rest: object) -> CodeEntry:
    return CodeEntry(system, value, LineChange(modifiers, **rest))  # type: ignore[arg-type]


CODES: list[tuple[str, list[CodeEntry]]] = [
    ("99213", [code(CPT, "99213")]),
    ("99213-25", [code(CPT, "99213", "25")]),
    (" 99213 - 25 ", [code(CPT, "99213", "25")]),
    ("99213\u201325", [code(CPT, "99213", "25")]),
    ("99213 25", [code(CPT, "99213", "25")]),
    ("99213-25-59", [code(CPT, "99213", "25", "59")]),
    ("99213-25,gt", [code(CPT, "99213", "25", "GT")]),
    ("20610-RT", [code(CPT, "20610", "RT")]),
    ("20610 rt 59", [code(CPT, "20610", "RT", "59")]),
    ("99213-25 p:1,2", [code(CPT, "99213", "25", pointers=(1, 2))]),
    ("99213 p:A,C", [code(CPT, "99213", pointers=(1, 3))]),
    ("99213 p: 1-3", [code(CPT, "99213", pointers=(1, 2, 3))]),
    ("00400 p3", [code(CPT, "00400", "P3")]),
    ("0001F", [code(CPT, "0001F")]),
    ("0075t", [code(CPT, "0075T")]),
    ("J3301x4", [code(HC, "J3301", units=4), code(CM, "J3301X4")]),
    ("j3301 x 4 -jz", [code(HC, "J3301", "JZ", units=4)]),
    ("J3301*4", [code(HC, "J3301", units=4)]),
    ("J3301\u00d74", [code(HC, "J3301", units=4), code(CM, "J3301X4")]),
    ("J3301-JZ x4 p:5", [code(HC, "J3301", "JZ", units=4, pointers=(5,))]),
    ("n18.31", [code(CM, "N1831")]),
    ("N18.31 poa:y", [code(CM, "N1831", poa="Y")]),
    ("E11.22 p:1,2", [code(CM, "E1122", pointers=(1, 2))]),
    ("I10", [code(CM, "I10")]),
    ("S72.001A", [code(CM, "S72001A")]),
    ("S72001A", [code(CM, "S72001A")]),
    ("C4A.0", [code(CM, "C4A0")]),
    ("U07.1", [code(CM, "U071")]),
    ("G0439", [code(CM, "G0439"), code(HC, "G0439")]),
    ("E1122", [code(CM, "E1122"), code(HC, "E1122")]),
    ("E1122 p:1", [code(CM, "E1122", pointers=(1,)), code(HC, "E1122", pointers=(1,))]),
    ("G0439-25", [code(HC, "G0439", "25")]),
    ("0SRC0J9", [code(PCS, "0SRC0J9")]),
    ("H4011X4", [code(HC, "H4011", units=4), code(CM, "H4011X4"), code(PCS, "H4011X4")]),
]


@pytest.mark.parametrize(("typed", "expected"), CODES)
def test_codes_are_read_as_coders_type_them(typed: str, expected: list[CodeEntry]) -> None:
    found = parse_entry(typed)
    assert isinstance(found, CodeOptions), found
    assert list(found.options) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("-25", LineChange(("25",))),
        (" -25,59 ", LineChange(("25", "59"))),
        ("-25 x2", LineChange(("25",), 2)),
        ("x4", LineChange((), 4)),
        ("\u00d7 4", LineChange((), 4)),
        ("p:1,2", LineChange((), None, (1, 2))),
        ("p: b", LineChange((), None, (2,))),
        ("poa:n", LineChange((), None, (), "N")),
    ],
)
def test_a_change_alone_is_for_the_active_line(typed: str, expected: LineChange) -> None:
    assert parse_entry(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "heart failure",
        "ckd 3a",
        "t2dm",
        "a1c",
        "knee pain right",
        "99213 office visit",
        "x ray",
        "xray knee",
        "25",
        "9921",
        "992133",
        "E11.",
        "pain p",
        "poisoning",
        "\U0001f600",
        "type 2 diabetes - insulin",
        "I50.9 heart failure",
    ],
)
def test_everything_else_is_search_words(typed: str) -> None:
    assert parse_entry(typed) == SearchWords(" ".join(typed.split()))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("99213-", "two letters or digits"),
        ("99213-2", "two letters or digits"),
        ("99213-255", "two letters or digits"),
        ("-", "two letters or digits"),
        ("-knee", "two letters or digits"),
        ("99213-25-25", "25 is there twice"),
        ("99213-25-59-GT-95-XU", "room for 4 modifiers"),
        ("J3301 x0", "Units are 1 to 9999"),
        ("J3301 x10000", "Units are 1 to 9999"),
        ("J3301 x2 x3", "units are there twice"),
        ("99213 p:0", "1 to 12 or A to L"),
        ("99213 p:13", "1 to 12 or A to L"),
        ("99213 p:", "1 to 12 or A to L"),
        ("99213 p:1,1", "pointer is there twice"),
        ("99213 p:1-5", "room for 4 pointers"),
        ("99213 p:3-1", "run backwards"),
        ("N18.31-25", "no modifiers"),
        ("N18.31 x2", "no modifiers and no units"),
        ("N18.31 poa:q", "Y, N, U or W"),
        ("99213 poa:y", "belongs to diagnoses"),
        ("0SRC0J9 p:1", "take no pointers"),
        ("99213-25 knee", "is not understood"),
    ],
)
def test_a_mistake_in_a_code_is_named_not_searched(typed: str, message: str) -> None:
    found = parse_entry(typed)
    assert isinstance(found, EntryProblem), found
    assert message in found.message


@pytest.mark.parametrize(
    ("system", "stored", "shown"),
    [(CM, "N1831", "N18.31"), (CM, "I10", "I10"), (CPT, "99213", "99213"), (PCS, "0SRC0J9", "0SRC0J9")],
)
def test_codes_are_shown_with_their_dot(system: str, stored: str, shown: str) -> None:
    assert dotted(system, stored) == shown


@given(st.one_of(st.text(max_size=30), st.text("0123456789AEJXPxp-,:.* OYS\u2013\u00d7", max_size=20)))
def test_any_input_is_read_and_case_and_outer_space_do_not_matter(typed: str) -> None:
    found = parse_entry(typed)
    assert parse_entry(f"  {typed}\t") == found
    if isinstance(found, CodeOptions):
        assert found.options and len(set(found.options)) == len(found.options)
        for entry in found.options:
            assert entry.code.isalnum() and entry.code == entry.code.upper() and 3 <= len(entry.code) <= 7
            assert len(entry.change.modifiers) <= 4 and all(len(m) == 2 for m in entry.change.modifiers)
            again = parse_entry(dotted(entry.system, entry.code))
            assert isinstance(again, CodeOptions)
            assert (entry.system, entry.code) in [(option.system, option.code) for option in again.options]
