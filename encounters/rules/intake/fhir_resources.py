"""The resources of one FHIR file that intake uses: found, validated, and linked by their references.

What is validated, and why not all. fhir.resources (R4B; the elements used here are the same in R4) accepts
each of the 27 Synthea bundles and 38 US Core examples, but the whole bundle costs 65 ms a file, of which
95 % goes to Observations, Claims and Immunizations that nobody codes from, and one malformed Observation
would keep a good visit out. So each resource is cut down to the elements read here and only that is
validated (0.2 ms each): strict in what we need, deaf to what we don't.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fhir.resources.R4B.coverage import Coverage
from fhir.resources.R4B.documentreference import DocumentReference
from fhir.resources.R4B.encounter import Encounter
from fhir.resources.R4B.location import Location
from fhir.resources.R4B.organization import Organization
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.practitioner import Practitioner
from fhir.resources.R4B.relatedperson import RelatedPerson
from pydantic import ValidationError

from encounters.rules.intake.fhir_json import Resource

_MODELS: dict[str, Any] = {
    "Patient": Patient,
    "Encounter": Encounter,
    "Practitioner": Practitioner,
    "Organization": Organization,
    "Location": Location,
    "Coverage": Coverage,
    "RelatedPerson": RelatedPerson,
    "DocumentReference": DocumentReference,
}
_ELEMENTS = {
    "Patient": ("identifier", "name", "birthDate", "gender", "telecom"),
    "Encounter": (
        *("identifier", "status", "class", "type", "serviceType", "subject", "participant", "period"),
        *("serviceProvider", "location", "meta"),
    ),
    "Practitioner": ("identifier", "name"),
    "Organization": ("identifier", "name"),
    "Location": ("identifier", "name", "type"),
    "Coverage": (
        *("identifier", "status", "type", "subscriberId", "beneficiary", "period", "payor", "order"),
        *("relationship", "subscriber", "class"),
    ),
    "RelatedPerson": ("patient", "name", "birthDate", "gender"),
    "DocumentReference": (
        *("identifier", "status", "type", "subject", "date", "author", "description", "content"),
        *("context", "relatesTo", "masterIdentifier"),
    ),
}
_TYPE_AND_ID = re.compile(
    r"(?:^|/)([A-Z][A-Za-z]{2,40})/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?$"
)
_QUERY = re.compile(r"^([A-Z][A-Za-z]{2,40})\?identifier=(?:[^|]{0,200}\|)?([^&|]{1,100})$")


@dataclass(slots=True)
class Found:
    """One resource with where it stands ("Bundle.entry[3].resource") and how others may name it."""

    resource: Resource
    place: str
    url: str = ""
    error_place: str | None = None
    checked: bool = False

    @property
    def kind(self) -> str:
        """The resource type."""
        return str(self.resource["resourceType"])

    def trouble(self) -> str | None:
        """Where the resource breaks FHIR, or None. Its value never shows: only path and position."""
        if not self.checked:
            self.error_place = _validate(self.resource, self.place)
            self.checked = True
        return self.error_place


def _validate(resource: Resource, place: str) -> str | None:
    kind = resource["resourceType"]
    wanted = {"resourceType": kind, **{key: resource[key] for key in _ELEMENTS[kind] if key in resource}}
    if isinstance(resource.get("id"), str):
        wanted["id"] = resource["id"]
    try:
        _MODELS[kind].model_validate(wanted)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        path = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]
        return place + "".join(_step(step) for step in path)
    except Exception:  # noqa: BLE001 - the library's own validators may raise anything on hostile values
        return place
    return None


def _step(step: int | str) -> str:
    """A path step, unless it is a key the sender made up (which could be a name)."""
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if re.fullmatch(r"[a-z][A-Za-z]{0,30}", step) else ""


@dataclass(slots=True)
class Pool:
    """The used resources of one file; references resolve by fullUrl, Type/id, absolute URL, `#contained`."""

    by_kind: dict[str, list[Found]] = field(default_factory=dict)
    by_url: dict[str, Found] = field(default_factory=dict)

    def add(self, resource: object, place: str, url: object) -> None:
        """Takes a resource if its type is used; anything else is left alone."""
        if not isinstance(resource, dict) or resource.get("resourceType") not in _MODELS:
            return
        found = Found(resource, place, url if isinstance(url, str) else "")
        self.by_kind.setdefault(found.kind, []).append(found)
        if found.url:
            self.by_url.setdefault(found.url, found)
        if isinstance(resource.get("id"), str):
            self.by_url.setdefault(f"{found.kind}/{resource['id']}", found)
        for name, value in identifiers(resource):
            if name != "SS":
                self.by_url.setdefault(f"{found.kind}?{value}", found)

    def resolve(self, reference: object, inside: Resource | None = None) -> Found | None:
        """The resource a Reference element points to, or None when it is not in the file."""
        target = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(target, str) or not target:
            return None
        if target.startswith("#") and inside is not None:
            return _contained(inside, target[1:])
        found = self.by_url.get(target)
        if found is not None:
            return found
        if (match := _TYPE_AND_ID.search(target)) is not None:
            return self.by_url.get(f"{match[1]}/{match[2]}")
        if (match := _QUERY.match(target)) is not None:
            return self.by_url.get(f"{match[1]}?{unquote(match[2])}")
        return None


def _contained(inside: Resource, name: str) -> Found | None:
    contained = inside.get("contained")
    for one in contained if isinstance(contained, list) else ():
        if isinstance(one, dict) and one.get("id") == name and one.get("resourceType") in _MODELS:
            return Found(one, "contained")
    return None


def entries(resource: Resource, prefix: str) -> Iterator[tuple[object, str, object]]:
    """(resource, place, fullUrl) of a Bundle's entries, or the resource itself."""
    if resource["resourceType"] != "Bundle":
        kind = resource["resourceType"]
        yield resource, f"{prefix}{kind}" if kind in _MODELS else prefix, ""
        return
    listed = resource.get("entry")
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict):
            yield entry.get("resource"), f"{prefix}Bundle.entry[{index}].resource", entry.get("fullUrl")


def items(resource: Resource, name: str) -> list[dict[str, Any]]:
    """The objects of a repeating element; an element of the wrong shape has none."""
    listed = resource.get(name)
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def string(resource: object, *path: str) -> str:
    """The string at a path of single elements, trimmed; "" when absent or something else."""
    value = resource
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value.strip() if isinstance(value, str) else ""


def codings(concept: object) -> list[tuple[str, str, str]]:
    """(system, code, display) of a CodeableConcept."""
    if not isinstance(concept, dict):
        return []
    listed = items(concept, "coding")
    return [(string(one, "system"), string(one, "code"), string(one, "display")) for one in listed]


def identifiers(resource: Resource) -> list[tuple[str, str]]:
    """(type code, value) of each identifier that is still in use; NPIs are typed by their system."""
    found: list[tuple[str, str]] = []
    for one in items(resource, "identifier"):
        value = string(one, "value")
        if not value or string(one, "use") == "old":
            continue
        name = next((code for _, code, _ in codings(one.get("type"))), "")
        system = string(one, "system")
        if system == "http://hl7.org/fhir/sid/us-npi" or system.endswith("2.16.840.1.113883.4.6"):
            name = "NPI"
        elif system == "http://hl7.org/fhir/sid/us-ssn":
            name = "SS"
        found.append((name, value))
    return found
