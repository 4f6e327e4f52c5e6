"""What a claim is made of, read from the chart, registration and the client's set-up."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from claims.models import BillingProfile, Charge, Payer
from claims.rules.content import Address, Frequency, Organization, Person
from claims.rules.facts import (
    SELF,
    ChargeFact,
    CodeFact,
    CoverageFact,
    Facts,
    PayerFact,
    VisitFact,
)
from encounters.models import (
    CodeRevision,
    Coverage,
    Document,
    DocumentVersion,
    Encounter,
    EncounterKind,
    Patient,
    Provider,
)
from encounters.rules.intake.incoming import IncomingAddress
from encounters.rules.intake.registration import read_address, read_subscriber

PROCEDURES = "ICD-10-PCS"


def facts_of(
    encounter: Encounter,
    revision: CodeRevision,
    *,
    control_number: str,
    payer: Payer | None,
    frequency: Frequency = Frequency.ORIGINAL,
    payer_control_number: str = "",
) -> Facts:
    """Everything a claim of one finished version needs.

    ``encounter`` comes with ``client``, ``patient``, ``coverage`` and ``rendering_provider``; three
    queries, and one more for a stay with procedures.
    """
    codes = _codes(encounter, revision)
    return Facts(
        control_number=control_number,
        visit=_visit(encounter, revision, codes),
        patient=_patient(encounter.patient),
        coverage=_coverage(encounter.coverage),
        payer=PayerFact(payer.kind, payer.name, payer.payer_id, payer.filing_code) if payer else None,
        billing=billing_of(encounter.client_id),
        provider=_provider(encounter.rendering_provider),
        charges=charges_on(
            encounter.client_id, {one.code for one in codes if one.kind == "px"}, encounter.service_on
        ),
        frequency=frequency,
        payer_control_number=payer_control_number,
    )


def payer_of(coverage: Coverage | None) -> Payer | None:
    """The active payer that a coverage names, by its name, one of its aliases or its id: one query.

    A name goes before an id: an id of the sender's own can be anybody's.
    """
    if coverage is None:
        return None
    payers = list(Payer.objects.filter(client_id=coverage.client_id, is_active=True))
    for said in (coverage.payer_name, coverage.payer_identifier):
        for one in payers:
            if said.strip() and said.strip().casefold() in _names(one):
                return one
    return None


def _names(payer: Payer) -> frozenset[str]:
    return frozenset(one.strip().casefold() for one in (payer.name, payer.payer_id, *payer.aliases))


def profile_of(client_id: int) -> BillingProfile | None:
    """The client's billing profile."""
    profile: BillingProfile | None = BillingProfile.objects.filter(client_id=client_id).first()
    return profile


def billing_of(client_id: int) -> Organization | None:
    """The billing provider, ``None`` before the profile is filled in."""
    profile = profile_of(client_id)
    if profile is None:
        return None
    return Organization(
        name=profile.name,
        identifier=profile.npi,
        tax_id=profile.tax_id,
        taxonomy_code=profile.taxonomy_code,
        address=Address(profile.address_line, profile.city, profile.state, profile.postal_code),
    )


def charges_on(client_id: int, codes: Iterable[str], day: date) -> Mapping[tuple[str, str], ChargeFact]:
    """What the client charges for codes on a day, by code and modifier: one query.

    Where rows overlap, the one that began last holds.
    """
    rows = (
        Charge.objects.filter(client_id=client_id, code__in=list(codes), starts_on__lte=day)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))
        .order_by("starts_on")
    )
    return {
        (row.code, row.modifier): ChargeFact(row.code, row.modifier, row.amount, row.revenue_code)
        for row in rows
    }


def _visit(encounter: Encounter, revision: CodeRevision, codes: tuple[CodeFact, ...]) -> VisitFact:
    group = (revision.edits or {}).get("drg") or {}
    return VisitFact(
        client_kind=encounter.client.kind,
        kind=encounter.kind,
        place_of_service_code=encounter.place_of_service_code,
        service_on=encounter.service_on,
        discharge_on=encounter.discharge_on,
        discharge_status_code=encounter.discharge_status_code,
        charge_amount=encounter.charge_amount,
        codes=codes,
        drg_code=f"{group['drg']:03d}" if group.get("drg") else "",
    )


def _codes(encounter: Encounter, revision: CodeRevision) -> tuple[CodeFact, ...]:
    stored = sorted(revision.codes, key=lambda row: (row["kind"], row["position"]))
    days = _days_of_procedures(encounter, stored)
    return tuple(
        CodeFact(
            key=row["id"],
            kind=row["kind"],
            system=row["system"],
            code=row["code"],
            modifiers=tuple(row["modifiers"]),
            units=row["service_unit_quantity"],
            poa=row["present_on_admission"],
            pointers=tuple(row["pointers"]),
            performed_on=days.get(row["id"]),
        )
        for row in stored
    )


def _days_of_procedures(encounter: Encounter, stored: list[Mapping[str, Any]]) -> Mapping[str, date]:
    """The day of the operative report that a procedure cites, where it lies within the stay."""
    if encounter.kind != EncounterKind.INPATIENT:
        return {}
    cited = {
        link["document_version"]: row["id"]
        for row in stored
        if row["system"] == PROCEDURES
        for link in row["evidence"]
    }
    if not cited:
        return {}
    reports = DocumentVersion.objects.filter(
        client_id=encounter.client_id,
        pk__in=[uuid.UUID(one) for one in cited],
        document__kind=Document.Kind.OPERATIVE,
        authored_at__isnull=False,
    ).values_list("pk", "authored_at")
    zone = ZoneInfo(encounter.client.timezone)
    days = {str(pk): at.astimezone(zone).date() for pk, at in reports if at is not None}
    last = encounter.discharge_on or encounter.service_on
    return {
        row["id"]: days[link["document_version"]]
        for row in stored
        if row["system"] == PROCEDURES
        for link in row["evidence"]
        if link["document_version"] in days and encounter.service_on <= days[link["document_version"]] <= last
    }


def _patient(patient: Patient) -> Person:
    return Person(
        family_name=patient.family_name,
        given_name=patient.given_name,
        birth_on=date.fromisoformat(patient.birth_on) if patient.birth_on else None,
        sex=patient.sex,
        address=_address(read_address(patient.address)),
    )


def _coverage(coverage: Coverage | None) -> CoverageFact | None:
    if coverage is None:
        return None
    holder = read_subscriber(coverage.subscriber) if coverage.relationship != SELF else None
    return CoverageFact(
        member_id=coverage.member_id or "",
        relationship=coverage.relationship,
        group_number=coverage.group_number,
        subscriber=Person(
            family_name=holder.family_name,
            given_name=holder.given_name,
            birth_on=holder.birth_on,
            sex=holder.sex.value,
            address=_address(holder.address),
        )
        if holder
        else None,
    )


def _address(one: IncomingAddress | None) -> Address | None:
    return Address(one.line, one.city, one.state, one.postal_code, one.line_2) if one else None


def _provider(provider: Provider | None) -> Person | None:
    """A provider's one name as family and given names: "Okafor, N" or "N. Okafor"."""
    if provider is None:
        return None
    family, comma, given = provider.name.partition(",")
    if not comma:
        given, _, family = provider.name.strip().rpartition(" ")
    return Person(family_name=family.strip(), given_name=given.strip(), identifier=provider.npi)
