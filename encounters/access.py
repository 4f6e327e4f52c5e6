"""The doors to a chart.  Each gives the object or says 404, and notes the read of patient data.

Need to code: inside an allowed client too, a coder sees the chart they hold, have put on hold or have
finalized, and no other.  Who reviews or manages may open any chart of the client; a client's people see
their own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.reads import note_read
from coding_ops.core.errors import NotAllowed, NotFound
from coding_ops.tenancy.actor import Actor
from coding_ops.tenancy.closed import closed_charts
from coding_ops.tenancy.models import CLIENT_ROLES, Role
from encounters.models import (
    Document,
    Encounter,
    EncounterStatus,
    Patient,
    Pend,
    Provider,
    QuarantineItem,
    RawFile,
    WorkItem,
    WorkItemState,
)
from encounters.selectors.listing import CLIENT_PARTIES, charts_of_coder

MAY_REOPEN = frozenset({Role.CODER, Role.QA_REVIEWER, Role.MANAGER, Role.VENDOR_ADMIN})
MAY_RESUME = frozenset({Role.CODER, Role.MANAGER, Role.VENDOR_ADMIN, Role.PROVIDER, Role.CLIENT_ADMIN})
REVIEWING = frozenset({Role.QA_REVIEWER, Role.CDI_SPECIALIST, Role.MANAGER, Role.VENDOR_ADMIN})
CLIENT_READERS = frozenset({Role.CLIENT_VIEWER, Role.CLIENT_ADMIN})


@dataclass(frozen=True, slots=True)
class OpenChart:
    """An encounter that stands open, and how."""

    encounter: Encounter
    item: WorkItem | None
    may_code: bool
    holder_name: str = ""
    """Who codes it now, as far as this person may know: to a client it is the vendor."""


def charts_in_reach(actor: Actor, client_id: int) -> QuerySet[Encounter]:
    """The encounters of an open client that this person may open; the scope must be open.

    A chart that its reviewer codes blind is not among them, so that its codes show nowhere.
    """
    charts: QuerySet[Encounter] = Encounter.objects.filter(client_id=client_id)
    if actor.role in REVIEWING or actor.role in CLIENT_READERS:
        return charts.exclude(pk__in=closed_charts(actor, client_id))
    if actor.role == Role.EXTERNAL_AUDITOR:
        return charts.filter(status=EncounterStatus.FINAL)
    if actor.role == Role.PROVIDER:
        mine = Provider.objects.filter(client_id=client_id, user_id=actor.person_id)
        return charts.filter(rendering_provider__in=mine)
    if actor.role == Role.CODER:
        held = WorkItem.objects.filter(
            client_id=client_id,
            encounter_id=OuterRef("pk"),
            state=WorkItemState.LEASED,
            holder_id=actor.person_id,
        )
        waiting = Pend.objects.filter(
            client_id=client_id,
            encounter_id=OuterRef("pk"),
            opened_by_id=actor.person_id,
            closed_at__isnull=True,
        )
        return charts.filter(Q(Exists(held)) | Q(assigned_coder_id=actor.person_id) | Q(Exists(waiting)))
    return charts.none()


def find_chart(*, actor: Actor, client_id: int, encounter_id: uuid.UUID) -> Encounter:
    """The encounter without its patient data being shown, e.g. to put it on hold.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    chart = charts_in_reach(actor, client_id).filter(pk=encounter_id).first()
    if chart is None:
        raise NotFound
    return chart


def open_chart(*, actor: Actor, client_id: int, encounter_id: uuid.UUID) -> OpenChart:
    """The encounter with all that a chart page shows; the read is noted."""
    chart = (
        charts_in_reach(actor, client_id)
        .filter(pk=encounter_id)
        .select_related("patient", "rendering_provider", "facility", "coverage", "specialty", "client")
        .first()
    )
    if chart is None:
        raise NotFound
    note_read(
        actor=actor,
        verb=Verb.CHART_VIEWED,
        client_id=client_id,
        subject_type="encounter",
        subject_id=str(chart.pk),
    )
    item = WorkItem.objects.filter(client_id=client_id, encounter=chart).select_related("holder").first()
    return OpenChart(chart, item, _may_code(actor, item), _holder_name(actor, item))


def require_coder(chart: OpenChart) -> WorkItem:
    """The lease of the person who codes.

    Raises:
        NotAllowed: they may look, but they do not hold the chart.
    """
    if not chart.may_code or chart.item is None:
        raise NotAllowed("You may read this chart, but you do not hold it.", code="chart.not_held")
    return chart.item


def _holder_name(actor: Actor, item: WorkItem | None) -> str:
    if item is None or item.state != WorkItemState.LEASED or item.holder is None:
        return ""
    return item.holder.full_name if actor.is_vendor else "the vendor"


def _may_code(actor: Actor, item: WorkItem | None) -> bool:
    return (
        item is not None
        and item.state == WorkItemState.LEASED
        and item.holder_id == actor.user_id
        and item.lease_expires_at is not None
        and item.lease_expires_at > timezone.now()
    )


INTAKE_READERS = frozenset({Role.MANAGER, Role.VENDOR_ADMIN, Role.CLIENT_ADMIN, Role.CLIENT_VIEWER})
INTAKE_SENDERS = INTAKE_READERS - {Role.CLIENT_VIEWER}


def require_intake(actor: Actor, client_id: int) -> None:
    """The client's received files; file names may be patients' names, so the look is noted.

    Raises:
        NotFound: the role has nothing to do with files.
    """
    if actor.role not in INTAKE_READERS:
        raise NotFound
    note_read(
        actor=actor,
        verb=Verb.RAW_FILE_VIEWED,
        client_id=client_id,
        subject_type="client",
        subject_id=str(client_id),
    )


def require_sender(actor: Actor) -> None:
    """Who may send files, have them read again, and dismiss what needs no encounter.

    Raises:
        NotFound: the role has nothing to do with files.
        NotAllowed: it may look only.
    """
    if actor.role not in INTAKE_READERS:
        raise NotFound
    if actor.role not in INTAKE_SENDERS:
        raise NotAllowed("You may see the files, but not send any.", code="intake.read_only")


def find_file(*, actor: Actor, client_id: int, raw_file_id: uuid.UUID) -> RawFile:
    """A received file of an open client; the look at its name is noted.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    if actor.role not in INTAKE_READERS:
        raise NotFound
    found = (
        RawFile.objects.filter(client_id=client_id, pk=raw_file_id)
        .select_related("connection", "received_by")
        .first()
    )
    if found is None:
        raise NotFound
    note_read(
        actor=actor,
        verb=Verb.RAW_FILE_VIEWED,
        client_id=client_id,
        subject_type="rawfile",
        subject_id=str(found.pk),
    )
    return found


def find_quarantined(*, actor: Actor, client_id: int, item_id: uuid.UUID) -> QuarantineItem:
    """A quarantined message of an open client; it holds no patient data.

    Raises:
        NotFound: absent, another client's, or not theirs to see: one answer.
    """
    if actor.role not in INTAKE_READERS:
        raise NotFound
    found = QuarantineItem.objects.filter(client_id=client_id, pk=item_id).first()
    if found is None:
        raise NotFound
    return found


HOLD_READERS = frozenset(Role) - {Role.EXTERNAL_AUDITOR}
DOCUMENT_READERS = CLIENT_ROLES | {Role.MANAGER, Role.VENDOR_ADMIN}


def charts_to_list(actor: Actor, client_id: int) -> QuerySet[Encounter]:
    """The same encounters as ``charts_in_reach``, for lists: a coder's are found by index."""
    if actor.role == Role.CODER:
        return charts_of_coder(client_id, actor.person_id)
    return charts_in_reach(actor, client_id)


def note_listed(actor: Actor, client_id: int, charts: Iterable[Encounter], patient: Patient | None) -> None:
    """Says that names of these encounters' patients were shown; nothing when there was none.

    ``patient``: whose record number was asked for, when the list is of one patient.
    """
    ids = tuple(str(chart.pk) for chart in charts)
    if ids:
        note_read(
            actor=actor,
            verb=Verb.CHART_LISTED,
            client_id=client_id,
            subject_type="patient" if patient else "client",
            subject_id=str(patient.pk if patient else client_id),
            encounter_ids=ids,
        )


def holds_in_reach(actor: Actor, client_id: int) -> QuerySet[Pend]:
    """The holds of an open client that this person may see: outside, those that wait for the client or
    its providers, and of the others not even that there are any.

    Raises:
        NotFound: the role has nothing to do with holds.
    """
    if actor.role not in HOLD_READERS:
        raise NotFound
    holds: QuerySet[Pend] = Pend.objects.filter(client_id=client_id)
    if actor.role in CLIENT_ROLES:
        holds = holds.filter(owner_party__in=CLIENT_PARTIES)
    if actor.role in (Role.CODER, Role.PROVIDER):
        holds = holds.filter(encounter__in=charts_to_list(actor, client_id))
    return holds


def documents_in_reach(actor: Actor, client_id: int) -> QuerySet[Document]:
    """The documents of an open client that this person may list; their text stays sealed.

    Raises:
        NotFound: the role has no such list.
    """
    if actor.role not in DOCUMENT_READERS:
        raise NotFound
    documents: QuerySet[Document] = Document.objects.filter(client_id=client_id)
    if actor.role == Role.PROVIDER:
        documents = documents.filter(encounter__in=charts_in_reach(actor, client_id))
    return documents
