"""Finalize's checklist: a complete chart passes, and each thing missing is named with place and remedy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encounters.rules.encounter_states import EncounterStatus
from encounters.rules.readiness import (
    Assignment,
    EncounterFacts,
    ExceptionReason,
    Readiness,
    Setting,
    Severity,
    judge,
)

OFFICE = EncounterFacts("ready", Setting.PROFESSIONAL, has_readable_document=True)
STAY = replace(OFFICE, setting=Setting.INPATIENT)
DX1 = Assignment("1", "ICD-10-CM", "I50.9", "dx", 1, anchored_count=2)
DX2 = Assignment("2", "ICD-10-CM", "E11.22", "dx", 2, anchored_count=1)
VISIT = Assignment("S1", "CPT", "99214", "px", 1, anchored_count=1, pointers=("1", "2"), modifiers=("25",))
DRUG = Assignment("S2", "HCPCS", "J3301", "px", 2, anchored_count=1, pointers=("2",), units=4)
CHART = (DX1, DX2, VISIT, DRUG)


def rules(found: Readiness) -> list[tuple[str, str | None]]:
    return [(finding.rule, finding.assignment_key) for finding in found.blocking]


def with_change(key: str, **change: Any) -> list[Assignment]:
    return [replace(code, **change) if code.key == key else code for code in CHART]


def test_a_complete_visit_is_ready() -> None:
    found = judge(CHART, OFFICE)
    assert found.is_ready and found.blocking == () and found.warnings == ()
    assert (found.cited_count, found.excepted_count, found.total_count, found.undecided_count) == (4, 0, 4, 0)


def test_a_complete_stay_is_ready() -> None:
    procedure = Assignment("S1", "ICD-10-PCS", "0SRC0J9", "px", 1, anchored_count=1)
    stay = [replace(DX1, poa="Y"), replace(DX2, is_poa_exempt=True), procedure]
    assert judge(stay, STAY).is_ready


CODE_CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("evidence.missing", "1", {"anchored_count": 0}),
    ("evidence.missing", "S1", {"anchored_count": 0}),
    ("evidence.only_lost", "1", {"anchored_count": 0, "lost_count": 2}),
    ("exception.unknown", "1", {"anchored_count": 0, "exception_note": "On the scanned page."}),
    (
        "exception.unknown",
        "1",
        {"anchored_count": 0, "exception_reason": "because", "exception_note": "x" * 30},
    ),
    (
        "exception.too_short",
        "1",
        {"anchored_count": 0, "exception_reason": "image_only", "exception_note": "scan"},
    ),
    (
        "exception.too_short",
        "1",
        {"anchored_count": 0, "exception_reason": "image_only", "exception_note": "s" + " " * 20},
    ),
    ("code.not_assignable", "2", {"not_assignable": "it is a header"}),
    ("modifiers.too_many", "S1", {"modifiers": ("25", "59", "GT", "95", "XU")}),
    ("modifiers.form", "S1", {"modifiers": ("2",)}),
    ("modifiers.form", "S1", {"modifiers": ("rt",)}),
    ("modifiers.form", "S1", {"modifiers": ("R T",)}),
    ("modifiers.duplicate", "S1", {"modifiers": ("25", "25")}),
    ("modifiers.not_taken", "1", {"modifiers": ("25",)}),
    ("units.range", "S2", {"units": 0}),
    ("units.range", "S2", {"units": -1}),
    ("units.not_taken", "1", {"units": 2}),
    ("pointers.missing", "S1", {"pointers": ()}),
    ("pointers.unknown", "S1", {"pointers": ("1", "9")}),
    ("pointers.unknown", "S1", {"pointers": ("S2",)}),
    ("pointers.duplicate", "S1", {"pointers": ("1", "1")}),
    ("pointers.not_taken", "1", {"pointers": ("2",)}),
    ("position.gap", "2", {"position": 3}),
    ("position.gap", "S1", {"position": 0}),
]


@pytest.mark.parametrize(("rule", "key", "change"), CODE_CASES)
def test_each_thing_missing_on_a_code_blocks_and_is_named(
    rule: str, key: str, change: dict[str, Any]
) -> None:
    found = judge(with_change(key, **change), OFFICE)
    assert rules(found) == [(rule, key)]
    finding = found.blocking[0]
    assert finding.severity is Severity.BLOCKING
    assert finding.where and finding.how_to_fix.endswith(".") and finding.message.endswith(".")


def test_a_recorded_exception_stands_in_for_evidence_and_is_counted_apart() -> None:
    change = {
        "anchored_count": 0,
        "exception_reason": "image_only",
        "exception_note": "Operative sketch, page 2.",
    }
    found = judge(with_change("1", **change), OFFICE)
    assert found.is_ready
    assert (found.cited_count, found.excepted_count, found.total_count) == (3, 1, 4)


@pytest.mark.parametrize("reason", list(ExceptionReason))
def test_every_reason_of_the_closed_list_is_accepted(reason: ExceptionReason) -> None:
    change = {"anchored_count": 0, "exception_reason": reason.value, "exception_note": "ten chars!"}
    assert judge(with_change("1", **change), OFFICE).is_ready


def test_a_lost_quote_beside_others_warns() -> None:
    found = judge(with_change("1", lost_count=1), OFFICE)
    assert found.is_ready
    assert [(w.rule, w.assignment_key) for w in found.warnings] == [("evidence.lost", "1")]
    assert "1 of 3 quotes" in found.warnings[0].message


def test_a_set_without_diagnosis_blocks() -> None:
    found = judge([replace(VISIT, pointers=()), DRUG], OFFICE)
    assert rules(found) == [
        ("diagnosis.missing", None),
        ("pointers.missing", "S1"),
        ("pointers.unknown", "S2"),
    ]
    assert rules(judge([], OFFICE)) == [("diagnosis.missing", None)]


def test_facility_services_need_no_pointer() -> None:
    facts = replace(OFFICE, setting=Setting.OUTPATIENT)
    assert judge(with_change("S1", pointers=()), facts).is_ready


def test_a_diagnosis_stands_once_with_or_without_its_dot() -> None:
    again = Assignment("3", "ICD-10-CM", "I509", "dx", 3, anchored_count=1)
    assert rules(judge([*CHART, again], OFFICE)) == [("code.duplicate", "3")]


def test_a_service_stands_twice_only_under_other_modifiers() -> None:
    left = Assignment("S3", "CPT", "20610", "px", 3, 1, pointers=("1",), modifiers=("LT", "59"))
    right = replace(left, key="S4", position=4, modifiers=("RT", "59"))
    assert judge([*CHART, left, right], OFFICE).is_ready
    same = replace(right, modifiers=("59", "LT"))
    assert rules(judge([*CHART, left, same], OFFICE)) == [("code.duplicate", "S4")]


@pytest.mark.parametrize(("setting", "fit"), [(Setting.PROFESSIONAL, 12), (Setting.OUTPATIENT, 25)])
def test_more_diagnoses_than_the_claim_holds_block(setting: Setting, fit: int) -> None:
    facts = replace(OFFICE, setting=setting)
    codes = [
        Assignment(str(n), "ICD-10-CM", f"A{n:02}", "dx", n, anchored_count=1) for n in range(1, fit + 2)
    ]
    assert rules(judge(codes, facts)) == [("diagnosis.too_many", str(fit + 1))]
    assert judge(codes[:fit], facts).is_ready


@pytest.mark.parametrize(
    ("poa", "exempt", "blocking", "warning"),
    [
        ("", False, ["poa.missing"], []),
        ("1", False, ["poa.missing"], []),
        ("Z", False, ["poa.form"], []),
        ("y", True, ["poa.form"], []),
        ("W", False, [], []),
        ("", True, [], []),
        ("1", True, [], []),
        ("Y", True, [], ["poa.exempt"]),
        # No list of exempt diagnoses for the day: a 1 cannot be judged, a blank is still missing.
        ("", None, ["poa.missing"], []),
        ("1", None, [], ["poa.unchecked"]),
        ("Y", None, [], []),
    ],
)
def test_a_stay_needs_present_on_admission(
    poa: str, exempt: bool | None, blocking: list[str], warning: list[str]
) -> None:
    found = judge([replace(DX1, poa=poa, is_poa_exempt=exempt)], STAY)
    assert [f.rule for f in found.blocking] == blocking
    assert [f.rule for f in found.warnings] == warning


def test_present_on_admission_outside_a_stay_warns() -> None:
    found = judge(with_change("1", poa="Y"), OFFICE)
    assert found.is_ready and [w.rule for w in found.warnings] == ["poa.not_taken"]


@pytest.mark.parametrize("status", ["received", "final", "cancelled", "pended"])
def test_only_a_ready_or_reopened_encounter_is_finalized(status: str) -> None:
    assert rules(judge(CHART, replace(OFFICE, status=status))) == [("encounter.status", None)]
    assert judge(CHART, replace(OFFICE, status=EncounterStatus.REOPENED)).is_ready


def test_a_hold_is_named_once_with_its_reason() -> None:
    found = judge(CHART, replace(OFFICE, status="pended", open_pend="a note is missing, owner client"))
    assert rules(found) == [("encounter.pended", None)]
    assert "owner client" in found.blocking[0].message


def test_a_chart_held_by_somebody_else_and_without_document_says_both() -> None:
    found = judge(CHART, replace(OFFICE, lock="Ana Ruiz has it since 9:14", has_readable_document=False))
    assert rules(found) == [("encounter.locked", None), ("document.missing", None)]


def test_undecided_suggestions_warn_and_are_counted() -> None:
    found = judge(CHART, replace(OFFICE, undecided_count=2))
    assert found.is_ready and found.undecided_count == 2
    assert [w.message for w in found.warnings] == ["2 suggestions are not decided."]


def test_everything_is_said_at_once_in_the_order_of_the_page() -> None:
    codes = [replace(VISIT, anchored_count=0, pointers=("x",)), replace(DX1, anchored_count=0)]
    found = judge(codes, replace(OFFICE, lock="nobody"))
    assert rules(found) == [
        ("encounter.locked", None),
        ("evidence.missing", "1"),
        ("evidence.missing", "S1"),
        ("pointers.unknown", "S1"),
    ]


assignments = st.builds(
    Assignment,
    key=st.integers(1, 9).map(str),
    system=st.sampled_from(["ICD-10-CM", "CPT", "HCPCS", "ICD-10-PCS"]),
    shown=st.sampled_from(["I50.9", "E11.22", "99214", "J3301"]),
    kind=st.sampled_from(["dx", "px"]),
    position=st.integers(0, 4),
    anchored_count=st.integers(0, 2),
    lost_count=st.integers(0, 2),
    exception_reason=st.sampled_from(["", "image_only", "other"]),
    exception_note=st.sampled_from(["", "short", "a long enough note"]),
    pointers=st.lists(st.integers(1, 9).map(str), max_size=5).map(tuple),
    modifiers=st.lists(st.sampled_from(["25", "RT", "x"]), max_size=5).map(tuple),
    units=st.integers(-1, 3),
    poa=st.sampled_from(["", "Y", "Q"]),
)


@given(st.lists(assignments, max_size=5), st.sampled_from(list(Setting)))
def test_ready_always_means_every_code_is_cited_or_excepted(
    codes: list[Assignment], setting: Setting
) -> None:
    found = judge(codes, replace(OFFICE, setting=setting))
    assert found == judge(codes, replace(OFFICE, setting=setting))
    if found.is_ready:
        assert found.total_count > 0
        assert found.cited_count + found.excepted_count == found.total_count
    assert all(finding.message and finding.how_to_fix for finding in (*found.blocking, *found.warnings))
