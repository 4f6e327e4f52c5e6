"""The doors to audit rehearsals and overpayments: the vendor's reviewers and managers, no client."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotAllowed, NotFound
from coding_ops.tenancy.actor import Actor
from encounters.models import DocumentVersion, Encounter, EncounterStatus
from qa_audit.access import PLANNERS, VENDOR_REVIEWERS
from qa_audit.models import OverpaymentClock, Rehearsal, RehearsalUnit
from qa_audit.selectors.blindness import under_blind_review


def require_rehearsal_planner(actor: Actor) -> None:
    """Designs, terms, days and overpayments are the vendor's managers'.

    Raises:
        NotAllowed: another role.
    """
    if actor.role not in PLANNERS:
        raise NotAllowed("Only a manager does this.", code="rehearsal.role")


def require_rehearsal_reader(actor: Actor) -> None:
    """Rehearsals are read and judged by the vendor's reviewers and managers.

    Raises:
        NotAllowed: another role.
    """
    if actor.role not in VENDOR_REVIEWERS:
        raise NotAllowed("Audit rehearsals are for reviewers and managers.", code="rehearsal.role")


def find_rehearsal(*, actor: Actor, client_id: int, rehearsal_id: uuid.UUID) -> Rehearsal:
    """A rehearsal without its frame.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    found = _in_reach(actor, client_id).defer("frame").filter(pk=rehearsal_id).first()
    if found is None:
        raise NotFound
    return found


def open_unit(*, actor: Actor, client_id: int, rehearsal_id: uuid.UUID, unit_id: uuid.UUID) -> RehearsalUnit:
    """A drawn unit with its patient, whose name is shown: the read is noted.

    Raises:
        NotFound: as ``find_rehearsal``.
        NotAllowed: the person codes one of its charts blind, and would see the coder's codes here.
    """
    find_rehearsal(actor=actor, client_id=client_id, rehearsal_id=rehearsal_id)
    unit = (
        RehearsalUnit.objects.filter(client_id=client_id, rehearsal_id=rehearsal_id, pk=unit_id)
        .select_related("patient", "rehearsal", "rehearsal__client", "encounter")
        .defer("rehearsal__frame")
        .first()
    )
    if unit is None:
        raise NotFound
    charts = [str(pk) for pk in charts_of(unit).values_list("pk", flat=True)]
    if under_blind_review(actor, client_id).filter(encounter_id__in=charts).exists():
        raise NotAllowed(
            "You code a chart of this member blind. Finish that review first.", code="rehearsal.blind"
        )
    _note_read(actor, unit, charts)
    return unit


def charts_of(unit: RehearsalUnit) -> QuerySet[Encounter]:
    """The charts whose records may prove something: those of the member in the period, or the claim's own.

    A member's chart need not be final: a record proves what it says, coded or not.
    """
    rehearsal = unit.rehearsal
    charts: QuerySet[Encounter] = Encounter.objects.filter(
        client_id=unit.client_id, patient_id=unit.patient_id
    ).exclude(status=EncounterStatus.CANCELLED)
    if unit.encounter_id is not None:
        return charts.filter(pk=unit.encounter_id)
    return (
        charts.filter(service_on__lte=rehearsal.last_on)
        .exclude(discharge_on__isnull=True, service_on__lt=rehearsal.first_on)
        .exclude(discharge_on__lt=rehearsal.first_on)
    )


def open_record(
    *, actor: Actor, unit: RehearsalUnit, version_id: uuid.UUID
) -> tuple[Encounter, DocumentVersion]:
    """A version of a document of the unit's charts, with its text; the read of the chart is noted.

    Raises:
        NotFound: absent, another member's, another client's: one answer.
    """
    version = (
        DocumentVersion.objects.filter(
            client_id=unit.client_id, pk=version_id, document__encounter__in=charts_of(unit)
        )
        .select_related("document__encounter__rendering_provider", "document__encounter__specialty")
        .first()
    )
    if version is None:
        raise NotFound
    _note_read(actor, unit, [str(version.document.encounter_id)])
    return version.document.encounter, version


def _note_read(actor: Actor, unit: RehearsalUnit, charts: list[str]) -> None:
    """A member's page shows words of several charts: one read, which names them all."""
    note_read(
        actor=actor,
        verb=Verb.CHART_VIEWED,
        client_id=unit.client_id,
        subject_type="patient",
        subject_id=str(unit.patient_id),
        encounter_ids=tuple(charts),
    )


def find_clock(*, actor: Actor, client_id: int, clock_id: uuid.UUID) -> OverpaymentClock:
    """An overpayment.

    Raises:
        NotFound: as ``find_rehearsal``.
    """
    if actor.role not in VENDOR_REVIEWERS:
        raise NotFound
    found = OverpaymentClock.objects.filter(client_id=client_id, pk=clock_id).first()
    if found is None:
        raise NotFound
    return found


def _in_reach(actor: Actor, client_id: int) -> QuerySet[Rehearsal]:
    rehearsals: QuerySet[Rehearsal] = Rehearsal.objects.filter(client_id=client_id)
    return rehearsals if actor.role in VENDOR_REVIEWERS else rehearsals.none()
