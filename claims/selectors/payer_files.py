"""Reads of received files, of what they set aside, and of answers whose claim is not known."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from claims.models import Acknowledgement, Claim, FileProblem, PayerFile, Remittance, RemittedClaim
from encounters.selectors.paging import PAGE_ROWS, At, KeysetPage, page_of

MOST_REMITTANCES = 50
MOST_PROBLEMS_SHOWN = 20
MOST_CLAIMS = 20


@dataclass(frozen=True, slots=True)
class WantedFiles:
    """How the list is cut; empty fields take nothing away."""

    kind: str = ""
    state: str = ""


def files_of(client_id: int) -> QuerySet[PayerFile]:
    """Every file of an open client."""
    rows: QuerySet[PayerFile] = PayerFile.objects.filter(client_id=client_id)
    return rows


def file_page(client_id: int, wanted: WantedFiles, at: At, limit: int = PAGE_ROWS) -> KeysetPage[PayerFile]:
    """The newest files first.

    Raises:
        NotFound: the row beside the page is missing.
    """
    anchors = files_of(client_id)
    rows = anchors.select_related("received_by")
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    return page_of(rows, anchors, at, by="received_at", newest_first=True, limit=limit)


def open_problems(client_id: int) -> list[FileProblem]:
    """What waits for a person, oldest first, over all files, one more than is shown."""
    rows = FileProblem.objects.filter(client_id=client_id, state=FileProblem.State.OPEN)
    return list(rows.order_by("made_at", "pk")[: MOST_PROBLEMS_SHOWN + 1])


def problem_page(client_id: int, file_id: UUID, at: At) -> KeysetPage[FileProblem]:
    """What one file set aside, in the order in which it was found, closed ones among them.

    Raises:
        NotFound: the row beside the page is missing.
    """
    anchors = FileProblem.objects.filter(client_id=client_id, file_id=file_id)
    return page_of(anchors.select_related("resolved_by"), anchors, at, by="made_at", newest_first=False)


def remittances_of(client_id: int, file_id: UUID) -> list[Remittance]:
    """The payments of a file, in its order, one more than is shown."""
    rows = Remittance.objects.filter(client_id=client_id, file_id=file_id).order_by("position")
    return list(rows[: MOST_REMITTANCES + 1])


def unmatched_payments(client_id: int, at: At, control_number: str = "") -> KeysetPage[RemittedClaim]:
    """Payments whose claim is not known, newest first; of one control number when it is given.

    Raises:
        NotFound: the row beside the page is missing.
    """
    anchors = RemittedClaim.objects.filter(client_id=client_id, claim__isnull=True)
    rows = anchors.select_related("remittance")
    if control_number:
        rows = rows.filter(control_number=control_number)
    return page_of(rows, anchors, at, by="posted_at", newest_first=True)


def unmatched_statuses(client_id: int, control_number: str) -> list[Acknowledgement]:
    """Acknowledgements of a control number that no claim bears, newest first."""
    rows = Acknowledgement.objects.filter(
        client_id=client_id, claim__isnull=True, control_number=control_number
    )
    return list(rows.order_by("-posted_at", "position")[:MOST_CLAIMS])


def claims_by_number(claims: QuerySet[Claim], client_id: int, number: str) -> list[Claim]:
    """The claims in reach that bear a control number, ours or the payer's, newest first."""
    mine = claims.filter(client_id=client_id)
    found = mine.filter(control_number=number) | mine.filter(payer_control_number=number)
    return list(found.select_related("payer").order_by("-made_at", "-pk")[:MOST_CLAIMS])
