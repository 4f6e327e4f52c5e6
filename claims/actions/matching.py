"""Answers that came before their claim: matched when it turns up, or when it is marked as sent."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from claims.actions.posting.applying import Batch, Payment, Reduction, Refusal, Reply
from claims.actions.posting.bulk import update_rows
from claims.actions.posting.known import KnownClaim, load_known, load_refusals, lock_posting
from claims.actions.posting.matched import note_matched
from claims.actions.posting.payers import zone_of
from claims.actions.posting.replies import line_id
from claims.actions.recounting import recount_unmatched
from claims.models import (
    Acknowledgement,
    AcknowledgementKind,
    Adjustment,
    Claim,
    DenialSource,
    RemittedClaim,
    RemittedLine,
)
from claims.rules.remit_lines import AnsweredLine, match_lines
from claims.rules.remit_outcome import NOT_SENT, codes_text
from claims.rules.x12.money import ZERO
from claims.rules.x12.status_277ca import Outcome, outcome_of_all
from claims.selectors.reason_maps import status_category
from coding_ops.tenancy.scope import client_transaction

Row = TypeVar("Row", Acknowledgement, RemittedClaim)
BATCH = 500
"""Answers of one commit."""


def match_waiting(client_id: int, *, now: datetime | None = None) -> int:
    """Ties every waiting answer whose claim is known by now to it, and does to the claim what it says.

    No scope may be open.  Returns how many rows found their claim.  Acknowledgements come first, as they
    were said first; otherwise the order is that of their posting.
    """
    at = now or timezone.now()
    count = _each(client_id, at, _acknowledgements) + _each(client_id, at, _payments)
    if count:
        with client_transaction([client_id]):
            recount_unmatched(client_id)
    return count


def _each(client_id: int, now: datetime, match: Callable[[int, datetime], int]) -> int:
    count = 0
    while True:
        with client_transaction([client_id]):
            lock_posting(client_id)
            found = match(client_id, now)
        if not found:
            return count
        count += found


def _acknowledgements(client_id: int, now: datetime) -> int:
    found = _answerable(Acknowledgement.objects.filter(client_id=client_id), client_id)
    waiting = list(found.order_by("posted_at", "file_id", "position")[:BATCH])
    if not waiting:
        return 0
    numbers = [(one.control_number, one.payer_control_number) for one in waiting]
    known = load_known(client_id, numbers, with_lines=True)
    load_refusals(known)
    batch = Batch(known, zone_of(client_id), now)
    by_claim: dict[tuple[UUID, UUID], list[Acknowledgement]] = defaultdict(list)
    rows = []
    for one in waiting:
        claim = known.pick(one.control_number, one.payer_control_number, one.charge_amount)
        if claim is not None:
            by_claim[claim.id, one.file_id].append(one)
            rows.append({"id": one.pk, "claim_id": claim.id})
    update_rows(Acknowledgement, client_id, rows)
    note_matched(client_id, Counter(file_id for _, file_id in by_claim), now)
    told: set[UUID] = set()
    for (claim_id, _), said in by_claim.items():
        if claim_id in told:  # by another file: what one refused, the next may have accepted
            batch.save()
            batch, told = Batch(known, batch.zone, now), set()
        told.add(claim_id)
        batch.reply(known.by_id[claim_id], _reply(known.by_id[claim_id], said))
    batch.save()
    return len(rows)


def _payments(client_id: int, now: datetime) -> int:
    found = _answerable(RemittedClaim.objects.filter(client_id=client_id), client_id)
    # Within a file its own order: a correction follows what it reverses.
    order = ("posted_at", "remittance__file_id", "remittance__position", "position")
    waiting = list(found.select_related("remittance").order_by(*order)[:BATCH])
    if not waiting:
        return 0
    numbers = [(one.control_number, one.payer_control_number) for one in waiting]
    known = load_known(client_id, numbers, with_lines=True)
    batch = Batch(known, zone_of(client_id), now)
    lines, adjustments = _parts(client_id, [one.pk for one in waiting])
    rows, line_rows = [], []
    files: Counter[UUID] = Counter()
    told: dict[UUID, UUID] = {}
    for one in waiting:
        paid = one.remittance
        claim = known.pick(one.control_number, one.payer_control_number, one.charge_amount, paid.payer_id)
        if claim is None:
            continue
        own = lines[one.pk]
        matched = _match(own, claim)
        rows.append({"id": one.pk, "claim_id": claim.id})
        files[paid.file_id] += 1
        line_rows += [{"id": pk, "claim_line_id": line} for pk, line in matched.items()]
        if told.get(claim.id, one.remittance_id) != one.remittance_id:
            # What one remittance denied, the next may have paid.
            batch.save()
            batch, told = Batch(known, batch.zone, now), {}
        told[claim.id] = one.remittance_id
        batch.pay(claim, _payment(one, own, matched, adjustments[one.pk]))
    update_rows(RemittedClaim, client_id, rows)
    update_rows(RemittedLine, client_id, line_rows)
    note_matched(client_id, files, now)
    batch.save()
    return len(rows)


def _answerable(rows: QuerySet[Row], client_id: int) -> QuerySet[Row]:
    """Waiting rows whose claim is known and was sent."""
    sent = Claim.objects.filter(client_id=client_id).exclude(state__in=[one.value for one in NOT_SENT])
    ours = sent.filter(control_number=OuterRef("control_number"))
    theirs = sent.filter(payer_control_number=OuterRef("payer_control_number")).exclude(
        payer_control_number=""
    )
    waiting = rows.filter(claim__isnull=True).exclude(control_number="")
    return waiting.filter(Exists(ours) | Exists(theirs))


def _reply(claim: KnownClaim, said: Sequence[Acknowledgement]) -> Reply:
    first = said[0]
    is_receipt = first.kind == AcknowledgementKind.RECEIPT
    refusals = tuple(
        Refusal(
            one.pk,
            line_id(claim, str(one.line_number or "")),
            codes_text((one.category_code, one.status_code)),
            status_category("999" if is_receipt else one.category_code, one.status_code, one.entity_code),
        )
        for one in said
        if one.outcome == Outcome.REJECTED
    )
    return Reply(
        source=DenialSource.RECEIPT if is_receipt else DenialSource.REJECTION,
        outcome=outcome_of_all(one.outcome for one in said),
        payer_control_number=first.payer_control_number,
        answered_on=first.answered_on,
        posted_at=first.posted_at,
        refusals=refusals,
    )


def _parts(
    client_id: int, ids: Sequence[UUID]
) -> tuple[dict[UUID, list[RemittedLine]], dict[UUID, list[Adjustment]]]:
    lines: dict[UUID, list[RemittedLine]] = defaultdict(list)
    adjustments: dict[UUID, list[Adjustment]] = defaultdict(list)
    for line in RemittedLine.objects.filter(client_id=client_id, remitted_claim_id__in=ids).order_by(
        "position"
    ):
        lines[line.remitted_claim_id].append(line)
    rows = Adjustment.objects.filter(client_id=client_id, remitted_claim_id__in=ids).order_by("position")
    for one in rows:
        adjustments[one.remitted_claim_id].append(one)
    return lines, adjustments


def _match(lines: Sequence[RemittedLine], claim: KnownClaim) -> dict[UUID, UUID]:
    """Line of the claim by row of the remittance, where one is answered."""
    answered = [
        AnsweredLine(
            str(one.line_number or ""),
            one.code,
            "",
            tuple(one.modifiers),
            one.revenue_code,
            one.charge_amount,
        )
        for one in lines
    ]
    found = match_lines(answered, [billed for _, billed in claim.lines])
    return {
        line.pk: claim.lines[index][0] for line, index in zip(lines, found, strict=True) if index is not None
    }


def _payment(
    row: RemittedClaim,
    lines: Sequence[RemittedLine],
    matched: dict[UUID, UUID],
    adjustments: Sequence[Adjustment],
) -> Payment:
    remarks: dict[UUID | None, tuple[str, ...]] = {None: tuple(row.remarks)}
    remarks |= {line.pk: (*line.remarks, *row.remarks) for line in lines}
    paid_lines: dict[UUID, Decimal] = {}
    for line in lines:
        if line.pk in matched:
            claim_line_id = matched[line.pk]
            paid_lines[claim_line_id] = paid_lines.get(claim_line_id, ZERO) + line.paid_amount
    told = [line.allowed_amount for line in lines if line.allowed_amount is not None]
    return Payment(
        remitted_claim_id=row.pk,
        status_code=row.status_code,
        payer_control_number=row.payer_control_number,
        paid_amount=row.paid_amount,
        patient_amount=row.patient_amount,
        allowed_amount=sum(told, ZERO) if told else row.paid_amount + row.patient_amount,
        decided_on=row.decided_on,
        posted_at=row.posted_at,
        reductions=tuple(
            Reduction(
                one.pk,
                matched.get(one.remitted_line_id) if one.remitted_line_id else None,
                one.group_code,
                one.carc,
                remarks[one.remitted_line_id],
                one.category,
                one.map_edition,
                one.amount,
            )
            for one in adjustments
        ),
        paid_lines=paid_lines,
    )
