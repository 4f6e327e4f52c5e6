"""Reads of claims that clients sent themselves, and of how they differ from what we finalized."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from claims.models import Claim, ClaimStatus
from claims.rules.content import Frequency
from encounters.models import CodeRevision, Encounter, EncounterStatus, ReleaseHold
from encounters.selectors.paging import PAGE_ROWS, At, KeysetPage, page_of
from encounters.selectors.release import KEPT_BACK

DIFFERS, SAME, WAITING, NO_CHART = "differs", "same", "waiting", "no-chart"
STANDINGS = (DIFFERS, SAME, WAITING, NO_CHART)
OVER = (ClaimStatus.REPLACED, ClaimStatus.VOIDED)
_CUTS = {
    DIFFERS: Q(drift_count__gt=0),
    SAME: Q(drift_count=0),
    WAITING: Q(drift_count__isnull=True, encounter__isnull=False),
    NO_CHART: Q(encounter__isnull=True),
}


@dataclass(frozen=True, slots=True)
class WantedDrift:
    """How the list is cut; empty fields take nothing away.  ``standing`` is one of ``STANDINGS``.

    ``since``: the first day of service.
    """

    since: date
    standing: str = DIFFERS
    kind: str = ""
    payer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DriftCounts:
    """Claims of a window of service by how they compare, and those that differ by kind, most first."""

    differing: int
    same: int
    waiting: int
    no_chart: int
    by_kind: tuple[tuple[str, int], ...]

    @property
    def compared(self) -> int:
        return self.differing + self.same


def billed_by_client(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Of claims in reach those that stand for the client's own bill: no void, nothing that was replaced."""
    rows: QuerySet[Claim] = claims.filter(is_billed_by_client=True).exclude(
        Q(state__in=OVER) | Q(frequency_code=Frequency.VOID.value)
    )
    return rows


def drift_page(
    claims: QuerySet[Claim], wanted: WantedDrift, at: At, limit: int = PAGE_ROWS
) -> KeysetPage[Claim]:
    """Claims of one standing: those that differ by how much they do, others by day of service.

    Raises:
        NotFound: the row beside the page is missing.
    """
    rows = billed_by_client(claims).filter(_CUTS[wanted.standing], service_from_on__gte=wanted.since)
    if wanted.kind:
        rows = rows.filter(drift__contains=[{"kind": wanted.kind}])
    if wanted.payer_id is not None:
        rows = rows.filter(payer_id=wanted.payer_id)
    by = "drift_count" if wanted.standing == DIFFERS else "service_from_on"
    rows = rows.select_related("payer", "specialty").defer("content")
    return page_of(rows, claims, at, by=by, newest_first=True, limit=limit)


def drift_counts(claims: QuerySet[Claim], since: date) -> DriftCounts:
    """Counts over claims for services since a day: two queries."""
    rows = billed_by_client(claims).filter(service_from_on__gte=since)
    found = rows.aggregate(**{name: Count("pk", filter=cut) for name, cut in _names().items()})
    kinds = rows.filter(_CUTS[DIFFERS]).values("pk", "drift")
    query, parameters = kinds.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT one->>'kind', count(DISTINCT c.id) FROM (" + query + ") AS c (id, drift),"  # noqa: S608
            " jsonb_array_elements(c.drift) AS one GROUP BY 1 ORDER BY 2 DESC, 1",
            parameters,
        )
        by_kind = tuple((str(kind), int(count)) for kind, count in cursor.fetchall())
    return DriftCounts(found["differing"], found["same"], found["waiting"], found["no_chart"], by_kind)


def _names() -> dict[str, Q]:
    return {
        "differing": _CUTS[DIFFERS], "same": _CUTS[SAME], "waiting": _CUTS[WAITING],
        "no_chart": _CUTS[NO_CHART],
    }  # fmt: skip


def finished_of(claim: Claim) -> CodeRevision | None:
    """The version that a claim was compared with, its chart and provider with it."""
    if claim.encounter_id is None or claim.revision_number is None:
        return None
    found: CodeRevision | None = (
        CodeRevision.objects.filter(
            client_id=claim.client_id, encounter_id=claim.encounter_id, number=claim.revision_number
        )
        .select_related("encounter__rendering_provider")
        .first()
    )
    return found


def behind(client_id: int) -> QuerySet[Claim]:
    """Claims whose chart has a newer released version than they were compared with, oldest first."""
    held = ReleaseHold.objects.filter(
        KEPT_BACK,
        client_id=client_id,
        encounter_id=OuterRef("encounter_id"),
        revision_number=OuterRef("encounter__revision_count"),
    )
    rows = billed_by_client(Claim.objects.filter(client_id=client_id)).filter(
        ~Exists(held),
        Q(revision_number__isnull=True) | Q(revision_number__lt=F("encounter__revision_count")),
        encounter__status=EncounterStatus.FINAL,
    )
    return rows.select_related("encounter").order_by("made_at", "pk")


def late_charts(client_id: int, connections: list[UUID]) -> QuerySet[Claim]:
    """Claims without a chart whose visit number a chart bears by now."""
    charts = Encounter.objects.filter(
        client_id=client_id, connection_id__in=connections, external_id=OuterRef("control_number")
    )
    rows: QuerySet[Claim] = Claim.objects.filter(
        Exists(charts), client_id=client_id, is_billed_by_client=True, encounter__isnull=True
    )
    return rows.order_by("made_at", "pk")
