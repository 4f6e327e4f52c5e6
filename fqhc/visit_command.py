"""`fqhc.visit`: the encounters of a patient's day in, the payable visits out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from code_sets.fqhc_qualifying import qualifying_services
from code_sets.rule_input import Fields, invalid
from coding_ops.core.errors import Refused
from fqhc.rules.visits import Decision, Encounter, Practitioner, Tables, decide

TABLES = Path(__file__).resolve().parent / "data" / "visits.toml"
MODES = ("in_person", "video", "audio")


def visits(request: Mapping[str, Any]) -> dict[str, Any]:
    """`fqhc.visit`: which encounters of one patient and day are visits, and under which payment code.

    {"service_on", "patient": {"last_seen_by_organization_on": date or null}, "encounters": [{"id",
    "practitioner_type", "mode": "in_person" | "video" | "audio", "hcpcs": [codes], "modifiers": [],
    "new_illness": a later, unrelated illness or injury}]} -> {"visits": [{"type": "medical" | "mental" |
    "subsequent" | "preventive", "payment_code", "qualifying_code", "encounters": [id], "modifiers",
    "warning"}], "not_qualifying": [{"id", "why"}], "new_patient", "trace"}.
    Raises InvalidInput with the path of a field, Refused for a day before the prospective payment system.
    """
    fields = Fields(request)
    on = fields.day("service_on")
    known = _data()
    if on < known["first"]:
        raise Refused(
            f"Visits are paid per diem from {known['first']} on.",
            code="fqhc.no_edition",
            details={"path": "service_on"},
        )
    patient = fields.inner("patient")
    last_seen = patient.day_or_none("last_seen_by_organization_on")
    if last_seen is not None and last_seen > on:
        raise invalid(patient.at("last_seen_by_organization_on"), "must not lie after the service")
    encounters = [_encounter(one) for one in fields.listed("encounters")]
    ids = [one.id for one in encounters]
    for place, one in enumerate(ids):
        if one in ids[:place]:
            raise invalid(f"encounters[{place}].id", "is given twice")
    found = decide(on, last_seen, encounters, tables())
    given = {str(one["id"]): one["id"] for one in request.get("encounters") or []}
    return {
        "visits": [
            {
                "type": visit.kind,
                "payment_code": visit.payment_code,
                "qualifying_code": visit.qualifying_code,
                "encounters": [given[one] for one in visit.encounters],
                "modifiers": list(visit.modifiers),
                "warning": visit.warning or None,
            }
            for visit in found.visits
        ],
        "not_qualifying": [{"id": given[one], "why": why} for one, why in found.not_qualifying],
        "new_patient": found.is_new,
        "trace": _trace(found, encounters),
    }


@cache
def tables() -> Tables:
    """The lists, read once a process."""
    known = _data()
    return Tables(
        qualifying=qualifying_services(),
        practitioners={
            name: Practitioner(one["scope"], one.get("from"))
            for one in known["practitioner"].values()
            for name in one["names"]
        },
        beside=frozenset(known["beside"]["codes"]),
        nutrition=frozenset(known["beside"]["nutrition"]),
        nurse=frozenset(known["beside"]["nurse"]),
        why=known["why"],
        mental_telehealth_from=known["telehealth"]["mental_from"],
        audio_modifiers=frozenset(known["telehealth"]["audio_modifiers"]),
        new_patient_years=known["new_patient_years"],
    )


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(TABLES.read_text("utf-8"))


def _encounter(fields: Fields) -> Encounter:
    key = fields.values.get("id")
    if isinstance(key, bool) or not isinstance(key, str | int) or key == "":
        raise invalid(fields.at("id"), "must be a text or a whole number")
    return Encounter(
        id=str(key),
        practitioner_type=re.sub(r"[\s\-/]+", "_", fields.text("practitioner_type").lower()).rstrip("."),
        mode=fields.choice("mode", MODES, default="in_person"),
        hcpcs=tuple(one.upper() for one in fields.texts("hcpcs")),
        modifiers=tuple(one.upper() for one in fields.texts("modifiers")),
        new_illness=fields.flag("new_illness"),
    )


def _trace(found: Decision, encounters: list[Encounter]) -> list[dict[str, Any]]:
    known = _data()
    cite = {"citation": known["source"], "status": known["lists_status"]}
    steps: list[dict[str, Any]] = [
        {
            "rule": "fqhc.new_patient",
            "new": found.is_new,
            "why": "42 CFR 405.2462(c)(2)",
            "status": "verified",
        }
    ]
    steps += [
        {
            "rule": f"fqhc.visit.{visit.kind}",
            "payment_code": visit.payment_code,
            "why": visit.why,
            "encounters": list(visit.encounters),
            **cite,
        }
        for visit in found.visits
    ]
    steps += [
        {"rule": "fqhc.visit.none", "encounters": [one], "why": why, **cite}
        for one, why in found.not_qualifying
    ]
    steps += [
        {
            "rule": "fqhc.visit.audio",
            "encounters": [one.id],
            "why": "audio only where the patient cannot or will not use video: add modifier 93 or FQ",
            "citation": known["telehealth"]["source"],
            "status": known["telehealth"]["status"],
        }
        for one in encounters
        if one.mode == "audio" and not tables().audio_modifiers & set(one.modifiers)
    ]
    return steps
