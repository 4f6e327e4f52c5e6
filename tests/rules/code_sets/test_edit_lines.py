"""Golden tables of the edits of service lines. The tables of edits are handmade in CMS's layout.

Sources: CMS, "Medicare NCCI Coding Policy Manual", chapter I (PTP: column order, modifier indicators 0, 1, 9,
PTP-associated modifiers; MUE: adjudication indicators; add-on codes); change request 11168 (59 and X).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from code_sets import index_store
from code_sets.rules.edits.batch import ptp_hits
from code_sets.rules.edits.check import Checked, check_claim
from code_sets.rules.edits.claim import Claim, ClaimLine, Setting
from code_sets.rules.edits.lists import AddonTable, DatedTable, MueTable, build_dated
from code_sets.rules.edits.modifier_facts import parse_modifiers
from code_sets.rules.edits.ptp import PtpTable, build_ptp
from code_sets.rules.edits.tables import DayTables
from tests.rules.code_sets.edit_files import addon_file, load, mue_file, ptp_file

DAY = 20260710
MODIFIERS = parse_modifiers((index_store.DATA / "edit_modifiers.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> DayTables:
    folder = tmp_path_factory.mktemp("edits")
    hcpcs = [("A4253", 0, 99991231, ""), ("G0463", 20140101, 99991231, ""), ("J0670", 0, 20260630, "")]
    level2 = [(one, 0, 99991231, "") for one in ("LT", "RT", "XE", "XS", "TC")] + [("ZZ", 0, 20200101, "")]
    return DayTables(
        MODIFIERS,
        ptp=PtpTable(load("NCCI-PTP-PRACTITIONER", ptp_file(folder)).data),
        mue=MueTable(load("NCCI-MUE-PRACTITIONER", mue_file(folder)).data),
        addon=AddonTable(load("NCCI-ADDON", addon_file(folder)).data),
        hcpcs=DatedTable(build_dated(hcpcs, {"release": "2026q3"})),
        level2=DatedTable(build_dated(level2, {"release": "2026q3"})),
    )


def line(number: int, code: str, *modifiers: str, units: int = 1, day: int = DAY, npi: str = "") -> ClaimLine:
    return ClaimLine(number, code, day, units, modifiers, (1,), npi or None)


def checked(tables: DayTables, *lines: ClaimLine, setting: str = "practitioner") -> Checked:
    claim = Claim("outpatient" if setting == "outpatient" else "practitioner", ("I10",), lines)
    if setting == "inpatient":
        claim = Claim("inpatient", ("I10",), lines, discharge_on=DAY)
    return check_claim(claim, lambda day: tables)


def of_rule(found: Checked, rule: str) -> list[tuple[str, tuple[int, ...], tuple[str, ...]]]:
    return [(one.severity, one.lines, one.codes) for one in found.findings if one.rule == rule]


PTP = [
    # lines, what is found: column 1 first whatever the order of the lines
    ([("45385",), ("45378",)], ("45385", "45378")),
    ([("45378",), ("45385",)], ("45385", "45378")),
    ([("45385",), ("45378", "59")], ("45385", "45378")),  # indicator 0: no modifier lifts it
    ([("45385",), ("45380",)], ("45385", "45380")),
    ([("45385",), ("45380", "59")], None),
    ([("45385", "XS"), ("45380",)], None),  # either column since 2019-07-01
    ([("45385",), ("45380", "22")], ("45385", "45380")),  # not a PTP-associated modifier
    ([("45385",), ("45380", "25")], ("45385", "45380")),  # 25 lifts on an E/M only
    ([("20610",), ("99213", "25")], None),
    ([("20610", "25"), ("99213",)], ("20610", "99213")),
    (
        [("20610", "LT"), ("99213",)],
        ("20610", "99213"),
    ),  # the site of the procedure says nothing of the visit
    ([("20610", "LT"), ("99213", "25")], None),
    ([("20610",), ("99213", "57")], None),
    ([("97140",), ("97530",)], None),  # indicator 9: not applicable
    ([("97116",), ("20610",)], None),
    ([("45385",), ("45385",)], None),
]


@pytest.mark.parametrize(("lines", "expected"), PTP)
def test_ptp_edits(tables: DayTables, lines: list[tuple[str, ...]], expected: tuple[str, str] | None) -> None:
    made = [line(number, *codes) for number, codes in enumerate(lines, 1)]
    found = of_rule(checked(tables, *made), "ncci.ptp")
    if expected is None:
        assert found == []
    else:
        places = tuple(next(one.number for one in made if one.code == code) for code in expected)
        assert found == [("error", places, expected)]


@pytest.mark.parametrize(
    ("day", "modifier", "found"),
    [
        (20200630, "59", True),  # indicator 0 until that day
        (20200701, "59", False),  # indicator 1 from that day
        (20100101, "", True),
        (20091231, "", False),  # not yet an edit
    ],
)
def test_a_ptp_edit_holds_on_its_days_only(tables: DayTables, day: int, modifier: str, found: bool) -> None:
    modifiers = (modifier,) if modifier else ()
    claim = checked(tables, line(1, "45385", day=day), line(2, "45380", *modifiers, day=day))
    assert bool(of_rule(claim, "ncci.ptp")) is found


def test_59_lifts_on_column_1_only_since_july_2019(tmp_path: Path) -> None:
    table = PtpTable(build_ptp([("45385", "45380", 20100101, 99991231, 1, "x")], {"release": "x"}))
    tables = DayTables(MODIFIERS, ptp=table)
    for day, found in ((20190630, True), (20190701, False)):
        lines = line(1, "45385", "59", day=day), line(2, "45380", day=day)
        assert bool(of_rule(checked(tables, *lines), "ncci.ptp")) is found


def test_what_a_modifier_lifts_is_kept_with_advice_for_59(tables: DayTables) -> None:
    (by_59,) = checked(tables, line(1, "45385"), line(2, "45380", "59")).passed
    assert (by_59.modifier, by_59.lines) == ("59", (1, 2))
    assert "XE" in by_59.advice
    (by_xs,) = checked(tables, line(1, "45385"), line(2, "45380", "XS")).passed
    assert by_xs.advice == ""


def test_a_finding_names_its_edition_its_row_and_what_would_lift_it(tables: DayTables) -> None:
    (found,) = checked(tables, line(1, "45385"), line(2, "45380")).findings
    assert found.citation == "CMS NCCI PTP edits 2026q3, 45385/45380, indicator 1 from 20200701"
    assert found.bypass[:5] == ("XE", "XP", "XS", "XU", "59")
    assert "25" not in found.bypass
    assert "rather than 59" in found.satisfy
    none = checked(tables, line(1, "45385"), line(2, "45378")).findings[0]
    assert none.bypass == ()


def test_a_finding_beside_an_evaluation_offers_what_may_stand_on_it(tables: DayTables) -> None:
    """25, 57 and 24 are the PTP modifiers of an E/M; 27 is the facility's."""
    pair = line(1, "20610"), line(2, "99213")
    (one,) = (found for found in checked(tables, *pair).findings if found.rule == "ncci.ptp")
    (facility,) = (
        found for found in checked(tables, *pair, setting="outpatient").findings if found.rule == "ncci.ptp"
    )
    assert one.bypass == ("25", "57", "24")
    assert facility.bypass == ("25", "57", "24", "27")


def test_lines_of_another_day_or_practitioner_are_not_compared(tables: DayTables) -> None:
    assert not checked(tables, line(1, "45385"), line(2, "45378", day=DAY + 1)).findings
    two = line(1, "45385", npi="1000000001"), line(2, "45378", npi="1000000002")
    assert not checked(tables, *two).findings
    assert of_rule(checked(tables, *two, setting="outpatient"), "ncci.ptp")
    assert not of_rule(checked(tables, *two, setting="inpatient"), "ncci.ptp")


MUE = [
    # MAI 1: each line; MAI 2 and 3: the sum of the day
    ([("A9276", 3), ("A9276", 3)], []),
    ([("A9276", 4), ("A9276", 3)], [("error", (1,), ("A9276",))]),
    ([("45385", 1)], []),
    ([("45385", 1), ("45385", 1)], [("error", (1, 2), ("45385",))]),
    ([("36415", 2)], []),
    ([("36415", 2), ("36415", 1)], [("warning", (1, 2), ("36415",))]),
    ([("A4253", 1)], [("error", (1,), ("A4253",))]),  # value 0: not paid at all
    ([("99213", 99)], []),  # no value published
]


@pytest.mark.parametrize(("lines", "expected"), MUE)
def test_mue_values(
    tables: DayTables,
    lines: list[tuple[str, int]],
    expected: list[tuple[str, tuple[int, ...], tuple[str, ...]]],
) -> None:
    made = [line(number, code, units=units) for number, (code, units) in enumerate(lines, 1)]
    assert of_rule(checked(tables, *made), "ncci.mue") == expected


def test_mue_counts_by_day_and_leaves_postoperative_care_out(tables: DayTables) -> None:
    assert not checked(tables, line(1, "45385"), line(2, "45385", day=DAY + 1)).findings
    assert not of_rule(checked(tables, line(1, "45385"), line(2, "45385", "55")), "ncci.mue")


def test_mue_by_line_can_be_split_and_the_absolute_value_cannot(tables: DayTables) -> None:
    claims = checked(tables, line(1, "A9276", units=4), line(2, "45385", units=2))
    by_line, absolute = (one for one in claims.findings if one.rule == "ncci.mue")
    assert {"76", "59", "LT"} <= set(by_line.bypass)
    assert absolute.bypass == ()
    assert absolute.citation.startswith("CMS NCCI MUE 2026q3, 45385: value 1, MAI 2")


ADDON = [
    (["99417"], [("error", (1,), ("99417",))]),
    (["99215", "99417"], []),
    (["99213", "99417"], [("error", (2,), ("99417",))]),
    (["0054T"], [("error", (1,), ("0054T",))]),  # type 2: any primary procedure, as contractors define it
    (["27447", "0054T"], []),
    (["45378", "45999"], []),
    (["27447", "45999"], [("warning", (2,), ("45999",))]),  # type 3: the list is not closed
    (["45385", "45378", "45999"], [("warning", (3,), ("45999",))]),  # its primary is not paid: PTP
]


@pytest.mark.parametrize(("codes", "expected"), ADDON)
def test_add_on_codes_need_a_primary_that_is_paid(
    tables: DayTables, codes: list[str], expected: list[tuple[str, tuple[int, ...], tuple[str, ...]]]
) -> None:
    made = [line(number, code) for number, code in enumerate(codes, 1)]
    assert of_rule(checked(tables, *made), "ncci.addon") == expected


MODIFIER = [
    (("27447", "RT"), []),
    (("27447", "R"), ["modifier.invalid"]),
    (("27447", "QQ"), ["modifier.invalid"]),  # not of the release
    (("27447", "ZZ"), ["modifier.invalid"]),  # ended before the day
    (("27447", "RT", "RT"), ["modifier.invalid"]),
    (("27447", "50", "RT"), ["modifier.invalid"]),
    (("27447", "26", "TC"), ["modifier.invalid"]),
    (("27447", "57"), ["modifier.invalid"]),
    (("27447", "73"), ["modifier.invalid"]),  # facility only
    (("27447", "22", "RT", "51", "62", "80"), ["modifier.invalid"]),
    (("27447", "25"), ["modifier.25"]),
    (("99213", "25"), ["modifier.25"]),  # no other service that day
]


@pytest.mark.parametrize(("codes", "expected"), MODIFIER)
def test_modifiers_of_a_line(tables: DayTables, codes: tuple[str, ...], expected: list[str]) -> None:
    assert [one.rule for one in checked(tables, line(1, *codes)).findings] == expected


def test_discontinued_procedure_modifiers_are_for_facilities(tables: DayTables) -> None:
    assert not checked(tables, line(1, "27447", "73"), setting="outpatient").findings


def test_an_evaluation_beside_a_procedure_is_told_of_25(tables: DayTables) -> None:
    found = checked(tables, line(1, "99213"), line(2, "20610"))
    assert of_rule(found, "modifier.25") == [("warning", (1,), ("99213",))]
    assert not checked(tables, line(1, "99213", "25"), line(2, "20610")).findings


def test_procedure_codes_are_of_the_release_of_the_day(tables: DayTables) -> None:
    assert not of_rule(checked(tables, line(1, "G0463")), "code.not_in_release")
    assert of_rule(checked(tables, line(1, "J0670")), "code.not_in_release")  # ended on 2026-06-30
    assert not of_rule(checked(tables, line(1, "J0670", day=20260630)), "code.not_in_release")
    assert of_rule(checked(tables, line(1, "G9999")), "code.not_in_release")
    assert of_rule(checked(tables, line(1, "9921")), "code.not_in_release")


POINTERS: list[tuple[tuple[int, ...], str, bool]] = [
    ((1,), "practitioner", False),
    ((), "practitioner", True),
    ((2,), "practitioner", True),
    ((0,), "practitioner", True),
    ((1, 1, 1, 1, 1), "practitioner", True),
    ((), "outpatient", False),
    ((2,), "outpatient", True),
]


@pytest.mark.parametrize(("pointers", "setting", "found"), POINTERS)
def test_pointers(tables: DayTables, pointers: tuple[int, ...], setting: str, found: bool) -> None:
    """NUCC 1500 manual, item 24E: one to four letters of item 21; facility claims have none."""
    made = replace(line(1, "27447"), pointers=pointers)
    assert bool(of_rule(checked(tables, made, setting=setting), "pointer.missing")) is found


CODES = st.sampled_from(["20610", "99213", "45385", "45378", "45380", "97140", "97530", "97116", "27447"])


@given(st.lists(st.tuples(CODES, st.integers(1, 3)), max_size=8), st.randoms())
def test_the_order_of_lines_changes_no_ptp_or_mue_finding(
    tables: DayTables, claim: list[tuple[str, int]], random: object
) -> None:
    made = [line(number, code, units=units) for number, (code, units) in enumerate(claim, 1)]
    shuffled = list(made)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for rule in ("ncci.ptp", "ncci.mue"):
        one, other = of_rule(checked(tables, *made), rule), of_rule(checked(tables, *shuffled), rule)
        assert sorted((codes, sorted(lines)) for _, lines, codes in one) == sorted(
            (codes, sorted(lines)) for _, lines, codes in other
        )


NPIS = st.sampled_from(["", "1000000001", "1000000002"])
LINES = st.tuples(
    CODES, st.sampled_from(["", "59", "XS", "25", "LT", "22"]), NPIS, st.sampled_from([DAY, DAY + 1])
)


@given(
    st.lists(st.lists(LINES, max_size=6), max_size=4),
    st.sampled_from(["practitioner", "outpatient", "inpatient"]),
)
def test_a_batch_finds_the_pairs_that_each_claim_finds_alone(
    tables: DayTables, claims: list[list[tuple[str, str, str, int]]], setting: Setting
) -> None:
    made = [
        Claim(
            setting,
            ("I10",),
            tuple(
                line(number, code, *([modifier] if modifier else []), day=day, npi=npi)
                for number, (code, modifier, npi, day) in enumerate(lines, 1)
            ),
            discharge_on=DAY,
        )
        for lines in claims
    ]
    alone = [
        (place, *finding.lines)
        for place, claim in enumerate(made)
        for finding in check_claim(claim, lambda day: tables).findings
        if finding.rule == "ncci.ptp"
    ]
    together = [(hit.claim, hit.first, hit.second) for hit in ptp_hits(made, lambda day: tables)]
    assert sorted(together) == sorted(alone)
