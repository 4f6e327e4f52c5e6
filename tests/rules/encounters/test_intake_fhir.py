"""FHIR R4: bundles, NDJSON and single resources into encounters; strict in what coding needs."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import pytest

from encounters.rules.intake.fhir import read_fhir
from encounters.rules.intake.html_text import simple_html_text
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
    NOTE,
    ZONE,
    assert_well_formed,
    bundle,
    codes,
    document,
    encounter,
    patient,
    taken,
)


def read(content: bytes, limits: Limits | None = None) -> list[IncomingUnit]:
    units = list(read_fhir(io.BytesIO(content), zone=ZONE, limits=limits))
    assert_well_formed(units)
    return units


def practitioner(**changes: Any) -> dict[str, Any]:
    npi = {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}
    name = {"family": "Marlow", "given": ["Ines"]}
    return {"resourceType": "Practitioner", "id": "dr1", "identifier": [npi], "name": [name]} | changes


def coverage(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Coverage",
        "id": "c1",
        "status": "active",
        "beneficiary": {"reference": "urn:test:p1"},
        "subscriberId": "HM-55-1",
        "type": {"text": "PPO"},
        "payor": [{"display": "Harbor Mutual"}],
    } | changes


def test_a_bundle_gives_patient_visit_provider_plan_and_note() -> None:
    attending = {"type": [{"coding": [{"code": "ATND"}]}], "individual": {"reference": "urn:test:dr1"}}
    facility = {"resourceType": "Organization", "id": "o1", "name": "Cedar Clinic"}
    visit = encounter(participant=[attending], serviceProvider={"reference": "Organization/o1"})
    (unit,) = read(bundle(patient(), visit, practitioner(), facility, coverage(), document()))
    found = taken(unit)
    assert unit.problems == ()
    assert (found.patient.mrn, found.patient.family_name) == ("MRN-770031", "Quillfeather")
    assert (found.patient.birth_on, found.patient.sex) == (date(1961, 6, 15), Sex.FEMALE)
    assert (found.visit.service_on, found.visit.kind) == (date(2026, 11, 2), VisitKind.OFFICE)
    assert (found.visit.external_id, found.visit.progress) == ("e1", VisitProgress.ENDED)
    assert found.visit.facility_name == "Cedar Clinic"
    assert found.visit.attending is not None
    assert (found.visit.attending.npi, found.visit.attending.name) == ("1234567893", "Ines Marlow")
    assert found.coverage is not None
    assert (found.coverage.payer_name, found.coverage.member_id) == ("Harbor Mutual", "HM-55-1")
    (note,) = found.documents
    assert (note.text, note.kind, note.title) == (NOTE, DocumentKind.PROGRESS_NOTE, "Progress note")
    assert note.external_id == "d1"


def test_each_encounter_is_a_unit_and_gets_its_own_notes() -> None:
    second = encounter(id="e2", period={"start": "2026-11-09"})
    other = document("second note", id="d2", context={"encounter": [{"reference": "Encounter/e2"}]})
    one, two = read(bundle(patient(), encounter(), second, document(), other))
    assert [note.text for note in taken(one).documents] == [NOTE]
    assert [note.text for note in taken(two).documents] == ["second note"]
    assert taken(two).visit.service_on == date(2026, 11, 9)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-11-03T03:19:07Z", date(2026, 11, 2)),
        ("2026-11-03T03:19:07+00:00", date(2026, 11, 2)),
        ("2026-11-02T23:30:00-08:00", date(2026, 11, 2)),
        ("2026-11-02", date(2026, 11, 2)),
    ],
)
def test_the_date_of_service_is_the_date_at_the_place_of_care(start: str, expected: date) -> None:
    (unit,) = read(bundle(patient(), encounter(period={"start": start})))
    assert taken(unit).visit.service_on == expected


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([encounter()], ("patient_missing", "Bundle.entry[0].resource.subject")),
        ([patient(), encounter(period={})], ("required_missing", "Bundle.entry[1].resource.period.start")),
        (
            [patient(), encounter(period={"start": "2026-11"})],
            ("bad_date", "Bundle.entry[1].resource.period.start"),
        ),
        (
            [patient(), encounter(period={"start": "11/02/2026"})],
            ("invalid_resource", "Bundle.entry[1].resource.period.start"),
        ),
        ([patient(), encounter(status=7)], ("invalid_resource", "Bundle.entry[1].resource.status")),
        (
            [patient(name=[{"family": ["Quillfeather"]}]), encounter()],
            ("invalid_resource", "Bundle.entry[0].resource.name[0].family"),
        ),
        (
            [patient(name=[{"Quillfeather": "x", "family": "a"}]), encounter()],
            ("invalid_resource", "Bundle.entry[0].resource.name[0]"),
        ),
        ([patient(identifier=[]), encounter()], ("required_missing", "Bundle.entry[0].resource.identifier")),
        ([patient(name=[]), encounter()], ("required_missing", "Bundle.entry[0].resource.name")),
        (
            [patient(birthDate="2027-01-01"), encounter()],
            ("dates_out_of_order", "Bundle.entry[1].resource.period.start"),
        ),
        ([patient(birthDate="1611-01-01"), encounter()], ("bad_date", "Bundle.entry[0].resource.birthDate")),
        ([patient()], ("no_encounter", "file")),
    ],
)
def test_a_visit_without_what_coding_needs_is_refused_at_its_element(
    resources: list[dict[str, Any]], expected: tuple[str, str]
) -> None:
    (unit,) = read(bundle(*resources))
    assert unit.encounter is None
    assert expected in [(code, place) for _, code, place in codes(unit)]


def test_what_nobody_codes_from_may_be_malformed() -> None:
    rubbish = {"resourceType": "Observation", "id": "o", "status": 5, "valueQuantity": "many"}
    odd = patient(photo="not a list", communication=[{"language": 3}])
    (unit,) = read(bundle(odd, encounter(hospitalization="none", diagnosis=[{"condition": 1}]), rubbish))
    assert taken(unit)


def test_a_malformed_coverage_costs_the_coverage_only() -> None:
    (unit,) = read(bundle(patient(), encounter(), coverage(payor="x")))
    assert taken(unit).coverage is None
    assert codes(unit) == [("warn", "invalid_resource", "Bundle.entry[2].resource.payor")]


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({}, "HM-55-1"),
        ({"status": "cancelled"}, None),
        ({"period": {"start": "2027-01-01"}}, None),
        ({"period": {"end": "2026-11-01"}}, None),
        ({"period": {"start": "2026", "end": "2026-11"}}, "HM-55-1"),
        ({"beneficiary": {"reference": "Patient/other"}}, None),
    ],
)
def test_coverage_counts_only_when_it_holds_on_the_date_of_service(
    changes: dict[str, Any], member: str | None
) -> None:
    (unit,) = read(bundle(patient(), encounter(), coverage(**changes)))
    plan = taken(unit).coverage
    assert (plan.member_id if plan else None) == member


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("cancelled", VisitEvent.CANCEL),
        ("entered-in-error", VisitEvent.CANCEL),
        ("planned", VisitEvent.UPSERT),
    ],
)
def test_a_cancelled_encounter_is_taken_back_even_without_a_date(status: str, event: VisitEvent) -> None:
    (unit,) = read(
        bundle(patient(), encounter(status=status, **({} if status == "planned" else {"period": {}})))
    )
    assert taken(unit).event is event


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            {"content": [{"attachment": {"contentType": "application/pdf", "data": "JVBERg=="}}]},
            "document_not_text",
        ),
        ({"content": [{"attachment": {"contentType": "text/rtf", "data": "e1xydGY="}}]}, "document_not_text"),
        (
            {"content": [{"attachment": {"contentType": "text/plain", "url": "http://x/1"}}]},
            "document_not_inline",
        ),
        ({"content": [{"attachment": {"contentType": "text/plain"}}]}, "document_empty"),
        ({"content": [{"attachment": {"contentType": "text/plain", "data": "gICA"}}]}, "document_encoding"),
        ({"content": [{"attachment": {"contentType": "text/plain", "data": "AGE="}}]}, "control_character"),
        ({"status": "entered-in-error"}, "document_withdrawn"),
        ({"status": "superseded"}, "document_withdrawn"),
        ({"content": "none"}, "invalid_resource"),
    ],
)
def test_an_unreadable_document_is_quarantined_and_the_visit_is_kept(
    changes: dict[str, Any], code: str
) -> None:
    (unit,) = read(bundle(patient(), encounter(), document(**changes)))
    assert taken(unit).documents == ()
    assert [(severity, found) for severity, found, _ in codes(unit)] == [("part", code)]


def test_plain_text_is_preferred_over_other_renderings() -> None:
    plain = document()["content"][0]
    html = document("<p>other</p>", "text/html")["content"][0]
    (unit,) = read(bundle(patient(), encounter(), document(content=[html, plain])))
    assert taken(unit).documents[0].text == NOTE


def test_simple_html_becomes_the_text_a_reader_sees() -> None:
    markup = (
        "<html><head><title>x</title></head><body><h1>HPI</h1><p>pain &amp; <b>swelling</b><br>in toe</p>"
    )
    (unit,) = read(bundle(patient(), encounter(), document(markup + "<ul><li>one</li></ul>", "text/html")))
    assert taken(unit).documents[0].text == "HPI\n\npain & swelling\nin toe\n\n- one"


@pytest.mark.parametrize(
    "markup",
    [
        "<table><tr><td>1</td></tr></table>",
        "<p>seen<img src=x></p>",
        "<p style='display: none'>hidden</p>",
        "<p hidden>hidden</p>",
        "<script>alert(1)</script>",
        "<head>never closed",
    ],
)
def test_html_without_one_obvious_reading_is_refused(markup: str) -> None:
    assert simple_html_text(markup) is None


def test_a_document_of_an_unknown_encounter_is_refused_by_itself() -> None:
    stray = document(id="d2", context={"encounter": [{"reference": "Encounter/gone"}]})
    one, two = read(bundle(patient(), encounter(), stray))
    assert taken(one).documents == ()
    assert codes(two) == [
        ("reject", "document_without_encounter", "Bundle.entry[2].resource.context.encounter")
    ]


def test_a_document_without_context_belongs_to_the_only_encounter() -> None:
    bare = document()
    del bare["context"]
    (unit,) = read(bundle(patient(), encounter(), bare))
    assert len(taken(unit).documents) == 1


def test_a_replacing_document_names_what_it_replaces() -> None:
    newer = document(relatesTo=[{"code": "replaces", "target": {"reference": "DocumentReference/d0"}}])
    (unit,) = read(bundle(patient(), encounter(), newer))
    (note,) = taken(unit).documents
    assert (note.relation, note.parent_external_id) == (DocumentRelation.REPLACEMENT, "d0")


@pytest.mark.parametrize(
    "reference",
    [
        "urn:test:p1",
        "Patient/p1",
        "https://ehr.example/fhir/Patient/p1",
        "Patient/p1/_history/3",
        "Patient?identifier=http://cedar.example/mrn|MRN-770031",
    ],
)
def test_references_resolve_in_every_form_servers_send(reference: str) -> None:
    (unit,) = read(bundle(patient(), encounter(subject={"reference": reference})))
    assert taken(unit).patient.mrn == "MRN-770031"


def test_a_contained_patient_is_found() -> None:
    inside = patient(id="inner")
    (unit,) = read(bundle(encounter(subject={"reference": "#inner"}, contained=[inside])))
    assert taken(unit).patient.mrn == "MRN-770031"


def test_a_provider_known_by_reference_only_keeps_name_and_npi() -> None:
    npi = "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893"
    participant = {"individual": {"reference": npi, "display": "Ines Marlow"}}
    (unit,) = read(bundle(patient(), encounter(participant=[participant])))
    rendering = taken(unit).visit.rendering
    assert rendering is not None
    assert (rendering.npi, rendering.name) == ("1234567893", "Ines Marlow")


def test_ssn_and_old_numbers_are_never_taken_for_the_record_number() -> None:
    numbers = [
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-11-2222"},
        {"use": "old", "type": {"coding": [{"code": "MR"}]}, "value": "OLD"},
        {"system": "http://cedar.example/number", "value": "N-1"},
    ]
    (unit,) = read(bundle(patient(identifier=numbers), encounter()))
    assert taken(unit).patient.mrn == "N-1"


def test_ndjson_of_bundles_reads_line_by_line_past_a_broken_line() -> None:
    good = bundle(patient(), encounter())
    units = read(good + b"\n{broken}\n\n" + good + b"\n")
    assert [unit.encounter is not None for unit in units] == [True, False, True]
    assert codes(units[1]) == [("reject", "invalid_json", "line 2")]
    assert units[2].place == "line 4, Bundle.entry[1].resource"


def test_ndjson_of_resources_belongs_together() -> None:
    lines = [
        json.dumps(one) for one in (patient(), encounter(subject={"reference": "Patient/p1"}), document())
    ]
    content = "\n".join(lines).replace("urn:test:e1", "Encounter/e1").encode()
    (unit,) = read(content)
    assert taken(unit).documents[0].text == NOTE


def test_a_pretty_printed_file_is_one_text() -> None:
    content = json.dumps(json.loads(bundle(patient(), encounter())), indent=2).encode()
    (unit,) = read(b"\xef\xbb\xbf" + content)
    assert taken(unit)


def test_the_message_is_its_identifier_or_else_its_content() -> None:
    anonymous = read(bundle(patient(), encounter()))[0]
    again = read(bundle(encounter(), patient()))[0]
    assert anonymous.message_key == again.message_key
    changed = read(bundle(patient(gender="male"), encounter()))[0]
    assert changed.message_key != anonymous.message_key
    named = read(bundle(patient(), encounter(), identifier={"value": "B-7"}))[0]
    renamed = read(bundle(patient(gender="male"), encounter(), identifier={"value": "B-7"}))[0]
    assert named.message_key == renamed.message_key == "B-7|Encounter/e1"
    assert named.digest != renamed.digest


def test_text_longer_than_the_limit_is_refused() -> None:
    content = bundle(patient(), encounter())
    (unit,) = read(content, Limits(json_bytes=len(content) - 1))
    assert codes(unit) == [("reject", "too_large", "file")]
    assert taken(read(content, Limits(json_bytes=len(content)))[0])
