"""Official files of edits are read whole or refused with the line that is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from code_sets.loaders.base import LoadError
from code_sets.loaders.tables import quarter_period
from code_sets.rules.edits.lists import AddonTable, DatedTable, FlagTable, Mue, MueTable
from code_sets.rules.edits.ptp import NO_DATE, PtpTable
from tests.rules.code_sets.edit_files import (
    MUE_ROWS,
    PTP_ROWS,
    addon_file,
    load,
    mce_file,
    mue_file,
    ptp_file,
    written,
)
from tests.shared_data import shared_path

PRACTITIONER = "NCCI-PTP-PRACTITIONER"


def test_a_ptp_file_gives_every_edit_with_dates_and_indicator(tmp_path: Path) -> None:
    parsed = load(PRACTITIONER, ptp_file(tmp_path))
    table = PtpTable(parsed.data)
    assert (parsed.release, parsed.published_from, parsed.published_through) == (
        "2026q3",
        date(2026, 7, 1),
        date(2026, 9, 30),
    )
    assert parsed.rows == len(PTP_ROWS)
    for column1, column2, effective, deletion, indicator, rationale in PTP_ROWS:
        last = NO_DATE if deletion == "*" else int(deletion)
        found = [row for row in table.rows(column1, column2) if row.effective == int(effective)]
        assert [(row.deletion, row.indicator, row.rationale) for row in found] == [
            (last, int(indicator), rationale)
        ]


def test_the_edit_of_a_day_is_found_from_either_code(tmp_path: Path) -> None:
    table = PtpTable(load(PRACTITIONER, ptp_file(tmp_path)).data)
    before, after = table.edit("45380", "45385", 20200630), table.edit("45385", "45380", 20200701)
    assert before is not None and (before.column1, before.indicator) == ("45385", 0)
    assert after is not None and (after.column1, after.indicator) == ("45385", 1)
    assert table.edit("45385", "45380", 20091231) is None
    assert table.edit("45378", "20610", 20260701) is None


def test_the_excerpt_of_the_official_ptp_file_loads_whole() -> None:
    parsed = load(PRACTITIONER, shared_path("reference/ncci/fmt_ccipra-v322r0-f1.2026q3.excerpt.txt"))
    assert (parsed.release, parsed.rows) == ("2026q3", 35)
    table = PtpTable(parsed.data)
    assert [row.deletion for row in table.rows("0001U", "0030U")] == [NO_DATE]
    ended = table.rows("0001A", "0591T")[0]
    assert (ended.effective, ended.deletion, ended.indicator) == (20220101, 20231231, 1)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("20610", "99213", "20130401", "*", "2", "x"), "modifier indicator '2'"),
        (("20610", "99213", "20131301", "*", "1", "x"), "'20131301' is not a date"),
        (("20610", "992", "20130401", "*", "1", "x"), "two codes and five more cells"),
        (("20610", "99213", "20130401", "*"), "two codes and five more cells"),
        (("", "", "", "", "", ""), "two codes and five more cells"),
    ],
)
def test_a_ptp_line_that_is_wrong_is_named(tmp_path: Path, row: tuple[str, ...], reason: str) -> None:
    with pytest.raises(LoadError, match=reason) as refused:
        load(PRACTITIONER, ptp_file(tmp_path, [*PTP_ROWS, row]))
    assert refused.value.line == 6 + len(PTP_ROWS) + 1


def test_a_ptp_file_cut_inside_a_line_is_refused(tmp_path: Path) -> None:
    path = ptp_file(tmp_path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(LoadError, match="looks cut") as refused:
        load(PRACTITIONER, path)
    assert refused.value.line == 6 + len(PTP_ROWS)


def test_a_file_of_another_setting_kind_or_quarter_is_refused(tmp_path: Path) -> None:
    outpatient = ptp_file(tmp_path, name="ccioph-v322r0-f1.txt")
    assert load("NCCI-PTP-OUTPATIENT", outpatient).rows == len(PTP_ROWS)
    with pytest.raises(LoadError, match="not a file of NCCI-PTP-PRACTITIONER"):
        load(PRACTITIONER, outpatient)
    with pytest.raises(LoadError, match="of 2026q3, not of 2025q1"):
        load(PRACTITIONER, ptp_file(tmp_path), "2025q1")
    with pytest.raises(LoadError, match="not a PTP file"):
        load(PRACTITIONER, mue_file(tmp_path), "2026q3")
    with pytest.raises(LoadError, match="not a file of NCCI-MUE-OUTPATIENT"):
        load("NCCI-MUE-OUTPATIENT", mue_file(tmp_path))
    with pytest.raises(LoadError, match="no line is a heading"):
        load("NCCI-ADDON", mue_file(tmp_path))


def test_a_file_that_does_not_say_its_quarter_needs_it_given(tmp_path: Path) -> None:
    path = ptp_file(tmp_path, name="edits.txt")
    with pytest.raises(LoadError, match="give --release"):
        load(PRACTITIONER, path)
    with pytest.raises(LoadError, match="not a quarter"):
        load(PRACTITIONER, path, "2026")
    assert load(PRACTITIONER, path, "2026Q4").release == "2026q4"


def test_a_quarter_has_its_first_and_last_day() -> None:
    assert quarter_period("2024q1") == (date(2024, 1, 1), date(2024, 3, 31))
    assert quarter_period("2026q4") == (date(2026, 10, 1), date(2026, 12, 31))


def test_an_mue_file_gives_value_indicator_and_rationale(tmp_path: Path) -> None:
    parsed = load("NCCI-MUE-PRACTITIONER", mue_file(tmp_path))
    table = MueTable(parsed.data)
    assert (parsed.release, parsed.rows) == ("2026q3", len(MUE_ROWS))
    assert table.get("45385") == Mue(1, 2, "Code Descriptor / CPT Instruction")
    assert table.get("A4253") == Mue(0, 1, "CMS Policy")
    assert table.get("99999") is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("20610", "1", "3 Date of Service Edit: Clinical", "x"), "20610 is given twice"),
        (("20611", "many", "1 Line Edit", "x"), "a whole number and an indicator"),
        (("20611", "1", "4 Other", "x"), "a whole number and an indicator"),
        (("2061", "1", "1 Line Edit", "x"), "form of a procedure code"),
        (("20611", "1", "1 Line Edit"), "3 cells, where the heading has 4"),
    ],
)
def test_an_mue_line_that_is_wrong_is_named(tmp_path: Path, row: tuple[str, ...], reason: str) -> None:
    with pytest.raises(LoadError, match=reason) as refused:
        load("NCCI-MUE-PRACTITIONER", mue_file(tmp_path, [*MUE_ROWS, row]))
    assert refused.value.line == 4 + len(MUE_ROWS) + 1


def test_the_mue_files_of_the_reference_load_whole() -> None:
    """Counts of rows: reference INDEX; MAI counts: NCCI facts, practitioner 2024Q3."""
    excerpt = shared_path("reference/ncci/fmt_MCR_MUE_PractitionerServices_Eff_07-01-2026.excerpt.csv")
    assert load("NCCI-MUE-PRACTITIONER", excerpt).rows == 27
    path = shared_path("reference/ncci/ncci_mue_practitioner_2024q3.csv")
    parsed = load("NCCI-MUE-PRACTITIONER", path)
    indicators = bytes(MueTable(parsed.data).section("indicators"))
    assert [indicators.count(mai) for mai in (1, 2, 3)] == [41, 5157, 9479]
    with pytest.raises(LoadError, match="a value for practitioner"):
        load("NCCI-MUE-OUTPATIENT", path)


def test_add_on_codes_keep_their_type_and_primaries(tmp_path: Path) -> None:
    table = AddonTable(load("NCCI-ADDON", addon_file(tmp_path)).data)
    prolonged, contractor = table.get("99417"), table.get("0054T")
    assert prolonged is not None and (prolonged.type, prolonged.primaries) == (1, ("99214", "99215"))
    assert contractor is not None and (contractor.type, contractor.primaries) == (2, ())
    assert table.get("99214") is None


def test_an_add_on_code_of_two_types_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"line 4.*always one"):
        load(
            "NCCI-ADDON",
            addon_file(
                tmp_path,
                [("99214", "99417", "1"), ("99215", "99417", "1"), ("99205", "99417", "3")],
            ),
        )


def test_mce_marks_hold_on_the_days_of_their_row(tmp_path: Path) -> None:
    table = FlagTable(load("MCE", mce_file(tmp_path)).data)
    assert table.flags("O80", 20260701) == {"female", "maternity"}
    assert table.flags("F0280", 20220930) == {"manifestation"}
    assert table.flags("F0280", 20221001) == frozenset()
    assert table.flags("I10", 20260701) == frozenset()


def test_hcpcs_codes_keep_the_days_they_are_valid() -> None:
    parsed = load("HCPCS", shared_path("reference/codesets/hcpcs_2026q3.csv.gz"))
    table = DatedTable(parsed.data)
    assert table.period("A0021") == (19850101, 99991231)
    assert table.period("LT") is not None
    plain = load("HCPCS", shared_path("reference/codesets/hcpcs_level2_2026q3_collapsed.csv"))
    other = DatedTable(plain.data)
    codes = [code for code in ("G0466", "G0467", "J0670", "G0511") if other.period(code)]
    assert [table.period(code) for code in codes] == [other.period(code) for code in codes]


@pytest.mark.parametrize(
    ("system", "file", "release", "rows"),
    [
        ("MODIFIERS", "codesets/hcpcs_level2_modifiers_2026q3.csv", None, 384),
        ("POS", "codesets/place_of_service_2024.csv", "2024q1", 99),
        ("NCCI-ADDON", "ncci/ncci_addon_codes_2024-06.csv", None, 7465),
        ("NCCI-MUE-DME", "ncci/ncci_mue_dme_supplier_2024q3.csv", None, 2928),
        ("MCE", "icd10/icd10cm_dated_validity_mce_flags.csv.gz", "2026q4", 85122),
    ],
)
def test_lists_of_the_reference_load_whole(system: str, file: str, release: str | None, rows: int) -> None:
    """Counts: the reference's INDEX."""
    assert load(system, shared_path(f"reference/{file}"), release).rows == rows


def test_the_poa_exempt_list_is_refused_where_a_line_is_cut(tmp_path: Path) -> None:
    path = shared_path("reference/icd10/poa_exempt_codes_fy2025.txt.gz")
    table = DatedTable(load("POA-EXEMPT", path).data)
    assert table.period("B900") is not None
    cut = written(
        tmp_path / "poa_fy2025.txt", "OrdFY25\tPOAexemptCode\tDescription\n01236\tB90.0\tx\n01237\tB90\n"
    )
    with pytest.raises(LoadError, match="line 3"):
        load("POA-EXEMPT", cut)
