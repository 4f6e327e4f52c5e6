"""Confirmed errors by cause: how many there are, and which have no proposal yet."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, QuerySet

from claims.models import BillingProfile, CreditProposal, Denial


def systemic_count(client_id: int) -> int:
    """So many confirmed errors of one cause are systemic: the client's own number."""
    found = (
        BillingProfile.objects.filter(client_id=client_id).values_list("systemic_count", flat=True).first()
    )
    default: int = BillingProfile._meta.get_field("systemic_count").get_default()
    return default if found is None else found


def same_cause(denial: Denial) -> QuerySet[Denial]:
    """Confirmed errors of ours with the same root cause and reason as this one, itself among them."""
    rows: QuerySet[Denial] = Denial.objects.filter(
        client_id=denial.client_id,
        is_vendor_error=True,
        root_cause=denial.root_cause,
        carc=denial.carc,
        status_codes=denial.status_codes,
    )
    return rows


def confirmed_count(denial: Denial) -> int:
    """How many there are."""
    return same_cause(denial).count()


def uncredited(client_id: int) -> QuerySet[Denial]:
    """Confirmed errors of ours for which nobody has proposed a credit, newest first."""
    proposed = CreditProposal.objects.filter(client_id=client_id, denial_id=OuterRef("pk"))
    rows: QuerySet[Denial] = Denial.objects.filter(
        ~Exists(proposed), client_id=client_id, is_vendor_error=True
    )
    return rows.order_by("-received_on", "-pk")


Cause = tuple[str, str, str]
"""Root cause, reason (CARC), and status of a rejection."""


def cause_key(denial: Denial) -> Cause:
    """What makes two errors errors of one cause."""
    return (denial.root_cause, denial.carc, denial.status_codes)


def cause_counts(client_id: int) -> dict[Cause, int]:
    """Confirmed errors of ours by cause: one query."""
    rows = (
        Denial.objects.filter(client_id=client_id, is_vendor_error=True)
        .values_list("root_cause", "carc", "status_codes")
        .annotate(count=Count("pk"))
        .order_by()
    )
    return {(cause, carc, status): count for cause, carc, status, count in rows}
