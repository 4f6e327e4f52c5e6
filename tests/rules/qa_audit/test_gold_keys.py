"""A typed gold key: its form, its places in the note, and what compares with it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.rules.audit_lines import Verdict
from qa_audit.rules.gold import Decision, Standing, compare, needs_decision, score_of, sum_up
from qa_audit.rules.key_text import Known, Text, parse_key, read_key, typed_key
from qa_audit.score_command import taxonomy

NOTE = Text(
    "n",
    "Assessment and plan:\n1. Type 2 diabetes, stage 3a.\n2. Hypertension,\n   above goal.\n\nSigned.\n",
)
LAB = Text("l", "Creatinine 1.4\neGFR 52, stage 3a\n")
CODES = {
    ("ICD-10-CM", "E1122"): "Diabetes",
    ("ICD-10-CM", "N1831"): "CKD 3a",
    ("ICD-10-CM", "G0439"): "Of two systems",
    ("HCPCS", "G0439"): "",
    ("CPT", "99214"): "",
}


def ask(system: str, code: str) -> Known:
    if (system, code) in CODES:
        return Known(ok=True, title=CODES[system, code])
    return Known(ok=False, reason=f"{code} is not a code of the day.")


def spots(typed: str) -> list[str]:
    """The words that the first line's places point at."""
    key = read_key(typed, [NOTE, LAB], ask)
    assert key.problems == ()
    texts = {"n": NOTE.text, "l": LAB.text}
    return [texts[one["version"]][one["start"] : one["end"]] for one in key.lines[0]["evidence"]]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("E11.22", []),
        ("E11.22 @2", ["1. Type 2 diabetes, stage 3a."]),
        ("E11.22 @3-4", ["2. Hypertension,\n   above goal."]),
        ('E11.22 @2 "stage 3a"', ["stage 3a"]),
        ('E11.22 "Type 2 diabetes"', ["Type 2 diabetes"]),
        ('E11.22 "Hypertension, above goal"', ["Hypertension,\n   above goal"]),
        ("E11.22 @2:2", ["eGFR 52, stage 3a"]),
        ('E11.22 @2:2 "stage 3a" @1:2 "Type 2"', ["stage 3a", "Type 2"]),
        ("e11.22 “Type 2 diabetes”", ["Type 2 diabetes"]),
    ],
)
def test_evidence_is_named_by_line_or_by_words(typed: str, found: list[str]) -> None:
    assert spots(typed) == found


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("diabetes", "does not have the form of a code"),
        ("Q99.99", "is not a code of the day"),
        ("G0439", "write dx or px before it"),
        ('E11.22 "stage 3a"', "stands 2 times in the chart. Name the line"),
        ('E11.22 @3 "stage 3a"', "stands nowhere in those lines"),
        ("E11.22 @5", "hold no text"),
        ("E11.22 @4-3", "hold no text"),
        ("E11.22 @3:1", "There is no document 3; the chart has 2."),
        ("E11.22 @x", "is not understood"),
        ('E11.22 ""', "is not understood"),
        ('E11.22 "open', "is not understood"),
        ("99214-25,25", "twice"),
        ("px E11.22", "does not have the form of such a code"),
    ],
)
def test_what_cannot_be_is_said_of_its_line(typed: str, told: str) -> None:
    key = read_key(f"N18.31\n\n{typed}", [NOTE, LAB], ask)
    assert key.lines == [] and [one.number for one in key.problems] == [3]
    assert told in key.problems[0].message


def test_positions_count_within_a_kind_and_a_code_of_two_systems_is_chosen() -> None:
    key = read_key("E11.22\n99214-25\nN18.31\npx G0439 x2", [NOTE], ask)
    assert [(one["system"], one["code"], one["position"]) for one in key.lines] == [
        ("ICD-10-CM", "E1122", 1),
        ("CPT", "99214", 1),
        ("ICD-10-CM", "N1831", 2),
        ("HCPCS", "G0439", 2),
    ]
    assert (key.lines[1]["modifiers"], key.lines[3]["units"]) == (["25"], 2)


@given(st.text(max_size=200))
def test_whatever_is_typed_gives_lines_or_problems_and_no_fault(typed: str) -> None:
    key = read_key(typed, [NOTE, LAB], ask)
    rows = [row for row in typed.splitlines() if row.strip()]
    assert bool(key.lines) + bool(key.problems) == bool(rows)
    assert len(parse_key(typed)[0]) <= len(rows)


PLACES = st.sampled_from(["", " @2", ' @2 "stage 3a"', ' "Type 2"', " @3-4", " @2:1", ' @2:2 "eGFR" @2'])


@given(
    st.lists(
        st.tuples(st.sampled_from(["E11.22", "N18.31", "px G0439 x3", "99214-25,59"]), PLACES), max_size=4
    )
)
def test_a_saved_key_reads_again_as_itself(rows: list[tuple[str, str]]) -> None:
    chosen = dict(rows)
    key = read_key("\n".join(code + place for code, place in chosen.items()), [NOTE, LAB], ask)
    assert key.problems == ()
    again = read_key(typed_key(key.lines, [NOTE, LAB]), [NOTE, LAB], ask)
    assert again == key


# --- scores --------------------------------------------------------------------------------------------


def dx(code: str, position: int, **more: object) -> dict[str, object]:
    return {
        "kind": "dx",
        "system": "ICD-10-CM",
        "code": code,
        "position": position,
        "modifiers": [],
        "units": 1,
        "poa": None,
        "evidence": True,
        **more,
    }


def test_a_wrong_key_gives_the_person_the_line_back_and_takes_a_missed_one_away() -> None:
    table = taxonomy()
    lines = compare([dx("E1122", 1), dx("N1831", 2)], [dx("E1122", 1), dx("N1832", 2), dx("I129", 3)], table)
    assert [one["verdict"] for one in lines] == ["AG", "WS", "MS"]
    assert (score_of(lines, table).numerator, score_of(lines, table).denominator) == (1, 3)
    lines[1]["decision"] = Decision.KEY_WRONG.value
    assert (score_of(lines, table).numerator, score_of(lines, table).denominator) == (2, 3)
    lines[2]["decision"] = Decision.KEY_WRONG.value
    done = score_of(lines, table)
    assert (done.numerator, done.denominator, done.is_settled) == (2, 2, True)


def test_a_line_without_evidence_is_no_difference_to_decide() -> None:
    table = taxonomy()
    lines = compare([dx("E1122", 1, evidence=False)], [dx("E1122", 1)], table)
    assert [one["verdict"] for one in lines] == [Verdict.EVIDENCE]
    assert not needs_decision(lines[0])
    assert (score_of(lines, table).numerator, score_of(lines, table).denominator) == (1, 1)


@pytest.mark.parametrize(
    ("right", "lines", "standing", "below"),
    [
        # Wilson, 95%: 20/29 54.0 to 81.0; 25/40 47.0 to 75.8; 34/40 70.9 to 92.9; 300/310 94.2 to 98.2.
        (20, 29, Standing.TOO_FEW, False),
        (25, 40, Standing.MISSED, True),
        (34, 40, Standing.UNSURE, True),
        (37, 40, Standing.UNSURE, False),
        (300, 310, Standing.MET, False),
        (0, 0, Standing.TOO_FEW, False),
    ],
)
def test_a_score_is_judged_by_its_interval(right: int, lines: int, standing: Standing, below: bool) -> None:
    found = sum_up([(right, lines)], target=Decimal("0.9"), least_lines=30)
    assert (found.standing, found.is_below) == (standing, below)
