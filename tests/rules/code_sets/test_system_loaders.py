"""Files of PCS, HCPCS, CPT, revenue codes, indexes, addenda: read whole, or refused with line and reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from code_sets.loaders import alphabetic, hcpcs, icd10pcs, pcs_index, plain_lists
from code_sets.loaders.addenda import apply_addenda, is_addenda, read_addenda
from code_sets.loaders.base import LoadError, ParsedRelease, SourceFile
from code_sets.loaders.icd10cm import load as load_cm
from code_sets.loaders.parts import parts_of
from code_sets.rules.edits.lists import DatedTable
from code_sets.rules.entries import EntryKind
from code_sets.rules.synonyms import unpack_synonyms
from tests.rules.code_sets.official_samples import (
    ADDENDA,
    CPT_TAB,
    DRUGS,
    EINDEX,
    HCPCS_CSV,
    HCPCS_FIXED,
    PCS_DATED,
    PCS_INDEX,
    PCS_INDEX_JSON,
    PCS_ROWS,
    hcpcs_line,
    pcs_order,
    source,
    zipped,
)
from tests.rules.code_sets.small_release import order_text
from tests.rules.code_sets.workbooks import Cell, workbook_file
from tests.shared_data import shared_path

ORDER = pcs_order()
Load = Callable[[SourceFile, str | None, Callable[[str, int, int], None]], object]


def unwatched(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def refused(load: Load, text: str | bytes, name: str, release: str | None = None) -> LoadError:
    with pytest.raises(LoadError) as caught:
        load(source(text, name), release, unwatched)
    return caught.value


# ------------------------------------------------------------------------------------------- ICD-10-PCS
def test_a_pcs_order_file_gives_codes_under_tables_under_sections() -> None:
    parsed = icd10pcs.load(source(ORDER, "icd10pcs_order_2027.txt"), None, unwatched)
    entries = {entry.code: entry for entry in parsed.entries}
    assert (parsed.release, parsed.published_from, parsed.published_through) == (
        "2027", date(2026, 10, 1), date(2027, 9, 30),
    )  # fmt: skip
    assert entries["0DTJ4ZZ"].title == "Resection of Appendix, Percutaneous Endoscopic Approach"
    assert [entries[code].parent for code in ("0DTJ4ZZ", "0DT", "0")] == ["0DT", "0", None]
    assert [entries[code].billable for code in ("0DTJ4ZZ", "0DT", "0")] == [True, False, False]
    assert (entries["X"].title, entries["X"].kind) == ("New Technology", EntryKind.CHAPTER)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (ORDER[:-1], 8, "no end: the file is cut"),
        (ORDER[: ORDER.index("00005")], 4, "no code stands under the table 0SR"),
        (ORDER[: ORDER.index("00007")], 6, "ends before section X (New Technology): the file is cut"),
        (ORDER.replace("00003", "00004"), 3, "order number 00004 where 00003 is expected"),
        (ORDER.replace("0SRD0JZ", "0SRC0JZ"), 6, "0SRC0JZ is given twice, first at line 5"),
        (ORDER.replace("0SRD0JZ", "0FRD0JZ"), 6, "0FRD0JZ stands under the table 0SR"),
        (ORDER.replace("0DTJ0ZZ 1", "0DTI0ZZ 1"), 2, "'0DTI0ZZ' is not a code or a table"),
        (order_text(), 1, "'I10' is not a code or a table of ICD-10-PCS"),
        ("hello\n", 1, "not an order file or a list of codes of ICD-10-PCS"),
        ("", 0, "the file is empty"),
    ],
)
def test_a_wrong_or_cut_pcs_file_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    error = refused(icd10pcs.load, text, "icd10pcs_order_2027.txt")
    assert reason in error.reason
    assert error.line == line


def test_a_pcs_list_with_days_ends_codes_but_not_at_its_own_horizon() -> None:
    parsed = icd10pcs.load(source(PCS_DATED, "codes_2027.csv"), "2027", unwatched)
    entries = {entry.code: entry for entry in parsed.entries}
    assert entries["0SRC0JZ"].valid_to == date(2025, 9, 30)
    assert (entries["0DTJ0ZZ"].valid_from, entries["0DTJ0ZZ"].valid_to) == (date(2015, 10, 1), None)
    assert entries["XW033E5"].title == icd10pcs.UNTITLED
    assert parsed.backfill_from == date(2015, 10, 1)
    assert (
        "needs a first day"
        in refused(icd10pcs.load, PCS_DATED.replace("20250930", "20140930"), "c.csv", "2027").reason
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(ORDER) - 1))
def test_no_beginning_of_a_pcs_order_file_is_taken_for_the_whole(at: int) -> None:
    refused(icd10pcs.load, ORDER[:at], "icd10pcs_order_2027.txt")


# ------------------------------------------------------------------------------------------------ HCPCS
@pytest.mark.parametrize(
    ("text", "name"),
    [(HCPCS_FIXED, "HCPC2026_JUL_ANWEB.txt"), (HCPCS_CSV, "hcpcs_2026q3.csv")],
    ids=["fixed width", "csv"],
)
def test_hcpcs_gives_codes_with_their_days_and_the_table_of_the_edits(text: str, name: str) -> None:
    codes = hcpcs.load_codes(source(text, name), None, unwatched)
    entries = {entry.code: entry for entry in codes.entries}
    assert codes.release == "2026q3"
    assert entries["G0101"].title == (
        "Cervical or vaginal cancer screening; pelvic and clinical breast examination"
    )
    assert (entries["J0001"].valid_from, entries["J0001"].valid_to) == (date(2020, 1, 1), date(2026, 8, 31))
    assert "A1" not in entries
    assert [entries[code].parent for code in ("A4206", "V5008")] == ["A", "V"]
    table = DatedTable(memoryview(hcpcs.load_table(source(text, name), None, unwatched).data))
    assert table.period("A1") == (20020701, 99991231)
    assert table.period("J0001") == (20200101, 20260831)
    assert table.title("G0101") == entries["G0101"].title


def test_the_workbook_of_hcpcs_gives_the_codes_of_its_text(tmp_path: Path) -> None:
    """CMS's HCPC2026_JUL_ANWEB.xlsx: the records of the text under headings, dates as numbers."""
    heading = ("HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION", "ADD DT", "TERM DT")
    rows: list[tuple[Cell, ...]] = [heading]
    for line in hcpcs._fixed_lines(source(HCPCS_FIXED, "HCPC2026_JUL_ANWEB.txt")):
        first, last = (int(day) if day else "" for day in (line.first, line.last))
        rows.append((line.code, line.sequence, int(line.record), line.text, "", first, last))
    book = SourceFile.read(workbook_file(tmp_path / "HCPC2026_JUL_ANWEB.xlsx", rows))
    text = hcpcs.load_codes(source(HCPCS_FIXED, "HCPC2026_JUL_ANWEB.txt"), None, unwatched)
    assert hcpcs.load_codes(book, None, unwatched).entries == text.entries
    data = zipped({"HCPC2026_JUL_ANWEB.xlsx": book.data, "HCPC2026_JUL_ANWEB_recordlayout.txt": "x"})
    (table, codes) = parts_of("HCPCS", source(data, "july-2026.zip"))
    assert (table.is_table, codes.is_table, codes.source.name) == (True, False, "HCPC2026_JUL_ANWEB.xlsx")


LINES = HCPCS_FIXED.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (HCPCS_FIXED[:-1], 6, "the last line does not end"),
        ("".join(LINES[:5]), 0, "the list ends before the codes of V"),
        ("".join([*LINES[:2], *LINES[3:]]), 3, "does not follow the one of G0101"),
        ("".join([*LINES, LINES[1]]), 7, "A4206 is given twice, first at line 2"),
        (HCPCS_FIXED.replace("20260831", "20191231"), 5, "J0001 ends on 20191231, before its first day"),
        (HCPCS_FIXED.replace("20260831", "20261331"), 5, "'20261331' is not a date"),
        ("this is no record\n", 1, "this is not a record of CMS's HCPCS file"),
        (hcpcs_line("A1", 100, 7, "Dressing", "20020701"), 0, "the file holds no HCPCS code"),
    ],
)
def test_a_wrong_or_cut_hcpcs_file_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    for load in (hcpcs.load_codes, hcpcs.load_table):
        error = refused(load, text, "HCPC2026_JUL_ANWEB.txt")
        assert reason in error.reason
        assert error.line == line


def test_the_name_of_a_hcpcs_file_tells_its_quarter() -> None:
    assert (
        "of 2026q4, not of 2026q3"
        in refused(hcpcs.load_codes, HCPCS_FIXED, "HCPC2026_OCT_ANWEB.txt", "2026q3").reason
    )
    assert "no quarter in the name" in refused(hcpcs.load_codes, HCPCS_FIXED, "list.txt").reason


# ------------------------------------------------------------------------------- CPT and revenue codes
@pytest.mark.parametrize(
    "text",
    [
        CPT_TAB,
        CPT_TAB.replace("\t", "|"),
        CPT_TAB.replace("\t", " "),
        "CPT Code,Long\n" + CPT_TAB.replace("\t", ","),
        "A notice of the publisher\n\n" + CPT_TAB,
        CPT_TAB.replace("Licensed text 1", "Licensed text 1\tMore\tColumns"),
    ],
    ids=["tab", "pipe", "blanks", "csv", "notice", "columns"],
)
def test_the_operators_file_of_cpt_is_read_in_the_forms_it_comes_in(text: str) -> None:
    parsed = plain_lists.load_cpt(source(text, "LONGULT_2026.txt"), None, unwatched)
    assert [(entry.code, entry.title) for entry in parsed.entries] == [
        ("0042T", "Licensed text 3"), ("99213", "Licensed text 1"), ("99214", "Licensed text 2"),
    ]  # fmt: skip
    assert (parsed.published_from, parsed.published_through) == (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (CPT_TAB[:-1], 3, "the last line does not end"),
        (CPT_TAB.replace("99214\tLicensed text 2", "99214"), 2, "99214 has no words beside it"),
        (CPT_TAB.replace("99214", "99213"), 2, "99213 is given twice, first at line 1"),
        (CPT_TAB.replace("99214", "G0101"), 2, "'G0101' does not have the form of a CPT code"),
        (HCPCS_CSV, 1, "no line begins with a code and its words"),
    ],
)
def test_a_wrong_or_cut_cpt_file_is_refused_with_its_line(text: str, line: int, reason: str) -> None:
    error = refused(plain_lists.load_cpt, text, "LONGULT_2026.txt")
    assert reason in error.reason
    assert error.line == line


def test_revenue_codes_are_a_dated_list() -> None:
    text = "revenue_center_code,description\n0001,Total\n052X,Clinics\n0521,Clinic visit\n"
    parsed = plain_lists.load_revenue(source(text, "revenue.csv"), "2026q3", unwatched)
    assert [(entry.code, entry.billable) for entry in parsed.entries] == [
        ("0001", True),
        ("0521", True),
        ("052X", False),
    ]
    assert parsed.published_from == date(2026, 7, 1)
    assert "give --release 2026" in refused(plain_lists.load_revenue, text, "revenue.csv").reason


# -------------------------------------------------------------------------------------------- indexes
@pytest.mark.parametrize("text", [PCS_INDEX, PCS_INDEX_JSON], ids=["xml", "json"])
def test_the_pcs_index_says_what_titles_say_instead(text: str) -> None:
    table = pcs_index.load(source(text, "icd10pcs_index_2027.xml"), "2027", unwatched)
    found = unpack_synonyms(table.data)
    said = {(term, words) for term, words, _ in found.aliases}
    assert ("appendectomy", ("resection", "appendix")) in said
    assert ("arthroplasty", ("replacement",)) in said
    assert found.names == {"XW033E5": ("Veklury",)}


def test_the_indexes_of_icd10cm_name_codes_by_the_way_to_them() -> None:
    load = alphabetic.index_loader("ICD-10-CM-EINDEX")
    found = unpack_synonyms(load(source(EINDEX, "icd10cm-eindex-2027.xml"), None, unwatched).data)
    assert found.names["X58"] == ("Accident (to)",)
    assert found.names["V949"][0].endswith("boat, boating")
    assert found.names["V949"][1].endswith("watercraft")


def test_a_table_of_drugs_names_codes_by_substance_and_column() -> None:
    load = alphabetic.index_loader("ICD-10-CM-DRUG")
    found = unpack_synonyms(load(source(DRUGS, "icd10cm-drug-2027.xml"), None, unwatched).data)
    assert found.names == {
        "T39011": ("Aspirin Poisoning Accidental",), "T39015": ("Aspirin Adverse effect",),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("system", "text", "reason"),
    [
        ("ICD-10-CM-DRUG", EINDEX, "this is not the ICD-10-CM table of drugs"),
        ("ICD-10-CM-EINDEX", EINDEX[:-30], "the XML is cut or damaged"),
        ("ICD-10-CM-EINDEX", EINDEX.replace("V94.9-", "boat"), "'boat' does not have the form of a code"),
        ("ICD-10-CM-EINDEX", EINDEX.replace("2027", "2026"), "this is an index of 2026, not of release 2027"),
    ],
)
def test_a_wrong_or_cut_index_is_refused(system: str, text: str, reason: str) -> None:
    assert reason in refused(alphabetic.index_loader(system), text, "index.xml", "2027").reason


@pytest.mark.parametrize("text", [PCS_INDEX[:-40], PCS_INDEX_JSON[:-40], "{}", "[]", EINDEX, "[1]"])
def test_a_wrong_or_cut_pcs_index_is_refused(text: str) -> None:
    refused(pcs_index.load, text, "icd10pcs_index_2027.xml", "2027")


# --------------------------------------------------------------------------------------------- addenda
def before() -> ParsedRelease:
    return load_cm(source(order_text(), "icd10cm_order_2027.txt"), None, unwatched)


def applied(text: str) -> ParsedRelease:
    file = source(text, "icd10cm_order_addenda_2028.txt")
    assert is_addenda(file)
    return apply_addenda("ICD-10-CM", file, read_addenda(file), before().entries, unwatched)


def test_addenda_lead_from_one_release_to_the_next() -> None:
    parsed = applied(ADDENDA)
    entries = {entry.code: entry for entry in parsed.entries}
    assert (parsed.release, parsed.published_from) == ("2028", date(2027, 10, 1))
    assert entries["I150"].title == "Renal artery hypertension"
    assert (entries["I159"].billable, entries["I1590"].parent) == (False, "I159")
    assert sum(entry.billable for entry in parsed.entries) == 7


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("I150    x", "I151    x", 1, "code I151 is to be changed and is not in the release before"),
        ("x" + " " * 59 + " Renovascular hypertension", "x" + " " * 59 + " Another title", 1, "is called"),
        ("Add:         1 I1590", "Add:         1 I150 ", 5, "code I150 is to be added and is there already"),
        ("Delete:      1 I159 ", "Delete:      0 I159 ", 0, "its totals say"),
        ("  7 codes in icd10cm_order_2027", "  9 codes in icd10cm_order_2027", 0, "a release of 9 codes"),
        (
            "  7 codes in icd10cm_order_2028",
            "  8 codes in icd10cm_order_2028",
            0,
            "leads to 7 codes, not to 8",
        ),
        ("Revise to:   1 I150 ", "Revise to:   1 I152 ", 1, "no line says what I150 is revised to"),
    ],
)
def test_addenda_that_do_not_fit_are_refused(old: str, new: str, line: int, reason: str) -> None:
    assert old in ADDENDA
    with pytest.raises(LoadError) as caught:
        applied(ADDENDA.replace(old, new))
    assert reason in caught.value.reason
    assert caught.value.line == line


@settings(max_examples=80, deadline=None)
@given(st.integers(90, len(ADDENDA) - 60))
def test_no_beginning_of_addenda_is_taken_for_the_whole(at: int) -> None:
    with pytest.raises(LoadError):
        applied(ADDENDA[:at])


# ------------------------------------------------------------------------------------------------ zips
def test_a_zip_is_opened_and_its_parts_told_apart() -> None:
    members: dict[str, str | bytes] = {
        "Code Tables/icd10pcs_order_2027.txt": ORDER,
        "Code Tables/icd10pcs_index_2027.xml": PCS_INDEX,
        "icd10pcs_order_addenda_2027.txt": "Add: ...\n",
        "icd10pcsOrderFile.pdf": b"%PDF",
    }
    parts = parts_of("ICD-10-PCS", source(zipped(members), "2027-pcs.zip"))
    assert [(part.system, part.is_table, part.source.name) for part in parts] == [
        ("ICD-10-PCS", False, "icd10pcs_order_2027.txt"),
        ("ICD-10-PCS-INDEX", True, "icd10pcs_index_2027.xml"),
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped({"readme.pdf": b"%PDF"}), "holds no file of ICD-10-PCS"),
        (zipped({"a/icd10pcs_order_2026.txt": "x", "icd10pcs_order_2027.txt": "x"}), "several releases"),
        (zipped({"icd10pcs_order_2027.txt": ORDER * 40})[:-60], "the zip is damaged"),
    ],
)
def test_a_wrong_or_cut_zip_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(LoadError, match=reason):
        parts_of("ICD-10-PCS", source(data, "x.zip"))


# ------------------------------------------------------------------------------- the publishers' files
def shared(path: str) -> SourceFile:
    return SourceFile.read(shared_path(path))


def test_the_published_pcs_order_file_is_read_whole() -> None:
    parsed = icd10pcs.load(shared("reference/icd10/icd10pcs_order_fy2024.csv.gz"), "2024", unwatched)
    assert sum(entry.billable for entry in parsed.entries) == 78_603
    assert sum(entry.kind == EntryKind.CATEGORY for entry in parsed.entries) == 905
    assert sum(entry.kind == EntryKind.CHAPTER for entry in parsed.entries) == 17


def test_the_published_hcpcs_quarter_agrees_with_its_collapsed_list() -> None:
    raw = hcpcs.load_codes(shared("reference/codesets/hcpcs_2026q3.csv.gz"), None, unwatched)
    flat = hcpcs.load_codes(shared("reference/codesets/hcpcs_level2_2026q3_collapsed.csv"), None, unwatched)
    codes = {entry.code: entry for entry in raw.entries if entry.billable}
    assert len(codes) == 8725
    assert codes == {entry.code: entry for entry in flat.entries if entry.billable}
    assert sum(entry.valid_to is not None for entry in codes.values()) == 1307


def test_the_published_quarter_written_in_columns_reads_the_same() -> None:
    raw = shared("reference/codesets/hcpcs_2026q3.csv.gz")
    lines = [
        hcpcs_line(one.code, one.sequence, int(one.record), one.text, one.first, one.last)
        for one in hcpcs._csv_lines(raw)
    ]
    fixed = hcpcs.load_codes(
        source("".join(lines).encode("latin-1"), "HCPC2026_JUL_ANWEB.txt"), None, unwatched
    )
    assert fixed.entries == hcpcs.load_codes(raw, None, unwatched).entries


def test_the_published_addenda_lead_from_fy2024_to_fy2025() -> None:
    old = load_cm(shared("reference/icd10/icd10cm_fy2024.csv.gz"), "2024", unwatched)
    file = shared("reference/icd10/icd10cm_order_addenda_2025.txt")
    new = apply_addenda("ICD-10-CM", file, read_addenda(file), old.entries, unwatched)
    published = load_cm(shared("reference/icd10/icd10cm_fy2025.csv.gz"), "2025", unwatched)
    assert {entry.code: entry.title for entry in new.entries if entry.billable} == {
        entry.code: entry.title for entry in published.entries
    }


@pytest.mark.parametrize(
    ("system", "name", "rows"),
    [
        ("ICD-10-CM-EINDEX", "icd10cm-eindex-April-1-2026.xml.gz", 7_000),
        ("ICD-10-CM-NEOPLASM", "icd10cm-neoplasm-April-1-2026.xml.gz", 9_000),
        ("ICD-10-CM-DRUG", "icd10cm-drug-April-1-2026.xml.gz", 40_000),
    ],
)
def test_the_published_indexes_are_read_whole(system: str, name: str, rows: int) -> None:
    table = alphabetic.index_loader(system)(shared(f"reference/icd10/{name}"), None, unwatched)
    assert (table.release, table.published_from) == ("2026-04", date(2026, 4, 1))
    assert table.rows >= rows


def test_the_published_pcs_index_and_revenue_codes_are_read_whole() -> None:
    index = pcs_index.load(shared("reference/icd10/icd10pcs_index_fy2024.json.gz"), "2024", unwatched)
    assert index.rows > 6_000
    revenue = plain_lists.load_revenue(
        shared("reference/codesets/tuva_revenue_center_code.csv"), "2022", unwatched
    )
    assert len(revenue.entries) == 526


def test_pcs_rows_of_the_sample_are_well_formed() -> None:
    assert all(valid == (len(code) == 7) for code, valid, _ in PCS_ROWS)
