"""Findings tied to codes, their keys, the policy of overrides, and modifiers that need words of the note."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_sets.rules.edits.claim import ClaimLine, Passed
from encounters.rules.edit_bypass import OWN_EVIDENCE, SEPARATE, Cited, bypass_findings
from encounters.rules.edit_findings import EditFinding, Placing, RawFinding, Stands, key_of, place, settle
from encounters.rules.edit_policy import Evidence, Policy, parse_policy
from encounters.rules.encounter_states import EncounterStatus
from encounters.rules.readiness import Assignment, EncounterFacts, Setting, judge

DATA = Path(__file__).resolve().parents[3] / "encounters" / "data" / "edit_policy.toml"
POLICY: Policy = parse_policy(DATA.read_text("utf-8"))
PLACING = Placing(
    lines={1: "s1", 2: "s2", 3: "s3"},
    diagnoses={"E119": "d1", "E109": "d2", "M1711": "d3"},
    positions={1: "d1", 2: "d2", 3: "d3"},
    units={1: 1, 2: 3, 3: 1},
)


def raw(rule: str, **more: object) -> RawFinding:
    given_: dict[str, object] = {
        "level": "error", "lines": (), "codes": (), "message": "m", "citation": "c", "satisfy": "s",
    }  # fmt: skip
    return RawFinding(rule, **(given_ | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "beside"),
    [
        # column 2 of a pair is the line that would not be paid (NCCI Policy Manual, chapter I)
        (raw("ncci.ptp", lines=(1, 2), codes=("45385", "45378")), ("s2", "s1")),
        # the line that carries the modifier
        (raw(SEPARATE, lines=(1, 2), codes=("97116", "97530")), ("s1", "s2")),
        (raw("ncci.mue", lines=(2, 3), codes=("20610",)), ("s2", "s3")),
        # of two diagnoses the one further down, whichever the edit names first
        (raw("icd.excludes1", lines=(1, 3), codes=("E119", "E109")), ("d2", "d1")),
        (raw("icd.excludes1", lines=(1, 3), codes=("E109", "E119")), ("d2", "d1")),
        # lines that only point at a diagnosis are not what its finding is about
        (raw("icd.invalid", lines=(1, 2, 3), codes=("E109",)), ("d2",)),
        # the code it proposes is not on the chart
        (raw("icd.unspecified", lines=(1,), codes=("E119", "E1165")), ("d1",)),
        # a line's side against its diagnosis' side (guideline I.B.13)
        (raw("icd.laterality", lines=(3,), codes=("M1711", "20610")), ("s3", "d3")),
        (raw("icd.laterality", lines=(1,), codes=("E119", "M1711")), ("d1", "d3")),
        # a client's own check, by lines or by diagnoses
        (raw("client.4", lines=(2,), codes=("99213",), diagnoses=(1,)), ("s2", "d1")),
        (raw("client.4", diagnoses=(3,), codes=("M1711",)), ("d3",)),
        (raw("client.4"), ()),
    ],
)
def test_a_finding_stands_beside_the_code_to_mend(found: RawFinding, beside: tuple[str, ...]) -> None:
    assert place(found, PLACING) == beside


@given(st.permutations(["s1", "s2"]), st.permutations(["45385", "45378"]))
def test_a_key_does_not_depend_on_order(assignments: list[str], codes: list[str]) -> None:
    found = raw("ncci.ptp", lines=(1, 2), codes=tuple(codes))
    same = raw("ncci.ptp", lines=(1, 2), codes=("45385", "45378"))
    assert key_of(found, assignments, PLACING) == key_of(same, ("s1", "s2"), PLACING)


def test_a_key_differs_by_rule_code_entry_and_number_of_units_and_not_by_release() -> None:
    found = raw("ncci.mue", lines=(2,), codes=("20610",))
    key = key_of(found, ("s2",), PLACING)
    more = Placing(PLACING.lines, PLACING.diagnoses, PLACING.positions, {2: 4})
    assert key != key_of(raw("ncci.ptp", lines=(2,), codes=("20610",)), ("s2",), PLACING)
    assert key != key_of(found, ("s9",), PLACING) and key != key_of(found, ("s2",), more)
    assert key == key_of(raw("ncci.mue", lines=(2,), codes=("20610",), citation="2027q1"), ("s2",), PLACING)


def test_two_notes_of_one_code_are_two_findings() -> None:
    notes = [raw("icd.code_first", codes=("E119",)), raw("icd.code_first", codes=("E119",))]
    found = settle([(one, POLICY.default) for one in notes], PLACING, {})
    assert len({one.key for one in found}) == 2


def finding(level: str = "error", stands: Stands | None = None) -> EditFinding:
    """One finding with an override, as the edits settle it."""
    one = raw("client.1", level=level, lines=(1,), codes=("99213",))
    (settled,) = settle([(one, POLICY.default)], PLACING, {})
    overrides = {settled.key: stands} if stands else {}
    return settle([(one, POLICY.default)], PLACING, overrides)[0]


SAID = Stands("o1", "record_confirmed", "Looked at it.", "R. Ames", "v:1:5")


@pytest.mark.parametrize(
    ("found", "blocks", "asks"),
    [
        (finding(), True, True),
        (finding("warning"), False, True),
        (finding("info"), False, False),
        (finding(stands=SAID), False, False),
        (finding(stands=Stands("o1", "record_confirmed", "", "R. Ames", "v:1:5", is_lost=True)), True, True),
        # an override is of an error: a level that a client's rule has lowered needs none
        (finding("warning", stands=SAID), False, True),
    ],
)
def test_what_blocks_and_what_asks(found: EditFinding, blocks: bool, asks: bool) -> None:
    assert (found.blocks, found.is_open) == (blocks, asks)


# --- policy -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "is_hard", "reasons", "evidence"),
    [
        ("icd.invalid", True, (), Evidence.OPTIONAL),
        ("icd.not_billable", True, (), Evidence.OPTIONAL),
        ("icd.manifestation_first", True, (), Evidence.OPTIONAL),
        ("code.not_in_release", True, (), Evidence.OPTIONAL),
        ("modifier.invalid", True, (), Evidence.OPTIONAL),
        ("icd.excludes1", True, ("unrelated_conditions",), Evidence.REQUIRED),
        ("ncci.ptp", True, ("payer_differs",), Evidence.OPTIONAL),
        ("ncci.mue", True, ("payer_differs",), Evidence.OPTIONAL),
        ("ncci.mue", False, ("units_documented", "payer_differs"), Evidence.OPTIONAL),
        ("client.12", True, ("client_confirmed", "record_confirmed"), Evidence.OPTIONAL),
        ("something.new", True, ("record_confirmed", "payer_differs"), Evidence.OPTIONAL),
    ],
)
def test_terms_of_each_rule(rule: str, is_hard: bool, reasons: tuple[str, ...], evidence: Evidence) -> None:
    terms = POLICY.terms_of(rule, is_hard=is_hard)
    assert (terms.reasons, terms.evidence) == (reasons, evidence)


def test_a_payer_that_differs_is_explained_at_length() -> None:
    terms = POLICY.terms_of("ncci.ptp", is_hard=True)
    assert POLICY.least_explanation(terms, "payer_differs") == 20
    assert POLICY.least_explanation(POLICY.terms_of("icd.age", is_hard=True), "record_confirmed") == 10


def test_separateness_needs_words_and_no_sentence() -> None:
    terms = POLICY.terms_of(SEPARATE, is_hard=True)
    assert terms.evidence is Evidence.REQUIRED and terms.explanation == 0 and len(terms.reasons) == 4


# --- modifiers ----------------------------------------------------------------------------------------


def line(number: int, code: str, *modifiers: str) -> ClaimLine:
    return ClaimLine(number, code, 20260915, modifiers=modifiers)


def is_visit(code: str) -> bool:
    return code.startswith("992")


def ran(lines: list[ClaimLine], cited: dict[int, Cited], *passed: Passed) -> list[str]:
    found = bypass_findings(lines, passed, cited, POLICY, is_visit)
    return [f"{one.rule} {one.lines[0]}" for one in found]


def spans(*stretches: tuple[int, int], version: str = "v1") -> Cited:
    return Cited(tuple((version, start, end) for start, end in stretches))


@pytest.mark.parametrize(
    ("visit", "procedure", "expected"),
    [
        # NCCI Policy Manual, chapter I, section D: significant and separately identifiable
        (spans((0, 10)), spans((20, 30)), []),
        (spans((0, 10)), spans((0, 10)), [f"{OWN_EVIDENCE} 1"]),
        (spans((5, 25)), spans((20, 30)), [f"{OWN_EVIDENCE} 1"]),
        (spans((20, 30), (40, 50)), spans((20, 30)), []),
        (spans((0, 10)), spans((0, 10), version="v2"), []),
        (spans((0, 10)), spans((10, 20)), []),
        (Cited(()), spans((20, 30)), []),
        (Cited((("v1", 0, 10),), is_excepted=True), spans((0, 10)), []),
    ],
)
def test_25_needs_words_of_its_own(visit: Cited, procedure: Cited, expected: list[str]) -> None:
    assert ran([line(1, "99213", "25"), line(2, "20610")], {1: visit, 2: procedure}) == expected


def test_25_asks_for_nothing_without_another_service_of_that_day() -> None:
    assert ran([line(1, "99213", "25")], {1: spans((0, 10))}) == []
    other_day = ClaimLine(2, "20610", 20260916)
    assert ran([line(1, "99213", "25"), other_day], {1: spans((0, 10)), 2: spans((0, 10))}) == []


@pytest.mark.parametrize("modifier", ["59", "XE", "XS", "XP", "XU"])
def test_each_modifier_that_sets_apart_is_asked_for_beside_the_line_that_carries_it(modifier: str) -> None:
    cited = {1: spans((0, 10)), 2: spans((20, 30))}
    passed = Passed("ncci.ptp", (1, 2), ("97530", "97116"), modifier, "")
    assert ran([line(1, "97530"), line(2, "97116", modifier)], cited, passed) == [f"{SEPARATE} 2"]
    assert ran([line(1, "97530", modifier), line(2, "97116")], cited, passed) == [f"{SEPARATE} 1"]


def test_an_anatomic_modifier_shows_the_site_by_itself() -> None:
    passed = Passed("ncci.ptp", (1, 2), ("11721", "11055"), "T1", "")
    assert (
        ran([line(1, "11721"), line(2, "11055", "T1")], {1: spans((0, 9)), 2: spans((9, 12))}, passed) == []
    )


# --- readiness ----------------------------------------------------------------------------------------


def test_readiness_counts_what_edits_ask_for_and_says_nothing_twice() -> None:
    service = Assignment("s1", "CPT", "99213", "px", 1, anchored_count=1)
    diagnosis = Assignment("d1", "ICD-10-CM", "E11.9", "dx", 1, anchored_count=1)
    facts = EncounterFacts(EncounterStatus.READY, Setting.PROFESSIONAL, True)
    without = judge([diagnosis, service], facts)
    assert [one.rule for one in without.blocking] == ["pointers.missing"]
    found = settle(
        [
            (raw("pointer.missing", lines=(1,), codes=("99213",)), POLICY.default),
            (raw("ncci.mue", level="warning", lines=(1,), codes=("99213",)), POLICY.default),
            (raw("icd.code_first", level="info", codes=("E119",)), POLICY.default),
        ],
        PLACING,
        {},
    )
    judged = judge([diagnosis, service], facts, found)
    assert [(one.rule, one.citation) for one in judged.blocking] == [("pointer.missing", "c")]
    assert [one.rule for one in judged.warnings] == ["ncci.mue"] and not judged.is_ready
