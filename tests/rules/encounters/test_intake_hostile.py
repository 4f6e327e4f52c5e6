"""Files made to hurt: nothing but declared problems may come out, in bounded time, with no PHI in them."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from encounters.rules.intake.incoming import IncomingUnit, Limits, SourceFormat
from encounters.rules.intake.problems import MEANINGS
from encounters.rules.intake.reading import read_file
from encounters.rules.intake.sniff import sniff_format
from tests.rules.encounters.intake_samples import (
    NOTE,
    ROW,
    ZONE,
    adt,
    assert_well_formed,
    bundle,
    codes,
    csv_file,
    document,
    encounter,
    mdm,
    patient,
    zipped,
)

LIMITS = Limits(json_bytes=5_000_000, message_bytes=2_000_000, field_bytes=1_000_000)


def read(content: bytes, name: str = "", found: SourceFormat | None = None) -> list[IncomingUnit]:
    units = list(read_file(io.BytesIO(content), name, zone=ZONE, source_format=found, limits=LIMITS))
    assert_well_formed(units)
    return units


def deep(depth: int) -> bytes:
    return b'{"resourceType":"Bundle","entry":' + b"[" * depth + b"]" * depth + b"}"


def with_text(value: str) -> bytes:
    """A bundle whose family name is the given JSON string literal, unchecked."""
    return bundle(patient(), encounter()).replace(b'"Quillfeather"', value.encode())


GOOD_FHIR = bundle(patient(), encounter())
HOSTILE: dict[str, tuple[bytes, str, str]] = {
    # name: (bytes, file name, code that must be among the problems)
    "nothing": (b"", "", "empty_file"),
    "white space": (b" \r\n\t ", "", "empty_file"),
    "empty csv": (b"", "a.csv", "empty_file"),
    "random": (bytes(range(256)) * 40, "", "unknown_format"),
    "prose": (b"Dear colleague, attached please find", "", "unknown_format"),
    "pdf": (b"%PDF-1.7\n", "a.pdf", "pdf_unsupported"),
    "x12": (b"ISA*00*          *00*", "a.837", "x12_unsupported"),
    "c-cda": (b'<?xml version="1.0"?><ClinicalDocument/>', "a.xml", "ccda_unsupported"),
    "xxe": (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "a.xml", "ccda_unsupported"),
    "billion laughs": (b'<!DOCTYPE a [<!ENTITY b "&c;&c;">]><a>&b;</a>', "a.json", "ccda_unsupported"),
    "utf-16 fhir": ("\ufeff{}".encode("utf-16-le"), "a.json", "encoding_utf16"),
    "depth 100": (deep(100), "", "too_deep"),
    "depth 5,000": (deep(5_000), "", "too_deep"),
    "depth 100,000": (deep(100_000), "", "too_deep"),
    "unclosed depth": (b"[" * 100_000, "", "too_deep"),
    "deep objects": (
        b'{"resourceType":"Bundle","a":' + b'{"a":' * 99 + b"1" + b"}" * 99 + b"}",
        "",
        "too_deep",
    ),
    "huge integer": (GOOD_FHIR[:-1] + b',"total":' + b"9" * 5_000 + b"}", "", "invalid_json"),
    "nan": (GOOD_FHIR[:-1] + b',"total":NaN}', "", "invalid_json"),
    "infinity": (GOOD_FHIR[:-1] + b',"total":-Infinity}', "", "invalid_json"),
    "cut json": (GOOD_FHIR[:-20], "", "invalid_json"),
    "two jsons": (GOOD_FHIR.replace(b"{", b"{\n", 1) + GOOD_FHIR, "", "invalid_json"),
    "json array": (b"[" + GOOD_FHIR + b"]", "", "not_fhir"),
    "json number keys": (b'{"a":1}', "", "not_fhir"),
    "type is a list": (b'{"resourceType":["Bundle"]}', "", "not_fhir"),
    "bad utf-8": (GOOD_FHIR.replace(b"Ottoline", b"Otto\xffline"), "", "encoding"),
    "entry is a string": (b'{"resourceType":"Bundle","entry":"x"}', "", "no_encounter"),
    "entry of nulls": (b'{"resourceType":"Bundle","entry":[null,1,{"resource":null}]}', "", "no_encounter"),
    "no entries": (b'{"resourceType":"Bundle"}', "", "no_encounter"),
    "lone surrogate": (with_text(r'"\ud800x"'), "", "invalid_resource"),
    "nul in name": (with_text(r'"a\u0000b"'), "", "control_character"),
    "name is a bomb": (with_text('"' + "Q" * 1_000_000 + '"'), "", "too_long"),
    "name is an object": (with_text('{"family":1}'), "", "invalid_resource"),
    "number as id": (bundle(patient(id=7), encounter(id=7)), "", "patient_missing"),
    "subject is a cycle": (bundle(encounter(subject={"reference": "urn:test:e1"})), "", "patient_missing"),
    "subject is a number": (bundle(patient(), encounter(subject=3)), "", "patient_missing"),
    "period is a list": (bundle(patient(), encounter(period=[1])), "", "invalid_resource"),
    "year 0000": (bundle(patient(birthDate="0000-01-01"), encounter()), "", "bad_date"),
    "year 9999": (
        bundle(patient(), encounter(period={"start": "9999-12-31T23:59:59Z", "end": "0001-01-01"})),
        "",
        "dates_out_of_order",
    ),
    "base64 of nothing": (
        bundle(patient(), encounter(), document(content=[{"attachment": {"data": "===="}}])),
        "",
        "document_encoding",
    ),
    "utf-16 note": (
        bundle(
            patient(),
            encounter(),
            document(
                content=[
                    {
                        "attachment": {
                            "contentType": "text/plain; charset=utf-16",
                            "data": base64.b64encode(NOTE.encode("utf-16")).decode(),
                        }
                    }
                ]
            ),
        ),
        "",
        "document_encoding",
    ),
    "msh alone": (b"MSH|^~\\&|", "", "header_incomplete"),
    "msh cut in delimiters": (b"MSH|^~\\&", "", "header_incomplete"),
    "batch without messages": (b"BHS|^~\\&|A\rBTS|0\r", "", "segment_missing"),
    "garbage before msh": (b"MSH|^~\\&|\rnoise" + b"\x0b" + adt(), "", "header_incomplete"),
    "cut in pid": (adt()[:150], "", "segment_missing"),
    "pid twice": (adt() + b"PID|1||OTHER\r", "", "unsupported_event"),
    "message of delimiters": (b"MSH|^~\\&|" + b"|^~\\&" * 10_000, "", "header_incomplete"),
    "pid of delimiters": (adt(PID="PID" + "|^~&" * 50_000), "", "required_missing"),
    "nul in mrn": (adt().replace(b"MRN-770031", b"MRN\x00-1"), "", "control_character"),
    "hex nul in note": (mdm(lines=("a\\X00\\b",)), "", "control_character"),
    "latin bytes": (adt().replace(b"Ottoline", b"Zo\xeb"), "", "encoding"),
    "year 0000 in pid": (adt().replace(b"19610615", b"00000000"), "", "bad_date"),
    "offset of 99 hours": (adt().replace(b"|202611021000|", b"|202611021000+9900|"), "", "bad_date"),
    "huge hl7": (adt() + b"NTE|" + b"x" * 3_000_000, "", "too_large"),
    "nul csv": (csv_file({"mrn": "a\x00b"}), "a.csv", "control_character"),
    "header only of commas": (b"," * 100_000, "a.csv", "missing_columns"),
    "one quote": (b'"', "a.csv", "missing_columns"),
    "quotes": (csv_file({}) + b'"' * 99_999, "a.csv", "csv_syntax"),
    "huge field": (csv_file({"note_text": "x" * 1_500_000}), "a.csv", "too_large"),
    "formula": (csv_file({"mrn": "=cmd|' /C calc'!A0", "birth_on": "=1+1"}), "a.csv", "bad_date"),
    "cut zip": (zipped({"encounters.csv": csv_file({})}).getvalue()[:40], "", "archive_damaged"),
    "zip magic only": (b"PK\x03\x04", "", "archive_damaged"),
    "gzip magic only": (b"\x1f\x8b", "", "archive_damaged"),
    "cut gzip": (gzip.compress(GOOD_FHIR)[:-12], "", "archive_damaged"),
    "gzip of zeros": (gzip.compress(b"\x00" * 50_000_000), "", "unknown_format"),
    "gzip csv bomb": (gzip.compress(csv_file({}) + b"x" * 50_000_000), "", "archive_bomb"),
    "gzip json bomb": (gzip.compress(b'{"a":"' + b"0" * 50_000_000), "", "archive_bomb"),
    "gzip in gzip": (gzip.compress(gzip.compress(GOOD_FHIR)), "", "archive_nested"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gives_its_problem_and_nothing_worse(name: str) -> None:
    content, filename, code = HOSTILE[name]
    began = time.perf_counter()
    units = read(content, filename)
    assert code in [found for unit in units for _, found, _ in codes(unit)]
    assert time.perf_counter() - began < 5


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(HOSTILE) >= 40


def test_a_gzip_file_is_read_like_its_content() -> None:
    (packed,) = read(gzip.compress(GOOD_FHIR), "a.json.gz")
    (plain,) = read(GOOD_FHIR)
    assert packed == plain


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (GOOD_FHIR, "", SourceFormat.FHIR),
        (b"\xef\xbb\xbf \n" + GOOD_FHIR, "x.txt", SourceFormat.FHIR),
        (adt(), "x.csv", SourceFormat.HL7V2),
        (b"\x0b" + adt(), "", SourceFormat.HL7V2),
        (b"FHS|^~\\&|", "", SourceFormat.HL7V2),
        (csv_file({}), "", SourceFormat.CSV),
        (csv_file({}), "x.csv", SourceFormat.CSV),
        (b"whatever", "x.csv", SourceFormat.CSV),
        (b"whatever", "x.bin", SourceFormat.UNKNOWN),
        (zipped({"a": b""}).getvalue(), "x.csv", SourceFormat.ZIP),
        (gzip.compress(b"", mtime=0), "", SourceFormat.GZIP),
        (b"MSHELL COMPANY", "", SourceFormat.UNKNOWN),
    ],
)
def test_formats_are_told_by_their_bytes(content: bytes, name: str, expected: SourceFormat) -> None:
    assert sniff_format(content, name) is expected


ESCAPES = {"\\": "E", "|": "F", "^": "S", "&": "T", "~": "R"}
ANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FORMATS = st.sampled_from([None, *SourceFormat])
SEEDS = {
    SourceFormat.FHIR: bundle(patient(), encounter(), document()),
    SourceFormat.HL7V2: adt() + mdm(lines=("a", "b")),
    SourceFormat.CSV: csv_file({"note_text": NOTE}, {"sex": "F"}, columns=(*ROW, "sex", "note_text")),
    SourceFormat.ZIP: zipped({"encounters.csv": csv_file({"note_file": "a"}), "a": b"text"}).getvalue(),
    SourceFormat.GZIP: gzip.compress(bundle(patient(), encounter())),
}


@ANY
@given(st.binary(max_size=3_000), FORMATS, st.sampled_from(["", "a.csv", "a.json"]))
@example(b"BTS", SourceFormat.HL7V2, "")
def test_arbitrary_bytes_raise_nothing(content: bytes, found: SourceFormat | None, name: str) -> None:
    assert_well_formed(
        list(read_file(io.BytesIO(content), name, zone=ZONE, source_format=found)), canary=False
    )


EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.binary(max_size=6)), min_size=1, max_size=6
)


def mutated(content: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for where, length, replacement in edits:
        at = int(where * len(content))
        content = content[:at] + replacement + content[at + length :]
    return content


@pytest.mark.parametrize("found", SEEDS)
@ANY
@given(edits=EDITS)
def test_a_mutated_message_raises_nothing_and_tells_no_phi(
    found: SourceFormat, edits: list[tuple[float, int, bytes]]
) -> None:
    content = mutated(SEEDS[found], edits)
    assert_well_formed(list(read_file(io.BytesIO(content), zone=ZONE, source_format=found, limits=LIMITS)))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PATIENT_PARTS = st.sampled_from(["identifier", "name", "telecom", "gender", "birthDate", "id"])
VISIT_PARTS = st.sampled_from(
    [
        "identifier",
        "status",
        "class",
        "type",
        "subject",
        "participant",
        "period",
        "serviceProvider",
        "location",
    ]
)
NOTE_PARTS = st.sampled_from(
    ["content", "context", "type", "date", "author", "relatesTo", "status", "identifier"]
)


@ANY
@given(PATIENT_PARTS, VISIT_PARTS, NOTE_PARTS, st.tuples(JSON, JSON, JSON))
def test_any_json_in_any_element_raises_nothing(
    first: str, second: str, third: str, values: tuple[object, object, object]
) -> None:
    note = document() | {third: values[2]}
    content = bundle(patient(**{first: values[0]}), encounter(**{second: values[1]}), note)
    assert_well_formed(list(read_file(io.BytesIO(content), zone=ZONE)), canary=False)


@ANY
@given(st.dictionaries(st.sampled_from([*ROW, "sex", "note_text"]), st.text(max_size=20), max_size=4))
def test_any_text_in_any_column_raises_nothing_and_stops_no_other_row(changes: dict[str, str]) -> None:
    columns = (*ROW, "sex", "note_text")
    units = read(csv_file({}, changes, {"encounter_id": "last"}, columns=columns), "a.csv", SourceFormat.CSV)
    assert units[0].encounter is not None
    last = units[-1].encounter
    assert last is not None
    assert last.visit.external_id == "last"


@ANY
@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\x0b\x1c"), max_size=200
    )
)
def test_every_hl7_text_comes_back_as_it_was_escaped(text: str) -> None:
    escaped = "".join(f"\\{ESCAPES[char]}\\" if char in ESCAPES else char for char in text)
    (unit,) = read(mdm(lines=("x" + escaped + "x",)))
    assert unit.encounter is not None
    assert unit.encounter.documents[0].text == "x" + text + "x"


@ANY
@given(
    st.text(
        alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=300
    )
)
def test_every_note_text_survives_fhir_and_csv(text: str) -> None:
    assume(text.strip() and not text.startswith("\ufeff"))  # a byte order mark is no text
    (fhir,) = read(bundle(patient(), encounter(), document(text)))
    (row,) = read(csv_file({"note_text": text}, columns=(*ROW, "note_text")), "a.csv", SourceFormat.CSV)
    for unit in (fhir, row):
        assert unit.encounter is not None
        assert [note.text for note in unit.encounter.documents] == [text]


def test_every_code_is_described_for_the_operator() -> None:
    page = Path(__file__).parents[3] / "docs" / "intake.md"
    described = set(
        re.findall(
            r"^\| `([a-z0-9_]+)` \|", page.read_text(encoding="utf-8").split("## Reasons")[1], re.MULTILINE
        )
    )
    assert described == set(MEANINGS)


def test_the_problem_sentences_hold_no_placeholders() -> None:
    assert not [text for text in MEANINGS.values() if "{" in text or "%s" in text]
    assert json.dumps(MEANINGS)
