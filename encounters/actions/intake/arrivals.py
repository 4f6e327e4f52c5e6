"""Visits that were never heard of before: brought in together, a few statements for hundreds."""

from __future__ import annotations

import hashlib

from coding_ops.audit.models import Verb
from coding_ops.audit.record import NewEvent
from encounters.actions.intake.context import Arrival, Intake
from encounters.actions.intake.people import Directory
from encounters.models import Document, DocumentVersion, Encounter, EncounterStatus, WorkItem
from encounters.rules.intake.incoming import IncomingDocument
from encounters.rules.intake.matching import is_codable
from encounters.rules.worklist_order import order_key
from encounters.selectors.deadlines import first_due_at


def bring_in(
    intake: Intake, fresh: list[Arrival], directory: Directory, known: dict[str, Encounter]
) -> list[NewEvent]:
    """Makes encounters, documents and work items, adds the encounters to ``known``, returns the events.

    Each arrival is the first word about its visit; refused ones are passed over.
    """
    due_at = first_due_at(intake.client, intake.now)
    encounters: list[Encounter] = []
    documents: list[Document] = []
    versions: list[DocumentVersion] = []
    items: list[WorkItem] = []
    events: list[NewEvent] = []
    for one in fresh:
        if one.is_refused:
            continue
        encounter = _encounter(intake, one, directory)
        if encounter.status == EncounterStatus.READY:
            encounter.available_at, encounter.due_at = intake.now, due_at
            items.append(_item(intake, encounter))
        for said in one.said.documents:
            document, version = _document(intake, encounter, said)
            documents.append(document)
            versions.append(version)
        encounters.append(encounter)
        one.encounter_id = encounter.pk
        known[one.visit_number] = encounter
        events.append(
            NewEvent(
                Verb.ENCOUNTER_RECEIVED,
                "encounter",
                str(encounter.pk),
                facts={
                    "documents": len(one.said.documents),
                    "status": encounter.status,
                    "file": str(intake.raw_file_id),
                },
            )
        )
    Encounter.objects.bulk_create(encounters)
    Document.objects.bulk_create(documents)
    DocumentVersion.objects.bulk_create(versions)
    WorkItem.objects.bulk_create(items)
    return events


def _encounter(intake: Intake, one: Arrival, directory: Directory) -> Encounter:
    visit, patient = one.said.visit, directory.patients[one.mrn_index]
    assert visit.service_on is not None, "the gate refuses visits without a date"
    codable = is_codable(
        kind=visit.kind,
        progress=visit.progress,
        discharge_on=visit.discharge_on,
        documents=len(one.said.documents),
    )
    return Encounter(
        client_id=intake.client.pk,
        connection_id=intake.connection_id,
        external_id=one.visit_number,
        patient=patient,
        facility=directory.facilities.get(visit.facility_name),
        rendering_provider=directory.provider(visit),
        coverage=directory.coverage(intake, patient, one.said.coverage),
        specialty=directory.specialty(visit),
        kind=visit.kind.value,
        place_of_service_code=visit.place_of_service_code,
        service_on=visit.service_on,
        discharge_on=visit.discharge_on,
        discharge_status_code=visit.discharge_status_code,
        charge_amount=one.said.total_charge_amount,
        status=EncounterStatus.READY if codable else EncounterStatus.RECEIVED,
        received_at=intake.now,
    )


def _document(
    intake: Intake, encounter: Encounter, said: IncomingDocument
) -> tuple[Document, DocumentVersion]:
    document = Document(
        client_id=intake.client.pk,
        encounter=encounter,
        external_id=said.external_id,
        kind=said.kind.value,
        title=said.title,
    )
    version = DocumentVersion(
        client_id=intake.client.pk,
        document=document,
        number=1,
        text=said.text,
        sha256=hashlib.sha256(said.text.encode("utf-8")).digest(),
        character_count=len(said.text),
        author_name=said.author,
        authored_at=said.authored_at,
        received_at=intake.now,
    )
    return document, version


def _item(intake: Intake, encounter: Encounter) -> WorkItem:
    assert encounter.due_at is not None
    specialty_code = encounter.specialty.code if encounter.specialty else ""
    return WorkItem(
        client_id=intake.client.pk,
        queue=intake.queue_for(specialty_code, encounter.kind),
        encounter=encounter,
        specialty=encounter.specialty,
        due_at=encounter.due_at,
        risk=encounter.risk,
        order_key=order_key(encounter.due_at, encounter.risk, intake.now),
        queued_at=intake.now,
    )
