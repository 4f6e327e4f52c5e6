"""Where the patient lives and whose plan it is, as each format says it.

Sources: HL7 v2.5.1 chapters 3 (PID-11, XAD) and 6 (IN1, table 0063); FHIR R4 Patient.address and Coverage;
X12 data element 1069 as 005010X222 uses it in SBR02 and PAT01.
"""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encounters.rules.intake import registration
from encounters.rules.intake.csv_files import read_csv
from encounters.rules.intake.fhir import read_fhir
from encounters.rules.intake.hl7v2 import read_hl7v2
from encounters.rules.intake.incoming import (
    IncomingAddress,
    IncomingCoverage,
    IncomingPatient,
    IncomingSubscriber,
    Sex,
)
from encounters.rules.intake.matching import coverage_changes, patient_changes
from tests.rules.encounters.intake_samples import (
    IN1,
    PID,
    ZONE,
    adt,
    bundle,
    csv_file,
    document,
    encounter,
    patient,
    taken,
)

HOME = IncomingAddress("12 Alder Way", "Dunmore", "MA", "021341234", "Apt 3")
MOTHER = IncomingSubscriber("Quillfeather", "Perpetua", date(1939, 2, 1), Sex.FEMALE, HOME)
ADDRESS = "12 Alder Way^Apt 3^Dunmore^MA^02134-1234^USA^H"


def _in1(**fields: str) -> str:
    parts = IN1.split("|")
    for position, value in fields.items():
        parts[int(position.removeprefix("f"))] = value
    return "|".join(parts)


def _pid(address: str) -> str:
    parts = PID.split("|")
    parts[11] = address
    return "|".join(parts)


@pytest.mark.parametrize(
    ("postal_code", "stored"),
    [("02134", "02134"), ("2134", "02134"), ("02134-1234", "021341234"), ("021341234", "021341234")],
)
def test_a_postal_code_gets_back_its_zero_and_loses_its_hyphen(postal_code: str, stored: str) -> None:
    found = registration.address(line="1 A St", city="Dunmore", state="ma", postal_code=postal_code)
    assert found == IncomingAddress("1 A St", "Dunmore", "MA", stored)


@pytest.mark.parametrize(
    "part",
    [
        {"line": ""},
        {"city": " "},
        {"state": "Massachusetts"},
        {"postal_code": "213"},
        {"postal_code": "0213412345"},
        {"country": "CAN"},
        {"line": "x" * 56},
        {"city": "a\x00b"},
    ],
)
def test_a_part_of_an_address_is_none(part: dict[str, str]) -> None:
    whole = {"line": "1 A St", "city": "Dunmore", "state": "MA", "postal_code": "02134"}
    assert registration.address(**whole) is not None
    assert registration.address(**whole | part) is None


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_whatever_is_said_an_address_fits_a_claim_or_is_none(
    line: str, line_2: str, city: str, state: str, postal_code: str
) -> None:
    found = registration.address(line=line, line_2=line_2, city=city, state=state, postal_code=postal_code)
    if found is not None:
        assert len(found.postal_code) in (5, 9)
        assert registration.read_address(registration.address_text(found)) == found


def test_an_hl7_message_says_where_the_patient_lives_home_first_and_never_a_bad_address() -> None:
    listed = f"1 Gone Rd^^Dunmore^MA^02134^^BA~9 Post Ln^^Dunmore^MA^02134^^M~{ADDRESS}"
    (unit,) = read_hl7v2(io.BytesIO(adt(PID=_pid(listed))), zone=ZONE)
    assert taken(unit).patient.address == HOME
    (unit,) = read_hl7v2(io.BytesIO(adt(PID=_pid("1 Gone Rd^^Dunmore^MA^02134^^BA"))), zone=ZONE)
    assert taken(unit).patient.address is None
    (unit,) = read_hl7v2(io.BytesIO(adt(PID=_pid("12 Alder Way^^Dunmore"))), zone=ZONE)
    assert taken(unit).patient.address is None
    assert [(one.code, one.place) for one in unit.problems] == [("address_incomplete", "PID-11")]


@pytest.mark.parametrize(
    ("word", "code"),
    [("SEL", "18"), ("SPO", "01"), ("CHD", "19"), ("PAR", "19"), ("EMR", "20"), ("SIB", "G8"), ("UNK", "21")],
)
def test_an_hl7_message_says_whose_plan_it_is(word: str, code: str) -> None:
    in1 = _in1(f16="Quillfeather^Perpetua", f17=word, f18="19390201", f19=ADDRESS, f43="F", f8="G-7")
    (unit,) = read_hl7v2(io.BytesIO(adt(IN1=in1)), zone=ZONE)
    found = taken(unit).coverage
    assert found is not None
    assert (found.relationship, found.group_number, found.payer_identifier) == (code, "G-7", "77")
    assert found.subscriber == (None if word == "SEL" else MOTHER)
    assert not unit.problems


def test_a_name_without_a_word_says_self_or_unknown_and_a_word_without_a_name_is_told() -> None:
    (unit,) = read_hl7v2(io.BytesIO(adt(IN1=_in1(f16="QUILLFEATHER^Ottoline"))), zone=ZONE)
    assert taken(unit).coverage.relationship == "18"  # type: ignore[union-attr]
    (unit,) = read_hl7v2(io.BytesIO(adt(IN1=_in1(f16="Quillfeather^Perpetua"))), zone=ZONE)
    assert taken(unit).coverage.relationship == "21"  # type: ignore[union-attr]
    (unit,) = read_hl7v2(io.BytesIO(adt(IN1=_in1(f17="SPO"))), zone=ZONE)
    assert taken(unit).coverage.relationship == "01"  # type: ignore[union-attr]
    assert [one.code for one in unit.problems] == ["subscriber_incomplete"]
    (unit,) = read_hl7v2(io.BytesIO(adt(IN1=_in1(f17="COUSIN"))), zone=ZONE)
    assert taken(unit).coverage.relationship == ""  # type: ignore[union-attr]
    assert [one.code for one in unit.problems] == ["bad_choice"]


def _coverage(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Coverage",
        "id": "c1",
        "status": "active",
        "beneficiary": {"reference": "urn:test:p1"},
        "payor": [{"reference": "urn:test:o1"}],
        "class": [{"type": {"coding": [{"code": "group"}]}, "value": "G-7"}],
    } | more


PAYOR = {"resourceType": "Organization", "id": "o1", "name": "Harbor", "identifier": [{"value": "77"}]}
HOLDER: dict[str, Any] = {
    "resourceType": "RelatedPerson",
    "id": "r1",
    "patient": {"reference": "urn:test:p1"},
    "name": [{"family": "Quillfeather", "given": ["Perpetua"]}],
    "birthDate": "1939-02-01",
    "gender": "female",
    "address": [
        {"line": ["12 Alder Way", "Apt 3"], "city": "Dunmore", "state": "MA", "postalCode": "02134-1234"}
    ],
}


def test_a_fhir_bundle_says_where_the_patient_lives_and_who_holds_the_plan() -> None:
    child = {"coding": [{"code": "child"}]}
    plan = _coverage(relationship=child, subscriber={"reference": "urn:test:r1"})
    moved = [{"use": "old", "line": ["1 Gone Rd"]}, *HOLDER["address"]]
    whole = bundle(patient(address=moved), encounter(), document(), plan, PAYOR, HOLDER)
    (unit,) = read_fhir(io.BytesIO(whole), zone=ZONE)
    assert taken(unit).patient.address == HOME
    found = taken(unit).coverage
    assert found == IncomingCoverage("Harbor", "", "", "77", "G-7", "19", MOTHER)


def test_a_fhir_plan_of_the_patient_is_the_patients_and_an_odd_address_keeps_nothing_out() -> None:
    plan = _coverage(subscriber={"reference": "urn:test:p1"}, relationship={"coding": [{"code": "other"}]})
    odd = patient(address=[{"line": 7, "city": ["x"]}])
    (unit,) = read_fhir(io.BytesIO(bundle(odd, encounter(), document(), plan, PAYOR)), zone=ZONE)
    assert taken(unit).patient.address is None
    assert taken(unit).coverage.relationship == "18"  # type: ignore[union-attr]
    assert [one.code for one in unit.problems] == ["address_incomplete"]


def test_a_row_says_both() -> None:
    lives = {"address": "12 Alder Way", "address_2": "Apt 3", "city": "Dunmore", "state": "MA"}
    row = {
        **lives,
        "zip": "02134-1234",
        "payer": "Harbor",
        "payer_id": "77",
        "group_number": "G-7",
        "relationship": "Child",
        "subscriber_last_name": "Quillfeather",
        "subscriber_first_name": "Perpetua",
        "subscriber_dob": "2/1/1939",
        "subscriber_sex": "F",
        "subscriber_address_line": "12 Alder Way",
        "subscriber_address_line_2": "Apt 3",
        "subscriber_city": "Dunmore",
        "subscriber_state": "MA",
        "subscriber_zip": "021341234",
    }
    columns = ("encounter_id", "mrn", "family_name", "given_name", "birth_on", "service_on", *row)
    (unit,) = read_csv(io.BytesIO(csv_file(row, columns=columns)), zone=ZONE)
    assert taken(unit).patient.address == HOME
    assert taken(unit).coverage == IncomingCoverage("Harbor", "", "", "77", "G-7", "19", MOTHER)
    (unit,) = read_csv(io.BytesIO(csv_file({"city": "Dunmore", "relationship": "cousin"})), zone=ZONE)
    assert {(one.code, one.field) for one in unit.problems} == {
        ("address_incomplete", "address_line"),
        ("bad_choice", "relationship"),
    }


def test_what_is_left_out_changes_nothing_and_a_plan_that_becomes_ones_own_loses_its_holder() -> None:
    known = IncomingCoverage("Harbor", "", "", "77", "G-7", "19", MOTHER)
    assert coverage_changes(known, IncomingCoverage("Harbor")) == {}
    assert coverage_changes(known, known) == {}
    own = coverage_changes(known, IncomingCoverage("Harbor", relationship="18"))
    assert own == {"relationship": "18", "subscriber": None}
    person = IncomingPatient("1", "A", "B", date(1980, 1, 1), address=HOME)
    assert patient_changes(person, IncomingPatient("1", "A", "B", date(1980, 1, 1))) == {}
    moved = IncomingAddress("9 Elm St", "Dunmore", "MA", "02134")
    changes = patient_changes(person, IncomingPatient("1", "A", "B", date(1980, 1, 1), address=moved))
    assert changes == {"address": registration.address_text(moved)}
    assert registration.read_subscriber(registration.subscriber_text(MOTHER)) == MOTHER
