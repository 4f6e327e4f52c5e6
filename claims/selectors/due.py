"""Which charts still want a claim, and which claims could be whole by now."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet

from claims.models import BillingProfile, Claim, ClaimStatus
from encounters.models import Encounter, EncounterStatus, ReleaseHold
from encounters.selectors.release import KEPT_BACK


def is_billed_by_us(client_id: int) -> bool:
    """Whether we write this client's claims: it has a billing profile and does not bill for itself."""
    found: bool = BillingProfile.objects.filter(client_id=client_id, is_self_billed=False).exists()
    return found


def first_billed_day(client_id: int) -> date | None:
    """Visits before this day were billed elsewhere; ``None``: every visit is billed here."""
    found: date | None = (
        BillingProfile.objects.filter(client_id=client_id).values_list("bills_from_on", flat=True).first()
    )
    return found


def charts_without_claim(client_id: int) -> QuerySet[Encounter]:
    """Final charts whose newest, released version no claim of ours was made of, oldest first.

    A claim that was withdrawn counts as none; visits before the first day that is billed here are left out.
    """
    held = ReleaseHold.objects.filter(
        KEPT_BACK,
        client_id=client_id,
        encounter_id=OuterRef("pk"),
        revision_number=OuterRef("revision_count"),
    )
    claims = Claim.objects.filter(
        client_id=client_id,
        encounter_id=OuterRef("pk"),
        revision_number__gte=OuterRef("revision_count"),
        is_billed_by_client=False,
    ).exclude(state=ClaimStatus.WITHDRAWN)
    charts: QuerySet[Encounter] = Encounter.objects.filter(
        ~Exists(claims), ~Exists(held), client_id=client_id, status=EncounterStatus.FINAL
    )
    first = first_billed_day(client_id)
    if first is not None:
        charts = charts.filter(service_on__gte=first)
    return charts.order_by(F("final_at").asc(), "pk")


def could_be_whole(client_id: int, limit: int) -> list[UUID]:
    """Blocked claims that can have become whole by themselves: what only a coder can mend comes as other
    codes, and those as another version."""
    rows = blocked_claims(client_id).values_list("pk", "problems")[:limit]
    return [pk for pk, problems in rows if any(one.get("where") != "chart" for one in problems)]


def blocked_claims(client_id: int) -> QuerySet[Claim]:
    """Claims of ours that lack something, of charts that are final, oldest first."""
    claims: QuerySet[Claim] = Claim.objects.filter(
        client_id=client_id,
        state=ClaimStatus.BLOCKED,
        is_billed_by_client=False,
        encounter__status=EncounterStatus.FINAL,
    )
    return claims.select_related("encounter").order_by("made_at", "pk")
