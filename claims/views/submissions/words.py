"""How files of claims are written on their pages."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from claims.models import Claim, ClaimFormat, ClaimStatus, Submission, SubmissionState
from claims.selectors.submissions import Waiting
from claims.views.submissions.dto import Card, ClaimRow, SubmissionRow, WaitingRow
from claims.views.tabs import claims_href
from coding_ops.tenancy.access import ReachedClient
from coding_ops.web.client_pages import moment

TONES = {
    SubmissionState.BUILDING: "warn",
    SubmissionState.FAILED: "bad",
    SubmissionState.READY: "warn",
    SubmissionState.SENT: "ok",
    SubmissionState.ACKNOWLEDGED: "ok",
    SubmissionState.PARTLY: "warn",
    SubmissionState.REJECTED: "bad",
}


def list_href(slug: str) -> str:
    """The room's address."""
    return f"{claims_href(slug)}submissions/"


def submission_href(slug: str, submission_id: UUID) -> str:
    """The page of one file."""
    return f"{list_href(slug)}{submission_id}/"


def dollars(amount: Decimal) -> str:
    """``$1,234.50``."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def claims_words(count: int) -> str:
    """``1 claim``, ``1,204 claims``."""
    return "1 claim" if count == 1 else f"{count:,} claims"


def number_of(row: Submission) -> str:
    """The interchange number as the file carries it."""
    return f"{row.interchange_number:09d}"


def waiting_row(one: Waiting) -> WaitingRow:
    """One line of what could be written now."""
    return WaitingRow(
        receiver_id=one.receiver_id,
        receiver=one.receiver_name,
        form=one.form,
        form_label=str(ClaimFormat(one.form).label),
        payers=", ".join(one.payers),
        count=f"{one.count:,}",
        amount=dollars(one.amount),
        oldest=f"{one.oldest_on:%m/%d/%Y}",
    )


def submission_row(row: Submission, client: ReachedClient) -> SubmissionRow:
    """One line of the list of files."""
    state = SubmissionState(row.state)
    return SubmissionRow(
        href=submission_href(client.slug, row.pk),
        number=number_of(row),
        receiver=row.receiver_name,
        form=str(row.get_form_display()),
        state="To be sent" if state == SubmissionState.READY else str(state.label),
        tone=TONES[state],
        is_test=row.is_test,
        claims=f"{row.written_count if row.content_sha256 else row.claim_count:,}",
        amount=dollars(row.total_charge_amount) if row.content_sha256 else "",
        asked=moment(row.asked_at, client.timezone),
        sent=moment(row.sent_at, client.timezone) if row.sent_at else "",
    )


def card_of(row: Submission, client: ReachedClient, *, is_leader: bool) -> Card:
    """The card that a page asks for again while the file is being written.

    A client's people read neither who of the vendor's asked for it nor the file itself.
    """
    state, href = SubmissionState(row.state), submission_href(client.slug, row.pk)
    is_written = row.content_sha256 is not None
    facts = (
        ("Claims in it", f"{row.written_count:,}" if is_written else ""),
        ("Left out", f"{row.left_out_count:,}: the validator refused them" if row.left_out_count else ""),
        ("Charges", dollars(row.total_charge_amount) if is_written else ""),
        ("Asked for", moment(row.asked_at, client.timezone)),
        ("By", row.asked_by.full_name if is_leader else ""),
        ("Written and validated", moment(row.written_at, client.timezone) if row.written_at else ""),
        ("Sent", moment(row.sent_at, client.timezone) if row.sent_at else ""),
        ("Acknowledged", moment(row.acknowledged_at, client.timezone) if row.acknowledged_at else ""),
        ("SHA-256", bytes(row.content_sha256).hex() if row.content_sha256 is not None else ""),
    )
    return Card(
        href=href,
        title="The file",
        state=str(state.label),
        tone=TONES[state],
        is_pending=state == SubmissionState.BUILDING,
        done=row.written_count,
        total=row.claim_count,
        words=f"{row.written_count:,} of {claims_words(row.claim_count)} so far.",
        facts=tuple((name, value) for name, value in facts if value),
        failure=row.failure,
        download_href=f"{href}file/" if is_written and is_leader else "",
    )


def claim_row(row: Claim, slug: str) -> ClaimRow:
    """One claim of a file."""
    return ClaimRow(
        href=f"{claims_href(slug)}{row.pk}/",
        control_number=row.control_number,
        version=str(row.version),
        payer=row.payer.name if row.payer else "",
        amount=dollars(row.total_charge_amount),
        state=str(ClaimStatus(row.state).label),
    )
