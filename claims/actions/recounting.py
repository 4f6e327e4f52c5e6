"""How many entries of a file still wait for their claim, once some have found theirs."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count

from claims.actions.posting.bulk import update_rows
from claims.models import Acknowledgement, AcknowledgementKind, FileKind, PayerFile, RemittedClaim


def recount_unmatched(client_id: int) -> int:
    """Brings the counts of files up to what waits now; how many files changed.  The scope must be open.

    What found its claim counts as posted from then on, so that a file's numbers always sum to its entries.
    """
    waiting: dict[UUID, int] = dict(
        RemittedClaim.objects.filter(client_id=client_id, claim__isnull=True)
        .values_list("remittance__file_id")
        .annotate(number=Count("pk"))
    )
    waiting |= dict(
        # A claim may have several statuses in a file; it was one entry.
        Acknowledgement.objects.filter(
            client_id=client_id, claim__isnull=True, kind=AcknowledgementKind.STATUS
        )
        .exclude(control_number="")
        .values_list("file_id")
        .annotate(number=Count("control_number", distinct=True))
    )
    files = PayerFile.objects.filter(
        client_id=client_id, kind__in=[FileKind.REMITTANCE, FileKind.STATUS], unmatched_count__gt=0
    ).values_list("pk", "posted_count", "unmatched_count")
    rows = [
        {"id": pk, "posted_count": posted + before - now, "unmatched_count": now}
        for pk, posted, before in files
        if (now := waiting.get(pk, 0)) < before
    ]
    update_rows(PayerFile, client_id, rows)
    return len(rows)
