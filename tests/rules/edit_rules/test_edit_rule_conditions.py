"""Conditions of a client's rules: read, asked of a claim, told in words.

The rows are coding policies as payers publish them, written by us; the numbers of codes carry no CPT text.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from code_sets.rules.edits.claim import Claim, ClaimLine
from coding_ops.core.errors import InvalidInput
from edit_rules.rules.conditions import About, Conditions, Join, parse_conditions
from edit_rules.rules.facts import FACTS, OPS, ClaimFacts, Fact, Kind, Op
from edit_rules.rules.matching import match
from edit_rules.rules.patterns import code_pattern
from edit_rules.rules.words import ALWAYS, explain

DAY = 20261101
FACTS_OF_CLAIM = ClaimFacts(
    payer_name="Aetna  Better Health",
    payer_id="60054",
    plan_kind="Medicare Advantage",
    specialty="IM",
    visit_kind="office",
    place_of_service="11",
    provider_npi="1888888884",
    age=67,
    sex="F",
    service_on=DAY,
)
CLAIM = Claim(
    setting="practitioner",
    diagnoses=("E1122", "N1831", "Z794"),
    lines=(
        ClaimLine(1, "99213", DAY, modifiers=("25",), pointers=(1, 2), npi="1888888884"),
        ClaimLine(2, "20610", DAY, units=2, pointers=(2,)),
    ),
)


def row(fact: str, op: str, *values: str) -> dict[str, Any]:
    return {"fact": fact, "op": op, "values": list(values)}


def group(about: str, *rows: dict[str, Any], join: str = "all") -> dict[str, Any]:
    return {"about": about, "join": join, "conditions": list(rows)}


def read(*groups: dict[str, Any], join: str = "all") -> Conditions:
    return parse_conditions({"join": join, "groups": list(groups)})


GOLDEN: list[tuple[list[dict[str, Any]], str, bool, tuple[int, ...], str]] = [
    # groups, join, holds, lines, words
    ([], "all", True, (), ALWAYS),
    ([], "any", True, (), ALWAYS),
    (
        [group("claim", row("payer", "is", "aetna better health"))],
        "all",
        True,
        (),
        "Payer is aetna better health",
    ),
    ([group("claim", row("payer", "is", "60054"))], "all", True, (), "Payer is 60054"),
    ([group("claim", row("payer", "is", "Aetna"))], "all", False, (), "Payer is Aetna"),
    ([group("claim", row("payer", "starts_with", "AETNA"))], "all", True, (), "Payer starts with AETNA"),
    ([group("claim", row("payer", "is_not", "Cigna", "UMR"))], "all", True, (), "Payer is not Cigna or UMR"),
    (
        [group("claim", row("plan", "is", "Medicare Advantage"))],
        "all",
        True,
        (),
        "Plan kind is Medicare Advantage",
    ),
    ([group("claim", row("specialty", "is", "CARD", "IM"))], "all", True, (), "Specialty is CARD or IM"),
    ([group("claim", row("visit_kind", "is", "telehealth"))], "all", False, (), "Visit kind is telehealth"),
    ([group("claim", row("place_of_service", "is", "11"))], "all", True, (), "Place of service is 11"),
    (
        [group("claim", row("provider_npi", "is", "1888888884"))],
        "all",
        True,
        (),
        "Rendering NPI is 1888888884",
    ),
    ([group("claim", row("sex", "is", "F"))], "all", True, (), "Sex is F"),
    ([group("claim", row("age", "at_least", "65"))], "all", True, (), "Age is at least 65"),
    ([group("claim", row("age", "at_most", "66"))], "all", False, (), "Age is at most 66"),
    ([group("claim", row("age", "between", "60", "67"))], "all", True, (), "Age is from 60 to 67"),
    ([group("claim", row("age", "is", "67"))], "all", True, (), "Age is 67"),
    (
        [group("claim", row("service_on", "at_least", "11/1/2026"))],
        "all",
        True,
        (),
        "Date of service is on or after 11/01/2026",
    ),
    (
        [group("claim", row("service_on", "at_most", "2026-10-31"))],
        "all",
        False,
        (),
        "Date of service is on or before 10/31/2026",
    ),
    (
        [group("claim", row("service_on", "between", "2026-11-01", "2026-12-31"))],
        "all",
        True,
        (),
        "Date of service is from 11/01/2026 to 12/31/2026",
    ),
    ([group("claim", row("diagnosis", "has", "E11*"))], "all", True, (), "Any diagnosis is E11…"),
    ([group("claim", row("diagnosis", "has", "E08-E13"))], "all", True, (), "Any diagnosis is E08–E13"),
    ([group("claim", row("diagnosis", "has", "N18.31"))], "all", True, (), "Any diagnosis is N1831"),
    ([group("claim", row("diagnosis", "has_not", "Z79.4"))], "all", False, (), "No diagnosis is Z794"),
    ([group("claim", row("first_diagnosis", "is", "E11*"))], "all", True, (), "First diagnosis is E11…"),
    (
        [group("claim", row("first_diagnosis", "is_not", "E11*"))],
        "all",
        False,
        (),
        "First diagnosis is not E11…",
    ),
    (
        [
            group("claim", row("payer", "starts_with", "Aetna")),
            group("any_line", row("code", "is", "99213-99215"), row("modifier", "has", "25")),
        ],
        "all",
        True,
        (1,),
        "Payer starts with Aetna and any line has 99213–99215 with modifier 25",
    ),
    (
        [group("any_line", row("code", "is", "20610"), row("modifier", "has", "25"))],
        "all",
        False,
        (),
        "Any line has 20610 with modifier 25",
    ),
    (
        [group("any_line", row("code", "is", "20610"), row("modifier", "has", "25"), join="any")],
        "all",
        True,
        (1, 2),
        "Any line has 20610 or has modifier 25",
    ),
    (
        [group("every_line", row("modifier", "has_not", "GA", "GZ"))],
        "all",
        True,
        (1, 2),
        "Every line has no modifier GA or GZ",
    ),
    ([group("every_line", row("code", "is", "992*"))], "all", False, (), "Every line has 992…"),
    ([group("no_line", row("code", "is", "992*"))], "all", False, (), "No line has 992…"),
    ([group("no_line", row("code", "is", "993*"))], "all", True, (), "No line has 993…"),
    (
        [group("any_line", row("units", "at_least", "2"), row("code", "is", "20610"))],
        "all",
        True,
        (2,),
        "Any line has 20610 with units at least 2",
    ),
    (
        [group("any_line", row("code", "is", "992*"), row("pointed_diagnosis", "has", "E11*"))],
        "all",
        True,
        (1,),
        "Any line has 992… pointing at E11…",
    ),
    (
        [group("any_line", row("pointed_diagnosis", "has_not", "E11*"))],
        "all",
        True,
        (2,),
        "Any line does not point at E11…",
    ),
    (
        [group("any_line", row("line_npi", "is", "1888888884"))],
        "all",
        True,
        (1,),
        "Any line has a rendering NPI that is 1888888884",
    ),
    (
        [group("any_line", row("line_on", "at_least", "2026-11-02"))],
        "all",
        False,
        (),
        "Any line is dated on or after 11/02/2026",
    ),
    (
        [
            group("claim", row("age", "at_least", "70"), row("sex", "is", "F"), join="any"),
            group("claim", row("specialty", "is", "IM")),
        ],
        "all",
        True,
        (),
        "(age is at least 70 or sex is F) and specialty is IM",
    ),
    (
        [
            group("claim", row("age", "at_least", "70")),
            group("any_line", row("code", "is", "20610")),
        ],
        "any",
        True,
        (2,),
        "Age is at least 70 or any line has 20610",
    ),
]


@pytest.mark.parametrize(
    ("groups", "join", "holds", "lines", "words"), GOLDEN, ids=lambda value: str(value)[:60]
)
def test_conditions_hold_of_the_claim_and_read_as_a_sentence(
    groups: list[dict[str, Any]], join: str, holds: bool, lines: tuple[int, ...], words: str
) -> None:
    conditions = read(*groups, join=join)
    found = match(conditions, CLAIM, FACTS_OF_CLAIM)
    assert (found.holds, found.lines) == (holds, lines)
    assert explain(conditions) == words


def test_the_payer_of_the_rule_opens_the_sentence_and_keeps_alternatives_together() -> None:
    either = group("claim", row("age", "at_least", "70"), row("sex", "is", "F"), join="any")
    line = group("any_line", row("code", "is", "99213-99215"), row("modifier", "has", "25"))
    assert explain(read(), "Aetna") == "Payer is Aetna"
    assert explain(read(line), "Aetna") == "Payer is Aetna and any line has 99213–99215 with modifier 25"
    assert explain(read(either), "Aetna") == "Payer is Aetna and (age is at least 70 or sex is F)"
    assert explain(read(either, line, join="any"), "Aetna") == (
        "Payer is Aetna and (age is at least 70 or sex is F or any line has 99213–99215 with modifier 25)"
    )


def test_what_is_not_known_holds_no_comparison_but_is_not_something_else() -> None:
    nothing, empty = ClaimFacts(), Claim(setting="practitioner")
    for one, holds in (
        (group("claim", row("age", "at_least", "0")), False),
        (group("claim", row("age", "at_most", "200")), False),
        (group("claim", row("service_on", "at_most", "2099-01-01")), False),
        (group("claim", row("payer", "is", "Aetna")), False),
        (group("claim", row("payer", "is_not", "Aetna")), True),
        (group("claim", row("diagnosis", "has_not", "E11*")), True),
        (group("claim", row("first_diagnosis", "is", "E11*")), False),
        (group("every_line", row("units", "at_least", "1")), False),
        (group("any_line", row("units", "at_least", "1")), False),
        (group("no_line", row("units", "at_least", "1")), True),
    ):
        assert match(read(one), empty, nothing).holds is holds, one


def test_a_match_names_the_diagnoses_it_asked_for() -> None:
    found = match(read(group("claim", row("diagnosis", "has", "E08-E13", "Z79*"))), CLAIM, FACTS_OF_CLAIM)
    assert found.diagnoses == (1, 3)


REFUSED: list[tuple[Any, str, str]] = [
    ("x", "", "object"),
    ({"join": "xor"}, "join", "Choose one of"),
    ({"group": []}, "group", "not known"),
    ({"groups": {}}, "groups", "list"),
    ({"groups": ["x"]}, "groups[0]", "object"),
    ({"groups": [group("claim")]}, "groups[0]", "Add a condition"),
    ({"groups": [group("lines", row("code", "is", "1"))]}, "groups[0].about", "Choose one of"),
    ({"groups": [group("claim", row("colour", "is", "red"))]}, "groups[0].conditions[0].fact", "Choose"),
    ({"groups": [group("claim", row("code", "is", "99213"))]}, "groups[0].conditions[0].fact", "about lines"),
    (
        {"groups": [group("any_line", row("age", "is", "9"))]},
        "groups[0].conditions[0].fact",
        "about the claim",
    ),
    (
        {"groups": [group("claim", row("age", "has", "9"))]},
        "groups[0].conditions[0].op",
        "cannot be compared",
    ),
    ({"groups": [group("claim", row("age", "is"))]}, "groups[0].conditions[0].values", "Give a value"),
    (
        {"groups": [group("claim", row("age", "is", "9", "10"))]},
        "groups[0].conditions[0].values",
        "one value",
    ),
    (
        {"groups": [group("claim", row("age", "is", "-9"))]},
        "groups[0].conditions[0].values[0]",
        "whole number",
    ),
    (
        {"groups": [group("claim", row("age", "between", "9", "3"))]},
        "groups[0].conditions[0].values",
        "lower",
    ),
    (
        {"groups": [group("claim", row("service_on", "at_least", "13/40/2026"))]},
        "groups[0].conditions[0].values[0]",
        "not a date",
    ),
    (
        {"groups": [group("any_line", row("code", "is", "99213", "99215-99213"))]},
        "groups[0].conditions[0].values[1]",
        "upside down",
    ),
    (
        {"groups": [group("any_line", row("code", "is", "E11-E113"))]},
        "groups[0].conditions[0].values[0]",
        "same length",
    ),
    (
        {"groups": [group("any_line", row("code", "is", "%"))]},
        "groups[0].conditions[0].values[0]",
        "not a code",
    ),
    (
        {"groups": [group("any_line", row("modifier", "has", "255"))]},
        "groups[0].conditions[0].values[0]",
        "two characters",
    ),
    (
        {"groups": [group("claim", row("sex", "is", "W"))]},
        "groups[0].conditions[0].values[0]",
        "one of F, M",
    ),
    (
        {"groups": [group("claim", row("visit_kind", "is", "Office visit"))]},
        "groups[0].conditions[0].values[0]",
        "not one of office",
    ),
    (
        {"groups": [group("claim", row("place_of_service", "is", "office"))]},
        "groups[0].conditions[0].values[0]",
        "of 2 digits",
    ),
    ({"groups": [group("claim", row("payer", "is", " "))]}, "groups[0].conditions[0].values[0]", "1 to 120"),
    ({"groups": [group("claim", row("sex", "is", "F"))] * 11}, "groups", "at most 10"),
]


@pytest.mark.parametrize(("body", "path", "part"), REFUSED, ids=lambda value: str(value)[:50])
def test_what_cannot_be_read_is_refused_with_its_path(body: Any, path: str, part: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_conditions(body)
    assert refused.value.details["path"] == path
    assert part in refused.value.message


def test_all_problems_are_told_together() -> None:
    body = {"groups": [group("claim", row("age", "is", "x"), row("service_on", "at_least", "soon"))]}
    with pytest.raises(InvalidInput) as refused:
        parse_conditions(body)
    assert [path for path, _ in refused.value.details["problems"]] == [
        "groups[0].conditions[0].values[0]",
        "groups[0].conditions[1].values[0]",
    ]


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("99213", ["99213"], ["9921", "99214", "992130"]),
        ("992*", ["99213", "992"], ["99", "99313"]),
        ("99213–99215", ["99213", "99215"], ["99212", "99216"]),
        ("E08-E13", ["E08", "E1122", "E139"], ["E079", "E14"]),
        ("j1885", ["J1885"], ["J1886"]),
    ],
)
def test_a_pattern_means_these_codes(pattern: str, inside: list[str], outside: list[str]) -> None:
    read_pattern = code_pattern(pattern)
    assert [code for code in inside + outside if read_pattern.matches(code)] == inside
    assert code_pattern(read_pattern.written) == read_pattern


CODES = st.from_regex(r"\A[A-Z0-9]{1,7}\Z")
VALUES: dict[Kind, st.SearchStrategy[str]] = {
    Kind.TEXT: st.text(
        st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=20
    ),
    Kind.CODE: st.one_of(CODES, CODES.map(lambda code: code + "*")),
    Kind.DIAGNOSIS: st.one_of(CODES, CODES.map(lambda code: code + "*")),
    Kind.MODIFIER: st.from_regex(r"\A[A-Z0-9]{2}\Z"),
    Kind.NUMBER: st.integers(0, 999_999).map(str),
    Kind.DATE: st.dates().map(lambda day: day.isoformat()),
}


def values_of(fact: Fact) -> st.SearchStrategy[str]:
    if fact.choices:
        return st.sampled_from(fact.choices)
    return st.from_regex(rf"\A[0-9]{{{fact.digits}}}\Z") if fact.digits else VALUES[fact.kind]


@st.composite
def rows(draw: st.DrawFn, of_line: bool) -> dict[str, Any]:
    fact = draw(st.sampled_from([one for one in FACTS.values() if one.of_line is of_line]))
    op = draw(st.sampled_from(OPS[fact.kind]))
    single = fact.kind in (Kind.NUMBER, Kind.DATE)
    count = 2 if op is Op.BETWEEN else 1 if single else draw(st.integers(1, 4))
    values = draw(st.lists(values_of(fact), min_size=count, max_size=count))
    if op is Op.BETWEEN:
        values = sorted(values, key=lambda one: int(one.replace("-", "")))
    return row(fact.key, op.value, *values)


@st.composite
def bodies(draw: st.DrawFn) -> dict[str, Any]:
    groups = []
    for about in draw(st.lists(st.sampled_from(About), max_size=4)):
        made = draw(st.lists(rows(about.of_line), min_size=1, max_size=3))
        groups.append(group(about.value, *made, join=draw(st.sampled_from(Join)).value))
    return {"join": draw(st.sampled_from(Join)).value, "groups": groups}


@settings(deadline=None)
@given(bodies())
def test_what_is_written_is_read_back_the_same_and_can_be_asked_and_told(body: dict[str, Any]) -> None:
    conditions = parse_conditions(body)
    assert parse_conditions(json.loads(json.dumps(conditions.body()))) == conditions
    found = match(conditions, CLAIM, FACTS_OF_CLAIM)
    assert set(found.lines) <= {1, 2}
    assert set(found.subjects) <= set(found.lines)
    assert explain(conditions)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["join", "groups", "about", "conditions", "fact", "op", "values", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(JSON)
def test_any_json_is_read_or_refused_with_a_path(body: Any) -> None:
    try:
        parse_conditions(body)
    except InvalidInput as refused:
        assert isinstance(refused.details["path"], str)


@settings(deadline=None)
@given(bodies(), bodies())
def test_all_and_any_of_two_groups_are_and_and_or(one: dict[str, Any], other: dict[str, Any]) -> None:
    for first in one["groups"][:1]:
        for second in other["groups"][:1]:
            a = match(read(first), CLAIM, FACTS_OF_CLAIM).holds
            b = match(read(second), CLAIM, FACTS_OF_CLAIM).holds
            assert match(read(first, second), CLAIM, FACTS_OF_CLAIM).holds is (a and b)
            assert match(read(first, second, join="any"), CLAIM, FACTS_OF_CLAIM).holds is (a or b)
