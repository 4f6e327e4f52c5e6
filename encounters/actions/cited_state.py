"""What undo needs to know of rows that words support beside the codes: the coders' level, facts confirmed.

As with codes, quoted words are not copied: they are read again from the document version.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coding_ops.core.errors import InvalidInput
from encounters.models import (
    DocumentVersion,
    EligibilityFact,
    Encounter,
    EvidenceState,
    ScoredBy,
    VisitLevel,
    VisitLevelElement,
)
from encounters.rules.anchors import make_anchor

LEVEL_FIELDS = ("category", "edition", "code", "by", "other_code", "scorer_id")
ELEMENT_FIELDS = ("part", "kind", "count", "created_by_id", "start", "end", "state")
FACT_FIELDS = ("fact", "value", "confirmed_by_id", "start", "end", "state")


def word_columns(
    encounter: Encounter, version_id: uuid.UUID | None, start: int | None, end: int | None
) -> dict[str, Any]:
    """The columns of ``CitedWords`` for words of a document of this chart, or for none.

    Raises:
        InvalidInput: the words lie in no document of this chart, or outside it.
    """
    if version_id is None or start is None or end is None:
        names = ("document_version", "start", "end", "quote", "prefix", "suffix")
        return dict.fromkeys(names) | {"state": EvidenceState.ANCHORED}
    version = DocumentVersion.objects.filter(
        client_id=encounter.client_id, pk=version_id, document__encounter=encounter
    ).first()
    if version is None:
        raise InvalidInput("The words are not in a document of this chart.", code="evidence.foreign_document")
    anchor = make_anchor(version.text, start, end)
    return {
        "document_version": version,
        "start": anchor.start,
        "end": anchor.end,
        "quote": anchor.exact,
        "prefix": anchor.prefix,
        "suffix": anchor.suffix,
        "state": EvidenceState.ANCHORED,
    }


def level_state(encounter: Encounter) -> dict[str, Any] | None:
    """The coders' level with its elements, as plain JSON values; ``None`` before there is one."""
    level = coders_level(encounter)
    if level is None:
        return None
    elements = VisitLevelElement.objects.filter(client_id=encounter.client_id, level=level).order_by("id")
    return {field: getattr(level, field) for field in LEVEL_FIELDS} | {
        "id": str(level.pk),
        "elements": [_plain(row, ELEMENT_FIELDS) for row in elements],
    }


def facts_state(encounter: Encounter) -> list[dict[str, Any]]:
    """The facts confirmed for risk adjustment, as plain JSON values."""
    rows = EligibilityFact.objects.filter(client_id=encounter.client_id, encounter=encounter).order_by("id")
    return [_plain(row, FACT_FIELDS) | {"confirmed_at": row.confirmed_at.isoformat()} for row in rows]


def coders_level(encounter: Encounter) -> VisitLevel | None:
    """The level as the coders scored it."""
    level: VisitLevel | None = VisitLevel.objects.filter(
        client_id=encounter.client_id, encounter=encounter, scored_by=ScoredBy.CODER
    ).first()
    return level


def restore_beside(encounter: Encounter, before: Mapping[str, Any]) -> None:
    """Puts back what an act beside the codes had found: ``level``, ``facts`` or neither."""
    if "level" in before:
        _restore_level(encounter, before["level"])
    if "facts" in before:
        _restore_facts(encounter, before["facts"])


def _plain(row: VisitLevelElement | EligibilityFact, fields: tuple[str, ...]) -> dict[str, Any]:
    version = row.document_version_id
    return {field: getattr(row, field) for field in fields} | {
        "id": str(row.pk),
        "document_version": str(version) if version else None,
    }


def _restore_level(encounter: Encounter, wanted: Mapping[str, Any] | None) -> None:
    level = coders_level(encounter)
    if wanted is None:
        if level is not None:
            VisitLevelElement.objects.filter(client_id=encounter.client_id, level=level).delete()
            level.delete()
        return
    if level is None:
        level = VisitLevel(
            id=uuid.UUID(wanted["id"]),
            client_id=encounter.client_id,
            encounter=encounter,
            scored_by=ScoredBy.CODER,
        )
    for field in LEVEL_FIELDS:
        setattr(level, field, wanted[field])
    level.save()
    rows = VisitLevelElement.objects.filter(client_id=encounter.client_id, level=level)
    keep = {entry["id"]: entry for entry in wanted["elements"]}
    rows.exclude(pk__in=list(keep)).delete()
    standing = {str(pk) for pk in rows.values_list("pk", flat=True)}
    for entry in wanted["elements"]:
        if entry["id"] not in standing:
            VisitLevelElement.objects.create(
                client_id=encounter.client_id, level=level, **_columns(encounter, entry, ELEMENT_FIELDS)
            )


def _restore_facts(encounter: Encounter, wanted: list[dict[str, Any]]) -> None:
    rows = EligibilityFact.objects.filter(client_id=encounter.client_id, encounter=encounter)
    standing = {str(row.pk): row for row in rows}
    keep = {entry["id"]: entry for entry in wanted}
    rows.exclude(pk__in=[pk for pk, entry in keep.items() if _is_same(standing.get(pk), entry)]).delete()
    for pk, entry in keep.items():
        if not _is_same(standing.get(pk), entry):
            EligibilityFact.objects.create(
                client_id=encounter.client_id,
                encounter=encounter,
                confirmed_at=datetime.fromisoformat(entry["confirmed_at"]),
                **_columns(encounter, entry, FACT_FIELDS),
            )


def _is_same(row: EligibilityFact | None, entry: Mapping[str, Any]) -> bool:
    return row is not None and all(getattr(row, field) == entry[field] for field in FACT_FIELDS)


def _columns(encounter: Encounter, entry: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    version = uuid.UUID(entry["document_version"]) if entry["document_version"] else None
    words = word_columns(encounter, version, entry["start"], entry["end"])
    return (
        {"id": uuid.UUID(entry["id"])}
        | {field: entry[field] for field in fields}
        | words
        | {"state": entry["state"]}
    )
