"""Finished charts, for trying a client's rule out before it is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db.models import F

from code_sets.rules.edits.claim import Claim, ClaimLine
from edit_rules.rules.dry_run import Sample
from encounters.models import CodeKind, CodeRevision, Encounter, EncounterStatus
from encounters.rules.readiness_facts import SERVICE_SYSTEMS
from encounters.selectors.claim_facts import day_number, facts_of
from encounters.selectors.edits import CLAIM_SETTINGS
from encounters.selectors.hcc_support import findings_of_version
from encounters.selectors.readiness import setting_of


def final_claims(client_id: int, limit: int) -> Iterator[Sample]:
    """The client's charts that were finalized last, newest first, with the codes of their last version.

    Two queries, and one a chart where cited words are judged.  For counting only: nothing of a patient is
    handed on but age and sex.
    """
    charts = {
        chart.pk: chart
        for chart in Encounter.objects.filter(client_id=client_id, status=EncounterStatus.FINAL)
        .select_related("patient", "coverage", "specialty", "rendering_provider")
        .order_by("-final_at")[:limit]
    }
    revisions = CodeRevision.objects.filter(
        client_id=client_id, encounter__in=list(charts), number=F("encounter__revision_count")
    )
    for revision in revisions:
        chart = charts[revision.encounter_id]
        yield Sample(
            _claim(chart, revision.codes),
            facts_of(chart),
            partial(findings_of_version, chart, revision.codes),
        )


def _claim(chart: Encounter, codes: Sequence[Mapping[str, Any]]) -> Claim:
    ordered = sorted(codes, key=lambda row: row["position"])
    diagnoses = [row for row in ordered if row["kind"] == CodeKind.DIAGNOSIS]
    services = [
        row for row in ordered if row["kind"] == CodeKind.SERVICE and row["system"] in SERVICE_SYSTEMS
    ]
    places = {row["id"]: at for at, row in enumerate(diagnoses, start=1)}
    provider = chart.rendering_provider
    birth_on = chart.patient.birth_on
    return Claim(
        setting=CLAIM_SETTINGS[setting_of(chart)],
        diagnoses=tuple(row["code"] for row in diagnoses),
        lines=tuple(
            ClaimLine(
                number=row["position"],
                code=row["code"],
                service_on=day_number(chart.service_on),
                units=row["service_unit_quantity"],
                modifiers=tuple(row["modifiers"]),
                pointers=tuple(places[pointer] for pointer in row["pointers"] if pointer in places),
                npi=provider.npi or None if provider else None,
            )
            for row in services
        ),
        birth_on=day_number(date.fromisoformat(birth_on)) if birth_on else None,
        sex=chart.patient.sex if chart.patient.sex in ("F", "M") else None,
        discharge_on=day_number(chart.coding_on),
    )
