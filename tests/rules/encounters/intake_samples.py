"""Small synthetic messages for the intake tests, written here; every person in them is invented.

`CANARY` words stand in every place where a patient's data may stand. No problem may ever repeat one.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from encounters.rules.intake.csv_columns import COLUMNS
from encounters.rules.intake.incoming import IncomingEncounter, IncomingUnit

ZONE = ZoneInfo("America/New_York")
CANARY = ("Quillfeather", "Ottoline", "MRN-770031", "617-555-0142", "left great toe")
NOTE = "HPI: pain in the left great toe since Tuesday.\r\n\tNo fever \u2013 afebrile. \U0001f9b6\nA/P: gout."

MSH = r"MSH|^~\&|CEDAR|CEDAR CLINIC|OPS|VENDOR|20261102101500-0500||{kind}|{control}|P|2.5.1"
PID = (
    "PID|1||MRN-770031^^^CEDAR^MR~999-11-2222^^^USA^SS||Quillfeather^Ottoline^M||19610615|F|||||617-555-0142"
)
PV1 = (
    "PV1|1|O|EXAM1^^^CEDAR CLINIC||||1234567893^Marlow^Ines^^^^MD^^NPI|||FAM|||||||||V-2201|"
    + "|" * 23
    + "|202611021000|202611021040"
)
IN1 = "IN1|1|P1|77|Harbor Mutual|||||||||||PPO" + "|" * 34 + "HM-55-1"


def adt(event: str = "A04", control: str = "C-1", **replaced: str) -> bytes:
    """An ADT message; keyword arguments replace whole segments ("" drops one)."""
    return _hl7([MSH.format(kind=f"ADT^{event}", control=control), f"EVN|{event}|20261102101500"], replaced)


def mdm(event: str = "T02", control: str = "D-1", lines: tuple[str, ...] = (), **replaced: str) -> bytes:
    """An MDM message with one OBX for each line."""
    txa = "TXA|1|PN|TX|202611021035||202611021044|||77^Marlow^Ines|||NOTE-9|"
    obx = [f"OBX|{number}|TX|11506-3^Progress note^LN||{line}||||||F" for number, line in enumerate(lines, 1)]
    return _hl7([MSH.format(kind=f"MDM^{event}", control=control), f"EVN|{event}"], replaced, [txa, *obx])


def _hl7(head: list[str], replaced: Mapping[str, str], tail: list[str] | None = None) -> bytes:
    body = {"PID": PID, "PV1": PV1, "IN1": IN1} | dict(replaced)
    return "\r".join([*head, *(one for one in body.values() if one), *(tail or [])]).encode() + b"\r"


def bundle(*resources: dict[str, Any], **more: Any) -> bytes:
    """A collection bundle of the resources, each under its urn:uuid-like fullUrl."""
    entries = [{"fullUrl": f"urn:test:{one['id']}", "resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries, **more}).encode()


def patient(**changes: Any) -> dict[str, Any]:
    """The synthetic patient as FHIR."""
    return {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": "MRN-770031"}],
        "name": [{"use": "official", "family": "Quillfeather", "given": ["Ottoline"]}],
        "telecom": [{"system": "phone", "value": "617-555-0142"}],
        "gender": "female",
        "birthDate": "1961-06-15",
    } | changes


def encounter(**changes: Any) -> dict[str, Any]:
    """The synthetic visit as FHIR."""
    return {
        "resourceType": "Encounter",
        "id": "e1",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": "urn:test:p1"},
        "period": {"start": "2026-11-02T10:00:00-05:00", "end": "2026-11-02T10:40:00-05:00"},
    } | changes


def document(text: str = NOTE, mime: str = "text/plain", **changes: Any) -> dict[str, Any]:
    """The synthetic note as FHIR."""
    data = base64.b64encode(text.encode()).decode()
    return {
        "resourceType": "DocumentReference",
        "id": "d1",
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": "11506-3", "display": "Progress note"}]},
        "subject": {"reference": "urn:test:p1"},
        "date": "2026-11-02T10:44:00-05:00",
        "content": [{"attachment": {"contentType": mime, "data": data}}],
        "context": {"encounter": [{"reference": "urn:test:e1"}]},
    } | changes


ROW = {
    "encounter_id": "V-2201",
    "mrn": "MRN-770031",
    "family_name": "Quillfeather",
    "given_name": "Ottoline",
    "birth_on": "1961-06-15",
    "service_on": "2026-11-02",
    "contact": "617-555-0142",
}


def csv_file(*rows: Mapping[str, str], columns: tuple[str, ...] = COLUMNS, delimiter: str = ",") -> bytes:
    """A CSV with the given rows, each `ROW` with changes; values are quoted where they must be."""
    lines = [delimiter.join(columns)]
    for row in rows:
        values = ROW | dict(row)
        lines.append(delimiter.join(_quoted(values.get(name, ""), delimiter) for name in columns))
    return ("\r\n".join(lines) + "\r\n").encode()


def _quoted(value: str, delimiter: str) -> str:
    if any(char in value for char in (delimiter, '"', "\r", "\n")):
        return '"' + value.replace('"', '""') + '"'
    return value


def zipped(members: Mapping[str, bytes]) -> io.BytesIO:
    """A zip of the members, deflated."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    stream.seek(0)
    return stream


def taken(unit: IncomingUnit) -> IncomingEncounter:
    """The unit's encounter; the failure names the reasons when there is none."""
    assert unit.encounter is not None, codes(unit)
    return unit.encounter


def codes(unit: IncomingUnit) -> list[tuple[str, str, str]]:
    """(severity, code, place) of the unit's problems."""
    return [(one.severity.value, one.code, one.place) for one in unit.problems]


def assert_well_formed(units: list[IncomingUnit], *, canary: bool = True) -> None:
    """What holds for every unit of every file: problems exist where nothing came out, and tell no PHI."""
    for unit in units:
        assert unit.rejected or unit.is_notice or unit.encounter is not None
        assert unit.encounter is None or not unit.rejected
        assert unit.encounter is not None or unit.problems
        for problem in unit.problems:
            assert len(problem.place) <= 200
            if canary:
                told = f"{problem.place} {problem.field} {problem.code} {problem.message}"
                assert not [word for word in CANARY if word.lower() in told.lower()]
