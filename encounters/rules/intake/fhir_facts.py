"""From one FHIR Encounter and what it points to, to an encounter of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, tzinfo

from encounters.rules.intake import registration
from encounters.rules.intake.fhir_people import display_name, holder_of, npi_of, patient_of, provider_of
from encounters.rules.intake.fhir_resources import Found, Pool, codings, identifiers, items, string
from encounters.rules.intake.incoming import (
    IncomingCoverage,
    IncomingDocument,
    IncomingEncounter,
    IncomingProvider,
    IncomingVisit,
    VisitEvent,
    VisitKind,
    VisitProgress,
    discharge_status,
)
from encounters.rules.intake.problems import Problem, reject, warn
from encounters.rules.intake.values import local_date, plain_time

# HL7 v3 ActEncounterCode. Ambulatory is the visit to a practice; SS is a short stay in a hospital.
_KINDS = {
    "AMB": VisitKind.OFFICE,
    "VR": VisitKind.TELEHEALTH,
    "SS": VisitKind.OUTPATIENT,
    "EMER": VisitKind.EMERGENCY,
    "OBSENC": VisitKind.OBSERVATION,
    "IMP": VisitKind.INPATIENT,
    "ACUTE": VisitKind.INPATIENT,
    "NONAC": VisitKind.INPATIENT,
    "HH": VisitKind.HOME,
}
_STAYS = (VisitKind.INPATIENT, VisitKind.OBSERVATION, VisitKind.EMERGENCY)
# FHIR's discharge-disposition; those that several codes of the claim would fit (hospice, another hospital)
# are left to the coder.
_DISPOSITIONS = {"home": "01", "snf": "03", "aadvice": "07", "exp": "20", "rehab": "62", "psy": "65"}
_PROGRESS = {
    "planned": VisitProgress.PLANNED,
    "arrived": VisitProgress.OPEN,
    "triaged": VisitProgress.OPEN,
    "in-progress": VisitProgress.OPEN,
    "onleave": VisitProgress.OPEN,
    "finished": VisitProgress.ENDED,
}
_POS_SYSTEM = "place-of-service"


def places_of(encounter: str, patient: str) -> dict[str, str]:
    """Where our fields stand in the two resources, for the gate's problems."""
    return {
        "mrn": f"{patient}.identifier",
        "family_name": f"{patient}.name",
        "given_name": f"{patient}.name",
        "birth_on": f"{patient}.birthDate",
        "contact": f"{patient}.telecom",
        "encounter_id": f"{encounter}.identifier",
        "service_on": f"{encounter}.period.start",
        "ended_at": f"{encounter}.period.end",
        "discharge_on": f"{encounter}.period.end",
        "facility_name": f"{encounter}.serviceProvider",
        "facility_npi": f"{encounter}.serviceProvider",
        **dict.fromkeys(
            [f"{role}_{what}" for role in ("attending", "rendering") for what in ("npi", "name", "id")],
            f"{encounter}.participant",
        ),
    }


def build(
    pool: Pool, found: Found, patient: Found, documents: tuple[IncomingDocument, ...], zone: tzinfo
) -> tuple[IncomingEncounter, list[Problem], list[Found]]:
    """The encounter, unchecked, with what was odd and the further resources it was read from."""
    problems: list[Problem] = []
    used: list[Found] = []
    visit = _visit(pool, found, zone, problems, used)
    status = string(found.resource, "status")
    encounter = IncomingEncounter(
        event=VisitEvent.CANCEL if status in ("cancelled", "entered-in-error") else VisitEvent.UPSERT,
        patient=patient_of(patient, problems),
        visit=visit,
        coverage=_coverage(pool, patient, visit.service_on, problems, used),
        documents=documents,
    )
    return encounter, problems, used


def _visit(
    pool: Pool, found: Found, zone: tzinfo, problems: list[Problem], used: list[Found]
) -> IncomingVisit:
    resource = found.resource
    kind = _KINDS.get(string(resource, "class", "code").upper(), VisitKind.OTHER)
    planned = string(resource, "class", "code") == "PRENC"
    started_at = _moment(found, "start", zone, problems)
    ended_at = _moment(found, "end", zone, problems)
    facility_name, facility_npi, place_of_service = _facility(pool, found, problems, used)
    attending, rendering = _providers(pool, found, problems, used)
    return IncomingVisit(
        external_id=_visit_number(found),
        service_on=local_date(started_at, zone) if started_at else None,
        kind=kind,
        progress=VisitProgress.PLANNED
        if planned
        else _PROGRESS.get(string(resource, "status"), VisitProgress.UNKNOWN),
        specialty=_specialty(found),
        place_of_service_code=place_of_service,
        started_at=started_at,
        ended_at=ended_at,
        discharge_on=local_date(ended_at, zone) if ended_at and kind in _STAYS else None,
        discharge_status_code=_discharge_status(found),
        facility_name=facility_name,
        facility_npi=facility_npi,
        attending=attending,
        rendering=rendering,
    )


def _discharge_status(found: Found) -> str:
    """The claim's own code where the sender gives it, else the one that its FHIR word can only mean."""
    stay = found.resource.get("hospitalization")
    said = [
        code for _, code, _ in codings(stay.get("dischargeDisposition") if isinstance(stay, dict) else None)
    ]
    own = next((code for code in map(discharge_status, said) if code), "")
    return own or next((_DISPOSITIONS[one] for one in said if one in _DISPOSITIONS), "")


def _moment(found: Found, name: str, zone: tzinfo, problems: list[Problem]) -> datetime | None:
    written = string(found.resource, "period", name)
    moment = plain_time(written, zone)
    if written and moment is None:
        problems.append(reject("bad_date", f"{found.place}.period.{name}"))
    return moment


def _visit_number(found: Found) -> str:
    """The identifier typed VN (visit number), else the first one, else the resource's own id."""
    named = identifiers(found.resource)
    typed = next((value for name, value in named if name == "VN"), "")
    return typed or next((value for _, value in named), "") or string(found.resource, "id")


def _specialty(found: Found) -> str:
    service = found.resource.get("serviceType")
    return string(service, "text") or next((display for _, _, display in codings(service) if display), "")


def _facility(pool: Pool, found: Found, problems: list[Problem], used: list[Found]) -> tuple[str, str, str]:
    """(name, NPI, place of service) from the organization that gave the service and the first location."""
    provider = found.resource.get("serviceProvider")
    organization = pool.resolve(provider, found.resource)
    name, npi, place_of_service = string(provider, "display"), "", ""
    if organization is not None and organization.kind == "Organization" and organization.trouble() is None:
        used.append(organization)
        name, npi = display_name(organization.resource) or name, npi_of(organization.resource)
    elif string(provider, "reference") and not name:
        problems.append(warn("reference_missing", f"{found.place}.serviceProvider", "facility_name"))
    for one in items(found.resource, "location")[:1]:
        location = pool.resolve(one.get("location"), found.resource)
        if location is not None and location.kind == "Location" and location.trouble() is None:
            used.append(location)
            name = name or display_name(location.resource)
            place_of_service = _place_of_service(location)
        name = name or string(one, "location", "display")
    return name, npi, place_of_service


def _place_of_service(location: Found) -> str:
    """CMS's two-digit place of service, where the location is typed with that code system."""
    for concept in items(location.resource, "type"):
        for system, code, _ in codings(concept):
            if _POS_SYSTEM in system.lower() and len(code) == 2 and code.isdigit():
                return code
    return ""


def _providers(
    pool: Pool, found: Found, problems: list[Problem], used: list[Found]
) -> tuple[IncomingProvider | None, IncomingProvider | None]:
    """(attending, rendering) by participant type: ATND, and PPRF or, where none is typed, the first."""
    by_role: dict[str, IncomingProvider] = {}
    for index, participant in enumerate(items(found.resource, "participant")):
        roles = {code for concept in items(participant, "type") for _, code, _ in codings(concept)}
        wanted = roles & {"ATND", "PPRF", "SPRF"} if roles else {""}
        if not wanted:
            continue
        place = f"{found.place}.participant[{index}].individual"
        provider, source = provider_of(participant.get("individual"), pool, found, place, problems)
        if provider is None:
            continue
        if source is not None:
            used.append(source)
        for role in wanted:
            by_role.setdefault(role, provider)
    rendering = next((by_role[role] for role in ("PPRF", "", "SPRF") if role in by_role), None)
    return by_role.get("ATND"), rendering


def _coverage(
    pool: Pool, patient: Found, on: date | None, problems: list[Problem], used: list[Found]
) -> IncomingCoverage | None:
    """The patient's first active coverage that holds on the date of service, by `order`."""
    candidates: list[tuple[int, Found]] = []
    for found in pool.by_kind.get("Coverage", []):
        beneficiary = pool.resolve(found.resource.get("beneficiary"), found.resource)
        if beneficiary is None or beneficiary.resource is not patient.resource:
            continue
        if (broken := found.trouble()) is not None:
            problems.append(warn("invalid_resource", broken))
        elif string(found.resource, "status") == "active" and _holds(found, on):
            order = found.resource.get("order")
            candidates.append((order if isinstance(order, int) else 99, found))
    if not candidates:
        return None
    _, found = min(candidates, key=lambda pair: pair[0])
    used.append(found)
    return _plan(pool, found, patient, problems, used)


def _holds(found: Found, on: date | None) -> bool:
    """ISO dates of equal precision compare as text; a year or month alone holds for all of it."""
    if on is None:
        return True
    day = on.isoformat()
    start, end = (string(found.resource, "period", name)[:10] for name in ("start", "end"))
    return (not start or start <= day[: len(start)]) and (not end or day[: len(end)] <= end)


def _plan(
    pool: Pool, found: Found, patient: Found, problems: list[Problem], used: list[Found]
) -> IncomingCoverage:
    resource = found.resource
    payors = items(resource, "payor")
    payer, payer_identifier = (string(payors[0], "display") if payors else ""), ""
    organization = pool.resolve(payors[0], resource) if payors else None
    if organization is not None and organization.kind == "Organization" and organization.trouble() is None:
        used.append(organization)
        payer = display_name(organization.resource) or payer
        payer_identifier = next((value for name, value in identifiers(organization.resource)), "")
    member = next((value for name, value in identifiers(resource) if name == "MB"), "")
    plan = string(resource, "type", "text")
    plan = plan or next((display or code for _, code, display in codings(resource.get("type"))), "")
    groups = [
        string(one, "value")
        for one in items(resource, "class")
        if any(code == "group" for _, code, _ in codings(one.get("type")))
    ]
    said = IncomingCoverage(
        payer,
        member or string(resource, "subscriberId"),
        plan,
        registration.short_code(payer_identifier, registration.LONGEST_PAYER_ID),
        registration.short_code(next(iter(groups), ""), registration.LONGEST_GROUP),
    )
    return _holder(pool, found, said, patient, problems, used)


def _holder(
    pool: Pool,
    found: Found,
    said: IncomingCoverage,
    patient: Found,
    problems: list[Problem],
    used: list[Found],
) -> IncomingCoverage:
    """Whose plan it is: by ``relationship``, else by who ``subscriber`` points to."""
    concept = found.resource.get("relationship")
    words = [code for _, code, _ in codings(concept)] or [string(concept, "text")]
    word = next((one for one in words if one), "")
    code = next((one for one in map(registration.relationship, words) if one), "")
    if word and not code:
        problems.append(warn("bad_choice", f"{found.place}.relationship", "relationship"))
    target = pool.resolve(found.resource.get("subscriber"), found.resource)
    if target is not None and target.resource is patient.resource:
        return replace(said, relationship=registration.SELF)
    holder = None
    if target is not None and target.kind in ("Patient", "RelatedPerson") and target.trouble() is None:
        used.append(target)
        holder = holder_of(target, problems)
    if not code and holder is None:
        return said
    owner = patient_of(patient, [])
    return registration.held_by(said, code, holder, owner, f"{found.place}.subscriber", problems)
