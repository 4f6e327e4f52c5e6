"""CSV with notes: columns, dates, spreadsheet damage, rows that fail alone, zips that may not open."""

from __future__ import annotations

import io
import os
import stat
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from encounters.rules.intake.csv_columns import COLUMNS
from encounters.rules.intake.csv_files import read_csv
from encounters.rules.intake.incoming import (
    DocumentKind,
    IncomingUnit,
    Limits,
    Sex,
    SourceFormat,
    VisitEvent,
    VisitKind,
)
from encounters.rules.intake.notes import FolderNotes, MemoryNotes, NoteSource
from encounters.rules.intake.reading import read_file
from tests.rules.encounters.intake_samples import (
    NOTE,
    ROW,
    ZONE,
    adt,
    assert_well_formed,
    bundle,
    codes,
    csv_file,
    encounter,
    patient,
    taken,
    zipped,
)


def read(content: bytes, notes: NoteSource | None = None, limits: Limits | None = None) -> list[IncomingUnit]:
    units = list(read_csv(io.BytesIO(content), zone=ZONE, notes=notes, limits=limits))
    assert_well_formed(units)
    return units


def unzip(stream: io.BytesIO, limits: Limits | None = None) -> list[IncomingUnit]:
    units = list(read_file(stream, "upload.zip", zone=ZONE, limits=limits))
    assert_well_formed(units)
    return units


def test_a_full_row_gives_an_encounter() -> None:
    row = {
        "kind": "office",
        "sex": "Female",
        "specialty": "Podiatry",
        "place_of_service_code": "2",
        "started_at": "11/2/2026 10:00 PM",
        "facility_name": "Cedar Clinic",
        "rendering_npi": "1234567893",
        "rendering_name": "Ines Marlow",
        "payer_name": "Harbor Mutual",
        "member_id": '="00123"',
        "total_charge": "$1,234.5",
        "provider_codes": "99213-25; 87430 G0467",
        "note_text": NOTE,
        "note_kind": "progress note",
        "note_authored_at": "2026-11-02T22:44:00-05:00",
    }
    (unit,) = read(csv_file(row))
    found = taken(unit)
    assert unit.problems == ()
    assert (unit.place, unit.source_format) == ("row 2", SourceFormat.CSV)
    assert (found.patient.mrn, found.patient.birth_on, found.patient.sex) == (
        "MRN-770031",
        date(1961, 6, 15),
        Sex.FEMALE,
    )
    assert (found.visit.kind, found.visit.place_of_service_code) == (VisitKind.OFFICE, "02")
    assert found.visit.started_at is not None
    assert found.visit.started_at.isoformat() == "2026-11-02T22:00:00-05:00"
    assert found.coverage is not None
    assert found.coverage.member_id == "00123"
    assert found.total_charge_amount == Decimal("1234.50")
    assert found.provider_charge_codes == ("99213-25", "87430", "G0467")
    (note,) = found.documents
    assert (note.text, note.kind) == (NOTE, DocumentKind.PROGRESS_NOTE)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_delimiter_and_byte_order_mark_are_recognized(delimiter: str, bom: bytes) -> None:
    (unit,) = read(bom + csv_file({"note_text": "a, b; c | d\te"}, delimiter=delimiter))
    assert taken(unit).documents[0].text == "a, b; c | d\te"


def test_other_spellings_of_columns_are_known() -> None:
    header = b"Visit-Number,Medical Record Number,LAST_NAME,First Name,DOB,Date of Service"
    content = header + b"\nV,M,A,B,1/2/1960,11/2/2026"
    found = taken(read(content)[0])
    assert (found.visit.external_id, found.patient.birth_on) == ("V", date(1960, 1, 2))


def test_missing_columns_are_named_and_nothing_else_of_the_header() -> None:
    columns = tuple(name for name in COLUMNS if name not in ("mrn", "birth_on"))
    (unit,) = read(csv_file({}, columns=columns))
    assert [(one.code, one.field) for one in unit.problems] == [
        ("missing_columns", "mrn"),
        ("missing_columns", "birth_on"),
    ]


def test_a_file_without_header_tells_no_patient() -> None:
    content = csv_file({}).split(b"\r\n", 1)[1]
    (unit,) = read(content)
    assert {one.code for one in unit.problems} == {"missing_columns"}


def test_an_unknown_column_is_noticed_once_and_a_double_one_refused() -> None:
    notice, row = read(csv_file({}, columns=(*COLUMNS, "shoe_size")))
    assert notice.is_notice
    assert codes(notice) == [("warn", "unknown_column", f"header, column {len(COLUMNS) + 1}")]
    assert taken(row)
    (refused,) = read(csv_file({}, columns=(*COLUMNS, "mrn")))
    assert codes(refused)[0][1] == "duplicate_column"


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"mrn": ""}, "required_missing", "mrn"),
        ({"encounter_id": " "}, "required_missing", "encounter_id"),
        ({"service_on": ""}, "required_missing", "service_on"),
        ({"service_on": "2026-02-30"}, "bad_date", "service_on"),
        ({"service_on": "13/02/2026"}, "bad_date", "service_on"),
        ({"service_on": "11/02/26"}, "bad_date", "service_on"),
        ({"service_on": "46328"}, "excel_date", "service_on"),
        ({"mrn": "1.23457E+15"}, "excel_number", "mrn"),
        ({"encounter_id": "12345.0"}, "excel_number", "encounter_id"),
        ({"discharge_on": "2026-11-01"}, "dates_out_of_order", "discharge_on"),
        ({"service_on": "1950-01-01"}, "dates_out_of_order", "service_on"),
        ({"mrn": "M\x00"}, "control_character", "mrn"),
        ({"family_name": "Q" * 121}, "too_long", "family_name"),
        ({"status": "maybe"}, "bad_choice", "status"),
    ],
)
def test_a_bad_value_refuses_its_row_at_its_column(changes: dict[str, str], code: str, column: str) -> None:
    before, bad, after = read(csv_file({}, changes, {"encounter_id": "V-9"}))
    assert (before.encounter is not None, bad.encounter, after.encounter is not None) == (True, None, True)
    assert (code, f"row 3, column {column}", column) in [(p.code, p.place, p.field) for p in bad.problems]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "walk-in"}, "bad_choice"),
        ({"sex": "?"}, "bad_choice"),
        ({"place_of_service_code": "home"}, "bad_choice"),
        ({"total_charge": "(5.00)"}, "bad_number"),
        ({"total_charge": "NaN"}, "bad_number"),
        ({"provider_codes": "ninety"}, "bad_code"),
        ({"rendering_npi": "1234567890"}, "bad_npi"),
    ],
)
def test_a_bad_optional_value_is_left_out_and_told(changes: dict[str, str], code: str) -> None:
    (unit,) = read(csv_file(changes))
    assert taken(unit)
    assert [(severity, found) for severity, found, _ in codes(unit)] == [("warn", code)]


def test_a_cancelled_row_takes_the_visit_back() -> None:
    assert taken(read(csv_file({"status": "Cancelled"}))[0]).event is VisitEvent.CANCEL


def test_ten_thousand_rows_with_five_hundred_bad_ones() -> None:
    rows = [{"encounter_id": f"V-{n}", **({"mrn": ""} if n % 20 == 7 else {})} for n in range(10_000)]
    units = read(csv_file(*rows, columns=tuple(ROW)))
    assert sum(unit.encounter is not None for unit in units) == 9_500
    refused = [unit for unit in units if unit.encounter is None]
    assert len(refused) == 500
    assert {one.code for unit in refused for one in unit.problems} == {"required_missing"}


def test_a_forgotten_quote_costs_its_own_row_only() -> None:
    rows = [{"encounter_id": f"V-{n}", "note_text": f"line one\nline {n}"} for n in range(20)]
    lines = csv_file(*rows).replace(b"V-5,MRN-770031,Quillfeather", b'V-5,MRN-770031,"Quillfeather')
    numbers = {taken(unit).visit.external_id for unit in read(lines) if unit.encounter}
    assert numbers == {f"V-{n}" for n in range(20)} - {"V-5"}


def test_a_forgotten_quote_in_a_file_without_quotes_costs_one_row() -> None:
    rows = [{"encounter_id": f"V-{n}"} for n in range(50)]
    content = csv_file(*rows, columns=tuple(ROW)).replace(b"V-5,MRN-770031,", b'V-5,MRN-770031,"')
    units = read(content)
    assert sum(unit.encounter is not None for unit in units) == 49
    assert [codes(unit) for unit in units if not unit.encounter] == [[("reject", "csv_syntax", "row 7")]]


def test_wrong_width_bad_bytes_and_blank_lines_stay_where_they_are() -> None:
    good = csv_file({"encounter_id": "A"}, {"encounter_id": "B"}, columns=tuple(ROW))
    header, first, second, _ = good.split(b"\r\n")
    bad_bytes = first.replace(b"Ottoline", b"Ottol\xefne")
    units = read(b"\n".join([header, first, b"", b"1,2,3", bad_bytes, second]))
    assert [unit.encounter is not None for unit in units] == [True, False, False, True]
    assert [codes(unit)[0][1] for unit in units if not unit.encounter] == ["wrong_column_count", "encoding"]


def test_a_field_of_ten_megabytes_is_refused_without_keeping_it() -> None:
    content = csv_file({"note_text": "x" * 10_500_000}, {"encounter_id": "V-2"})
    big, small = read(content)
    assert codes(big) == [("reject", "too_large", "row 2")]
    assert taken(small).visit.external_id == "V-2"


def test_a_line_without_end_is_cut_and_refused() -> None:
    content = csv_file({}, columns=tuple(ROW)) + b"x" * 3_000_000
    units = read(content, limits=Limits(message_bytes=100_000, field_bytes=50_000))
    assert units[0].encounter is not None
    assert all(unit.encounter is None for unit in units[1:])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_with_what_to_do(encoding: str) -> None:
    bom = b"" if encoding == "utf-16" else ("\ufeff".encode(encoding))
    content = bom + csv_file({}).decode().encode(encoding)
    (unit,) = read_file(io.BytesIO(content), "encounters.csv", zone=ZONE)
    assert codes(unit) == [("reject", "encoding_utf16", "file")]
    assert "UTF-8" in unit.problems[0].message
    assert codes(read(content)[0]) == [("reject", "encoding_utf16", "header")]


def test_the_same_row_is_the_same_message_and_a_changed_note_is_another() -> None:
    content = csv_file({"note_file": "a.txt"}, {"note_file": "a.txt"})
    one, two = read(content, MemoryNotes({"a.txt": b"first"}))
    assert one.message_key == two.message_key
    changed = read(content, MemoryNotes({"a.txt": b"second"}))[0]
    assert changed.message_key != one.message_key
    named = read(csv_file({"message_id": "m-1"}, {"message_id": "m-1", "sex": "F"}))
    assert [unit.message_key for unit in named] == ["row|m-1", "row|m-1"]
    assert named[0].digest != named[1].digest


def test_memory_does_not_grow_with_the_file() -> None:
    class Endless(io.RawIOBase):
        """A file of 20,000 rows, made while it is read."""

        def __init__(self) -> None:
            super().__init__()
            self.rows = self.lines()
            self.rest = b""

        def lines(self) -> Iterator[bytes]:
            yield ",".join((*ROW, "note_text")).encode() + b"\n"
            for number in range(20_000):
                yield ",".join((f"V-{number}", *list(ROW.values())[1:], "word " * 50)).encode() + b"\n"

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            while len(self.rest) < size and (line := next(self.rows, b"")):
                self.rest += line
            content, self.rest = self.rest[:size], self.rest[size:]
            return content

    tracemalloc.start()
    try:
        count = sum(unit.encounter is not None for unit in read_csv(Endless(), zone=ZONE))  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 4_000_000


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("gone.txt", "note_missing"),
        ("../secret.txt", "note_path"),
        ("..\\secret.txt", "note_path"),
        ("/etc/passwd", "note_path"),
        ("C:\\notes\\a.txt", "note_path"),
        ("notes/../../secret.txt", "note_path"),
        ("link.txt", "note_path"),
        ("latin.txt", "document_encoding"),
        ("empty.txt", "document_empty"),
        ("big.txt", "too_large"),
        ("nul.txt", "control_character"),
        ("folder", "note_missing"),
        ("x" * 5000, "note_missing"),
    ],
)
def test_a_note_that_can_not_be_had_is_told_and_the_visit_is_kept(
    tmp_path: Path, name: str, code: str
) -> None:
    folder = tmp_path / "in"
    (folder / "notes" / "folder").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "notes" / "latin.txt").write_bytes(b"caf\xe9")
    (folder / "notes" / "empty.txt").write_bytes(b"")
    (folder / "notes" / "big.txt").write_bytes(b"x" * 2_000)
    (folder / "notes" / "nul.txt").write_bytes(b"a\x00b")
    (unit,) = read(csv_file({"note_file": name}), FolderNotes(folder, 1_000))
    assert taken(unit).documents == ()
    assert [(severity, found) for severity, found, _ in codes(unit)] == [("part", code)]


def test_notes_of_a_folder_are_read_letter_by_letter(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_bytes(NOTE.encode())
    (unit,) = read(csv_file({"note_file": "a.txt"}), FolderNotes(tmp_path, 10_000))
    assert taken(unit).documents[0].text == NOTE


@pytest.mark.parametrize("folder", ["", "export 2026/"])
def test_a_zip_of_csv_and_notes(folder: str) -> None:
    members = {
        f"{folder}encounters.csv": csv_file({"note_file": "a.txt"}, {"note_file": "gone.txt"}),
        f"{folder}notes/a.txt": NOTE.encode(),
        "__MACOSX/._encounters.csv": b"litter",
    }
    one, two = unzip(zipped(members))
    assert taken(one).documents[0].text == NOTE
    assert codes(two) == [("part", "note_missing", "row 3, column note_file")]


def test_a_zip_of_messages_reads_each_and_names_none() -> None:
    members = {"Quillfeather.hl7": adt(), "b.json": bundle(patient(), encounter()), "c.json": b"{"}
    units = unzip(zipped(members))
    assert [unit.encounter is not None for unit in units] == [True, True, False]
    assert units[0].place == "member 1, message 1"
    assert codes(units[2]) == [("reject", "invalid_json", "member 3, file")]


def hostile_zip(kind: str) -> io.BytesIO:
    table = {"encounters.csv": csv_file({})}
    many = {f"notes/{n}.txt": b"x" for n in range(1_001)}
    match kind:
        case "ratio":
            return zipped(table | {"notes/a.txt": b"\x00" * 50_000_000})
        case "members":
            return zipped(table | many)
        case "traversal":
            return zipped(table | {"../../evil.txt": b"x"})
        case "absolute":
            return zipped(table | {"/evil.txt": b"x"})
        case "drive":
            return zipped(table | {"C:/evil.txt": b"x"})
        case "backslash":
            return zipped(table | {"notes\\..\\..\\evil.txt": b"x"})
        case "nested":
            return zipped(table | {"more.zip": zipped(table).getvalue()})
        case "no data":
            return zipped({"readme.txt": b"hello"})
        case "two tables":
            return zipped({"a.csv": csv_file({}), "b.csv": csv_file({})})
        case "cut":
            return io.BytesIO(zipped(table).getvalue()[:-30])
        case "empty":
            return io.BytesIO(b"PK\x05\x06" + b"\x00" * 18)
    return _patched_zip(kind, table)


def _patched_zip(kind: str, table: dict[str, bytes]) -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("notes/a.txt")
        method = zipfile.ZIP_DEFLATED
        if kind == "link":
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
        elif kind == "bzip2":
            method = zipfile.ZIP_BZIP2
        archive.writestr(info, os.urandom(100), compress_type=method)
        archive.writestr("encounters.csv", table["encounters.csv"])
        if kind == "twice":
            with pytest.warns(UserWarning, match="Duplicate name"):
                archive.writestr("encounters.csv", table["encounters.csv"])
    content = bytearray(stream.getvalue())
    if kind == "encrypted":
        content[content.index(b"PK\x01\x02") + 8] |= 1
    elif kind == "crc":
        content[content.rindex(b"V-2201")] ^= 1
    elif kind == "declared size":
        at = content.index(b"PK\x01\x02") + 24
        content[at : at + 4] = (150 * 1024 * 1024).to_bytes(4, "little")
    return io.BytesIO(bytes(content))


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("ratio", "archive_bomb"),
        ("members", "archive_members"),
        ("traversal", "archive_path"),
        ("absolute", "archive_path"),
        ("drive", "archive_path"),
        ("backslash", "archive_path"),
        ("nested", "archive_nested"),
        ("no data", "archive_no_data"),
        ("two tables", "archive_ambiguous"),
        ("cut", "archive_damaged"),
        ("empty", "archive_no_data"),
        ("link", "archive_path"),
        ("twice", "archive_path"),
        ("bzip2", "archive_damaged"),
        ("encrypted", "archive_damaged"),
        ("crc", "archive_damaged"),
        ("declared size", "archive_bomb"),
    ],
)
def test_a_hostile_zip_is_refused_whole(kind: str, code: str) -> None:
    units = unzip(hostile_zip(kind))
    assert [found for unit in units for _, found, _ in codes(unit)][-1:] == [code]
    assert all(unit.encounter is None for unit in units)


def test_more_notes_than_usual_are_allowed_on_request() -> None:
    limits = Limits(archive_members=2_000)
    assert len(unzip(hostile_zip("members"), limits)) == 1


def test_a_zip_larger_than_the_limit_is_refused_before_it_is_opened() -> None:
    members = {"encounters.csv": csv_file({}), "notes/a.txt": os.urandom(3_000)}
    (unit,) = unzip(zipped(members), Limits(archive_bytes=2_000))
    assert codes(unit) == [("reject", "archive_bomb", "file")]
