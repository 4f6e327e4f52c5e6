"""HL7 v2 on its way out, read back by our own reader and by hl7apy."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from hypothesis import given
from hypothesis import strategies as st

from cdi_queries.rules.outbound.hl7v2 import (
    escaped,
    framed,
    mdm_t02,
    oru_r01,
    read_ack,
    unframed,
)
from cdi_queries.rules.outbound.message import Clinician, Person, message_lines
from encounters.rules.intake.er7 import Message, split_message
from tests.rules.cdi_queries.outbound_messages import CONTENT, message

WRITERS = {"ORU": oru_r01, "MDM": mdm_t02}


def read(raw: bytes) -> Message:
    found = split_message(raw.decode("utf-8"))
    assert found is not None
    return found


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_our_reader_reads_every_line_of_the_question_back(kind: str) -> None:
    asked = message()
    found = read(WRITERS[kind](asked))
    assert [one.text(5) for one in found.all("OBX")] == list(message_lines(asked))
    assert any("eGFR 52 & stable | ^day~2\\x" in one.text(5) for one in found.all("OBX"))
    assert [one.value(1) for one in found.all("OBX")] == [
        str(number) for number in range(1, len(message_lines(asked)) + 1)
    ]


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_header_patient_visit_and_provider_stand_where_the_standard_puts_them(kind: str) -> None:
    found = read(WRITERS[kind](message()))
    msh, pid, pv1 = found.first("MSH"), found.first("PID"), found.first("PV1")
    assert msh and pid and pv1
    assert [msh.value(at) for at in (3, 4, 5, 6)] == ["CODING OPS", "cypress-ridge", "INBOX", "CYPRESS"]
    assert [msh.value(at) for at in (7, 10, 11, 12, 18)] == [
        "20261123220005+0000", "Q0123456789ABCDEF012", "P", "2.5.1", "UNICODE UTF-8",
    ]  # fmt: skip
    assert [pid.value(3, at) for at in (1, 4, 5)] == ["MRN-77", "CRMRN", "MR"]
    assert [pid.value(5, at) for at in (1, 2)] == ["O'Neil|Test", "Ada"]
    assert [pid.value(7), pid.value(8)] == ["19500203", "F"]
    assert [pv1.value(2), pv1.value(19), pv1.value(44), pv1.value(45)] == ["O", "V-100", "20261119", ""]
    assert [pv1.value(7, at) for at in (1, 2, 7, 9, 13)] == ["1234567893", "N. Okafor", "MD", "NPI", "NPI"]


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_hl7apy_finds_the_same_in_the_same_places(kind: str) -> None:
    asked = message(patient=Person("MRN-77", "Neil", "Ada", None, "U"))
    raw = WRITERS[kind](asked).decode("utf-8")
    found = parse_message(raw, validation_level=VALIDATION_LEVEL.STRICT, find_groups=True)
    assert found.validate()
    structure = {"ORU": "ORU_R01", "MDM": "MDM_T02"}[kind]
    assert found.msh.msh_9.msh_9_3.value == structure
    assert found.msh.msh_10.value == asked.control_id
    flat = parse_message(raw, find_groups=False)
    assert flat.pid.pid_3.pid_3_1.value == "MRN-77"
    assert len(flat.obx) == len(message_lines(asked))
    if kind == "ORU":
        assert flat.obr.obr_16.obr_16_1.value == flat.obr.obr_28.obr_28_1.value == "1234567893"
        assert flat.obr.obr_25.value == "F"
        assert flat.obr.obr_22.value == "20261123220005+0000"
    else:
        assert flat.txa.txa_17.value == "DO"
        assert flat.txa.txa_10.txa_10_1.value == "1234567893"
        assert flat.txa.txa_12.txa_12_1.value == asked.control_id


@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.text(alphabet="|^~\\&\r\n\x0b\x1cMSHPID\u2028\x85", max_size=40),
)
def test_no_value_ends_its_field_its_segment_or_its_frame(name: str, title: str, hostile: str) -> None:
    asked = message(
        patient=Person(f"77{hostile}", name, hostile, None, "U"),
        provider=Clinician(hostile, ""),
        author=hostile,
        content=replace(CONTENT, title=title, body=hostile),
    )
    for kind, write in WRITERS.items():
        raw = write(asked)
        assert unframed(framed(raw)) == raw
        assert framed(raw)[-2:] == b"\x1c\x0d"
        found = read(raw)
        assert [one.name for one in found.segments if one.name != "OBX"] == {
            "ORU": ["MSH", "PID", "PV1", "OBR"],
            "MDM": ["MSH", "EVN", "PID", "PV1", "TXA"],
        }[kind]
        assert len(found.all("OBX")) == len(message_lines(asked))
        assert {len(one.fields) for one in found.all("OBX")} == {12}


def test_a_value_that_is_a_segment_stays_a_value() -> None:
    asked = message(author="Rao\rMSH|^~\\&|EVIL|||||ACK\rPID|1||999")
    found = read(oru_r01(asked))
    assert len(found.all("MSH")) == len(found.all("PID")) == 1
    assert any("Rao MSH|^~\\&|EVIL" in one.text(5) for one in found.all("OBX"))


def test_escapes_are_those_of_the_standard() -> None:
    assert escaped("a|b^c&d~e\\f") == "a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f"
    assert escaped("one\r\ntwo\x0b\x1c") == "one  two  "


def test_a_test_message_says_that_it_is_one() -> None:
    header = read(oru_r01(message(is_test=True))).first("MSH")
    assert header and header.value(11) == "T"


@pytest.mark.parametrize(
    ("code", "accepted", "rejected"),
    [
        ("AA", True, False),
        ("CA", True, False),
        ("AE", False, False),
        ("AR", False, True),
        ("CR", False, True),
    ],
)
def test_acknowledgements(code: str, accepted: bool, rejected: bool) -> None:
    raw = f"MSH|^~\\&|INBOX||CODING OPS||20261123||ACK|7|P|2.5.1\rMSA|{code}|Q012|words of theirs\r"
    found = read_ack(raw.encode())
    assert found is not None
    assert (found.control_id, found.is_accepted, found.is_rejected) == ("Q012", accepted, rejected)


@given(st.binary(max_size=200))
def test_whatever_comes_back_is_an_acknowledgement_or_none(raw: bytes) -> None:
    found = read_ack(raw)
    assert found is None or isinstance(found.is_accepted, bool)
    assert read_ack(b"MSH|^~\\&|A\r" + raw.replace(b"MSA", b"")) is None
