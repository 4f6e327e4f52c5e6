"""Edit tables in the wrappings their publishers put them in: zips, workbooks, parts, the editor's manual."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from code_sets.loaders import TABLE_LOADERS
from code_sets.loaders import published as published_files
from code_sets.loaders.base import LoadError, SourceFile
from code_sets.loaders.published import read_files
from code_sets.loaders.tables import ParsedTable
from code_sets.rules.edits.lists import AddonTable, DatedTable, FlagTable, GlobalTable, MueTable
from code_sets.rules.edits.ptp import PtpTable
from tests.rules.code_sets.edit_files import (
    MUE_ROWS,
    PTP_HEADING,
    PTP_ROWS,
    load,
    mue_file,
    ptp_file,
    unwatched,
    written,
)
from tests.rules.code_sets.workbooks import Cell, workbook_file
from tests.shared_data import shared_path

PRACTITIONER = "NCCI-PTP-PRACTITIONER"
EXCERPT = "reference/ncci/fmt_ccipra-v322r0-f1.2026q3.excerpt.txt"


def zipped(path: Path, *files: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return path


def load_all(system: str, *paths: Path) -> ParsedTable:
    return TABLE_LOADERS[system](read_files(paths), None, unwatched)


def ptp_book(folder: Path, name: str = "ccipra-v322r0-f1.xlsx") -> Path:
    """A part as a workbook: dates and most codes are numbers there."""
    rows: list[Sequence[Cell]] = [line.split("\t") for line in PTP_HEADING]
    for column1, column2, effective, deletion, indicator, rationale in PTP_ROWS:
        dates: list[Cell] = [int(effective), int(deletion) if deletion.isdigit() else deletion]
        second: Cell = int(column2) if column2.isdigit() else column2
        rows.append([int(column1), second, None, *dates, int(indicator), rationale])
    return workbook_file(folder / name, rows)


def parts(folder: Path, count: int, kind: str = "pra", start: int = 1) -> list[Path]:
    """Parts of a quarter, each with one edit of its own."""
    return [
        ptp_file(folder, [(f"2061{at}", "99213", "20130401", "*", "1", "x")], f"cci{kind}-v322r0-f{at}.TXT")
        for at in range(start, start + count)
    ]


def test_a_workbook_gives_the_edits_of_its_text(tmp_path: Path) -> None:
    text = load(PRACTITIONER, ptp_file(tmp_path))
    book = load(PRACTITIONER, ptp_book(tmp_path))
    assert (book.release, book.rows) == ("2026q3", len(PTP_ROWS))
    assert book.data == text.data


def test_a_wrong_row_of_a_workbook_is_named(tmp_path: Path) -> None:
    rows: list[Sequence[Cell]] = [line.split("\t") for line in PTP_HEADING]
    rows += [[20610, 99213, None, 20130401, "*", 1, "x"], [100, 99213, None, 20130401, "*", 1, "x"]]
    path = workbook_file(tmp_path / "ccipra-v322r0-f1.xlsx", rows)
    with pytest.raises(LoadError, match="two codes and five more cells") as refused:
        load(PRACTITIONER, path)
    assert refused.value.line == 8


def test_a_damaged_workbook_or_zip_is_refused(tmp_path: Path) -> None:
    book = ptp_book(tmp_path)
    whole = book.read_bytes()
    book.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LoadError, match="damaged"):
        load(PRACTITIONER, book)
    archive = zipped(tmp_path / "part.zip", ptp_file(tmp_path))
    data = bytearray(archive.read_bytes())
    data[60] ^= 0xFF  # within the packed text: its checksum no longer holds
    archive.write_bytes(data)
    with pytest.raises(LoadError, match="damaged"):
        load(PRACTITIONER, archive)


def test_the_zips_of_a_quarter_are_loaded_as_one_release(tmp_path: Path) -> None:
    files = parts(tmp_path, 4)
    zips = [zipped(tmp_path / f"q3-{at}.zip", file) for at, file in enumerate(files, 1)]
    outer = zipped(tmp_path / "whole.zip", *zips)
    together = load_all(PRACTITIONER, *reversed(files))
    assert (together.rows, together.note) == (4, "")
    assert load(PRACTITIONER, outer).data == together.data
    folder = tmp_path / "folder"
    folder.mkdir()
    for file in zips:
        file.rename(folder / file.name)
    assert load_all(PRACTITIONER, folder).data == together.data


def test_the_same_files_in_another_order_are_the_same_source(tmp_path: Path) -> None:
    files = parts(tmp_path, 3)
    assert read_files(files).sha256 == read_files(files[::-1]).sha256
    files[0].write_bytes(files[0].read_bytes() + b"\n")
    assert read_files(files).sha256 != read_files(files[1:]).sha256


def test_fewer_parts_than_published_are_loaded_with_a_warning(tmp_path: Path) -> None:
    assert "part f1, f2 only" in load_all(PRACTITIONER, *parts(tmp_path, 2)).note
    assert "part f1 only" in load(PRACTITIONER, ptp_file(tmp_path)).note


def test_a_missing_or_doubled_part_is_refused(tmp_path: Path) -> None:
    first, second, third = parts(tmp_path, 3)
    with pytest.raises(LoadError, match="part f2 is missing"):
        load_all(PRACTITIONER, first, third)
    twice = ptp_file(tmp_path, name="ccipra-v322r1-f1.txt")
    with pytest.raises(LoadError, match="part f1 was given twice"):
        load_all(PRACTITIONER, first, second, twice)
    other = ptp_file(tmp_path, name="ccipra-v323r0-f2.txt")
    with pytest.raises(LoadError, match="several quarters: 2026q3, 2026q4"):
        load_all(PRACTITIONER, first, other)
    hospital = parts(tmp_path, 1, "oph", 2)[0]
    with pytest.raises(LoadError, match="not a file of NCCI-PTP-PRACTITIONER"):
        load_all(PRACTITIONER, first, hospital)
    with pytest.raises(LoadError, match="does not say which part"):
        load_all(PRACTITIONER, first, ptp_file(tmp_path, name="more.txt"))


def test_of_text_and_workbook_in_one_zip_the_text_is_read(tmp_path: Path) -> None:
    book = workbook_file(tmp_path / "ccipra-v322r0-f1.xlsx", [["not an edit"]])
    readme = written(tmp_path / "README.txt", "read me")
    archive = zipped(tmp_path / "part.zip", book, ptp_file(tmp_path), readme)
    assert load(PRACTITIONER, archive).rows == len(PTP_ROWS)


def test_a_zip_without_a_table_or_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LoadError, match="holds no text"):
        load(PRACTITIONER, zipped(tmp_path / "empty.zip", written(tmp_path / "a.pdf", "x")))
    archive = zipped(tmp_path / "part.zip", ptp_file(tmp_path))
    monkeypatch.setattr(published_files, "LARGEST", 100)
    with pytest.raises(LoadError, match="unfolds to more"):
        load(PRACTITIONER, archive)
    with pytest.raises(LoadError, match="there is no file"):
        read_files([])
    with pytest.raises(LoadError, match="cannot be read"):
        read_files([tmp_path / "nothing.txt"])


def test_mue_values_load_from_a_workbook_and_from_windows_text(tmp_path: Path) -> None:
    heading = ["HCPCS/\nCPT Code", "DME Supplier Services MUE Values"]
    heading += ["MUE Adjudication Indicator", "MUE Rationale"]
    rows: list[Sequence[Cell]] = [["CPT® is a trademark"], heading]
    rows += [[code, int(value), *rest] for code, value, *rest in MUE_ROWS]
    book = workbook_file(tmp_path / "MCR_MUE_DMESupplierServices_Eff_10-01-2026.xlsx", rows)
    parsed = load("NCCI-MUE-DME", book)
    assert (parsed.release, parsed.rows) == ("2026q4", len(MUE_ROWS))
    assert MueTable(parsed.data).limit("A9276") == 3
    text = mue_file(tmp_path)
    text.write_bytes(b'"CPT\xae is a trademark",,,\n' + text.read_bytes())
    assert load("NCCI-MUE-PRACTITIONER", text).rows == len(MUE_ROWS)


AOC_HEADING = "AOC_Edit_Type\tAdd-On_Code\tAOC_DelDT\tPrimary_Code\tPrimary_Code_DelDT\tAOC_Edit_EffDT"
AOC_HEADING += "\tAOC_Edit_DelDT\tSpecial_Instruction_Notes"


def aoc_file(folder: Path, rows: Sequence[str]) -> Path:
    text = "\n".join(["CPT only copyright 2025 American Medical Association", AOC_HEADING, *rows]) + "\n"
    return written(folder / "AOC_V2026Q3-MCR.txt", text)


def test_add_on_edits_are_those_in_force_in_their_quarter(tmp_path: Path) -> None:
    path = aoc_file(
        tmp_path,
        [
            "1\t99417\t\t99215\t\t2021001\t\t",
            "1\t99417\t\t99205\t\t2021001\t2026181\t",  # ended the day before the quarter
            "1\t99417\t\t99245\t\t2026274\t\t",  # begins with the next quarter
            "1\t22614\t\t22600\t2025365\t2013001\t\t",  # its primary code has ended
            "2\t0054T\t\tCCCCC\t\t2013001\t\tContractor Defined Primary Codes",
            "3\t45999\t2026001\t45378\t\t2013001\t\t",
        ],
    )
    parsed = load("NCCI-ADDON", path)
    table = AddonTable(parsed.data)
    prolonged, contractor = table.get("99417"), table.get("0054T")
    assert (parsed.release, parsed.rows) == ("2026q3", 2)
    assert prolonged is not None and prolonged.primaries == ("99215",)
    assert contractor is not None and contractor.type == 2
    assert table.get("22614") is None and table.get("45999") is None
    assert "4 edits of other quarters" in parsed.note


@pytest.mark.parametrize("day", ["2026000", "2026366", "2026-13-01", "soon"])
def test_an_add_on_date_that_is_none_is_refused(tmp_path: Path, day: str) -> None:
    with pytest.raises(LoadError, match="is not a date") as refused:
        load("NCCI-ADDON", aoc_file(tmp_path, [f"1\t99417\t\t99215\t\t{day}\t\t"]))
    assert refused.value.line == 3


MANUAL = """Definitions of Medicare Code Edits
4. Age conflict\t8
A. Perinatal/Newborn diagnoses\t9
4. Age conflict
A. Perinatal/Newborn diagnoses
A33\tTetanus neonatorum
P590\tNeonatal jaundice
B. Pediatric diagnoses (age 0 through 17)
E8411\tMeconium ileus
C. Maternity diagnoses (age 9 through 64)
O80\tFull-term delivery
D. Adult diagnoses (age 15 through 124)
N401\tBenign prostatic hyperplasia
5. Sex conflict
A. Diagnoses for females only
O80\tFull-term delivery
6. Manifestation code as principal diagnosis
F0280\tDementia in other diseases
9. Unacceptable principal diagnosis
Z9181\tHistory of falling
10. Nonspecific O.R. procedures
"""


def test_the_editors_manual_gives_its_lists(tmp_path: Path) -> None:
    """MCE manual, sections 4, 5, 6 and 9."""
    parsed = load("MCE", written(tmp_path / "mce_2026q4.txt", MANUAL))
    table = FlagTable(parsed.data)
    assert (parsed.rows, parsed.backfill_from) == (7, None)
    assert table.flags("O80", 20261001) == {"maternity", "female"}
    assert table.flags("A33", 20261001) == {"newborn"}
    assert table.flags("F0280", 20261001) == {"manifestation"}
    assert table.flags("Z9181", 20261001) == {"unacceptable"}


def test_a_manual_cut_or_without_a_list_is_refused(tmp_path: Path) -> None:
    cut = MANUAL.replace("10. Nonspecific O.R. procedures\n", "")
    with pytest.raises(LoadError, match="ends within section 9"):
        load("MCE", written(tmp_path / "mce_2026q4.txt", cut))
    short = MANUAL.split("6. Manifestation")[0]
    with pytest.raises(LoadError, match="manifestation, unacceptable"):
        load("MCE", written(tmp_path / "mce_2026q4.txt", short))


RVU_HEADING = """,,2026 National Physician Fee Schedule Relative Value File,,,,
,,CPT codes and descriptions only are copyright 2025 AMA.,,,,
,,,STATUS,PCTC,GLOB,PRE
HCPCS,MOD,DESCRIPTION,CODE,IND,DAYS,OP
"""


def rvu_file(folder: Path, rows: Sequence[str], name: str = "PPRRVU26_OCT.csv") -> Path:
    return written(folder / name, RVU_HEADING + "".join(f"{row}\n" for row in rows))


RVU_ROWS = (
    "20610,,x,A,0,000,0.1",
    "27447,,x,A,0,090,0.1",
    "45385,,x,A,0,0,0.1",
    "59400,,x,A,0,MMM,0",
    "71045,26,x,A,1,XXX,0",
)


def test_global_days_come_from_the_fee_schedule(tmp_path: Path) -> None:
    """CMS's relative value file, column "GLOB DAYS"; a workbook may drop leading zeros."""
    parsed = load("MPFS-GLOBAL", rvu_file(tmp_path, RVU_ROWS))
    table = GlobalTable(parsed.data)
    assert (parsed.release, parsed.published_from) == ("2026q4", date(2026, 10, 1))
    assert [table.days(code) for code in ("20610", "27447", "45385", "59400", "71045", "99999")] == [
        "000",
        "090",
        "000",
        "MMM",
        "XXX",
        None,
    ]


def test_the_relative_value_file_is_found_in_its_zip(tmp_path: Path) -> None:
    main = rvu_file(tmp_path, RVU_ROWS, "PPRRVU2026_Oct_nonQPP.csv")
    other = rvu_file(tmp_path, RVU_ROWS[:1], "PPRRVU2026_Oct_QPP.csv")
    places = written(tmp_path / "26LOCCO.csv", "a,b\n")
    parsed = load("MPFS-GLOBAL", zipped(tmp_path / "rvu26d.zip", places, main, other))
    assert (parsed.release, parsed.rows) == ("2026q4", len(RVU_ROWS))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("20611,,x,A,0,020,0", "global days '020'"),
        ("2061,,x,A,0,000,0", "form of a procedure code"),
        ("20610,,x,A,0,010,0", "given twice"),
        ("20611,,x,A", "cells, where the heading has 7"),
    ],
)
def test_a_wrong_line_of_the_fee_schedule_is_named(tmp_path: Path, row: str, reason: str) -> None:
    with pytest.raises(LoadError, match=reason) as refused:
        load("MPFS-GLOBAL", rvu_file(tmp_path, [*RVU_ROWS, row]))
    assert refused.value.line == 4 + len(RVU_ROWS) + 1


def test_the_fee_schedules_of_the_reference_agree() -> None:
    """Counts: distinct codes of the files."""
    old = load("MPFS-GLOBAL", shared_path("reference/codesets/mpfs_policy_indicators_2024.csv"), "2024q1")
    path = shared_path("reference/codesets/mpfs_pprrvu_2025_oct_no_cpt_descriptors.csv.gz")
    new = load("MPFS-GLOBAL", path, "2025q4")
    for table in (GlobalTable(old.data), GlobalTable(new.data)):
        found = [table.days(code) for code in ("20610", "27447", "45385", "22614", "99213", "59400")]
        assert found == ["000", "090", "000", "ZZZ", "XXX", "MMM"]
    assert (old.rows, new.rows) == (16471, 16852)


def test_poa_lists_of_both_publishers_load(tmp_path: Path) -> None:
    cms = load("POA-EXEMPT", shared_path("reference/icd10/poa_exempt_codes_fy2025.txt.gz"))
    ahrq = load("POA-EXEMPT", shared_path("reference/icd10/poa_exempt_codes_fy2026_ahrq_v2026-1.csv.gz"))
    assert (cms.release, cms.rows, ahrq.release, ahrq.rows) == ("2025", 38154, "2026", 38349)
    assert DatedTable(ahrq.data).period("B900") is not None
    assert ahrq.published_from == date(2025, 10, 1)
    with pytest.raises(LoadError, match="version 43 is not that of 2027"):
        load("POA-EXEMPT", written(tmp_path / "poa_fy2027.csv", "icd_version,icd10_code\n43,B900\n"))


def test_the_official_excerpt_loads_from_a_zip(tmp_path: Path) -> None:
    excerpt = shared_path(EXCERPT)
    copy = tmp_path / "ccipra-v322r0-f1.txt"
    copy.write_bytes(excerpt.read_bytes())
    archive = zipped(tmp_path / "medicare-ncci-2026q3-practitioner-ptp-edits-ccipra-v322r0-f1.zip", copy)
    assert load(PRACTITIONER, archive).data == load(PRACTITIONER, copy).data


def test_modifiers_are_found_in_the_hcpcs_file_too() -> None:
    raw = load("MODIFIERS", shared_path("reference/codesets/hcpcs_2026q3.csv.gz"))
    plain = load("MODIFIERS", shared_path("reference/codesets/hcpcs_level2_modifiers_2026q3.csv"))
    assert DatedTable(raw.data).period("LT") == DatedTable(plain.data).period("LT")
    assert (plain.rows, DatedTable(raw.data).period("A0021")) == (384, None)


def test_a_source_keeps_its_digest(tmp_path: Path) -> None:
    path = ptp_file(tmp_path)
    assert read_files([path]).sha256 == SourceFile.read(path).sha256


LIST = "column1,column2,modifier_indicator,deletion_date,rationale"


def test_a_plain_list_of_edits_holds_from_the_beginning(tmp_path: Path) -> None:
    rows = [LIST, "45385,45378,0,,More extensive", "45385,45380,1,2020-06-30,x", "20610,J0670,9,*,x"]
    path = written(tmp_path / "ptp_2024q3.csv", "\n".join(rows) + "\n")
    table = PtpTable(load(PRACTITIONER, path).data)
    found = table.edit("45378", "45385", 19960101)
    assert found is not None and (found.indicator, found.rationale) == (0, "More extensive")
    assert table.edit("45380", "45385", 20200630) is not None
    assert table.edit("45380", "45385", 20200701) is None
    for row, reason in (
        ("45385,4537,0,,x", "not two procedure codes"),
        ("45385,45379,3,,x", "indicator '3'"),
    ):
        bad = written(tmp_path / "ptp_2024q3.csv", "\n".join([*rows, row]) + "\n")
        with pytest.raises(LoadError, match=reason) as refused:
            load(PRACTITIONER, bad)
        assert refused.value.line == 5


def test_the_name_of_many_files_stays_short(tmp_path: Path) -> None:
    files = [written(tmp_path / f"{at}-{'long' * 50}.txt", "x") for at in range(5)]
    assert len(read_files(files).name) < 255
