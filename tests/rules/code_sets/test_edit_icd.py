"""Golden tables of the diagnosis edits over the bundled release of April 2026; each row cites its source.

The tabular list is the authority of each row: the note is quoted. MCE ages: CMS, "Definitions of Medicare
Code Edits"; the marks themselves are handmade here.
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
from code_sets.rules.edits.lists import FlagTable
from code_sets.rules.edits.modifier_facts import parse_modifiers
from code_sets.rules.edits.note_targets import intervals
from code_sets.rules.edits.tables import DayTables
from code_sets.rules.entries import CodeEntry, EntryKind
from tests.rules.code_sets.edit_files import load, mce_file

DAY = 20260310
MODIFIERS = parse_modifiers((index_store.DATA / "edit_modifiers.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def icd(bundled: ParsedRelease) -> IcdTable:
    return IcdTable(build_icd(bundled.entries, {"release": "2026-04"}))


@pytest.fixture(scope="module")
def tables(icd: IcdTable, tmp_path_factory: pytest.TempPathFactory) -> DayTables:
    rows = (
        ("O80", "20151001", "20270331", "female|maternity"),
        ("P590", "20151001", "20270331", "newborn"),
        ("N401", "20151001", "20270331", "adult|male"),
        ("F0280", "20151001", "20270331", "manifestation"),
        ("E1122", "20151001", "20251231", "newborn"),
    )
    mce = FlagTable(load("MCE", mce_file(tmp_path_factory.mktemp("mce"), rows)).data)
    return DayTables(MODIFIERS, icd=icd, mce=mce)


def findings(
    tables: DayTables,
    *codes: str,
    birth_on: int = 19600310,
    sex: str | None = None,
    note: str | None = None,
    line: ClaimLine | None = None,
) -> list[Finding]:
    one = line or ClaimLine(1, "99213", DAY, pointers=(1,))
    claim = Claim("practitioner", codes, (one,), birth_on, sex, note=note)
    return list(check_claim(claim, lambda day: tables).findings)


def rules(found: list[Finding]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.rule, one.severity, one.codes) for one in found]


EXCLUDED = [
    # the entry with the note, its words, and a pair of codes
    ("E11", "type 1 diabetes mellitus (E10.-)", "E1122", "E1022"),
    ("I10", "hypertensive disease complicating pregnancy, … (O10-O11, O13-O16)", "I10", "O10919"),
]


@pytest.mark.parametrize(("owner", "note", "one", "other"), EXCLUDED)
@pytest.mark.parametrize("turned", [False, True])
def test_excludes1_is_found_in_either_order_and_quotes_its_note(
    tables: DayTables, owner: str, note: str, one: str, other: str, turned: bool
) -> None:
    found = findings(tables, *((other, one) if turned else (one, other)))
    pairs = [finding for finding in found if finding.rule == "icd.excludes1"]
    assert [set(finding.codes) for finding in pairs] == [{one, other}]
    assert pairs[0].severity == "error"
    assert "Excludes1 at " in pairs[0].citation
    assert "2026-04" in pairs[0].citation


@pytest.mark.parametrize(
    ("codes", "why"),
    [
        (("E1122", "N1831"), "E11.22: use additional code N18.-"),
        (("E1122", "I10"), "no note"),
        (("E1122", "E1165"), "one category, no note"),
        (("M1711", "E1122"), "no note"),
    ],
)
def test_codes_that_may_stand_together_have_no_finding(
    tables: DayTables, codes: tuple[str, ...], why: str
) -> None:
    assert rules(findings(tables, *codes)) == []


NARROWED = [
    ("diabetic polyneuropathy (E08-E13 with .42)", ["E0842", "E1142"], ["E0841", "E1140", "E08"]),
    ("current concussion (S06.0X- with seventh character A)", ["S060X0A"], ["S060X0D"]),
    ("fluency disorder (I69. with final characters -23)", ["I69023", "I69923"], ["I69021"]),
    ("diabetic angiopathy (E08-E13 with .51-.52)", ["E1151", "E1152"], ["E1159"]),
    ("mononucleosis (B27.- with fifth character 2)", ["B2702", "B2792"], ["B2701"]),
    ("secondary hypertension (I15.-)", ["I150", "I159"], ["I10"]),
    ("something (E11 with words nobody reads)", [], ["E1122"]),
    ("no code at all (with) aplastic anemia", [], ["D619"]),
    ("hypertension (O10-O11, O13-O16)", ["O10919", "O1492"], ["O1203"]),
]


@pytest.mark.parametrize(("text", "inside", "outside"), NARROWED)
def test_a_note_points_at_the_codes_its_words_name(text: str, inside: list[str], outside: list[str]) -> None:
    """Wording of notes: ICD-10-CM tabular list, April 2026."""
    codes = sorted({*inside, *outside})
    reached = {codes[place] for first, stop in intervals(text, codes) for place in range(first, stop)}
    assert reached == set(inside)


VALIDITY = [
    (("N1832",), []),
    (("N183",), [("icd.not_billable", "error", ("N183",))]),
    (("S72001",), [("icd.not_billable", "error", ("S72001",))]),
    (("E1199",), [("icd.invalid", "error", ("E1199",))]),
    (("",), [("icd.invalid", "error", ("",))]),
]


@pytest.mark.parametrize(("codes", "expected"), VALIDITY)
def test_a_code_is_of_the_release_and_complete(
    tables: DayTables, codes: tuple[str, ...], expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    """Official Guidelines I.B.2: a code has the highest number of characters available."""
    assert rules(findings(tables, *codes)) == expected


def test_a_heading_names_the_codes_below_it(tables: DayTables) -> None:
    (found,) = findings(tables, "N183")
    assert found.satisfy == "Choose a code below it: N18.30, N18.31, N18.32."


SEQUENCE = [
    # The note at I43 asks for the underlying disease first, such as amyloidosis (E85.-).
    (("E859", "I43"), []),
    (
        ("I43", "E859"),
        [("icd.code_first", "error", ("I43", "E859")), ("icd.manifestation_first", "error", ("I43",))],
    ),
    (
        ("I43", "I10"),
        [("icd.code_first", "warning", ("I43",)), ("icd.manifestation_first", "error", ("I43",))],
    ),
    # such-as lists are not closed: a condition that is not listed may be the underlying one
    (("I10", "I43"), [("icd.code_first", "info", ("I43",))]),
    # The note at I50 names heart failure of pregnancy, surgery and hypertension: no cause that each one has.
    (("I5023",), []),
    (("I5023", "I110"), [("icd.code_first", "error", ("I5023", "I110"))]),
    # The note at R65.2 asks for the underlying infection first, such as sepsis NOS (A41.9).
    (("A419", "R6521"), []),
    (("R6521", "A419"), [("icd.code_first", "error", ("R6521", "A419"))]),
]


@pytest.mark.parametrize(("codes", "expected"), SEQUENCE)
def test_the_underlying_condition_comes_first(
    tables: DayTables, codes: tuple[str, ...], expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    """Official Guidelines I.A.13; the notes of the tabular list."""
    assert rules(findings(tables, *codes)) == expected


AGES = [
    ("P590", 20260310, []),
    ("P590", 20250310, ["icd.age"]),
    ("O80", 20170310, []),
    ("O80", 20170311, ["icd.age"]),
    ("O80", 19610311, []),
    ("O80", 19610310, ["icd.age"]),
    ("N401", 20110310, []),
    ("N401", 20110311, ["icd.age"]),
    ("E1122", 19600310, []),  # its mark ended before the day
]


@pytest.mark.parametrize(("code", "birth_on", "expected"), AGES)
def test_ages_change_on_the_birthday(
    tables: DayTables, code: str, birth_on: int, expected: list[str]
) -> None:
    """MCE: newborn 0; maternity 9 to 64; adult 15 to 124, in years on the day of service."""
    assert [one.rule for one in findings(tables, code, birth_on=birth_on)] == expected


@pytest.mark.parametrize(
    ("code", "sex", "expected"),
    [("O80", "M", ["icd.sex"]), ("O80", "F", []), ("N401", "F", ["icd.sex"]), ("O80", None, [])],
)
def test_a_sex_edit_warns_and_can_be_documented(
    tables: DayTables, code: str, sex: str | None, expected: list[str]
) -> None:
    found = findings(tables, code, birth_on=19960310, sex=sex)
    assert [one.rule for one in found] == expected
    assert all(one.severity == "warning" for one in found)


def test_a_manifestation_by_mce_never_stands_first(tables: DayTables) -> None:
    assert "icd.manifestation_first" in [one.rule for one in findings(tables, "F0280")]
    assert "icd.manifestation_first" not in [one.rule for one in findings(tables, "G309", "F0280")]


SIDES = [
    (("M1711", "M1712"), "warning", "M17.0"),  # bilateral primary osteoarthritis of knee exists
    (("M170", "M1711"), "error", "sides that do not agree"),
    (("M25561", "M25569"), "warning", "sides that do not agree"),
]


@pytest.mark.parametrize(("codes", "severity", "says"), SIDES)
def test_sides_of_one_condition_agree(
    tables: DayTables, codes: tuple[str, ...], severity: str, says: str
) -> None:
    """Official Guidelines I.B.13."""
    (found,) = findings(tables, *codes)
    assert (found.rule, found.severity) == ("icd.laterality", severity)
    assert says in found.message


def test_both_sides_stand_where_there_is_no_code_for_both(tables: DayTables) -> None:
    assert rules(findings(tables, "M25561", "M25562")) == []


@pytest.mark.parametrize(
    ("code", "modifier", "expected"),
    [("M1712", "RT", ["icd.laterality"]), ("M1712", "LT", []), ("M170", "RT", []), ("E1122", "RT", [])],
)
def test_the_side_of_a_line_is_the_side_of_its_diagnosis(
    tables: DayTables, code: str, modifier: str, expected: list[str]
) -> None:
    line = ClaimLine(1, "20610", DAY, modifiers=(modifier,), pointers=(1,))
    assert [one.rule for one in findings(tables, code, line=line)] == expected


@pytest.mark.parametrize(
    ("code", "note", "expected"),
    [
        ("N1830", "Chronic kidney disease, stage 3a, stable.", ["N1830", "N1831"]),
        ("N1830", "Chronic kidney disease, stage 3.", None),
        ("N1830", None, None),
        ("M25569", "Pain in the right knee for a week.", ["M25569", "M25561"]),
        ("I10", "right left 3a acute chronic", None),
    ],
)
def test_an_unspecified_code_is_shown_when_the_note_says_more(
    tables: DayTables, code: str, note: str | None, expected: list[str] | None
) -> None:
    """Official Guidelines I.B.18: unspecified codes when the record does not say more."""
    found = [one for one in findings(tables, code, note=note) if one.rule == "icd.unspecified"]
    assert [list(one.codes) for one in found] == ([expected] if expected else [])


def test_borrowed_notes_hold_for_codes_the_lender_does_not_know(bundled: ParsedRelease) -> None:
    """A code list has no notes: a new code stands below the longest start that the older release knows."""
    entries = bundled.entries
    bare = [replace(entry, notes=()) for entry in entries]
    bare.append(CodeEntry("E11229", "A code of next year", True, EntryKind.SUBCATEGORY, "E1122"))
    table = IcdTable(build_icd(bare, {"release": "2027"}, entries))
    found = findings(DayTables(MODIFIERS, icd=table), "E11229", "E1022")
    assert [one.rule for one in found] == ["icd.excludes1"]
