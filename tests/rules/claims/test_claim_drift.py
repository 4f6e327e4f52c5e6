"""Drift: what a claim says otherwise than the finished version, and nothing that is the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.rules.content import (
    ClaimContent,
    ClaimForm,
    Diagnosis,
    Frequency,
    Organization,
    Person,
    Procedure,
    ServiceLine,
)
from claims.rules.drift import Finished, OurCode, compare, keys_of

DAY = date(2026, 9, 15)
OURS = Finished(
    diagnoses=(OurCode("d1", "E1122"), OurCode("d2", "N1831")),
    services=(
        OurCode("s1", "99213", modifiers=("25",), pointers=("d1", "d2")),
        OurCode("s2", "83036", units=2, pointers=("d1",)),
    ),
    provider_npi="1888888884",
    place_of_service_code="11",
    first_on=DAY,
)


def line(
    number: int, code: str, *modifiers: str, units: int = 1, pointers: tuple[int, ...] = ()
) -> ServiceLine:
    return ServiceLine(number, code, Decimal(10), Decimal(units), DAY, modifiers, pointers)


THEIRS = ClaimContent(
    form=ClaimForm.PROFESSIONAL,
    control_number="A1",
    frequency=Frequency.ORIGINAL,
    facility_code="11",
    total_charge_amount=Decimal(30),
    billing=Organization("CLINIC", "1234567893"),
    payer=Organization("PAYER", "P1"),
    subscriber=Person("DOE"),
    diagnoses=(Diagnosis("E1122", "principal"), Diagnosis("N1831")),
    lines=(line(1, "99213", "25", pointers=(1, 2)), line(2, "83036", units=2, pointers=(1,))),
    rendering=Person("OKAFOR", identifier="1888888884"),
)
STAY = replace(
    OURS,
    diagnoses=(OurCode("d1", "I214", "Y"), OurCode("d2", "N179", "N"), OurCode("d3", "Z7901", "1")),
    services=(),
    procedures=(OurCode("p1", "02703DZ"), OurCode("p2", "B2111ZZ")),
    drg_code="247",
    is_stay=True,
    last_on=date(2026, 9, 18),
)
BILLED_STAY = replace(
    THEIRS,
    form=ClaimForm.INSTITUTIONAL,
    diagnoses=(
        Diagnosis("I214", "principal", "Y"), Diagnosis("R079", "admitting"), Diagnosis("N179", "other", "N"),
        Diagnosis("Z7901"),
    ),
    procedures=(Procedure("02703DZ"), Procedure("B2111ZZ")),
    lines=(ServiceLine(1, "", Decimal(30), Decimal(3), None, revenue_code="0120"),),
    drg_code="247",
    statement_from_on=DAY,
    statement_through_on=date(2026, 9, 18),
)  # fmt: skip


def found(ours: Finished, **changes: object) -> list[tuple[str, str, str, str]]:
    base = BILLED_STAY if ours.is_stay else THEIRS
    return [
        (one.kind.value, one.where, one.ours, one.theirs)
        for one in compare(ours, replace(base, **changes))  # type: ignore[arg-type]
    ]


def test_a_claim_as_it_was_finalized_has_no_difference() -> None:
    assert found(OURS) == [] and found(STAY) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"diagnoses": (Diagnosis("E119", "principal"), Diagnosis("N1831"))},
            [("code_changed", "Diagnosis 1", "E1122", "E119")],
        ),
        ({"diagnoses": THEIRS.diagnoses[:1]}, [("code_left_out", "Diagnosis 2", "N1831", "")]),
        ({"diagnoses": (*THEIRS.diagnoses, Diagnosis("I10"))}, [("code_added", "Diagnosis 3", "", "I10")]),
        (
            {"lines": (line(1, "99214", "25", pointers=(1, 2)), THEIRS.lines[1])},
            [("code_changed", "Service 1", "99213", "99214")],
        ),
        (
            {"lines": (line(1, "99214", units=3, pointers=(1, 2)), THEIRS.lines[1])},
            [
                ("code_changed", "Service 1", "99213", "99214"),
                ("modifiers", "Service 1, 99213", "25", ""),
                ("units", "Service 1, 99213", "1", "3"),
            ],
        ),
        ({"lines": THEIRS.lines[:1]}, [("code_left_out", "Service 2", "83036", "")]),
        (
            {"lines": (*THEIRS.lines, line(3, "G0447"))},
            [("code_added", "Service 3", "", "G0447")],
        ),
        (
            {"lines": (line(1, "99213", pointers=(1, 2)), THEIRS.lines[1])},
            [("modifiers", "Service 1, 99213", "25", "")],
        ),
        (
            {"lines": (THEIRS.lines[0], line(2, "83036", units=1, pointers=(1,)))},
            [("units", "Service 2, 83036", "2", "1")],
        ),
        (
            {"lines": (line(1, "99213", "25", pointers=(2, 1)), THEIRS.lines[1])},
            [("pointers", "Service 1, 99213", "E1122, N1831", "N1831, E1122")],
        ),
        (
            {"rendering": Person("X", identifier="1999999992")},
            [("provider", "Claim", "1888888884", "1999999992")],
        ),
        ({"facility_code": "22"}, [("place", "Claim", "11", "22")]),
        (
            {"lines": tuple(replace(one, service_on=date(2026, 9, 14)) for one in THEIRS.lines)},
            [("dates", "First day", "2026-09-15", "2026-09-14")],
        ),
    ],
)
def test_each_difference_of_a_visit_is_told_once_at_its_place(
    changes: dict[str, object], expected: list[tuple[str, str, str, str]]
) -> None:
    assert found(OURS, **changes) == expected


def test_the_order_is_told_with_both_orders_and_a_swapped_pointer_follows_its_code() -> None:
    swapped = replace(
        THEIRS,
        diagnoses=tuple(reversed(THEIRS.diagnoses)),
        lines=(line(1, "99213", "25", pointers=(2, 1)), line(2, "83036", units=2, pointers=(2,))),
    )
    assert [(one.kind.value, one.ours, one.theirs) for one in compare(OURS, swapped)] == [
        ("first_diagnosis", "E1122", "N1831")
    ]
    third = replace(OURS, diagnoses=(*OURS.diagnoses, OurCode("d3", "I10")))
    billed = (THEIRS.diagnoses[0], Diagnosis("I10"), THEIRS.diagnoses[1])
    lines = (line(1, "99213", "25", pointers=(1, 3)), THEIRS.lines[1])
    assert [one[0] for one in found(third, diagnoses=billed, lines=lines)] == ["order"]


def test_another_first_diagnosis_is_told_also_when_the_old_one_was_changed() -> None:
    billed = (Diagnosis("N1831", "principal"), Diagnosis("E119"))
    lines = tuple(replace(one, pointers=()) for one in THEIRS.lines)
    assert found(OURS, diagnoses=billed, lines=lines) == [
        ("code_changed", "Diagnosis 1", "E1122", "E119"),
        ("first_diagnosis", "Diagnosis 1", "E1122", "N1831"),
    ]


def test_a_line_that_was_split_is_no_difference() -> None:
    halves = (line(2, "83036", pointers=(1,)), line(3, "83036", pointers=(1,)))
    assert found(OURS, lines=(THEIRS.lines[0], *halves)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"drg_code": "246"}, [("drg", "Claim", "247", "246")]),
        (
            {"diagnoses": (Diagnosis("I214", "principal", "N"), *BILLED_STAY.diagnoses[1:])},
            [("poa", "Diagnosis 1, I214", "Y", "N")],
        ),
        (
            {"procedures": (Procedure("B2111ZZ"), Procedure("02703DZ"))},
            [("order", "Procedures", "02703DZ, B2111ZZ", "B2111ZZ, 02703DZ")],
        ),
        ({"procedures": (Procedure("02703DZ"),)}, [("code_left_out", "Procedure 2", "B2111ZZ", "")]),
        (
            {"statement_through_on": date(2026, 9, 19)},
            [("dates", "Last day", "2026-09-18", "2026-09-19")],
        ),
    ],
)
def test_a_stay_is_compared_by_codes_drg_and_days(
    changes: dict[str, object], expected: list[tuple[str, str, str, str]]
) -> None:
    assert found(STAY, **changes) == expected


def test_keys_of_our_codes_are_found_for_what_the_claim_carries() -> None:
    diagnoses, lines = keys_of(OURS, replace(THEIRS, lines=(line(1, "99213"), line(2, "G0447"))))
    assert diagnoses == {"E1122": "d1", "N1831": "d2"} and lines == {1: "s1"}


CODES = st.lists(st.sampled_from(["E1122", "E119", "N1831", "I10", "J449", "Z7901"]), max_size=5, unique=True)


@given(mine=CODES, billed=CODES)
def test_codes_differ_exactly_when_the_lists_do(mine: list[str], billed: list[str]) -> None:
    ours = Finished(tuple(OurCode(code, code) for code in mine), ())
    theirs = replace(THEIRS, diagnoses=tuple(Diagnosis(code) for code in billed), lines=())
    differences = compare(ours, theirs)
    assert bool(differences) == (mine != billed)
    told = {code for one in differences for code in f"{one.ours}, {one.theirs}".split(", ") if code}
    assert set(mine) ^ set(billed) <= told
