"""Which charts still want a claim, and which claims could be whole by now."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Lower, Trim

from claims.models import BillingProfile, Claim, ClaimStatus, Payer
from claims.terms.assembly import self_pay_codes
from encounters.models import Coverage, Encounter, EncounterStatus, ReleaseHold
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


def paid_by_patient(client_id: int) -> tuple[frozenset[str], frozenset[str]]:
    """Names and ids of coverages, in small letters, under which nobody but the patient is billed, and those
    of every other payer: one query."""
    theirs: set[str] = set()
    others: set[str] = set()
    payers = Payer.objects.filter(client_id=client_id, is_active=True)
    for name, number, aliases, code in payers.values_list("name", "payer_id", "aliases", "filing_code"):
        found = {one.strip().lower() for one in (name, number, *aliases)} - {""}
        (theirs if code in self_pay_codes() else others).update(found)
    return frozenset(theirs), frozenset(others)


def billed_by_claim(client_id: int, charts: QuerySet[Encounter]) -> QuerySet[Encounter]:
    """Those of some charts that are billed here and to a payer: visits of days before the client came, and
    visits the patient pays for, are left out."""
    first = first_billed_day(client_id)
    if first is not None:
        charts = charts.filter(service_on__gte=first)
    return billed_to_a_payer(client_id, charts)


def billed_to_a_payer(client_id: int, charts: QuerySet[Encounter]) -> QuerySet[Encounter]:
    """Those of some charts that the patient does not pay alone."""
    theirs, others = paid_by_patient(client_id)
    if theirs:
        # As claim_sources.payer_of finds the payer: by name, and by id where no payer has the name.
        by_id = Q(number__in=list(theirs)) & ~Q(name__in=list(others))
        named = Coverage.objects.alias(
            name=Lower(Trim("payer_name")), number=Lower(Trim("payer_identifier"))
        ).filter(Q(name__in=list(theirs)) | by_id, client_id=client_id, pk=OuterRef("coverage_id"))
        charts = charts.filter(~Exists(named))
    return charts


def charts_without_claim(client_id: int) -> QuerySet[Encounter]:
    """Final charts whose newest, released version no claim of ours was made of, oldest first.

    A claim that was withdrawn counts as none; see :func:`billed_by_claim` for what is left out.
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
    return billed_by_claim(client_id, charts).order_by(F("final_at").asc(), "pk")


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
