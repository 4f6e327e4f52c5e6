"""A client's encounters as a list: newest service date first, filtered, or those of one patient."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from coding_ops.tenancy import crypto
from encounters.models import Encounter, EncounterStatus, OwnerParty, Patient, Pend, WorkSession
from encounters.selectors.paging import At, KeysetPage, page_of

CLIENT_PARTIES = (OwnerParty.CLIENT, OwnerParty.PROVIDER)
WAITING, CODING = "waiting", "coding"
"""Groups of statuses as the client counts them: what waits for its people, what lies with the coders."""
SHOWN = (*EncounterStatus.values, WAITING, CODING)
MOST_OF_A_PATIENT = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filter.  ``status``: one of ``SHOWN`` or empty; days are inclusive."""

    status: str = ""
    service_from: date | None = None
    service_to: date | None = None


def charts_of_coder(client_id: int, user_id: int) -> QuerySet[Encounter]:
    """What ``charts_in_reach`` gives a coder, found by small indexes instead of asked of every row.

    Held: through the open work sessions.  Put on hold: through the open holds.  Finalized: by coder.
    """
    held = WorkSession.objects.filter(
        client_id=client_id,
        user_id=user_id,
        ended_at__isnull=True,
        encounter__work_items__holder_id=user_id,
    ).values_list("encounter_id", flat=True)
    waiting = Pend.objects.filter(
        client_id=client_id, opened_by_id=user_id, closed_at__isnull=True
    ).order_by()
    ids = set(held.union(waiting.values_list("encounter_id", flat=True), all=True))
    return Encounter.objects.filter(client_id=client_id).filter(Q(assigned_coder_id=user_id) | Q(pk__in=ids))


def list_page(charts: QuerySet[Encounter], client_id: int, wanted: Wanted, at: At) -> KeysetPage[Encounter]:
    """One page of the charts in reach that fit the filter.

    Raises:
        NotFound: the address names a row beside the page that is missing or not theirs.
    """
    rows = _filtered(charts, client_id, wanted).select_related("patient", "rendering_provider")
    return page_of(rows, charts, at, by="service_on", newest_first=True)


def _filtered(charts: QuerySet[Encounter], client_id: int, wanted: Wanted) -> QuerySet[Encounter]:
    theirs = Pend.objects.filter(
        client_id=client_id, closed_at__isnull=True, owner_party__in=CLIENT_PARTIES
    ).order_by()
    waits = Q(pk__in=theirs.values("encounter_id"))
    vendors = theirs.model.objects.filter(
        client_id=client_id, closed_at__isnull=True, owner_party=OwnerParty.VENDOR
    ).order_by()
    # The statuses are named first, because by them the index leaves the archive of finals aside.
    if wanted.status == WAITING:
        charts = charts.filter(status__in=[EncounterStatus.RECEIVED, EncounterStatus.PENDED])
        charts = charts.filter(Q(status=EncounterStatus.RECEIVED) | waits)
    elif wanted.status == CODING:
        in_line = [EncounterStatus.READY, EncounterStatus.REOPENED]
        charts = charts.filter(status__in=[*in_line, EncounterStatus.PENDED])
        charts = charts.filter(Q(status__in=in_line) | Q(pk__in=vendors.values("encounter_id")))
    elif wanted.status:
        charts = charts.filter(status=wanted.status)
    if wanted.service_from is not None:
        charts = charts.filter(service_on__gte=wanted.service_from)
    if wanted.service_to is not None:
        charts = charts.filter(service_on__lte=wanted.service_to)
    return charts


def patient_of(client_id: int, mrn: str) -> Patient | None:
    """The patient of exactly this record number, through its blind index; nothing is decrypted to find it."""
    index = crypto.blind_index(client_id, "mrn", mrn)
    return Patient.objects.filter(client_id=client_id, mrn_index=index).first()


def visits_of(charts: QuerySet[Encounter], patient: Patient) -> Sequence[Encounter]:
    """The newest of a patient's encounters within reach, at most ``MOST_OF_A_PATIENT``."""
    rows = charts.filter(patient=patient).select_related("patient", "rendering_provider")
    return list(rows.order_by("-service_on", "-pk")[:MOST_OF_A_PATIENT])


def open_holds_of(client_id: int, encounters: Sequence[Encounter]) -> Mapping[uuid.UUID, Pend]:
    """The open hold of each listed encounter that has one: one query, none when none is on hold."""
    held = [row.pk for row in encounters if row.status == EncounterStatus.PENDED]
    if not held:
        return {}
    rows = Pend.objects.filter(client_id=client_id, closed_at__isnull=True, encounter_id__in=held)
    return {row.encounter_id: row for row in rows}
