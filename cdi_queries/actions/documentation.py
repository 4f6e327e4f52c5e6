"""Counting what final charts leave open, chart by chart, so that figures are sums of rows."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from cdi_queries.models import DocumentedChart
from cdi_queries.rules.education import open_codes
from cdi_queries.selectors.education import first_counted_on
from cdi_queries.terms.education import education_terms
from encounters.models import CodeRevision, Encounter, EncounterStatus
from encounters.selectors.release import open_holds

CHUNK = 1000
COUNTED = [
    "provider", "specialty", "service_on", "revision_number", "diagnosis_count", "is_open", "open_codes",
    "edition",
]  # fmt: skip


@transaction.atomic
def count_documentation(
    *, client_id: int, today: date, after: uuid.UUID | None = None
) -> tuple[int, uuid.UUID | None]:
    """Counts the next charts that are final and not counted as they are now; again changes nothing.

    Returns how many, and the last chart looked at: go on ``after`` it; None when no more follow.
    """
    found = list(uncounted(client_id, today, after)[:CHUNK])
    rows = _counted(client_id, found)
    DocumentedChart.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["client", "encounter"], update_fields=COUNTED
    )
    return len(rows), found[-1].pk if len(found) == CHUNK else None


@transaction.atomic
def forget_cancelled(*, client_id: int) -> int:
    """Counts cancelled visits no more; returns how many."""
    gone = DocumentedChart.objects.filter(client_id=client_id, encounter__status=EncounterStatus.CANCELLED)
    return gone.delete()[0]


def uncounted(client_id: int, today: date, after: uuid.UUID | None) -> QuerySet[Encounter]:
    """Final charts with a provider, not held from release, that are not counted as they are now, by id."""
    as_it_is = DocumentedChart.objects.filter(
        client_id=client_id,
        encounter=OuterRef("pk"),
        revision_number=OuterRef("revision_count"),
        provider=OuterRef("rendering_provider"),
        service_on=OuterRef("service_on"),
        edition=education_terms().edition,
    )
    held = open_holds(client_id).filter(encounter=OuterRef("pk")).order_by()
    charts: QuerySet[Encounter] = Encounter.objects.filter(
        ~Exists(as_it_is),
        ~Exists(held),
        client_id=client_id,
        status=EncounterStatus.FINAL,
        rendering_provider__isnull=False,
        service_on__gte=first_counted_on(today),
    )
    if after is not None:
        charts = charts.filter(pk__gt=after)
    return charts.select_related("rendering_provider").order_by("pk")


def _counted(client_id: int, charts: Sequence[Encounter]) -> list[DocumentedChart]:
    revisions = CodeRevision.objects.filter(
        client_id=client_id, encounter__in=charts, number=F("encounter__revision_count")
    )
    codes = {one.encounter_id: one.codes for one in revisions.only("encounter_id", "codes")}
    terms = education_terms()
    rows = []
    for chart in charts:
        count, found = open_codes(codes.get(chart.pk, ()), terms)
        rows.append(
            DocumentedChart(
                client_id=client_id,
                encounter_id=chart.pk,
                provider=chart.rendering_provider,
                specialty_id=chart.specialty_id,
                service_on=chart.service_on,
                revision_number=chart.revision_count,
                diagnosis_count=count,
                is_open=bool(found),
                open_codes=[list(one) for one in found],
                edition=terms.edition,
            )
        )
    return rows
