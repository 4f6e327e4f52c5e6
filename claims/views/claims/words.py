"""How claims and what became of them are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from claims.models import (
    AcknowledgementOutcome,
    AppealState,
    ClaimFormat,
    ClaimStatus,
    ClaimStepKind,
    CreditState,
    DenialStatus,
)
from claims.views.tabs import ROOMS, claims_href
from coding_ops.tenancy.actor import Actor

DASH: Final = "—"
TONES: Final = {
    ClaimStatus.BLOCKED: "bad",
    ClaimStatus.READY: "info",
    ClaimStatus.SUBMITTED: "info",
    ClaimStatus.RECEIVED: "info",
    ClaimStatus.ACCEPTED: "info",
    ClaimStatus.REJECTED: "bad",
    ClaimStatus.PAID: "ok",
    ClaimStatus.PARTLY_PAID: "warn",
    ClaimStatus.DENIED: "bad",
    ClaimStatus.REPLACED: "line",
    ClaimStatus.VOIDED: "line",
    ClaimStatus.WITHDRAWN: "line",
}
OUTCOME_TONES: Final = {
    AcknowledgementOutcome.RECEIVED: "info",
    AcknowledgementOutcome.ACCEPTED: "ok",
    AcknowledgementOutcome.REJECTED: "bad",
    AcknowledgementOutcome.OTHER: "line",
}
DENIAL_TONES: Final = {
    DenialStatus.OPEN: "bad",
    DenialStatus.WORKING: "warn",
    DenialStatus.CORRECTED: "info",
    DenialStatus.APPEALED: "info",
    DenialStatus.OVERTURNED: "ok",
    DenialStatus.UPHELD: "bad",
    DenialStatus.WRITTEN_OFF: "line",
    DenialStatus.CLOSED: "line",
}
APPEAL_TONES: Final = {
    AppealState.DRAFT: "line",
    AppealState.SENT: "info",
    AppealState.WON: "ok",
    AppealState.PART: "warn",
    AppealState.LOST: "bad",
    AppealState.WITHDRAWN: "line",
}
CREDIT_TONES: Final = {CreditState.PROPOSED: "warn", CreditState.APPROVED: "ok", CreditState.DECLINED: "line"}
STEP_ICONS: Final = {
    ClaimStepKind.MADE: "plus",
    ClaimStepKind.BLOCKED: "triangle-alert",
    ClaimStepKind.CLEARED: "check",
    ClaimStepKind.SUBMITTED: "upload",
    ClaimStepKind.READ: "file-text",
    ClaimStepKind.RECEIVED: "inbox",
    ClaimStepKind.ACCEPTED: "circle-check",
    ClaimStepKind.REJECTED: "circle-x",
    ClaimStepKind.PAID: "circle-check",
    ClaimStepKind.PARTLY_PAID: "circle-check",
    ClaimStepKind.DENIED: "circle-x",
    ClaimStepKind.REVERSED: "undo-2",
    ClaimStepKind.CORRECTED: "pencil",
    ClaimStepKind.REPLACED: "arrow-right",
    ClaimStepKind.VOIDED: "x",
    ClaimStepKind.WITHDRAWN: "x",
    ClaimStepKind.REWORKED: "rotate-ccw",
    ClaimStepKind.APPEALED: "file-text",
    ClaimStepKind.DECIDED: "check",
    ClaimStepKind.WRITTEN_OFF: "minus",
}
FREQUENCIES: Final = {"1": "Original", "7": "Replacement", "8": "Void"}
PARTIES: Final = {
    "vendor": "The coding team",
    "client": "The client",
    "provider": "The provider",
    "payer": "The payer",
}
ANSWERS: Final = {
    "1": "Decided as first payer",
    "2": "Decided as second payer",
    "3": "Decided as third payer",
    "4": "Denied",
    "19": "Decided as first payer, sent on",
    "20": "Decided as second payer, sent on",
    "21": "Decided as third payer, sent on",
    "22": "Reversal of an earlier answer",
    "23": "Not its claim, sent on",
    "25": "Told beforehand only",
}
"""CLP02 in our own words."""
DIAGNOSIS_ROLES: Final = {
    "principal": "Principal",
    "other": "",
    "admitting": "Admitting",
    "reason_for_visit": "Reason for visit",
    "external_cause": "External cause",
}
RELATIONS: Final = {"18": "The patient", "01": "Spouse", "19": "Parent", "G8": "Somebody else"}
STEP_FACTS: Final = {
    "version": "version {}",
    "revision": "codes of version {}",
    "amount": "{}",
    "interchange": "file number {}",
    "source": "by {}",
    "codes": "{}",
    "paid_amount": "paid {}",
    "denied_amount": "refused {}",
    "reasons": "{}",
    "level": "level {}",
    "outcome": "{}",
    "awarded": "{} awarded",
    "problems": "{} missing",
    "changed": "changed: {}",
}
"""Facts of a step that are told, in this order; the others are ids."""
MONEY_FACTS: Final = ("amount", "paid_amount", "denied_amount", "awarded")


def dollars(value: Decimal | None) -> str:
    """``$1,234.50``, ``−$12.00``; a dash for none."""
    if value is None:
        return DASH
    return f"{'−' if value < 0 else ''}${abs(value):,.2f}"


def day(value: date | None) -> str:
    """``11/19/2026``; empty for none."""
    return f"{value:%m/%d/%Y}" if value else ""


def days(first: date, last: date) -> str:
    """``11/19/2026``, or ``11/19/2026 to 11/22/2026``."""
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def form(value: str, bill_type: str = "") -> str:
    """``Professional``, ``Institutional 131``."""
    return f"{ClaimFormat(value).label} {bill_type}".strip()


def units(value: Decimal) -> str:
    """``1``, ``2.5``"""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def claim_href(slug: str, claim_id: UUID | str) -> str:
    """``/c/<client>/claims/<id>/``"""
    return f"{claims_href(slug)}{claim_id}/"


def room_href(base: str, room: str, actor: Actor) -> str:
    """The address of a room of claims, empty for who is not let in; ``base`` is that of the claims."""
    found = next(one for one in ROOMS if one.key == room)
    return f"{base}{found.path}" if actor.role in found.roles else ""


def step_facts(facts: dict[str, Any]) -> tuple[str, ...]:
    """What a step tells besides its name."""
    told = []
    for name, pattern in STEP_FACTS.items():
        value = facts.get(name)
        if value in (None, "", []):
            continue
        if name in MONEY_FACTS:
            if name == "denied_amount" and not Decimal(value):
                continue
            value = dollars(Decimal(str(value)))
        elif name == "outcome":
            value = str(AppealState(value).label).lower()
        elif name == "problems":
            value = f"{len(value)} thing{'' if len(value) == 1 else 's'}"
        elif isinstance(value, list):
            value = ", ".join(str(one).replace("_", " ") for one in value)
        told.append(pattern.format(value))
    return tuple(told)
