"""Comparing two versions of a code set: what a reviewer would say changed, and nothing more."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from encounters.rules.code_diff import CodeLine, compare, describe, from_json, to_json


def dx(code: str, position: int, **rest: object) -> CodeLine:
    return replace(CodeLine("dx", "ICD-10-CM", code, position), **rest)  # type: ignore[arg-type]


def px(code: str, position: int, **rest: object) -> CodeLine:
    return replace(CodeLine("px", "CPT", code, position), **rest)  # type: ignore[arg-type]


def said(old: list[CodeLine], new: list[CodeLine]) -> list[str]:
    return list(describe(compare(old, new)))


FIRST = [dx("I509", 1), dx("E119", 2), dx("M1711", 3), px("99213", 1, pointers=("I509", "E119"))]


def test_equal_sets_differ_in_nothing() -> None:
    diff = compare(FIRST, reversed(FIRST))
    assert diff.is_empty and len(diff.unchanged) == 4 and describe(diff) == ()


def test_an_inserted_diagnosis_is_one_addition_not_a_renumbering() -> None:
    new = [dx("I130", 1), dx("I509", 2), dx("E119", 3), dx("M1711", 4), FIRST[3]]
    assert said(FIRST, new) == ["Added I130 as diagnosis 1."]


def test_a_replaced_code_is_a_removal_and_an_addition() -> None:
    assert said(FIRST, [FIRST[0], dx("E1122", 2), *FIRST[2:]]) == [
        "Added E1122 as diagnosis 2.",
        "Removed E119, diagnosis 2.",
    ]


def test_swapping_two_reports_the_fewest_moves() -> None:
    new = [dx("E119", 1), dx("I509", 2), dx("M1711", 3), FIRST[3]]
    diff = compare(FIRST, new)
    assert len(diff.moved) == 1 and not diff.changed and not diff.added and not diff.removed


def test_the_last_moved_to_the_front_is_one_move() -> None:
    new = [dx("M1711", 1), dx("I509", 2), dx("E119", 3), FIRST[3]]
    assert said(FIRST, new) == ["M1711 moved from diagnosis 3 to diagnosis 1."]


def test_fields_are_compared_one_by_one() -> None:
    new = [
        replace(FIRST[0], poa="Y", evidence=("v2:0-3",)),
        *FIRST[1:3],
        px("99213", 1, modifiers=("25",), units=2, pointers=("E119", "I509")),
    ]
    assert said(FIRST, new) == [
        "I509: POA none to Y.",
        "I509: evidence 1 added, 0 removed.",
        "99213: modifiers none to 25.",
        "99213: units 1 to 2.",
        "99213: pointers I509 E119 to E119 I509.",
    ]


def test_modifier_order_matters_and_evidence_order_does_not() -> None:
    old = [px("20610", 1, modifiers=("RT", "59"), evidence=("a", "b"))]
    new = [px("20610", 1, modifiers=("59", "RT"), evidence=("b", "a"))]
    assert said(old, new) == ["20610: modifiers RT 59 to 59 RT."]


def test_two_lines_of_one_service_are_matched_by_their_modifiers() -> None:
    old = [px("20610", 1, modifiers=("RT",)), px("20610", 2, modifiers=("LT",))]
    assert said(old, [px("20610", 1, modifiers=("LT",))]) == ["Removed 20610-RT, service 1."]


def test_one_of_two_equal_lines_removed_is_one_removal() -> None:
    old = [px("J3301", 1), px("J3301", 2)]
    diff = compare(old, [px("J3301", 1)])
    assert len(diff.removed) == 1 and len(diff.unchanged) == 1 and not diff.changed


def test_a_diagnosis_and_a_service_of_one_code_are_different_things() -> None:
    old = [CodeLine("dx", "X", "A", 1)]
    diff = compare(old, [CodeLine("px", "X", "A", 1)])
    assert len(diff.added) == len(diff.removed) == 1


def test_codes_are_shown_as_people_read_them() -> None:
    diff = compare([], [dx("E1122", 1)])
    assert describe(diff, lambda _system, code: f"{code[:3]}.{code[3:]}") == ("Added E11.22 as diagnosis 1.",)


codes = st.builds(
    CodeLine,
    kind=st.sampled_from(["dx", "px"]),
    system=st.sampled_from(["ICD-10-CM", "CPT"]),
    code=st.sampled_from(["A", "B", "C", "D"]),
    position=st.integers(1, 6),
    modifiers=st.sampled_from([(), ("25",), ("59", "RT")]),
    units=st.integers(1, 2),
    pointers=st.sampled_from([(), ("A",), ("A", "B")]),
    evidence=st.sampled_from([(), ("v1:0-3",)]),
)
sets = st.lists(codes, max_size=8)


@given(sets, sets)
def test_every_line_of_both_versions_is_accounted_for_once(old: list[CodeLine], new: list[CodeLine]) -> None:
    diff = compare(old, new)
    paired_new = len(new) - len(diff.added)
    assert paired_new == len(old) - len(diff.removed)
    touched = {id(c.new) for c in diff.changed} | {id(m.new) for m in diff.moved}
    assert paired_new == len(diff.unchanged) + len(touched)
    for change in diff.changed:
        assert (change.old.kind, change.old.system, change.old.code) == (
            change.new.kind,
            change.new.system,
            change.new.code,
        )
        assert change.fields and all(field.old != field.new for field in change.fields)


@given(sets, sets, st.randoms(use_true_random=False))
def test_the_order_in_which_lines_arrive_does_not_matter(
    old: list[CodeLine], new: list[CodeLine], chance: random.Random
) -> None:
    assert describe(compare(old, old)) == ()
    unique_old = list({(c.kind, c.position): c for c in old}.values())
    unique_new = list({(c.kind, c.position): c for c in new}.values())
    expected = compare(unique_old, unique_new)
    chance.shuffle(unique_old)
    chance.shuffle(unique_new)
    assert compare(unique_old, unique_new) == expected


@given(sets)
def test_a_revision_reads_back_as_written(lines: list[CodeLine]) -> None:
    stored = json.loads(json.dumps(to_json(lines)))
    assert compare(lines, from_json(stored)).is_empty
    assert to_json(from_json(stored)) == stored


def test_an_unknown_field_is_left_aside_and_a_missing_one_refused() -> None:
    stored = to_json([dx("I509", 1)])
    assert from_json([stored[0] | {"title": "Heart failure"}]) == (dx("I509", 1),)
    with pytest.raises(InvalidInput):
        from_json([{"kind": "dx", "system": "ICD-10-CM"}])
