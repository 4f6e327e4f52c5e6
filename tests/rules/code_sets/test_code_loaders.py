"""Official files are read whole, or refused with the line and the reason."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from code_sets.loaders import loader_of
from code_sets.loaders.base import LoadError, ParsedRelease, SourceFile
from code_sets.loaders.bundled import bundle_of
from code_sets.loaders.icd10cm import load, published_period
from code_sets.rules.completion import with_borrowed_headings
from code_sets.rules.entries import EntryKind, Note, NoteKind
from tests.rules.code_sets.conftest import unwatched
from tests.rules.code_sets.small_release import CODES, ORDER_ROWS, TABULAR, order_text
from tests.shared_data import shared_path


def source(text: str | bytes, name: str) -> SourceFile:
    data = text.encode() if isinstance(text, str) else text
    return SourceFile(name, data, "0" * 64)


def read(
    text: str | bytes, name: str = "icd10cm-tabular-2026.xml", release: str | None = None
) -> ParsedRelease:
    return load(source(text, name), release, unwatched)


def refusal(
    text: str | bytes, name: str = "icd10cm-tabular-2026.xml", release: str | None = None
) -> LoadError:
    with pytest.raises(LoadError) as caught:
        read(text, name, release)
    return caught.value


def test_seventh_characters_are_expanded_and_padded() -> None:
    parsed = read(TABULAR)
    codes = {entry.code: entry for entry in parsed.entries}
    assert tuple(entry.code for entry in parsed.entries if entry.billable) == CODES
    assert codes["S529XXD"].parent == "S529"
    assert codes["S529XXD"].title == (
        "Unspecified fracture of forearm, subsequent encounter for fracture with routine healing"
    )
    assert not codes["S52501"].billable


def test_headings_notes_and_places_are_kept() -> None:
    codes = {entry.code: entry for entry in read(TABULAR).entries}
    assert codes["9"].kind is EntryKind.CHAPTER
    assert codes["I10-I1A"].parent == "9"
    assert codes["I15"].parent == "I10-I1A"
    assert codes["I10"].notes[0] == Note(NoteKind.INCLUDES, "high blood pressure")


def test_a_tabular_list_names_its_release() -> None:
    parsed = read(TABULAR)
    assert (parsed.release, parsed.published_from, parsed.published_through) == (
        "2026",
        date(2025, 10, 1),
        date(2026, 9, 30),
    )
    assert read(TABULAR, "icd10cm-tabular-April-1-2026.xml").release == "2026-04"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (TABULAR[:1500], TABULAR[:1500].count("\n") + 1, "cut or damaged"),
        (TABULAR.replace("ICD10CM.tabular", "ICD10CM.index"), 2, "not an ICD-10-CM tabular list"),
        (
            TABULAR.replace("<name>I15.9</name>", "<name>I15.0</name>"),
            23,
            "I150 is given twice, first at line 22",
        ),
        (TABULAR.replace("<name>I15.9</name>", "<name>J15.9</name>"), 23, "J15.9 stands under I15"),
        (TABULAR.replace("<name>I15.9</name>", "<name>I15/9</name>"), 23, "does not have the form"),
        (TABULAR.replace("<desc>Renovascular hypertension</desc>", ""), 22, "I15.0 has no title"),
        (
            TABULAR.replace('id="S50-S59">\n', 'id="S60-S69">\n'),
            31,
            "block S50-S59 is announced here and missing",
        ),
    ],
)
def test_a_damaged_tabular_list_is_refused_with_line_and_reason(text: str, line: int, reason: str) -> None:
    error = refusal(text)
    assert reason in error.reason
    assert error.line == line


def test_entities_are_refused() -> None:
    bomb = TABULAR.replace("?>", '?>\n<!DOCTYPE x [<!ENTITY a "aaaa">]>', 1)
    assert "never does" in refusal(bomb).reason


def test_another_release_than_the_one_named_is_refused() -> None:
    assert "this is a list of 2026, not release 2027" in refusal(TABULAR, release="2027").reason


def test_an_order_file_is_read_with_its_headings() -> None:
    parsed = read(order_text(), "icd10cm_order_2027.txt")
    codes = {entry.code: entry for entry in parsed.entries}
    assert parsed.release == "2027"
    assert codes["S52501A"].parent == "S525"
    assert [entry.billable for entry in parsed.entries] == [row[1] for row in ORDER_ROWS]


ORDER = order_text()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (ORDER[:-1], 10, "no end: the file is cut"),
        (ORDER[: ORDER.index("00007")], 6, "no code stands under the header S525"),
        (ORDER.replace("00003", "00004"), 3, "order number 00004 where 00003 is expected"),
        (ORDER.replace("I159   ", "I150   "), 4, "I150 is given twice, first at line 3"),
        (ORDER.replace("00003 I150    1", "00003 I150    2"), 3, "not a line of an order file"),
        (ORDER.encode() + b"\xff\xfe\n", 11, "not UTF-8"),
    ],
)
def test_a_damaged_order_file_is_refused_with_line_and_reason(text: str, line: int, reason: str) -> None:
    error = refusal(text, "icd10cm_order_2027.txt")
    assert reason in error.reason
    assert error.line == line


def test_a_code_list_is_read_as_text_and_as_csv() -> None:
    plain = "I10     Essential hypertension\nI150    Renovascular hypertension\n"
    as_csv = 'code,description\nI10,Essential hypertension\nI150,"Renovascular hypertension"\n'
    for text in (plain, as_csv):
        parsed = read(text, "icd10cm_codes_2027.txt")
        assert [(entry.code, entry.billable) for entry in parsed.entries] == [("I10", True), ("I150", True)]


@pytest.mark.parametrize("text", ["", "hello\n", "%PDF-1.7\n", "PK\x03\x04\n", "\x00\x00\n"])
def test_another_file_is_refused(text: str) -> None:
    assert "not a tabular list (XML), an order file or a code list" in refusal(text, "x_2027.txt").reason


def test_a_file_that_does_not_say_its_release_must_be_told() -> None:
    assert "give --release" in refusal(ORDER, "order.txt").reason
    assert read(ORDER, "order.txt", "2027").release == "2027"


@pytest.mark.parametrize("release", ["27", "2027-10", "1999", ""])
def test_a_release_has_a_fiscal_year(release: str) -> None:
    with pytest.raises(LoadError, match="named by its fiscal year"):
        published_period(release)


def test_a_system_without_a_loader_is_refused_with_those_there_are() -> None:
    with pytest.raises(LoadError, match=r"there are: .*ICD-10-CM"):
        loader_of("ICD-9-CM")
    with pytest.raises(LoadError, match="no package carries"):
        bundle_of("CPT")


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "icd10cm_order_2027.txt.gz"
    path.write_bytes(gzip.compress(ORDER.encode())[:60])
    with pytest.raises(LoadError, match="gzip wrapping is damaged"):
        SourceFile.read(path)
    path.write_bytes(gzip.compress(ORDER.encode()))
    assert SourceFile.read(path).name == "icd10cm_order_2027.txt"
    with pytest.raises(LoadError, match="cannot be read"):
        SourceFile.read(tmp_path / "absent.txt")


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.integers(0, len(TABULAR)).map(lambda at: TABULAR[:at].encode())))
def test_a_cut_or_foreign_file_is_refused_and_nothing_else(data: bytes) -> None:
    if data.decode("utf-8", "replace").strip() != TABULAR.strip():
        refusal(data, "any.xml", "2026")


def test_a_bare_list_takes_the_headings_above_its_codes_only() -> None:
    donor = read(TABULAR).entries
    bare = [entry for entry in donor if entry.code in ("I10", "S52501A", "S529XXA")]
    merged = with_borrowed_headings(bare, donor)
    assert [entry.code for entry in merged] == [
        "I10",
        "S52",
        "S525",
        "S5250",
        "S52501",
        "S52501A",
        "S529",
        "S529XXA",
    ]
    assert {entry.code: entry.parent for entry in merged}["S52501A"] == "S52501"


def test_the_bundled_release_is_the_whole_of_fy2026(bundled: ParsedRelease) -> None:
    assert sum(entry.billable for entry in bundled.entries) == 74_719
    assert (bundled.release, bundled.published_through) == ("2026-04", date(2026, 9, 30))
    codes = {entry.code: entry for entry in bundled.entries}
    assert codes["E1122"].title == "Type 2 diabetes mellitus with diabetic chronic kidney disease"
    assert codes["S061X7A"].billable
    assert "S061X7D" not in codes


def test_the_bundled_codes_equal_the_published_list(bundled: ParsedRelease) -> None:
    published = load(
        SourceFile.read(shared_path("reference/icd10/icd10cm_fy2026.csv.gz")), "2026", unwatched
    ).entries
    assert {entry.code for entry in published} == {entry.code for entry in bundled.entries if entry.billable}


def test_a_tabular_list_alone_gives_the_same_codes(bundled: ParsedRelease) -> None:
    path = shared_path("reference/icd10/icd10cm_tabular_april_2026.xml.gz")
    alone = load(SourceFile.read(path), "2026-04", unwatched)
    assert [entry.code for entry in alone.entries] == [entry.code for entry in bundled.entries]
