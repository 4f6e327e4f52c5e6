"""Golden tables of the edits of a whole claim: order and doubles of diagnoses, release by line, POA, sites,
places of service, unlisted codes.

Sources: ICD-10-CM Official Guidelines I.A.4 to I.A.5 (placeholder, 7th character), I.B.12 (a code once),
I.C.20.a.6 (external causes never first), appendix I (POA); CMS, "Definitions of Medicare Code Edits", edits 9
and 20; 45 CFR 162.1000(a) (the code set of the day); NCCI Policy Manual, chapter I, section E (modifiers).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from code_sets import index_store
from code_sets.loaders.base import ParsedRelease
from code_sets.rules.edits.check import check_claim
from code_sets.rules.edits.claim import Claim, ClaimLine, Finding
from code_sets.rules.edits.icd_build import build_icd
from code_sets.rules.edits.icd_table import IcdTable
from code_sets.rules.edits.lists import DatedTable, FlagTable, MueTable, build_dated, build_flags, build_mue
from code_sets.rules.edits.modifier_facts import parse_modifiers
from code_sets.rules.edits.tables import DayTables
from code_sets.rules.entries import CodeEntry, EntryKind

DAY, NEXT = 20260930, 20261001
MODIFIERS = parse_modifiers((index_store.DATA / "edit_modifiers.toml").read_text("utf-8"))
ALWAYS = 99991231


@pytest.fixture(scope="module")
def icd(bundled: ParsedRelease) -> IcdTable:
    return IcdTable(build_icd(bundled.entries, {"release": "2026-04"}))


@pytest.fixture(scope="module")
def tables(icd: IcdTable) -> DayTables:
    marks = [
        ("Z9911", 0, ALWAYS, ("unacceptable",)),
        ("C50919", 0, ALWAYS, ("unspecified",)),
    ]
    hcpcs = [
        ("A4421", 0, ALWAYS, "Ostomy supply; miscellaneous"),
        ("G0039", 0, ALWAYS, "Patient not referred, reason not otherwise specified"),
    ]
    return DayTables(
        MODIFIERS,
        icd=icd,
        mce=FlagTable(build_flags(marks, {"release": "2026q3"})),
        hcpcs=DatedTable(build_dated(hcpcs, {"release": "2026q3"})),
        mue=MueTable(build_mue([("36415", 2, 3, "Clinical: Data")], {"release": "2026q3"})),
        places=DatedTable(build_dated([("11", 0, ALWAYS, "Office")], {"release": "2024q1"})),
        poa_exempt=DatedTable(build_dated([("Z9911", 0, ALWAYS, "")], {"release": "2026"})),
    )


def line(number: int, code: str = "99213", *modifiers: str, day: int = DAY) -> ClaimLine:
    return ClaimLine(number, code, day, 1, modifiers, (1,))


def found(
    tables: DayTables, claim: Claim, later: DayTables | None = None
) -> list[tuple[str, str, tuple[int, ...], tuple[str, ...]]]:
    return [(one.rule, one.severity, one.lines, one.codes) for one in raw(tables, claim, later)]


def raw(tables: DayTables, claim: Claim, later: DayTables | None = None) -> list[Finding]:
    answering = {NEXT: later or tables}
    return list(check_claim(claim, lambda day: answering.get(day, tables)).findings)


def visit(*codes: str, lines: tuple[ClaimLine, ...] = ()) -> Claim:
    return Claim("practitioner", codes, lines or (line(1),), 19600310, "F")


def stay(*codes: str, poa: tuple[str | None, ...] = ()) -> Claim:
    return Claim("inpatient", codes, (), 19600310, "F", discharge_on=DAY, poa=poa)


def test_an_external_cause_never_stands_first(tables: DayTables) -> None:
    assert found(tables, visit("W010XXA", "S72001A")) == [("icd.first_listed", "error", (1,), ("W010XXA",))]
    assert found(tables, visit("S72001A", "W010XXA")) == []


def test_a_code_is_reported_once(tables: DayTables) -> None:
    assert found(tables, visit("I10", "E1165", "I10")) == [("icd.duplicate", "error", (1,), ("I10",))]


def test_the_principal_diagnosis_of_a_stay_is_one_medicare_accepts(tables: DayTables) -> None:
    assert [one[0] for one in found(tables, stay("Z9911", "J9600"))] == ["icd.first_listed"]
    assert found(tables, stay("J9600", "Z9911")) == []
    assert found(tables, visit("Z9911")) == []


def test_a_stay_says_the_side_of_the_codes_of_edit_20(tables: DayTables) -> None:
    assert found(tables, stay("C50919")) == [("icd.unspecified", "warning", (), ("C50919",))]
    assert found(tables, visit("C50919")) == []


POA = [
    (("I10",), ("Y",), None),
    (("I10",), ("W",), None),
    (("I10",), (None,), ("poa.missing", "error")),
    (("I10",), ("1",), ("poa.not_exempt", "error")),
    (("I10",), ("Q",), ("poa.invalid", "error")),
    (("I10",), ("U",), ("poa.unclear", "warning")),
    (("I10", "Z9911"), ("Y", "1"), None),
    (("I10", "Z9911"), ("Y", None), None),
    (("I10", "Z9911"), ("Y", "N"), ("poa.exempt", "error")),
    (("I10",), (), None),  # not asked
]


@pytest.mark.parametrize(("codes", "answers", "expected"), POA)
def test_present_on_admission(
    tables: DayTables,
    codes: tuple[str, ...],
    answers: tuple[str | None, ...],
    expected: tuple[str, str] | None,
) -> None:
    told = [(rule, severity) for rule, severity, _, _ in found(tables, stay(*codes, poa=answers))]
    assert told == ([expected] if expected else [])


def test_a_7th_character_without_its_placeholders_is_understood(tables: DayTables) -> None:
    (one,) = raw(tables, visit("T391A"))
    assert (one.rule, one.satisfy) == ("icd.invalid", "Choose a code of this release.")
    (one,) = raw(tables, visit("S71A"))
    assert one.rule == "icd.invalid"
    (one,) = raw(tables, visit("T1491A"))
    assert (one.rule, one.satisfy) == ("icd.invalid", "Did you mean T14.91XA?")


def test_a_code_that_lacks_its_7th_character_says_so(tables: DayTables) -> None:
    (one,) = raw(tables, visit("S72001"))
    assert (one.rule, "7th character" in one.message) == ("icd.not_billable", True)
    assert one.satisfy.startswith("Choose a code below it: S72.001A, S72.001B")


@pytest.fixture(scope="module")
def october(tables: DayTables, bundled: ParsedRelease) -> DayTables:
    """A release of October that ends I10 and begins I1A9."""
    entries = [one for one in bundled.entries if one.code != "I10"]
    entries.append(CodeEntry("I1A9", "A hypertension of next year", True, EntryKind.SUBCATEGORY, "I1A"))
    return replace(tables, icd=IcdTable(build_icd(entries, {"release": "2027"})))


OVER_OCTOBER = [
    # pointers of the line of 30 September and of 1 October; what is found: rule, lines, code
    ((1,), (2,), []),
    ((1, 2), (2,), [("icd.invalid", (1,), ("I1A9",))]),
    ((1,), (1, 2), [("icd.invalid", (2,), ("I10",))]),
    ((2,), (1,), [("icd.invalid", (2,), ("I10",)), ("icd.invalid", (1,), ("I1A9",))]),
]


@pytest.mark.parametrize(("before", "after", "expected"), OVER_OCTOBER)
def test_a_diagnosis_is_valid_on_the_day_of_each_line_that_points_at_it(
    tables: DayTables,
    october: DayTables,
    before: tuple[int, ...],
    after: tuple[int, ...],
    expected: list[tuple[str, tuple[int, ...], tuple[str, ...]]],
) -> None:
    lines = replace(line(1), pointers=before), replace(line(2, day=NEXT), pointers=after)
    told = raw(tables, visit("I10", "I1A9", "E1165", lines=lines), october)
    assert [(one.rule, one.lines, one.codes) for one in told] == expected
    assert all(one.satisfy.endswith("split the claim where the release changes.") for one in told)


def test_a_diagnosis_that_no_line_points_at_goes_by_the_last_day(
    tables: DayTables, october: DayTables
) -> None:
    lines = replace(line(1), pointers=(2,)), replace(line(2, day=NEXT), pointers=(2,))
    assert found(tables, visit("I10", "E1165", lines=lines), october) == [
        ("icd.invalid", "error", (), ("I10",))
    ]


def test_a_claim_within_one_release_needs_no_splitting(tables: DayTables) -> None:
    lines = line(1, day=20260929), line(2)
    (one,) = raw(tables, visit("I1A9", lines=lines))
    assert (one.rule, one.lines, "split" in one.satisfy) == ("icd.invalid", (1, 2), False)


SITES = [
    (("F1",), 0),
    (("F1", "F2"), 1),
    (("T1", "TA"), 1),
    (("E1", "E3"), 1),
    (("LC", "RC"), 1),
    (("LT", "F1"), 0),
    (("LT", "50"), 1),
    (("26", "TC"), 1),
    (("76", "77"), 1),
    (("59", "XS"), 1),
]


@pytest.mark.parametrize(("modifiers", "count"), SITES)
def test_a_line_names_one_site(tables: DayTables, modifiers: tuple[str, ...], count: int) -> None:
    told = found(tables, visit("I10", lines=(line(1, "11730", *modifiers),)))
    assert [one[0] for one in told] == ["modifier.invalid"] * count


@pytest.mark.parametrize("modifier", ["58", "78", "79", "59", "XE", "XU"])
def test_modifiers_of_procedures_do_not_stand_on_an_evaluation(tables: DayTables, modifier: str) -> None:
    """NCCI manual, chapter I, E: 59 and X{EPSU} are not for E/M codes; CPT appendix A: 58, 78, 79 neither."""
    assert [one[0] for one in found(tables, visit("I10", lines=(line(1, "99213", modifier),)))] == [
        "modifier.invalid"
    ]
    assert found(tables, visit("I10", lines=(line(1, "11730", modifier),))) == []


UNLISTED = [("A4421", True), ("64999", True), ("G0039", False), ("64483", False)]


@pytest.mark.parametrize(("code", "unlisted"), UNLISTED)
def test_a_code_that_says_nothing_needs_a_description(tables: DayTables, code: str, unlisted: bool) -> None:
    told = found(tables, visit("I10", lines=(line(1, code),)))
    assert told == ([("code.noc_description", "info", (1,), (code,))] if unlisted else [])
    described = replace(line(1, code), description="Repair of a nerve")
    assert found(tables, visit("I10", lines=(described,))) == []


@pytest.mark.parametrize(("place", "wrong"), [("11", False), ("98", True), (None, False)])
def test_places_of_service(tables: DayTables, place: str | None, wrong: bool) -> None:
    told = found(tables, visit("I10", lines=(replace(line(1), place=place),)))
    assert told == ([("pos.invalid", "error", (1,), ("99213",))] if wrong else [])


def test_units_of_lines_that_do_not_name_their_provider_are_taken_together(tables: DayTables) -> None:
    def units(*npis: str | None) -> list[tuple[int, ...]]:
        lines = tuple(replace(line(number, "36415"), units=2, npi=npi) for number, npi in enumerate(npis, 1))
        return [one[2] for one in found(tables, visit("I10", lines=lines)) if one[0] == "ncci.mue"]

    assert units("1000000001", "1000000002") == []
    assert units("1000000001", "1000000001") == [(1, 2)]
    assert units("1000000001", None) == [(1, 2)]
