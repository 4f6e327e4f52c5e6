"""Answers about whole files of ours: a receipt of a transaction (999), a status of a file (277CA).

They name our file by its group's control number, or by the number we gave its transaction (BHT03), and reach
each claim that lies in it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max

from claims.actions.posting.applying import Batch, Refusal, Reply
from claims.actions.posting.bulk import insert_rows
from claims.actions.posting.known import Known, load_by_id, load_refusals
from claims.actions.posting.replies import Replies
from claims.models import (
    Acknowledgement,
    AcknowledgementKind,
    DenialSource,
    Submission,
    SubmissionState,
    SubmittedClaim,
)
from claims.rules.remit_outcome import codes_text
from claims.rules.x12.ack_999 import Receipt, SetResponse
from claims.rules.x12.status_277ca import BatchStatus, Outcome
from claims.selectors.reason_maps import status_category

_DIGITS = 9
_SENT = (
    SubmissionState.SENT,
    SubmissionState.ACKNOWLEDGED,
    SubmissionState.PARTLY,
    SubmissionState.REJECTED,
)
_UNKNOWN = (
    "receipt.unknown",
    "It answers a file that is not one of ours, or that was never sent: kept, not matched.",
)


@dataclass(frozen=True, slots=True)
class Found:
    """Whether the file that was answered is known; what is to be told: code and words."""

    is_known: bool
    problem: tuple[str, str] | None = None


def answer_set(
    replies: Replies, zone: ZoneInfo, sender: str, receipt: Receipt, answer: SetResponse | None
) -> Found:
    """One transaction of a receipt (None: the whole group), in the open transaction of the database."""
    position = answer.position if answer else receipt.position
    status = answer.status if answer else receipt.status
    is_rejected = answer.is_rejected if answer else receipt.is_whole_group_rejected
    submission = _submission(replies.file.client_id, sender, receipt.group_number)
    found = Found(submission is not None, None if submission else _UNKNOWN)
    if replies.is_stored(position):
        return found
    outcome = Outcome.REJECTED if is_rejected else Outcome.RECEIVED if status else Outcome.OTHER
    on = replies.now.astimezone(zone).date()
    replies.add(
        AcknowledgementKind.RECEIPT,
        position,
        outcome,
        (status, answer.codes[0] if answer and answer.codes else "", ""),
        submission_id=submission.pk if submission else None,
        answered_on=on,
    )
    if submission is not None and outcome is not Outcome.OTHER:
        number = answer.control_number if answer else None
        known = _claims_of(submission, number)
        codes = _codes_by_claim(answer, status)
        _reply_all(replies, known, zone, submission, DenialSource.RECEIPT, outcome, codes, on)
        _note(submission, outcome, replies.now)
    else:
        insert_rows(Acknowledgement, replies.rows)
    return found


def answer_batch(
    replies: Replies,
    zone: ZoneInfo,
    sender: str,
    said: BatchStatus,
    stated_on: date | None,
    *,
    has_claims: bool,
) -> None:
    """Statuses of a file or a provider's part of it.  Where they reject it and no claim is named, all of its
    claims are rejected with it."""
    if replies.is_stored(replies.placed + 1):
        return
    number, transaction = said.batch_number[:_DIGITS], said.batch_number[_DIGITS:]
    submission = _submission(replies.file.client_id, sender, number)
    for offset, one in enumerate(said.statuses, start=1):
        replies.add_status(
            one,
            replies.placed + offset,
            submission_id=submission.pk if submission else None,
            stated_on=stated_on,
        )
    if submission is None or has_claims or not said.is_rejected:
        insert_rows(Acknowledgement, replies.rows)
        return
    refused = next(one for one in said.statuses if one.outcome is Outcome.REJECTED)
    codes: dict[str, tuple[str, str]] = defaultdict(lambda: (refused.category, refused.code))
    on = refused.stated_on or stated_on or replies.now.astimezone(zone).date()
    known = _claims_of(submission, transaction or None)
    _reply_all(replies, known, zone, submission, DenialSource.REJECTION, Outcome.REJECTED, codes, on)
    _note(submission, Outcome.REJECTED, replies.now)


def _submission(client_id: int, sender: str, number: str) -> Submission | None:
    """Our file of this number to the one that answers; from an unknown sender, when only one file has it."""
    if not (number.isascii() and number.isdigit()) or len(number) > _DIGITS:
        return None
    mine = Submission.objects.filter(
        client_id=client_id, interchange_number=int(number), state__in=_SENT
    ).defer("content")
    exact: Submission | None = mine.filter(receiver_id=sender).first()
    if exact is not None:
        return exact
    others = list(mine[:2])
    return others[0] if len(others) == 1 else None


def _claims_of(submission: Submission, transaction_number: str | None) -> Known:
    lying = SubmittedClaim.objects.filter(client_id=submission.client_id, submission=submission)
    if transaction_number is not None:
        lying = lying.filter(transaction_number=transaction_number)
    return load_by_id(submission.client_id, list(lying.values_list("claim_id", flat=True)))


def _codes_by_claim(answer: SetResponse | None, status: str) -> dict[str, tuple[str, str]]:
    """What is wrong with each claim that the receipt names; of the others, only that they were refused."""
    codes: dict[str, tuple[str, str]] = defaultdict(lambda: (status, ""))
    for error in answer.errors if answer else ():
        if error.control_number:
            first = next((code for _, code in error.elements), next(iter(error.codes), ""))
            codes.setdefault(error.control_number, (status, first))
    return codes


def _reply_all(
    replies: Replies,
    known: Known,
    zone: ZoneInfo,
    submission: Submission,
    source: DenialSource,
    outcome: Outcome,
    codes: dict[str, tuple[str, str]],
    on: date,
) -> None:
    """The same reply for every claim of a file; a row of its own for each that is refused."""
    load_refusals(known)
    batch = Batch(known, zone, replies.now)
    position = _next_position(replies)
    kind = AcknowledgementKind(source.value)
    for place, claim in enumerate(known.by_id.values()):
        refusals: tuple[Refusal, ...] = ()
        if outcome is Outcome.REJECTED:
            category, status = codes[claim.row.control_number]
            row_id = replies.add(
                kind,
                position + place,
                outcome,
                (category, status, ""),
                claim_id=claim.id,
                submission_id=submission.pk,
                control_number=claim.row.control_number,
                answered_on=on,
            )
            refusals = (_refusal(row_id, source, category, status),)
        batch.reply(claim, Reply(source, outcome, "", on, replies.now, refusals))
    insert_rows(Acknowledgement, replies.rows)
    batch.save()


def _refusal(row_id: UUID, source: DenialSource, category: str, status: str) -> Refusal:
    told = "999" if source is DenialSource.RECEIPT else category
    return Refusal(row_id, None, codes_text((category, status)), status_category(told, status))


def _next_position(replies: Replies) -> int:
    """Rows of single claims lie behind those of the file's own segments."""
    rows = Acknowledgement.objects.filter(client_id=replies.file.client_id, file_id=replies.file.pk)
    top = rows.aggregate(top=Max("position"))["top"] or 0
    return max(int(top), replies.last * 3) + 1


def _note(submission: Submission, outcome: Outcome, now: datetime) -> None:
    """Where the file stands after this answer: taken, refused, or some of both."""
    said = SubmissionState.REJECTED if outcome is Outcome.REJECTED else SubmissionState.ACKNOWLEDGED
    before = SubmissionState(submission.state)
    submission.state = said if before in (SubmissionState.SENT, said) else SubmissionState.PARTLY
    submission.acknowledged_at = submission.acknowledged_at or now
    submission.save(update_fields=["state", "acknowledged_at"])
