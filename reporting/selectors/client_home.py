"""What a client's own page lists: what waits for them, and what they sent.  Read live."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Count, DateField, F, QuerySet, Value

from encounters.models import DocumentVersion, Encounter, EncounterStatus, OwnerParty, Pend, RawFile

THEIRS = (OwnerParty.CLIENT, OwnerParty.PROVIDER)
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

    connection: str
    source_format: str
    accepted: int
    duplicate: int
    quarantined: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A version of a clinical document as it arrived."""

    encounter_id: uuid.UUID
    visit_id: str
    title: str
    number: int
    received_at: datetime


def waiting_for_client(client_id: int, *, limit: int, offset: int) -> tuple[int, list[WaitingVisit]]:
    """How many visits wait for the client or its providers, and a page of them, longest first."""
    held = Pend.objects.filter(client_id=client_id, closed_at__isnull=True, owner_party__in=THEIRS)
    missing = Encounter.objects.filter(client_id=client_id, status=EncounterStatus.RECEIVED)
    rows = held.order_by().values_list(
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
    both = rows.union(without_note, all=True).order_by("opened_at")
    return held.count() + missing.count(), [WaitingVisit(*row) for row in both[offset : offset + limit]]


def encounters_by_status(client_id: int) -> Mapping[str, int]:
    """How many encounters the client has in each status."""
    rows = Encounter.objects.filter(client_id=client_id).values_list("status").annotate(Count("pk"))
    return dict(rows)


def files_of(client_id: int, *, limit: int, offset: int) -> tuple[int, list[SentFile]]:
    """How many files and messages the client sent, and a page of them, newest first.

    Names and bytes stay sealed: a list that opens no sealed column needs no record of a read.
    """
    files: QuerySet[Any] = RawFile.objects.filter(client_id=client_id)
    rows = files.order_by("-received_at", "-pk").values_list(
        "connection__name",
        "source_format",
        F("accepted_count") + F("updated_count"),
        "duplicate_count",
        "quarantined_count",
        "received_at",
    )
    return files.count(), [SentFile(*row) for row in rows[offset : offset + limit]]


def documents_of(client_id: int, *, limit: int, offset: int) -> tuple[int, list[SentDocument]]:
    """How many document versions the client sent, and a page of them, newest first."""
    versions: QuerySet[Any] = DocumentVersion.objects.filter(client_id=client_id)
    rows = versions.order_by("-received_at", "-pk").values_list(
        "document__encounter_id",
        "document__encounter__external_id",
        "document__title",
        "number",
        "received_at",
    )
    return versions.count(), [SentDocument(*row) for row in rows[offset : offset + limit]]
