"""Levels of evaluation and management services against the published tables.

Sources: AMA CPT E/M guidelines effective 2021-01-01 (office) and 2023-01-01 (hospital, emergency department),
as adopted in 85 FR 84472 and 87 FR 69404; CMS MLN006764, Evaluation and Management Services. Code numbers,
minutes and counts only.
"""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_sets.em_commands import editions, level
from code_sets.rules.em_level import (
    DataReviewed,
    Level,
    Problem,
    data_element,
    edition_on,
    mdm_level,
    problems_element,
)
from coding_ops.core.errors import InvalidInput, Refused

NOTHING: dict[str, Any] = {"problems": [], "data": {}, "risk": None, "minutes": None}
#: One problem, data and risk that reach each level and no higher one.
REACH: dict[str, dict[str, Any]] = {
    "straightforward": {"problems": [{"kind": "self_limited", "count": 1}], "risk": "minimal"},
    "low": {"problems": [{"kind": "acute_uncomplicated", "count": 1}], "risk": "low"},
    "moderate": {"problems": [{"kind": "stable_chronic", "count": 2}], "risk": "moderate"},
    "high": {"problems": [{"kind": "threat_to_life", "count": 1}], "risk": "high"},
}
EXAMPLE: dict[str, Any] = {
    "category": "office_established",
    "service_on": "2026-11-01",
    "minutes": 25,
    "problems": [{"kind": "stable_chronic", "count": 2}],
    "data": {"items": 2, "independent_historian": False},
    "risk": "moderate",
}


def ask(category: str, on: str = "2026-11-01", **more: Any) -> dict[str, Any]:
    return level({"category": category, "service_on": on} | NOTHING | more)


def test_the_example_of_the_interface() -> None:
    answer = level(EXAMPLE)
    trace = {step["rule"]: step for step in answer.pop("trace")}
    assert answer == {
        "code": "99214",
        "by": "mdm",
        "mdm": {"problems": "moderate", "data": "low", "risk": "moderate", "level": "moderate"},
        "other_path": {"code": "99213", "by": "time"},
    }
    assert trace["em.problems"]["why"] == "2 x stable_chronic (at least 2 for moderate)"
    assert trace["em.mdm"]["why"] == "met by problems, risk; two of three decide"
    assert trace["em.time"]["why"] == "25 minutes meet the 20 of 99213"
    assert trace["em.level"]["edition"] == "2024-01"
    assert json.loads(json.dumps(answer)) == answer


BY_MDM = [
    ("office_new", ["99202", "99203", "99204", "99205"]),
    ("office_established", ["99212", "99213", "99214", "99215"]),
    ("hospital_initial", ["99221", "99221", "99222", "99223"]),
    ("hospital_subsequent", ["99231", "99231", "99232", "99233"]),
    ("hospital_same_day", ["99234", "99234", "99235", "99236"]),
    ("emergency_department", ["99282", "99283", "99284", "99285"]),
]


@pytest.mark.parametrize(
    ("category", "reached", "code"),
    [
        (category, reached, code)
        for category, codes in BY_MDM
        for reached, code in zip(REACH, codes, strict=True)
    ],
)
def test_decision_making_chooses_the_code_of_its_level(category: str, reached: str, code: str) -> None:
    answer = ask(category, **REACH[reached])
    assert (answer["code"], answer["by"], answer["mdm"]["level"]) == (code, "mdm", reached)
    assert answer["other_path"] == {"code": None, "by": "time"}


BY_TIME = [
    ("office_new", [("99202", 15), ("99203", 30), ("99204", 45), ("99205", 60)]),
    ("office_established", [("99212", 10), ("99213", 20), ("99214", 30), ("99215", 40)]),
    ("hospital_initial", [("99221", 40), ("99222", 55), ("99223", 75)]),
    ("hospital_subsequent", [("99231", 25), ("99232", 35), ("99233", 50)]),
    ("hospital_same_day", [("99234", 45), ("99235", 70), ("99236", 85)]),
]


@pytest.mark.parametrize(
    ("category", "place", "code", "least"),
    [(category, place, *row) for category, rows in BY_TIME for place, row in enumerate(rows)],
)
def test_time_is_met_at_its_minute_and_not_one_before(
    category: str, place: int, code: str, least: int
) -> None:
    below = dict(BY_TIME)[category][place - 1][0] if place else None
    assert ask(category, minutes=least)["code"] == code
    assert ask(category, minutes=least)["by"] == "time"
    assert ask(category, minutes=least - 1)["code"] == below


def test_time_never_chooses_an_emergency_department_level() -> None:
    assert ask("emergency_department", minutes=180)["code"] is None
    answer = ask("emergency_department", minutes=180, **REACH["low"])
    assert (answer["code"], answer["by"]) == ("99283", "mdm")
    assert answer["other_path"] == {"code": None, "by": "time"}


def test_the_higher_path_decides_and_the_other_is_shown() -> None:
    answer = ask("office_established", minutes=45, **REACH["low"])
    assert (answer["code"], answer["by"]) == ("99215", "time")
    assert answer["other_path"] == {"code": "99213", "by": "mdm"}
    equal = ask("office_established", minutes=20, **REACH["low"])
    assert (equal["by"], equal["other_path"]) == ("mdm", {"code": "99213", "by": "time"})


def test_one_element_alone_reaches_no_higher_than_the_second() -> None:
    problems = [{"kind": "threat_to_life", "count": 1}]
    answer = ask("office_established", problems=problems, data={"items": 2}, risk="minimal")
    assert answer["mdm"] == {"problems": "high", "data": "low", "risk": "minimal", "level": "low"}


def test_nothing_documented_chooses_no_code() -> None:
    answer = ask("office_established", minutes=9)
    assert (answer["code"], answer["by"], answer["mdm"]["level"]) == (None, None, "none")
    time = next(step for step in answer["trace"] if step["rule"] == "em.time")
    assert time["why"] == "9 minutes are fewer than the 10 of 99212"


PROBLEMS = [
    ([], "NONE"),
    ([("self_limited", 0)], "NONE"),
    ([("self_limited", 1)], "STRAIGHTFORWARD"),
    ([("self_limited", 2)], "LOW"),
    ([("self_limited", 5)], "LOW"),
    ([("stable_chronic", 1)], "LOW"),
    ([("stable_chronic", 2)], "MODERATE"),
    ([("stable_chronic", 1), ("stable_chronic", 1)], "MODERATE"),
    ([("stable_chronic", 1), ("acute_uncomplicated", 1)], "LOW"),
    ([("acute_uncomplicated", 3)], "LOW"),
    ([("stable_acute", 2)], "LOW"),
    ([("acute_uncomplicated_hospital", 1)], "LOW"),
    ([("chronic_exacerbation", 1)], "MODERATE"),
    ([("undiagnosed_new", 1)], "MODERATE"),
    ([("acute_systemic", 1)], "MODERATE"),
    ([("acute_injury_complicated", 3)], "MODERATE"),
    ([("severe_exacerbation", 1)], "HIGH"),
    ([("self_limited", 1), ("threat_to_life", 1)], "HIGH"),
]


@pytest.mark.parametrize(("problems", "reached"), PROBLEMS)
def test_problems_reach_the_level_of_the_table(problems: list[tuple[str, int]], reached: str) -> None:
    found = problems_element(editions()[-1], [Problem(*one) for one in problems])
    assert found.level is Level[reached]


DATA = [
    ((0, False, False, False), "STRAIGHTFORWARD"),
    ((1, False, False, False), "STRAIGHTFORWARD"),
    ((2, False, False, False), "LOW"),
    ((0, True, False, False), "LOW"),
    ((1, True, False, False), "LOW"),
    ((2, True, False, False), "MODERATE"),
    ((3, False, False, False), "MODERATE"),
    ((9, True, False, False), "MODERATE"),
    ((0, False, True, False), "MODERATE"),
    ((0, False, False, True), "MODERATE"),
    ((0, True, True, False), "MODERATE"),
    ((0, False, True, True), "HIGH"),
    ((3, False, True, False), "HIGH"),
    ((2, True, False, True), "HIGH"),
]


@pytest.mark.parametrize(("given", "reached"), DATA)
def test_data_reach_the_level_of_the_table(given: tuple[int, bool, bool, bool], reached: str) -> None:
    assert data_element(editions()[-1].data, DataReviewed(*given)).level is Level[reached]


@given(st.lists(st.sampled_from(list(Level)), min_size=3, max_size=3))
def test_exactly_the_highest_level_that_two_elements_meet(elements: list[Level]) -> None:
    met = [one for one in Level if sum(element >= one for element in elements) >= 2]
    assert mdm_level(*elements) is max(met)


def test_editions_follow_each_other_without_a_gap() -> None:
    found = editions()
    for earlier, later in pairwise(found):
        assert earlier.last is not None
        assert (later.first - earlier.last).days == 1
    assert found[-1].last is None
    assert edition_on(found, date(2020, 12, 31)) is None


@pytest.mark.parametrize(
    ("category", "first", "before"),
    [
        ("office_established", "2021-01-01", "2020-12-31"),
        ("hospital_initial", "2023-01-01", "2022-12-31"),
        ("emergency_department", "2023-01-01", "2022-12-31"),
    ],
)
def test_a_day_before_the_guidelines_is_refused(category: str, first: str, before: str) -> None:
    assert ask(category, first, **REACH["low"])["code"] is not None
    with pytest.raises(Refused, match=first) as refusal:
        ask(category, before, **REACH["low"])
    assert refusal.value.details["path"] == "service_on"


def test_kinds_of_problem_of_2023_are_refused_for_a_service_of_2022() -> None:
    problems = [{"kind": "stable_acute", "count": 1}]
    with pytest.raises(InvalidInput, match=r"problems\[0\]\.kind must be one of self_limited"):
        ask("office_new", "2022-06-01", problems=problems, risk="low")


BAD = [
    ({"category": "office"}, "category"),
    ({"category": None}, "category"),
    ({"service_on": "11/01/2026"}, "service_on"),
    ({"service_on": None}, "service_on"),
    ({"minutes": -1}, "minutes"),
    ({"minutes": "25"}, "minutes"),
    ({"minutes": 25.5}, "minutes"),
    ({"minutes": True}, "minutes"),
    ({"problems": {"kind": "self_limited"}}, "problems"),
    ({"problems": ["self_limited"]}, "problems[0]"),
    ({"problems": [{"kind": "self_limited", "count": 1}, {"kind": "cold", "count": 1}]}, "problems[1].kind"),
    ({"problems": [{"kind": "self_limited"}]}, "problems[0].count"),
    ({"problems": [{"kind": "self_limited", "count": -1}]}, "problems[0].count"),
    ({"data": []}, "data"),
    ({"data": {"items": "2"}}, "data.items"),
    ({"data": {"independent_historian": "yes"}}, "data.independent_historian"),
    ({"risk": "extreme"}, "risk"),
    ({"risk": 3}, "risk"),
]


@pytest.mark.parametrize(("change", "path"), BAD)
def test_bad_input_names_the_culprit(change: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        level(EXAMPLE | change)
    assert refusal.value.details["path"] == path
    assert refusal.value.message.startswith(path)
