"""What a client's own page says of now: what waits for its people, where its visits stand, what it sent.

Every number here is that of a list the client can open (``encounters.selectors.listing`` and ``.sent``), so
the same conditions count them.  No sealed column is opened: visit numbers, no names.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Count, DateField, F, Max, QuerySet, Value

from encounters.models import Document, Encounter, EncounterStatus, OwnerParty, Pend, RawFile
from encounters.selectors.listing import CLIENT_PARTIES, CODING, WAITING

NO_NOTE = "no_note"


@dataclass(frozen=True, slots=True)
class WaitingVisit:
    """A visit that cannot be finished until the client acts.

    ``reason`` is that of the hold, or ``no_note`` where no note has arrived; ``due_on`` only of holds.
    """

    encounter_id: uuid.UUID
    visit_id: str
    service_on: date
    reason: str
    owner_party: str
    since: datetime
    due_on: date | None


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file or message as it was received, and what became of its parts."""

    id: uuid.UUID
    connection: str
    source_format: str
    accepted: int
    duplicate: int
    quarantined: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A clinical document, and how many versions of it came."""

    encounter_id: uuid.UUID
    visit_id: str
    title: str
    versions: int
    newest_at: datetime


def waiting_visits(client_id: int, limit: int) -> list[WaitingVisit]:
    """The visits that have waited longest for the client or its providers."""
    held: QuerySet[Any] = Pend.objects.filter(
        client_id=client_id, closed_at__isnull=True, owner_party__in=CLIENT_PARTIES
    ).order_by()
    missing: QuerySet[Any] = Encounter.objects.filter(client_id=client_id, status=EncounterStatus.RECEIVED)
    rows = held.values_list(
        "encounter_id",
        "encounter__external_id",
        "encounter__service_on",
        "reason",
        "owner_party",
        "opened_at",
        "due_on",
    )
    without_note = missing.annotate(
        why=Value(NO_NOTE, output_field=CharField()),
        owner=Value(OwnerParty.CLIENT.value, output_field=CharField()),
        due=Value(None, output_field=DateField()),
    ).values_list("pk", "external_id", "service_on", "why", "owner", "received_at", "due")
    return [WaitingVisit(*row) for row in rows.union(without_note, all=True).order_by("opened_at")[:limit]]


def visits_by_standing(client_id: int) -> Mapping[str, int]:
    """How many visits wait for the client, lie with the coders, and are final."""
    statuses: dict[str, int] = dict(
        Encounter.objects.filter(client_id=client_id).values_list("status").annotate(Count("pk"))
    )
    holds: dict[str, int] = dict(
        Pend.objects.filter(client_id=client_id, closed_at__isnull=True)
        .order_by()
        .values_list("owner_party")
        .annotate(Count("pk"))
    )
    return {
        WAITING: statuses.get(EncounterStatus.RECEIVED, 0)
        + sum(holds.get(party, 0) for party in CLIENT_PARTIES),
        CODING: statuses.get(EncounterStatus.READY, 0)
        + statuses.get(EncounterStatus.REOPENED, 0)
        + holds.get(OwnerParty.VENDOR, 0),
        EncounterStatus.FINAL.value: statuses.get(EncounterStatus.FINAL, 0),
    }


def newest_files(client_id: int, limit: int) -> tuple[int, list[SentFile]]:
    """How many files and messages the client sent, and the newest of them; names and bytes stay sealed."""
    files: QuerySet[Any] = RawFile.objects.filter(client_id=client_id)
    rows = files.order_by("-received_at", "-pk").values_list(
        "pk",
        "connection__name",
        "source_format",
        F("accepted_count") + F("updated_count"),
        "duplicate_count",
        "quarantined_count",
        "received_at",
    )
    return files.count(), [SentFile(*row) for row in rows[:limit]]


def newest_documents(client_id: int, limit: int) -> tuple[int, list[SentDocument]]:
    """How many documents the client sent, and the newest of them; their text stays sealed."""
    documents: QuerySet[Any] = Document.objects.filter(client_id=client_id)
    newest = documents.order_by("-pk")[:limit].values("pk")
    rows = (
        documents.filter(pk__in=newest)
        .order_by("-pk")
        .annotate(count=Count("versions"), newest=Max("versions__received_at"))
        .values_list("encounter_id", "encounter__external_id", "title", "count", "newest")
    )
    return documents.count(), [SentDocument(*row) for row in rows]
