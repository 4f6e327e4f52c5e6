"""Patients and providers out of FHIR resources."""

from __future__ import annotations

from encounters.rules.intake import registration
from encounters.rules.intake.fhir_json import Resource
from encounters.rules.intake.fhir_resources import Found, Pool, identifiers, items, string
from encounters.rules.intake.incoming import (
    IncomingAddress,
    IncomingPatient,
    IncomingProvider,
    IncomingSubscriber,
    Sex,
)
from encounters.rules.intake.problems import Problem, reject, warn
from encounters.rules.intake.values import plain_date

_SEXES = {"female": Sex.FEMALE, "male": Sex.MALE}
# Identifiers that name a person to others (table 0203): never the client's record number.
_NOT_RECORD_NUMBERS = {"SS", "SB", "DL", "PPN", "MC", "MA", "MB", "NPI", "TAX", "JHN", "NI"}
_NPI_QUERY = "us-npi|"


def patient_of(found: Found, problems: list[Problem]) -> IncomingPatient:
    """The patient as stated; empty values are left for the gate to refuse."""
    resource = found.resource
    name = _best_name(resource)
    given = [one for one in name.get("given", ()) if isinstance(one, str)] if name else []
    written = string(resource, "birthDate")
    born = plain_date(written)
    if written and born is None:
        problems.append(reject("bad_date", f"{found.place}.birthDate", "birth_on"))
    return IncomingPatient(
        mrn=_mrn(resource),
        family_name=string(name, "family") or string(name, "text"),
        given_name=" ".join(given).strip(),
        birth_on=born,
        sex=_SEXES.get(string(resource, "gender"), Sex.UNKNOWN),
        contact=_contact(resource),
        address=_address(found, problems),
    )


def holder_of(found: Found, problems: list[Problem]) -> IncomingSubscriber | None:
    """Who holds a plan, from a Patient or RelatedPerson; None without a usable name."""
    resource = found.resource
    name = _best_name(resource)
    given = [one for one in name.get("given", ()) if isinstance(one, str)] if name else []
    return registration.person(
        family_name=string(name, "family"),
        given_name=" ".join(given).strip(),
        birth_on=plain_date(string(resource, "birthDate")),
        sex=_SEXES.get(string(resource, "gender"), Sex.UNKNOWN),
        lives=_address(found, problems),
    )


def _address(found: Found, problems: list[Problem]) -> IncomingAddress | None:
    """The home address, else the first that is in use.  It is read with a soft hand, apart from what is
    validated: an address that breaks FHIR must not keep a visit out."""
    listed = [one for one in items(found.resource, "address") if string(one, "use") != "old"]
    if not listed:
        return None
    home = next((one for one in listed if string(one, "use") == "home"), listed[0])
    lines = home.get("line")
    texts = [one for one in lines if isinstance(one, str)] if isinstance(lines, list) else []
    whole = registration.address(
        line=texts[0] if texts else "",
        line_2=" ".join(texts[1:]),
        city=string(home, "city"),
        state=string(home, "state"),
        postal_code=string(home, "postalCode"),
        country=string(home, "country"),
    )
    if whole is None:
        problems.append(warn("address_incomplete", f"{found.place}.address", "address"))
    return whole


def _best_name(resource: Resource) -> Resource:
    """The official name, else the usual one, else the first that is not old or an alias."""
    passed_over = ("old", "nickname", "maiden")
    names = [one for one in items(resource, "name") if string(one, "use") not in passed_over]
    for use in ("official", "usual", ""):
        for one in names:
            if string(one, "use") == use:
                return one
    return names[0] if names else {}


def _mrn(resource: Resource) -> str:
    """The identifier typed MR; where none is typed so, the first that could be one."""
    found = identifiers(resource)
    typed = next((value for name, value in found if name == "MR"), "")
    return typed or next((value for name, value in found if name not in _NOT_RECORD_NUMBERS), "")


def _contact(resource: Resource) -> str:
    telecoms = items(resource, "telecom")
    for system in ("phone", "sms", "email"):
        for one in telecoms:
            if string(one, "system") == system and string(one, "use") != "old" and string(one, "value"):
                return string(one, "value")
    return ""


def display_name(resource: Resource) -> str:
    """Given and family name of a person, or the name of an organization or place."""
    if isinstance(resource.get("name"), str):
        return string(resource, "name")
    name = _best_name(resource)
    given = [one for one in name.get("given", ()) if isinstance(one, str)] if name else []
    whole = " ".join([*given, string(name, "family")]).strip()
    return whole or string(name, "text")


def npi_of(resource: Resource) -> str:
    """The identifier typed NPI, by its system, or ""; its check digit is the gate's matter."""
    return next((value for name, value in identifiers(resource) if name == "NPI"), "")


def provider_of(
    reference: object, pool: Pool, inside: Found, place: str, problems: list[Problem]
) -> tuple[IncomingProvider | None, Found | None]:
    """The provider behind a reference and the resource it came from, if that is in the file.

    Many servers send references only, with a display name and the NPI in the reference itself.
    """
    target = pool.resolve(reference, inside.resource)
    display, written = string(reference, "display"), string(reference, "reference")
    if target is not None and target.kind == "Practitioner" and target.trouble() is None:
        resource = target.resource
        local = next((value for name, value in identifiers(resource) if name != "NPI"), "")
        return IncomingProvider(npi_of(resource), display_name(resource) or display, local), target
    npi = written.partition(_NPI_QUERY)[2] or (
        string(reference, "identifier", "value")
        if string(reference, "identifier", "system").endswith("us-npi")
        else ""
    )
    if display or npi:
        return IncomingProvider(npi=npi, name=display), None
    if written:
        problems.append(warn("reference_missing", place))
    return None, None
