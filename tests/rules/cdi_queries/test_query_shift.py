"""What an answer changed: before and after, derived."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdi_queries.rules.shift import Reason, Shift, from_json, shift_of
from coding_ops.core.errors import InvalidInput

TITLES = {
    "I509": "Heart failure, unspecified",
    "I5023": "Acute on chronic systolic (congestive) heart failure",
    "N189": "Chronic kidney disease, unspecified",
    "N1832": "Chronic kidney disease, stage 3b",
    "E1165": "Type 2 diabetes mellitus with hyperglycemia",
    "E1122": "Type 2 diabetes mellitus with diabetic chronic kidney disease",
    "E119": "Type 2 diabetes mellitus without complications",
    "L89159": "Pressure ulcer of sacral region, unspecified stage",
    "L89153": "Pressure ulcer of sacral region, stage 3",
    "J9601": "Acute respiratory failure with hypoxia",
    "R0602": "Shortness of breath",
    "M25561": "Pain in right knee",
    "M25569": "Pain in unspecified knee",
}


def line(code: str, position: int, poa: str = "", kind: str = "dx") -> dict[str, Any]:
    return {
        "kind": kind,
        "system": "ICD-10-CM" if kind == "dx" else "CPT",
        "code": code,
        "title": TITLES.get(code, ""),
        "position": position,
        "present_on_admission": poa,
        "modifiers": [],
        "evidence": [{"start": 0}],
    }


def dx(*codes: str) -> list[dict[str, Any]]:
    return [line(code, place) for place, code in enumerate(codes, start=1)]


CASES = [
    # name, before, after, reasons, specified, replaced, added, removed
    ("type and acuity", ["R0602", "I509"], ["R0602", "I5023"], "specified", ["I509>I5023"], [], [], []),
    ("a stage", ["N189"], ["N1832"], "principal specified", ["N189>N1832"], [], [], []),
    ("a side", ["R0602", "M25569"], ["R0602", "M25561"], "specified", ["M25569>M25561"], [], [], []),
    ("ulcer stage", ["R0602", "L89159"], ["R0602", "L89153"], "specified", ["L89159>L89153"], [], [], []),
    ("complication", ["R0602", "E119"], ["R0602", "E1122"], "specified", ["E119>E1122"], [], [], []),
    ("as exact, otherwise", ["R0602", "E1165"], ["R0602", "E1122"], "replaced", [], ["E1165>E1122"], [], []),
    ("less exact is no gain", ["R0602", "N1832"], ["R0602", "N189"], "replaced", [], ["N1832>N189"], [], []),
    ("one more", ["R0602"], ["R0602", "J9601"], "added", [], [], ["J9601"], []),
    ("another first", ["R0602"], ["J9601", "R0602"], "principal added", [], [], ["J9601"], []),
    ("one less", ["J9601", "R0602"], ["J9601"], "removed", [], [], [], ["R0602"]),
    ("another condition", ["R0602"], ["J9601"], "principal added removed", [], [], ["J9601"], ["R0602"]),
    ("turned about", ["R0602", "J9601"], ["J9601", "R0602"], "principal", [], [], [], []),
    ("nothing", ["R0602", "J9601"], ["R0602", "J9601"], "none", [], [], [], []),
    ("no codes at all", [], [], "none", [], [], [], []),
    ("first codes", [], ["J9601"], "principal added", [], [], ["J9601"], []),
    ("two", ["N189"], ["N1832", "N182"], "principal specified added", ["N189>N1832"], [], ["N182"], []),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "reasons", "specified", "replaced", "added", "removed"),
                         [case[1:] for case in CASES], ids=[case[0] for case in CASES])  # fmt: skip
def test_derives_what_changed(
    before: list[str],
    after: list[str],
    reasons: str,
    specified: list[str],
    replaced: list[str],
    added: list[str],
    removed: list[str],
) -> None:
    shift = shift_of(dx(*before), dx(*after))
    assert [one.value for one in shift.reasons] == reasons.split()
    assert [f"{one.before.code}>{one.after.code}" for one in shift.specified] == specified
    assert [f"{one.before.code}>{one.after.code}" for one in shift.replaced] == replaced
    assert [one.code for one in shift.added] == added
    assert [one.code for one in shift.removed] == removed


def test_names_the_first_listed_diagnosis_on_both_sides() -> None:
    shift = shift_of(dx("R0602"), dx("J9601", "R0602"))
    assert shift.principal is not None
    assert [one and one.code for one in shift.principal] == ["R0602", "J9601"]
    assert shift_of(dx("R0602"), []).principal is not None


def test_tells_a_present_on_admission_answer_from_a_code_change() -> None:
    shift = shift_of([line("L89153", 1, poa="U")], [line("L89153", 1, poa="Y")])
    assert shift.reasons == (Reason.POA,)
    assert (shift.poa[0].before.poa, shift.poa[0].after.poa) == ("U", "Y")


def test_does_not_pair_services_by_their_first_digits() -> None:
    shift = shift_of([line("99213", 1, kind="px")], [line("99214", 1, kind="px")])
    assert shift.reasons == (Reason.ADDED, Reason.REMOVED)
    assert shift.principal is None, "a service is no diagnosis"


def test_a_code_that_stands_twice_loses_one() -> None:
    twice = [line("97110", 1, kind="px"), line("97110", 2, kind="px")]
    assert [one.code for one in shift_of(twice, twice[:1]).removed] == ["97110"]


def test_effects_on_groups_stand_apart() -> None:
    shift = shift_of(dx("I509"), dx("I5023"), drg=("293", "291"), hccs=(["V28:226"], ["V28:224", "V28:326"]))
    assert shift.inside.drg == ("293", "291")
    assert (shift.inside.hccs_gained, shift.inside.hccs_lost) == (("V28:224", "V28:326"), ("V28:226",))
    assert not shift.inside.is_empty
    assert shift.outside().inside.is_empty
    assert "291" not in json.dumps(shift.outside().to_json())
    assert shift.outside().specified == shift.specified


def test_refuses_a_line_that_is_none() -> None:
    with pytest.raises(InvalidInput) as refused:
        shift_of([{"kind": "dx", "code": "I509"}], [])
    assert refused.value.code == "shift.unreadable"


code_lists = st.lists(st.sampled_from(sorted(TITLES)), max_size=6).map(lambda codes: dx(*codes))


@given(code_lists, code_lists)
def test_accounts_for_each_code_once(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    shift = shift_of(before, after)
    paired = [*shift.specified, *shift.replaced]
    gone = sorted([one.code for one in shift.removed] + [one.before.code for one in paired])
    come = sorted([one.code for one in shift.added] + [one.after.code for one in paired])
    old, new = sorted(one["code"] for one in before), sorted(one["code"] for one in after)
    for code in gone:
        old.remove(code)
    for code in come:
        new.remove(code)
    assert old == new, "what neither went nor came is on both sides"
    assert not set(gone) & set(come)
    assert shift_of(before, before).is_empty


@given(code_lists, code_lists)
def test_is_read_back_as_it_was_kept(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    shift: Shift = shift_of(before, after, drg=("1", "2"))
    assert from_json(json.loads(json.dumps(shift.to_json()))) == shift
