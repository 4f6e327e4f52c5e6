"""What a chart page shows: documents, the shown version, codes with evidence, the last changes.

The number of queries does not depend on the number of codes, documents or links.  Texts are opened only
for the version on the paper: a sealed column costs nothing until it is read.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from encounters.models import CodeAssignment, CodingChange, Document, DocumentVersion, Encounter, WorkItem
from encounters.selectors.readiness import assignments_of

# The document a coder reads first, when the chart has several.
READING_ORDER = (
    Document.Kind.PROGRESS_NOTE,
    Document.Kind.CONSULT,
    Document.Kind.HISTORY_PHYSICAL,
    Document.Kind.EMERGENCY,
    Document.Kind.OPERATIVE,
    Document.Kind.DISCHARGE_SUMMARY,
)


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One document of the chart: its newest version, and how many there are."""

    document_id: uuid.UUID
    title: str
    kind: str
    newest_id: uuid.UUID
    version_count: int
    version_ids: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class LastChange:
    """When the set was last changed, and what ``undo`` would take back; empty when nothing."""

    saved_at: datetime | None
    undoable: str


def documents_of(encounter: Encounter) -> tuple[DocumentLine, ...]:
    """The chart's documents in reading order: one query."""
    rows = (
        DocumentVersion.objects.filter(client_id=encounter.client_id, document__encounter=encounter)
        .order_by("document__created_at", "document_id", "number")
        .values_list("pk", "document_id", "document__title", "document__kind")
    )
    grouped: dict[uuid.UUID, list[tuple[uuid.UUID, str, str]]] = {}
    for version_id, document_id, title, kind in rows:
        grouped.setdefault(document_id, []).append((version_id, title, kind))
    lines = [
        DocumentLine(
            document_id, found[-1][1], found[-1][2], found[-1][0], len(found), tuple(row[0] for row in found)
        )
        for document_id, found in grouped.items()
    ]
    return tuple(sorted(lines, key=_reading_order))


def _reading_order(line: DocumentLine) -> int:
    kinds = [str(kind) for kind in READING_ORDER]
    return kinds.index(line.kind) if line.kind in kinds else len(kinds)


def version_of(encounter: Encounter, version_id: uuid.UUID) -> DocumentVersion | None:
    """One version of this chart with its document; ``None`` when it is not of this chart."""
    version: DocumentVersion | None = (
        DocumentVersion.objects.filter(
            client_id=encounter.client_id, document__encounter=encounter, pk=version_id
        )
        .select_related("document")
        .first()
    )
    return version


def codes_of(encounter: Encounter) -> list[CodeAssignment]:
    """The working set with its evidence: two queries."""
    return assignments_of(encounter)


def last_change(encounter: Encounter, item: WorkItem | None, user_id: int | None) -> LastChange:
    """From the newest changes of the chart: one query."""
    rows = CodingChange.objects.filter(client_id=encounter.client_id, encounter=encounter).order_by("-number")
    newest = list(rows.values_list("made_at", "undone_at", "verb", "made_by_id")[:50])
    saved = max((undone_at or made_at for made_at, undone_at, _, _ in newest), default=None)
    held_since = item.leased_at if item is not None else None
    undoable = next(
        (
            verb
            for made_at, undone_at, verb, made_by in newest
            if undone_at is None and made_by == user_id and held_since is not None and made_at >= held_since
        ),
        "",
    )
    return LastChange(saved, undoable)
