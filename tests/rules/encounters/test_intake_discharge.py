"""How a stay ended, as each format says it: UB-04 form locator 17, the code that the grouper asks for.

Sources: CMS, Medicare Claims Processing Manual, chapter 25, section 75.2; HL7 v2 PV1-36 (table 0112); FHIR R4
``Encounter.hospitalization.dischargeDisposition``.
"""

from __future__ import annotations

import io
from typing import Any

import pytest

from encounters.rules.intake.csv_files import read_csv
from encounters.rules.intake.fhir import read_fhir
from encounters.rules.intake.hl7v2 import read_hl7v2
from encounters.rules.intake.incoming import discharge_status
from tests.rules.encounters.intake_samples import (
    PV1,
    ZONE,
    adt,
    bundle,
    csv_file,
    document,
    encounter,
    patient,
    taken,
)

NUBC = "https://www.nubc.org/CodeSystem/PatDischargeStatus"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("01", "01"),
        (" 3 ", "03"),
        ("62", "62"),
        ("", ""),
        ("0", ""),
        ("00", ""),
        ("100", ""),
        ("SNF", ""),
        ("٣", ""),
    ],
)
def test_a_status_is_two_digits_or_nothing(said: str, code: str) -> None:
    assert discharge_status(said) == code


def test_a_row_says_it_by_any_of_its_names_and_a_word_is_told_back() -> None:
    columns = ("encounter_id", "mrn", "family_name", "given_name", "birth_on", "service_on", "patient_status")
    (unit,) = read_csv(io.BytesIO(csv_file({"patient_status": "3"}, columns=columns)), zone=ZONE)
    assert taken(unit).visit.discharge_status_code == "03"
    (unit,) = read_csv(io.BytesIO(csv_file({"discharge_status_code": "rehab"})), zone=ZONE)
    assert taken(unit).visit.discharge_status_code == ""
    assert [(one.code, one.field) for one in unit.problems] == [("bad_choice", "discharge_status_code")]


def test_an_hl7_message_says_it_in_pv1_36() -> None:
    fields = PV1.split("|")
    fields[36] = "06"
    (unit,) = read_hl7v2(io.BytesIO(adt("A03", PV1="|".join(fields))), zone=ZONE)
    assert taken(unit).visit.discharge_status_code == "06"


@pytest.mark.parametrize(
    ("coding", "code"),
    [
        ([{"system": NUBC, "code": "51"}], "51"),
        ([{"code": "snf"}], "03"),
        ([{"code": "home"}, {"system": NUBC, "code": "06"}], "06"),
        # Hospice is 50 at home and 51 in a facility: the word alone does not say which.
        ([{"code": "hosp"}], ""),
        ("home", ""),
    ],
)
def test_a_fhir_encounter_says_it_by_code_or_by_a_word_that_means_one_code(coding: Any, code: str) -> None:
    stay = encounter(hospitalization={"dischargeDisposition": {"coding": coding}})
    units = list(read_fhir(io.BytesIO(bundle(patient(), stay, document())), zone=ZONE))
    found = [unit.encounter.visit.discharge_status_code for unit in units if unit.encounter is not None]
    assert found in ([code], [])
    assert found or isinstance(coding, str)
