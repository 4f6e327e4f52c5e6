"""The people and places that a batch names: found or made, all of them with a few statements."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from coding_ops.accounts.models import Specialty
from coding_ops.tenancy import crypto
from coding_ops.tenancy.models import Facility
from encounters.actions.intake.context import Arrival, Intake
from encounters.models import Coverage, Patient, Provider
from encounters.rules.intake.incoming import (
    IncomingCoverage,
    IncomingPatient,
    IncomingProvider,
    IncomingVisit,
    Sex,
    VisitEvent,
)
from encounters.rules.intake.matching import coverage_changes, patient_changes
from encounters.rules.intake.registration import (
    SELF,
    address_text,
    read_address,
    read_subscriber,
    subscriber_text,
)

CoverageKey = tuple[uuid.UUID, str, bytes]


@dataclass(slots=True)
class Directory:
    """What the batch's names stand for."""

    patients: dict[bytes, Patient]
    providers: dict[str, Provider]
    facilities: dict[str, Facility]
    coverages: dict[CoverageKey, Coverage]
    specialties: dict[str, Specialty]

    @classmethod
    def load(cls, intake: Intake, arrivals: list[Arrival]) -> Directory:
        """Finds or makes everybody named by units that are not refused; refuses units whose record number
        belongs to somebody else."""
        open_ones = [
            one for one in arrivals if not one.is_refused and one.said.event is not VisitEvent.CANCEL
        ]
        patients = _patients(intake, open_ones)
        open_ones = [one for one in open_ones if not one.is_refused]
        return cls(
            patients=patients,
            providers=_providers(intake, (_clinician(one.said.visit) for one in open_ones)),
            facilities=_facilities(intake, {one.said.visit.facility_name for one in open_ones}),
            coverages=_coverages(intake, patients, open_ones),
            specialties=_specialties(),
        )

    def specialty(self, visit: IncomingVisit) -> Specialty | None:
        """By code or name; None for a word we don't know, which any coder may take."""
        return self.specialties.get(visit.specialty.casefold())

    def provider(self, visit: IncomingVisit) -> Provider | None:
        """Who rendered the service, or attended where that is all the sender says."""
        person = _clinician(visit)
        return self.providers.get(_provider_key(person)) if person else None

    def coverage(self, intake: Intake, patient: Patient, said: IncomingCoverage | None) -> Coverage | None:
        """The plan of this patient."""
        return self.coverages.get(_coverage_key(intake, patient, said)) if said else None


def _patients(intake: Intake, arrivals: list[Arrival]) -> dict[bytes, Patient]:
    rows = Patient.objects.filter(
        client_id=intake.client.pk, mrn_index__in={one.mrn_index for one in arrivals}
    )
    known: dict[bytes, Patient] = {bytes(row.mrn_index): row for row in rows}
    made: list[Patient] = []
    for one in arrivals:
        row = known.get(one.mrn_index)
        if row is None:
            row = _new_patient(intake, one)
            known[one.mrn_index] = row
            made.append(row)
            continue
        changes = patient_changes(_facts(row), one.said.patient)
        if changes is None:
            one.refuse("patient_mismatch", "mrn")
        elif changes:
            for name, value in changes.items():
                setattr(row, name, value)
            if not row._state.adding:
                row.save(update_fields=[*changes, "updated_at"])
    Patient.objects.bulk_create(made)
    return known


def _new_patient(intake: Intake, one: Arrival) -> Patient:
    said = one.said.patient
    return Patient(
        client_id=intake.client.pk,
        mrn_index=one.mrn_index,
        mrn=said.mrn,
        family_name=said.family_name,
        given_name=said.given_name,
        birth_on=said.birth_on.isoformat() if said.birth_on else "",
        contact=said.contact or None,
        address=address_text(said.address) if said.address else None,
        sex=said.sex.value,
    )


def _facts(row: Patient) -> IncomingPatient:
    return IncomingPatient(
        mrn=row.mrn,
        family_name=row.family_name,
        given_name=row.given_name,
        birth_on=date.fromisoformat(row.birth_on) if row.birth_on else None,
        sex=Sex(row.sex),
        contact=row.contact or "",
        address=read_address(row.address),
    )


def _clinician(visit: IncomingVisit) -> IncomingProvider | None:
    return visit.rendering or visit.attending


def _provider_key(person: IncomingProvider) -> str:
    """The NPI, or what the sender calls the person."""
    return person.npi or person.name or person.local_id


def _providers(intake: Intake, people: Iterable[IncomingProvider | None]) -> dict[str, Provider]:
    wanted = {_provider_key(person): person for person in people if person and _provider_key(person)}
    numbers = [person.npi for person in wanted.values() if person.npi]
    names = [key for key, person in wanted.items() if not person.npi]
    mine = Provider.objects.filter(client_id=intake.client.pk)
    known = {row.npi: row for row in mine.filter(npi__in=numbers)}
    known |= {row.name: row for row in mine.filter(npi="", name__in=names)}
    made = {
        key: Provider(client_id=intake.client.pk, npi=person.npi, name=person.name or key)
        for key, person in wanted.items()
        if key not in known
    }
    Provider.objects.bulk_create(made.values())
    return known | made


def _facilities(intake: Intake, names: set[str]) -> dict[str, Facility]:
    names.discard("")
    known = {row.name: row for row in Facility.objects.filter(client_id=intake.client.pk, name__in=names)}
    made = {name: Facility(client_id=intake.client.pk, name=name) for name in names - known.keys()}
    Facility.objects.bulk_create(made.values())
    return known | made


def _coverage_key(intake: Intake, patient: Patient, said: IncomingCoverage) -> CoverageKey:
    return patient.pk, said.payer_name, crypto.blind_index(intake.client.pk, "member", said.member_id)


def _coverages(
    intake: Intake, patients: dict[bytes, Patient], arrivals: list[Arrival]
) -> dict[CoverageKey, Coverage]:
    wanted: dict[CoverageKey, IncomingCoverage] = {}
    for one in arrivals:
        if one.said.coverage:
            wanted[_coverage_key(intake, patients[one.mrn_index], one.said.coverage)] = one.said.coverage
    rows = Coverage.objects.filter(client_id=intake.client.pk, patient_id__in={key[0] for key in wanted})
    known = {(row.patient_id, row.payer_name, bytes(row.member_index)): row for row in rows}
    for key in wanted.keys() & known.keys():
        _change_coverage(known[key], wanted[key])
    made = {
        key: Coverage(
            client_id=intake.client.pk,
            patient_id=key[0],
            payer_name=key[1],
            plan_type=said.plan_type,
            member_id=said.member_id or None,
            member_index=key[2],
            payer_identifier=said.payer_identifier,
            group_number=said.group_number,
            relationship=said.relationship or SELF,
            subscriber=subscriber_text(said.subscriber) if said.subscriber else None,
        )
        for key, said in wanted.items()
        if key not in known
    }
    Coverage.objects.bulk_create(made.values())
    return known | made


def _change_coverage(row: Coverage, said: IncomingCoverage) -> None:
    """Most messages repeat what is known; only what is new costs a statement."""
    known = IncomingCoverage(
        payer_identifier=row.payer_identifier,
        group_number=row.group_number,
        relationship=row.relationship,
        subscriber=read_subscriber(row.subscriber),
    )
    changes = coverage_changes(known, said)
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save(update_fields=list(changes))


def _specialties() -> dict[str, Specialty]:
    """By code and by name, folded; a few dozen rows shared by all clients."""
    rows = list(Specialty.objects.all())
    return {row.name.casefold(): row for row in rows} | {row.code.casefold(): row for row in rows}
