"""A message about a visit that is known: what it changes, and what it may not change."""

from __future__ import annotations

from typing import Any

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from encounters.actions.documents import Writing, add_document
from encounters.actions.intake.context import Arrival, Intake
from encounters.actions.intake.people import Directory
from encounters.actions.visits import cancel_encounter, make_ready, reinstate_encounter
from encounters.models import Document, Encounter, EncounterKind, EncounterStatus
from encounters.rules.intake.incoming import DocumentRelation, IncomingDocument, VisitEvent, VisitProgress
from encounters.rules.intake.incoming import VisitKind as SaidKind
from encounters.rules.intake.matching import is_codable
from encounters.rules.intake.problems import part

CODED_FROM = frozenset({"service_on", "discharge_on", "kind", "rendering_provider_id"})
"""What codes depend on: final codes are not moved under by a message, a person decides."""


def apply_update(intake: Intake, encounter: Encounter, one: Arrival, directory: Directory) -> None:
    """Applies a unit to its locked encounter; refusals and lost parts go into ``one.problems``."""
    if bytes(encounter.patient.mrn_index) != one.mrn_index:
        one.refuse("visit_of_another_patient", "encounter_id")
        return
    one.encounter_id = encounter.pk
    if one.said.event is VisitEvent.CANCEL:
        _cancel(intake, encounter, one)
        return
    if encounter.status == EncounterStatus.CANCELLED:
        if one.said.visit.progress is VisitProgress.UNKNOWN:
            one.refuse("visit_cancelled", "encounter_id")
            return
        reinstate_encounter(actor=intake.actor, encounter=encounter)
    _change_facts(intake, encounter, one, directory)
    for said in one.said.documents:
        _add_document(intake, encounter, said)
    if one.said.documents:
        encounter.refresh_from_db(fields=["status"])
    if encounter.status == EncounterStatus.RECEIVED:
        _make_ready_if_codable(intake, encounter, one)


def _cancel(intake: Intake, encounter: Encounter, one: Arrival) -> None:
    if encounter.status == EncounterStatus.CANCELLED:
        return
    if encounter.status == EncounterStatus.FINAL:
        one.refuse("visit_final", "encounter_id")
        return
    cancel_encounter(
        actor=intake.actor, encounter=encounter, now=intake.now, by_user_id=intake.received_by_id
    )


def _change_facts(intake: Intake, encounter: Encounter, one: Arrival, directory: Directory) -> None:
    changes = {
        name: value
        for name, value in _said(intake, encounter, one, directory).items()
        if getattr(encounter, name) != value
    }
    if encounter.status == EncounterStatus.FINAL and CODED_FROM & changes.keys():
        one.problems.append(part("visit_final", one.unit.place, "encounter_id"))
        changes = {name: value for name, value in changes.items() if name not in CODED_FROM}
    if not changes:
        return
    for name, value in changes.items():
        setattr(encounter, name, value)
    encounter.save(update_fields=[name.removesuffix("_id") for name in changes])
    record_event(
        actor=intake.actor,
        verb=Verb.ENCOUNTER_UPDATED,
        subject=encounter,
        facts={
            "fields": sorted(name.removesuffix("_id") for name in changes),
            "file": str(intake.raw_file_id),
        },
    )


def _said(intake: Intake, encounter: Encounter, one: Arrival, directory: Directory) -> dict[str, Any]:
    """The columns a message states; what it leaves empty, it does not say."""
    visit = one.said.visit
    provider, specialty = directory.provider(visit), directory.specialty(visit)
    facility = directory.facilities.get(visit.facility_name)
    coverage = directory.coverage(intake, encounter.patient, one.said.coverage)
    said: dict[str, Any] = {
        "service_on": None if visit.service_on_assumed else visit.service_on,
        "discharge_on": visit.discharge_on,
        "discharge_status_code": visit.discharge_status_code or None,
        "kind": visit.kind.value if visit.kind is not SaidKind.OTHER else None,
        "place_of_service_code": visit.place_of_service_code or None,
        "rendering_provider_id": provider.pk if provider else None,
        "facility_id": facility.pk if facility else None,
        "coverage_id": coverage.pk if coverage else None,
        "specialty_id": specialty.pk if specialty else None,
        "charge_amount": one.said.total_charge_amount,
    }
    stated = {name: value for name, value in said.items() if value is not None}
    if one.said.event is VisitEvent.CANCEL_DISCHARGE:
        stated["discharge_on"] = None
    starts = stated.get("service_on", encounter.service_on)
    ends = stated.get("discharge_on", encounter.discharge_on)
    if ends is not None and ends < starts:
        # Each message is in order by itself; together they are not, so the older date gives way.
        stated["discharge_on"] = None
    return stated


def _add_document(intake: Intake, encounter: Encounter, said: IncomingDocument) -> None:
    mine = Document.objects.filter(client_id=encounter.client_id, encounter=encounter)
    if (
        said.relation is DocumentRelation.REPLACEMENT
        and said.parent_external_id
        and not mine.filter(external_id=said.external_id).exists()
    ):
        # A replacement is the next version of what it replaces, and is known by its own number from now on.
        mine.filter(external_id=said.parent_external_id).update(external_id=said.external_id)
    writing = Writing(
        external_id=said.external_id,
        kind=said.kind.value,
        title=said.title,
        text=said.text,
        author_name=said.author,
        authored_at=said.authored_at,
    )
    add_document(actor=intake.actor, encounter=encounter, writing=writing, now=intake.now)


def _make_ready_if_codable(intake: Intake, encounter: Encounter, one: Arrival) -> None:
    documents = Document.objects.filter(client_id=encounter.client_id, encounter=encounter).count()
    codable = is_codable(
        kind=SaidKind.INPATIENT if encounter.kind == EncounterKind.INPATIENT else SaidKind.OTHER,
        progress=one.said.visit.progress,
        discharge_on=encounter.discharge_on,
        documents=documents,
    )
    if codable:
        specialty_code = encounter.specialty.code if encounter.specialty else ""
        queue = intake.queue_for(specialty_code, encounter.kind)
        make_ready(encounter=encounter, queue=queue, now=intake.now)
