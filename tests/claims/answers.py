"""Files of an invented clearinghouse and payer that answer a claim of the scene."""

from __future__ import annotations

import itertools
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from claims.models import Claim, ClaimLine
from coding_ops.dev.demo.payer_answers import (
    ClaimAnswer,
    LineAnswer,
    Reason,
    Status,
    Wire,
    remittance,
    statuses,
)

_numbers = itertools.count(1)
WIRE = Wire("CLEARTEST", "CODINGOPS", "SAMPLE MUTUAL", "SMPL1", "CYPRESS RIDGE", "1234567893")


def acknowledged(claim: Claim, code: str = "A2:20", *, at: datetime | None = None) -> str:
    """A 277CA with one status: ``A2:20`` accepted into adjudication, ``A7:254`` rejected."""
    number = next(_numbers)
    found = [
        Status(
            claim.control_number,
            f"ICN{number:06d}",
            code,
            claim.total_charge_amount,
            f"{claim.service_from_on:%Y%m%d}",
        )
    ]
    return statuses(WIRE, number=number, at=at or timezone.now(), found=found)


def denied(
    claim: Claim, group: str = "CO", carc: str = "97", rarc: str = "", *, at: datetime | None = None
) -> str:
    """An 835 that pays nothing of any line for one reason."""
    return _remitted(claim, "4", {}, Reason(group, carc, Decimal(0), rarc), at)


def paid(
    claim: Claim,
    amounts: dict[int, str] | None = None,
    *,
    status: str = "1",
    at: datetime | None = None,
) -> str:
    """An 835 that pays each line, or what ``amounts`` says of its number; the rest is contractual (CO-45)."""
    return _remitted(claim, status, amounts, Reason("CO", "45", Decimal(0)), at)


def _remitted(
    claim: Claim, status: str, amounts: dict[int, str] | None, reason: Reason, at: datetime | None
) -> str:
    number = next(_numbers)
    lines = []
    for row in ClaimLine.objects.filter(client_id=claim.client_id, claim=claim):
        whole = str(row.charge_amount) if amounts is None else amounts.get(row.number, "0.00")
        left = row.charge_amount - Decimal(whole)
        reasons = (Reason(reason.group, reason.carc, left, reason.rarc),) if left else ()
        lines.append(
            LineAnswer(row.number, row.code, row.charge_amount, Decimal(whole), reasons, tuple(row.modifiers))
        )
    answer = ClaimAnswer(
        claim.control_number,
        f"ICN{number:06d}",
        status,
        tuple(lines),
        service_on=f"{claim.service_from_on:%Y%m%d}",
    )
    return remittance(
        WIRE, number=number, at=at or timezone.now(), trace=f"TRACE{number:06d}", answers=[answer]
    )
