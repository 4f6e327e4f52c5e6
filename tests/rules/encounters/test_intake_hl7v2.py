"""HL7 v2: which messages become encounters, what their fields mean, what is refused and where."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest

from encounters.rules.intake.er7 import split_message, unescape
from encounters.rules.intake.hl7v2 import read_hl7v2
from encounters.rules.intake.incoming import (
    DocumentKind,
    DocumentRelation,
    IncomingUnit,
    Limits,
    Sex,
    VisitEvent,
    VisitKind,
    VisitProgress,
)
from tests.rules.encounters.intake_samples import (
    IN1,
    MSH,
    PID,
    PV1,
    ZONE,
    adt,
    assert_well_formed,
    codes,
    mdm,
    taken,
)


def read(content: bytes, limits: Limits | None = None) -> list[IncomingUnit]:
    units = list(read_hl7v2(io.BytesIO(content), zone=ZONE, limits=limits))
    assert_well_formed(units)
    return units


def test_an_adt_gives_patient_visit_and_coverage() -> None:
    (unit,) = read(adt())
    encounter = taken(unit)
    assert unit.problems == ()
    assert unit.message_key == "CEDAR|CEDAR CLINIC|C-1"
    patient, visit = encounter.patient, encounter.visit
    assert (patient.mrn, patient.family_name, patient.given_name) == (
        "MRN-770031",
        "Quillfeather",
        "Ottoline",
    )
    assert (patient.birth_on, patient.sex, patient.contact) == (date(1961, 6, 15), Sex.FEMALE, "617-555-0142")
    assert (visit.external_id, visit.service_on, visit.kind) == (
        "V-2201",
        date(2026, 11, 2),
        VisitKind.OUTPATIENT,
    )
    assert visit.started_at is not None
    assert visit.started_at.isoformat() == "2026-11-02T10:00:00-05:00"
    assert (visit.progress, visit.facility_name, visit.specialty) == (
        VisitProgress.ENDED,
        "CEDAR CLINIC",
        "FAM",
    )
    assert visit.attending is not None
    assert (visit.attending.npi, visit.attending.name) == ("1234567893", "Ines Marlow")
    assert encounter.coverage is not None
    assert encounter.coverage.payer_name == "Harbor Mutual"
    assert (encounter.coverage.member_id, encounter.coverage.plan_type) == ("HM-55-1", "PPO")


@pytest.mark.parametrize(
    ("event", "expected", "progress"),
    [
        ("A01", VisitEvent.UPSERT, VisitProgress.ENDED),
        ("A05", VisitEvent.UPSERT, VisitProgress.PLANNED),
        ("A03", VisitEvent.UPSERT, VisitProgress.ENDED),
        ("A11", VisitEvent.CANCEL, VisitProgress.ENDED),
        ("A13", VisitEvent.CANCEL_DISCHARGE, VisitProgress.OPEN),
    ],
)
def test_the_event_tells_what_happens_to_the_visit(
    event: str, expected: VisitEvent, progress: VisitProgress
) -> None:
    encounter = taken(read(adt(event))[0])
    assert (encounter.event, encounter.visit.progress) == (expected, progress)


def test_a_cancelled_discharge_erases_the_end() -> None:
    visit = taken(read(adt("A13"))[0]).visit
    assert (visit.ended_at, visit.discharge_on) == (None, None)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("ADT^A40", "identity_change"),
        ("ADT^A45", "identity_change"),
        ("ADT^A29", "unsupported_event"),
        ("MDM^T11", "unsupported_event"),
        ("ORU^R01", "unsupported_type"),
        ("SIU^S12", "unsupported_type"),
        ("VXU^V04", "unsupported_type"),
        ("BAR^P01", "unsupported_type"),
        ("ADT^A99", "unsupported_type"),
    ],
)
def test_what_carries_no_visit_is_refused_with_its_reason(kind: str, code: str) -> None:
    content = adt().replace(b"ADT^A04", kind.encode())
    (unit,) = read(content)
    assert unit.encounter is None
    assert [found for severity, found, _ in codes(unit) if severity == "reject"] == [code]


def test_an_mdm_note_keeps_every_character() -> None:
    lines = (
        r"HPI: toe pain \T\ swelling \.br\next line",
        "",
        "C:\\temp\\x a^b~c \\X41\\ \\H\\bold\\N\\ \U0001f9b6",
    )
    (unit,) = read(mdm(lines=lines))
    (document,) = taken(unit).documents
    assert document.text == "HPI: toe pain & swelling \nnext line\n\nC:\\temp\\x a^b\nc A bold \U0001f9b6"
    assert (document.external_id, document.kind) == ("NOTE-9", DocumentKind.PROGRESS_NOTE)
    assert (document.title, document.author) == ("Progress note", "Ines Marlow")
    assert document.authored_at is not None
    assert document.authored_at.isoformat() == "2026-11-02T10:44:00-05:00"


@pytest.mark.parametrize(
    ("event", "relation"),
    [
        ("T02", DocumentRelation.ORIGINAL),
        ("T06", DocumentRelation.ADDENDUM),
        ("T08", DocumentRelation.ORIGINAL),
        ("T10", DocumentRelation.REPLACEMENT),
    ],
)
def test_the_mdm_event_tells_how_documents_relate(event: str, relation: DocumentRelation) -> None:
    content = mdm(event, lines=("text",)).replace(b"NOTE-9|", b"NOTE-9|NOTE-8")
    (document,) = taken(read(content)[0]).documents
    assert (document.relation, document.parent_external_id) == (relation, "NOTE-8")


def test_a_document_says_nothing_about_the_end_of_the_stay() -> None:
    assert taken(read(mdm(lines=("text",)))[0]).visit.progress is VisitProgress.UNKNOWN


def test_a_pdf_in_obx_is_quarantined_and_the_visit_is_kept() -> None:
    content = mdm() + b"OBX|1|ED|||^application^pdf^Base64^JVBERi0=||||||F\r"
    (unit,) = read(content)
    assert taken(unit).documents == ()
    assert codes(unit) == [("part", "document_not_text", "OBX-5.3")]


def test_base64_text_in_obx_is_read() -> None:
    content = mdm() + b"OBX|1|ED|||^TEXT^PLAIN^Base64^Z291dA==||||||F\r"
    assert taken(read(content)[0]).documents[0].text == "gout"


def test_an_announced_document_without_text_is_told() -> None:
    (unit,) = read(mdm("T01"))
    assert taken(unit).documents == ()
    assert codes(unit) == [("warn", "document_without_text", "OBX-5")]


def test_charges_add_up_and_credits_count_back() -> None:
    ft1 = [
        "FT1|1|||20261102||CG|99213|||1|120.50&USD||||||||||||||99213|25",
        "FT1|2|||20261102||CG|87430|||2||10.00&USD|||||||||||||",
        "FT1|3|||20261102||CD|99213|||1|20.50&USD",
    ]
    content = adt().replace(b"ADT^A04", b"DFT^P03") + "\r".join(ft1).encode()
    encounter = taken(read(content)[0])
    assert encounter.total_charge_amount == Decimal("120.00")
    assert encounter.provider_charge_codes == ("99213-25", "87430")


def test_a_foreign_currency_is_left_out_and_told() -> None:
    content = adt().replace(b"ADT^A04", b"DFT^P03") + b"FT1|1|||20261102||CG|99213|||1|120&EUR"
    (unit,) = read(content)
    assert taken(unit).total_charge_amount is None
    assert ("warn", "unknown_currency", "FT1-11") in codes(unit)


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (
            {"PID": PID.replace("MRN-770031^^^CEDAR^MR~999-11-2222^^^USA^SS", "")},
            ("required_missing", "PID-3.1"),
        ),
        ({"PID": PID.replace("Quillfeather", "")}, ("required_missing", "PID-5.1")),
        ({"PID": PID.replace("19610615", "")}, ("required_missing", "PID-7")),
        ({"PID": PID.replace("19610615", "196106")}, ("bad_date", "PID-7")),
        ({"PID": PID.replace("19610615", "19611315")}, ("bad_date", "PID-7")),
        ({"PV1": PV1.replace("202611021000", "yesterday")}, ("bad_date", "PV1-44")),
        ({"PV1": PV1.replace("|202611021040", "|202611011040")}, ("dates_out_of_order", "PV1-45")),
        ({"PV1": ""}, ("segment_missing", "PV1")),
        ({"PID": ""}, ("segment_missing", "PID")),
        ({"PID": PID.replace("Quillfeather", "Quill" * 60)}, ("too_long", "PID-5.1")),
        ({"PID": PID.replace("MRN-770031^", "MRN\x01^")}, ("control_character", "PID-3.1")),
    ],
)
def test_a_missing_or_impossible_fact_is_refused_at_its_field(
    segments: dict[str, str], expected: tuple[str, str]
) -> None:
    (unit,) = read(adt(**segments))
    assert unit.encounter is None
    assert expected in [(code, place) for severity, code, place in codes(unit) if severity == "reject"]


def test_a_wrong_npi_is_left_out_and_the_visit_kept() -> None:
    (unit,) = read(adt(PV1=PV1.replace("1234567893", "1234567890")))
    attending = taken(unit).visit.attending
    assert attending is not None
    assert (attending.npi, attending.local_id) == ("", "1234567890")
    assert codes(unit) == [("warn", "bad_npi", "PV1-7.1")]


def test_without_an_admission_date_the_message_date_is_assumed_and_marked() -> None:
    (unit,) = read(mdm(lines=("text",), PV1=PV1.split("|||||||||||||||||||||")[0]))
    visit = taken(unit).visit
    assert (visit.service_on, visit.service_on_assumed) == (date(2026, 11, 2), True)
    assert ("warn", "date_assumed", "TXA-4") in codes(unit)


def test_an_offset_is_the_places_own_clock() -> None:
    visit = taken(read(adt(PV1=PV1.replace("202611021000|202611021040", "202611022330-0800")))[0]).visit
    assert visit.service_on == date(2026, 11, 2)


def test_without_a_visit_number_the_account_number_serves() -> None:
    content = adt(PV1=PV1.replace("V-2201", ""), PID=PID + "|||||ACC-5")
    assert taken(read(content)[0]).visit.external_id == "ACC-5"


def test_without_any_number_the_visit_is_taken_and_told() -> None:
    (unit,) = read(adt(PV1=PV1.replace("V-2201", "")))
    assert taken(unit).visit.external_id == ""
    assert codes(unit) == [("warn", "visit_number_missing", "PV1-19.1")]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda one: one,
        lambda one: b"\xef\xbb\xbf" + one,
        lambda one: b"\x0b" + one + b"\x1c\r",
        lambda one: one.replace(b"\r", b"\n"),
        lambda one: one.replace(b"\r", b"\r\n"),
        lambda one: b"\r\n\r\n" + one + b"\r\n\r\n",
        lambda one: one.removesuffix(b"\r"),
    ],
    ids=["cr", "bom", "mllp", "lf", "crlf", "blank lines", "no end"],
)
def test_framing_changes_neither_facts_nor_digest(wrap: object) -> None:
    assert callable(wrap)
    plain, framed = read(adt())[0], read(wrap(adt()))[0]
    assert framed.encounter == plain.encounter
    assert framed.digest == plain.digest


def test_a_batch_gives_each_message_and_notices_a_wrong_count() -> None:
    batch = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + adt(control="1") + adt(control="2") + b"BTS|3\rFTS|1\r"
    units = read(batch)
    assert [unit.message_key[-1:] for unit in units] == ["1", "2", ""]
    assert codes(units[2]) == [("warn", "batch_count", "BTS-1")]
    assert units[2].is_notice


def test_one_bad_message_stops_no_other() -> None:
    units = read(adt(control="1") + b"MSH|^~\\&|CUT\r" + adt(control="3"))
    assert [unit.encounter is not None for unit in units] == [True, False, True]
    assert codes(units[1])[0] == ("reject", "header_incomplete", "MSH-9")
    assert [unit.place for unit in units] == ["message 1", "message 2", "message 3"]


def test_a_huge_message_is_skipped_and_the_next_is_read() -> None:
    huge = adt(control="1") + b"ZZZ|" + b"x" * 3_000_000 + b"\r"
    units = read(huge + adt(control="2"), Limits(message_bytes=500_000))
    assert [codes(unit) for unit in units] == [[("reject", "too_large", "message 1")], []]
    assert units[1].message_key.endswith("|2")


def test_a_million_blank_lines_cost_no_time() -> None:
    (unit,) = read(b"\n" * 1_000_000 + adt())
    assert unit.encounter is not None


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        (b"|C-1|", b"||", "control_id_missing", "MSH-10"),
        (b"|2.5.1", b"|3.0", "unsupported_version", "MSH-12"),
        (b"MSH|^~\\&|", b"MSH|^^^^|", "header_incomplete", "MSH-2"),
        (b"MSH|^~\\&|", b"MSH|abcd|", "header_incomplete", "MSH-2"),
        (b"|ADT^A04|", b"||", "header_incomplete", "MSH-9"),
    ],
)
def test_a_damaged_header_is_refused(old: bytes, new: bytes, code: str, place: str) -> None:
    (unit,) = read(adt().replace(old, new))
    assert ("reject", code, place) in codes(unit)


def test_test_messages_are_marked() -> None:
    (unit,) = read(adt().replace(b"|P|2.5.1", b"|T|2.5.1"))
    assert codes(unit) == [("warn", "not_production", "MSH-11")]


def test_other_delimiters_are_obeyed() -> None:
    content = adt().decode().translate(str.maketrans("|^~\\&", "#*@%+")).encode()
    assert taken(read(content)[0]).patient == taken(read(adt())[0]).patient


def test_a_declared_latin_charset_is_obeyed_and_an_undeclared_one_refused() -> None:
    latin = adt(PID=PID.replace("Ottoline", "Zo\u00eb")).decode().encode("latin-1")
    (refused,) = read(latin)
    assert codes(refused) == [("reject", "encoding", "MSH-18")]
    (unit,) = read(latin.replace(b"|P|2.5.1", b"|P|2.5.1||||||8859/1"))
    assert taken(unit).patient.given_name == "Zo\u00eb"


def test_a_line_break_inside_a_note_stays_in_the_note() -> None:
    (unit,) = read(mdm(lines=("first\nsecond",)))
    assert taken(unit).documents[0].text == "first\nsecond"
    (lf_only,) = read(mdm(lines=("first\nsecond",)).replace(b"\r", b"\n"))
    assert taken(lf_only).documents[0].text == "first\nsecond"
    assert ("warn", "segment_broken", "message 1") in codes(lf_only)


def test_the_same_message_has_the_same_digest_and_a_changed_one_not() -> None:
    assert read(adt())[0].digest == read(adt())[0].digest
    changed = read(adt(IN1=IN1.replace("PPO", "HMO")))[0]
    assert (changed.message_key, changed.digest != read(adt())[0].digest) == ("CEDAR|CEDAR CLINIC|C-1", True)


def test_a_control_id_longer_than_its_column_is_still_one_key() -> None:
    long = MSH.format(kind="ADT^A04", control="9" * 300)
    content = adt().replace(MSH.format(kind="ADT^A04", control="C-1").encode(), long.encode())
    (unit,) = read(content)
    assert unit.message_key.startswith("sha256:")
    assert len(unit.message_key) <= 120
    assert read(content)[0].message_key == unit.message_key


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", "a|b^c&d~e\\f"),
        (r"\E\.br\E\ ", "\\.br\\ "),
        (r"\.sp3\x", "\n\n\nx"),
        (r"\.sk4\x", "    x"),
        (r"\XC3A9\ ", "\u00e9 "),
        (r"\XFF\ ", r"\XFF\ "),
        (r"\Zlocal\ ", r"\Zlocal\ "),
        ("no end \\", "no end \\"),
        (r"\\ ", r"\\ "),
    ],
)
def test_escapes(written: str, expected: str) -> None:
    message = split_message("MSH|^~\\&|")
    assert message is not None
    assert unescape(written, message.segments[0].delimiters) == expected
