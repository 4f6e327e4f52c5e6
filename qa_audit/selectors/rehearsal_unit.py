"""One drawn unit: its charts and documents, the coder's words behind each category, and what was cited."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from encounters.models import CodeRevision, DocumentVersion, Encounter, EvidenceState
from qa_audit.models import RehearsalItem, RehearsalRecord, RehearsalUnit
from qa_audit.rules.rehearsal import Record


@dataclass(frozen=True, slots=True)
class CoderWords:
    """Words that the coder cited for a code that carried a category: where to look first, no proof."""

    code: str
    encounter_id: uuid.UUID
    version_id: uuid.UUID
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ChartDocument:
    """One document of a chart: its newest version."""

    version_id: uuid.UUID
    number: int
    title: str


def charts_with_documents(
    charts: Sequence[Encounter],
) -> dict[uuid.UUID, list[ChartDocument]]:
    """Documents of charts by chart, oldest first: one query."""
    found: dict[uuid.UUID, list[ChartDocument]] = {chart.pk: [] for chart in charts}
    if not charts:
        return found
    rows = (
        DocumentVersion.objects.filter(client_id=charts[0].client_id, document__encounter__in=charts)
        .order_by("document_id", "-number")
        .distinct("document_id")
        .values_list("pk", "number", "document__title", "document__encounter_id")
    )
    for pk, number, title, encounter_id in rows:
        found[encounter_id].append(ChartDocument(pk, number, title))
    return found


def items_of(unit: RehearsalUnit) -> list[RehearsalItem]:
    """What is judged of the unit, in order."""
    return list(
        RehearsalItem.objects.filter(client_id=unit.client_id, unit=unit)
        .select_related("decided_by")
        .order_by("number")
    )


def coder_words(items: Sequence[RehearsalItem]) -> dict[uuid.UUID, list[CoderWords]]:
    """The coder's own words for the codes that carried each item: one query."""
    charts = {row["encounter"] for item in items for row in item.carried}
    if not charts:
        return {}
    rows = (
        CodeRevision.objects.filter(client_id=items[0].client_id, encounter_id__in=charts)
        .order_by("encounter_id", "-number")
        .distinct("encounter_id")
        .values_list("encounter_id", "codes")
    )
    cited: dict[tuple[str, str], list[CoderWords]] = {}
    for encounter_id, codes in rows:
        for code in codes:
            cited.setdefault((code["code"], str(encounter_id)), []).extend(
                CoderWords(
                    code["code"],
                    encounter_id,
                    uuid.UUID(link["document_version"]),
                    link["start"],
                    link["end"],
                )
                for link in code["evidence"]
                if link["state"] == EvidenceState.ANCHORED
            )
    return {
        item.pk: [words for row in item.carried for words in cited.get((row["code"], row["encounter"]), ())]
        for item in items
    }


def records_by_item(unit: RehearsalUnit) -> dict[uuid.UUID, list[RehearsalRecord]]:
    """Every record of the unit with its encounter and document: one query."""
    found: dict[uuid.UUID, list[RehearsalRecord]] = {}
    rows = RehearsalRecord.objects.filter(client_id=unit.client_id, item__unit=unit).select_related(
        "encounter", "document_version__document"
    )
    for record in rows.order_by("added_at"):
        found.setdefault(record.item_id, []).append(record)
    return found


def as_rule_record(record: RehearsalRecord) -> Record:
    """The row as the rules compare it."""
    return Record(
        key=str(record.pk),
        eligibility=record.eligibility,
        is_own=record.is_own,
        is_weak=record.is_weak,
        meat=record.meat,
        on=record.encounter.coding_on,
    )
