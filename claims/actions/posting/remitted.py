"""One claim of a remittance as the rows that are stored, and as the answer that its claim takes from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from claims.actions.posting.applying import Payment, Reduction
from claims.actions.posting.known import KnownClaim
from claims.models import Remittance
from claims.rules.remit_lines import AnsweredLine, match_lines, number_of
from claims.rules.x12.money import ZERO
from claims.rules.x12.remit_835 import Adjustment, ClaimPayment, ServicePayment
from claims.selectors.reason_maps import Classifier
from coding_ops.core.ids import uuid7

_MOST_UNITS = Decimal(1_000_000)


@dataclass(slots=True)
class Rows:
    """Rows of one batch, by table."""

    claims: list[dict[str, object]] = field(default_factory=list)
    lines: list[dict[str, object]] = field(default_factory=list)
    adjustments: list[dict[str, object]] = field(default_factory=list)


@dataclass(slots=True)
class _Maker:
    """Who adjusted: what the reading of a reason goes by, and where its row belongs."""

    rows: Rows
    client_id: int
    remitted_claim_id: UUID
    payer_id: UUID | None
    on: date
    reasons: Classifier
    reductions: list[Reduction] = field(default_factory=list)

    def add(
        self,
        adjustments: Sequence[Adjustment],
        remarks: tuple[str, ...],
        line_id: UUID | None,
        claim_line_id: UUID | None,
    ) -> None:
        for one in adjustments:
            decision = self.reasons.category(
                payer_id=self.payer_id,
                group=one.group,
                carc=one.carc,
                rarcs=remarks,
                on=self.on,
                amount=one.amount,
            )
            row_id = uuid7()
            self.rows.adjustments.append(
                {
                    "id": row_id,
                    "client_id": self.client_id,
                    "remitted_claim_id": self.remitted_claim_id,
                    "remitted_line_id": line_id,
                    "position": len(self.reductions) + 1,
                    "group_code": one.group,
                    "carc": one.carc,
                    "amount": one.amount,
                    "quantity": _bounded(one.quantity),
                    "category": decision.category,
                    "decided_by": decision.decided_by[:8],
                    "map_edition": decision.edition[:40],
                }
            )
            self.reductions.append(
                Reduction(
                    row_id, claim_line_id, one.group, one.carc, remarks, decision.category,
                    decision.edition, one.amount,
                )
            )  # fmt: skip


def rows_of(
    rows: Rows,
    remittance: Remittance,
    position: int,
    said: ClaimPayment,
    claim: KnownClaim | None,
    reasons: Classifier,
) -> Payment:
    """Adds the rows of one CLP to ``rows``; gives it as the answer its claim takes, known or not."""
    claim_id = uuid7()
    remarks = tuple(code[:8] for code in said.remarks)
    payer_id = (claim.row.payer_id if claim else None) or remittance.payer_id
    on = remittance.paid_on or remittance.posted_at.date()
    maker = _Maker(rows, remittance.client_id, claim_id, payer_id, on, reasons)
    rows.claims.append(_claim_row(remittance, position, claim_id, said, claim, remarks))
    maker.add(said.adjustments, remarks, None, None)
    paid_lines: dict[UUID, Decimal] = {}
    matched = _lines_of(said.services, claim)
    for place, (one, claim_line_id) in enumerate(zip(said.services, matched, strict=True), start=1):
        line_id = uuid7()
        own = tuple(code[:8] for code in one.remarks)
        rows.lines.append(_line_row(remittance.client_id, claim_id, place, line_id, one, claim_line_id, own))
        maker.add(one.adjustments, own + remarks, line_id, claim_line_id)
        if claim_line_id is not None:
            paid_lines[claim_line_id] = paid_lines.get(claim_line_id, ZERO) + one.paid_amount
    return Payment(
        remitted_claim_id=claim_id,
        status_code=said.status,
        payer_control_number=said.payer_control_number[:50],
        paid_amount=said.paid_amount,
        patient_amount=said.patient_amount,
        allowed_amount=_allowed(said),
        decided_on=remittance.paid_on,
        posted_at=remittance.posted_at,
        reductions=tuple(maker.reductions),
        paid_lines=paid_lines,
    )


def _lines_of(services: Sequence[ServicePayment], claim: KnownClaim | None) -> list[UUID | None]:
    if claim is None or not claim.lines:
        return [None] * len(services)
    answered = [
        AnsweredLine(
            one.line_number,
            one.code,
            one.submitted_code,
            one.modifiers,
            one.revenue_code,
            one.charge_amount,
        )
        for one in services
    ]
    found = match_lines(answered, [billed for _, billed in claim.lines])
    return [None if index is None else claim.lines[index][0] for index in found]


def _allowed(said: ClaimPayment) -> Decimal:
    """What the payer allowed: told by line (AMT*B6); where no line tells it, paid and the patient's share."""
    told = [one.allowed_amount for one in said.services if one.allowed_amount is not None]
    return sum(told, ZERO) if told else said.paid_amount + said.patient_amount


def _claim_row(
    remittance: Remittance,
    position: int,
    claim_id: UUID,
    said: ClaimPayment,
    claim: KnownClaim | None,
    remarks: tuple[str, ...],
) -> dict[str, object]:
    return {
        "id": claim_id,
        "client_id": remittance.client_id,
        "remittance_id": remittance.pk,
        "position": position,
        "claim_id": claim.id if claim else None,
        "control_number": said.control_number[:38],
        "payer_control_number": said.payer_control_number[:50],
        "status_code": said.status[:2],
        "filing_code": said.filing_code[:2],
        "charge_amount": said.charge_amount,
        "paid_amount": said.paid_amount,
        "patient_amount": said.patient_amount,
        "drg_code": said.drg_code[:4],
        "remarks": remarks,
        "decided_on": remittance.paid_on,
        "posted_at": remittance.posted_at,
    }


def _line_row(
    client_id: int,
    remitted_claim_id: UUID,
    position: int,
    line_id: UUID,
    said: ServicePayment,
    claim_line_id: UUID | None,
    remarks: tuple[str, ...],
) -> dict[str, object]:
    return {
        "id": line_id,
        "client_id": client_id,
        "remitted_claim_id": remitted_claim_id,
        "position": position,
        "claim_line_id": claim_line_id,
        "line_number": number_of(said.line_number),
        "code": said.code[:48],
        "modifiers": [one[:2] for one in said.modifiers],
        "revenue_code": said.revenue_code[:4],
        "charge_amount": said.charge_amount,
        "paid_amount": said.paid_amount,
        "allowed_amount": said.allowed_amount,
        "paid_unit_quantity": _bounded(said.units),
        "remarks": remarks,
        "service_on": said.service_on,
    }


def _bounded(quantity: Decimal | None) -> Decimal | None:
    """A quantity that the column can hold; what no claim can mean is left out."""
    return quantity if quantity is not None and abs(quantity) < _MOST_UNITS else None
