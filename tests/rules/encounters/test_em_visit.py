"""The level of a visit from cited elements: golden cases by section of the guidelines, in our words.

[MDM]  AMA CPT E/M guidelines 2023, table "Levels of Medical Decision Making": two of three elements.
[TIME] AMA CPT 2024 code times; "Guidelines for Selecting Level of Service Based on Time".
[ED]   "Emergency Department Services": time is not a descriptive component.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput, Refused
from encounters.rules.em_visit import Cited, check_element, compare, score
from encounters.selectors.em_tables import edition_for, kinds_for

ON = date(2026, 9, 15)
EDITION = edition_for(ON)
KINDS = kinds_for(EDITION, ON)
STABLE2 = ("problems", "stable_chronic", 2)
RX = ("risk", "prescription_drug", 1)
Case = tuple[str, int] | tuple[str, str, int]


def scored(category: str, *elements: tuple[str, str, int]):  # type: ignore[no-untyped-def]
    return score(EDITION, category, [Cited(*one) for one in elements], KINDS)


@pytest.mark.parametrize(
    ("cite", "category", "elements", "code", "by", "other"),
    [
        # [MDM] straightforward: one minor problem, minimal risk
        (
            "MDM",
            "office_established",
            [("problems", "self_limited", 1), ("risk", "minimal", 1)],
            "99212",
            "mdm",
            "",
        ),
        # [MDM] low: two minor problems; two items of data
        (
            "MDM",
            "office_new",
            [("problems", "self_limited", 2), ("data", "test_ordered", 2)],
            "99203",
            "mdm",
            "",
        ),
        # [MDM] low: an independent historian alone meets low data
        (
            "MDM",
            "office_new",
            [("problems", "acute_uncomplicated", 1), ("data", "independent_historian", 1)],
            "99203",
            "mdm",
            "",
        ),
        # [MDM] moderate: two stable chronic problems, prescription drug management; data not needed
        ("MDM", "office_established", [STABLE2, RX], "99214", "mdm", ""),
        # [MDM] moderate data: three items, the historian being one of them
        (
            "MDM",
            "office_established",
            [STABLE2, ("data", "test_reviewed", 2), ("data", "independent_historian", 1)],
            "99214",
            "mdm",
            "",
        ),
        # [MDM] items of the three kinds add up: a note, a result and an order
        (
            "MDM",
            "office_established",
            [
                STABLE2,
                ("data", "external_note", 1),
                ("data", "test_reviewed", 1),
                ("data", "test_ordered", 1),
            ],
            "99214",
            "mdm",
            "",
        ),
        # [MDM] high: threat to life and a decision for hospital care
        (
            "MDM",
            "office_established",
            [("problems", "threat_to_life", 1), ("risk", "hospital_care", 1)],
            "99215",
            "mdm",
            "",
        ),
        # [MDM] high data: two of three groups
        (
            "MDM",
            "hospital_subsequent",
            [
                ("problems", "severe_exacerbation", 1),
                ("data", "independent_interpretation", 1),
                ("data", "external_discussion", 1),
            ],
            "99233",
            "mdm",
            "",
        ),
        # [MDM] two of three: a high problem alone is not enough
        ("MDM", "office_established", [("problems", "threat_to_life", 1)], "99212", "mdm", ""),
        # [TIME] 40 minutes meet 99215 while decision making gives 99214
        (
            "TIME",
            "office_established",
            [STABLE2, RX, ("time", "total_minutes", 40)],
            "99215",
            "time",
            "99214",
        ),
        ("TIME", "office_established", [STABLE2, RX, ("time", "total_minutes", 39)], "99214", "mdm", "99214"),
        ("TIME", "office_new", [("time", "total_minutes", 44)], "99203", "time", ""),
        ("TIME", "hospital_initial", [("time", "total_minutes", 75)], "99223", "time", ""),
        # [ED] an hour chooses nothing
        ("ED", "emergency_department", [("time", "total_minutes", 60)], None, None, ""),
        (
            "ED",
            "emergency_department",
            [("problems", "acute_systemic", 1), RX, ("time", "total_minutes", 60)],
            "99284",
            "mdm",
            "",
        ),
    ],
)
def test_golden_levels(
    cite: str,
    category: str,
    elements: list[tuple[str, str, int]],
    code: str | None,
    by: str | None,
    other: str,
) -> None:
    found = scored(category, *elements)
    assert (found.decision.code, found.decision.by, found.other_code) == (code, by, other), cite


@pytest.mark.parametrize(
    ("elements", "code", "lacks"),
    [
        ([STABLE2, ("data", "test_reviewed", 2)], "99214", "one more data item"),
        ([("problems", "stable_chronic", 1), RX], "99214", "1 more problem of the kind “Chronic, stable”"),
        ([STABLE2], "99213", "2 more data items or an independent historian"),
        ([STABLE2, RX], "99215", "high needs two of these"),
        (
            [("problems", "threat_to_life", 1), ("data", "independent_interpretation", 1)],
            "99215",
            "a high risk",
        ),
    ],
)
def test_what_the_next_level_lacks_is_said(
    elements: list[tuple[str, str, int]], code: str, lacks: str
) -> None:
    step = scored("office_established", *elements).next_mdm
    assert step is not None and step.code == code and lacks in step.lacks


def test_adding_what_was_named_as_lacking_gives_the_next_level() -> None:
    step = scored("office_established", STABLE2, ("data", "test_reviewed", 2)).next_mdm
    assert step is not None and step.lacks.startswith("one more data item")
    risen = scored("office_established", STABLE2, ("data", "test_reviewed", 3))
    assert risen.decision.code == step.code


def test_minutes_to_the_next_code_are_counted_and_stop_at_the_top() -> None:
    step = scored("office_established", ("time", "total_minutes", 28)).next_time
    assert step is not None and (step.code, step.lacks) == ("99214", "2 more minutes give 99214")
    assert scored("office_established", ("time", "total_minutes", 40)).next_time is None
    assert scored("emergency_department", ("time", "total_minutes", 10)).next_time is None


def test_nothing_cited_reaches_no_level() -> None:
    found = scored("office_established")
    assert found.decision.code is None and found.decision.mdm_code is None


def test_kinds_follow_the_edition_of_the_day() -> None:
    old = date(2022, 6, 1)
    names = {(k.part, k.name) for k in kinds_for(edition_for(old), old)}
    assert ("problems", "stable_acute") not in names
    assert ("risk", "parenteral_controlled") not in names
    assert ("problems", "stable_acute") in {(k.part, k.name) for k in KINDS}
    with pytest.raises(Refused):
        edition_for(date(2020, 12, 31))


@pytest.mark.parametrize(
    "element",
    [
        Cited("problems", "hypertension"),
        Cited("time", "total_minutes", 0),
        Cited("time", "total_minutes", 1441),
        Cited("risk", "low", 2),
        Cited("data", "test_ordered", 100),
        Cited("sleep", "total_minutes"),
    ],
)
def test_elements_out_of_the_list_or_range_are_refused(element: Cited) -> None:
    with pytest.raises(InvalidInput):
        check_element(element, KINDS)


def test_two_scorers_are_compared_part_by_part() -> None:
    coder = [Cited(*STABLE2), Cited(*RX), Cited("time", "total_minutes", 40)]
    reviewer = [Cited("problems", "stable_chronic", 1), Cited(*RX)]
    found = {one.part: (one.coder, one.reviewer) for one in compare(coder, reviewer, KINDS)}
    assert found == {
        "problems": ("2 × Chronic, stable", "1 × Chronic, stable"),
        "time": ("40 minutes", "none"),
    }
    assert compare(coder, list(reversed(coder)), KINDS) == ()


@given(st.lists(st.sampled_from(KINDS), max_size=8), st.sampled_from(KINDS))
def test_one_more_element_never_lowers_the_level(some: list[object], more: object) -> None:
    order = [row.code for row in EDITION.categories["office_established"]]

    def rank(kinds: list[object]) -> int:
        elements = [Cited(k.part, k.name, 1) for k in kinds]  # type: ignore[attr-defined]
        code = score(EDITION, "office_established", elements, KINDS).decision.code
        return -1 if code is None else order.index(code)

    assert rank([*some, more]) >= rank(some)
