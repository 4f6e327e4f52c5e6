"""What we finalized of many visits at once, to hold against what was billed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from claims.rules.drift import Finished, OurCode
from encounters.models import CodeRevision, Encounter, EncounterKind, EncounterStatus, ReleaseHold
from encounters.selectors.release import KEPT_BACK

PROCEDURES = "ICD-10-PCS"


@dataclass(frozen=True, slots=True)
class FinishedVersion:
    """The newest released version of a visit.  ``specialty_id`` and ``coder_id`` are of the visit, of it."""

    encounter_id: UUID
    coverage_id: UUID | None
    specialty_id: int | None
    coder_id: int
    number: int
    content: Finished


def finished_versions(client_id: int, encounter_ids: Collection[UUID]) -> dict[UUID, FinishedVersion]:
    """The newest version of each final chart that nobody holds back: one query; others are left out."""
    if not encounter_ids:
        return {}
    held = ReleaseHold.objects.filter(
        KEPT_BACK,
        client_id=client_id,
        encounter_id=OuterRef("encounter_id"),
        revision_number=OuterRef("number"),
    )
    rows = (
        CodeRevision.objects.filter(
            ~Exists(held),
            client_id=client_id,
            encounter_id__in=list(encounter_ids),
            encounter__status=EncounterStatus.FINAL,
        )
        .select_related("encounter__rendering_provider")
        .order_by("encounter_id", "-number")
        .distinct("encounter_id")
    )
    return {row.encounter_id: _version(row) for row in rows}


def _version(row: CodeRevision) -> FinishedVersion:
    encounter = row.encounter
    return FinishedVersion(
        encounter.pk,
        encounter.coverage_id,
        encounter.specialty_id,
        row.finalized_by_id,
        row.number,
        content_of(encounter, row.codes, row.edits or {}),
    )


def content_of(
    encounter: Encounter, codes: Sequence[Mapping[str, Any]], edits: Mapping[str, Any]
) -> Finished:
    """A stored version as drift compares it; ``encounter`` comes with ``rendering_provider``."""
    stored = sorted(codes, key=lambda row: row["position"])
    services = [row for row in stored if row["kind"] == "px"]
    provider = encounter.rendering_provider
    group = edits.get("drg") or {}
    return Finished(
        diagnoses=tuple(_code(row) for row in stored if row["kind"] == "dx"),
        services=tuple(_code(row) for row in services if row["system"] != PROCEDURES),
        procedures=tuple(_code(row) for row in services if row["system"] == PROCEDURES),
        drg_code=f"{group['drg']:03d}" if group.get("drg") else "",
        provider_npi=provider.npi if provider else "",
        place_of_service_code=encounter.place_of_service_code,
        first_on=encounter.service_on,
        last_on=encounter.discharge_on,
        is_stay=encounter.kind == EncounterKind.INPATIENT,
    )


def _code(row: Mapping[str, Any]) -> OurCode:
    return OurCode(
        key=row["id"],
        code=row["code"],
        poa=row["present_on_admission"],
        modifiers=tuple(row["modifiers"]),
        units=row["service_unit_quantity"],
        pointers=tuple(row["pointers"]),
    )
