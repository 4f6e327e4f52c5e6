"""Reads of received files and of what waits in quarantine."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.models import BooleanField, ExpressionWrapper, Max, Q, QuerySet

from encounters.models import QuarantineItem, RawFile

PAGE_ROWS = 50
SILENT = timedelta(minutes=10)


def received_files(client_id: int, *, offset: int = 0, limit: int = PAGE_ROWS) -> list[RawFile]:
    """The newest files first; the client's scope must be open."""
    rows = RawFile.objects.filter(client_id=client_id).select_related("received_by", "connection")
    return list(rows.order_by("-received_at")[offset : offset + limit])


def open_items(client_id: int, *, limit: int = PAGE_ROWS) -> list[QuarantineItem]:
    """What waits for a person, oldest first, over all files."""
    rows = QuarantineItem.objects.filter(client_id=client_id, status=QuarantineItem.Status.OPEN)
    return list(rows.order_by("created_at", "id")[:limit])


def items_of(
    client_id: int, raw_file_id: uuid.UUID, *, offset: int = 0, limit: int = PAGE_ROWS
) -> list[QuarantineItem]:
    """All that was set aside of one file: the open ones first, then in the file's order of arrival."""
    rows: QuerySet[QuarantineItem] = QuarantineItem.objects.filter(
        client_id=client_id, raw_file_id=raw_file_id
    ).select_related("resolved_by")
    is_closed = ExpressionWrapper(~Q(status=QuarantineItem.Status.OPEN), output_field=BooleanField())
    ordered = rows.order_by(is_closed, "created_at", "id")
    return list(ordered[offset : offset + limit])


def unread_files(client_id: int, now: datetime) -> list[uuid.UUID]:
    """Files nobody is reading: just received, or left half read by a worker that fell silent.

    A reader commits a batch every few seconds, so ten minutes without one is a dead reader.
    """
    waiting = RawFile.objects.filter(client_id=client_id, status=RawFile.Status.RECEIVED)
    half_read = (
        RawFile.objects.filter(
            client_id=client_id, status=RawFile.Status.READING, received_at__lt=now - SILENT
        )
        .annotate(newest=Max("messages__received_at"))
        .filter(Q(newest__isnull=True) | Q(newest__lt=now - SILENT))
    )
    return [*waiting.values_list("pk", flat=True), *half_read.values_list("pk", flat=True)]
