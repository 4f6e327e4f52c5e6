"""How denials are written."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Final

from claims.models import Denial, DenialSource, DenialStatus, EditState, RootCause
from claims.rules.category_words import CATEGORY_WORDS
from claims.views.tabs import claims_href

TONES: Final = {
    DenialStatus.OPEN: "bad",
    DenialStatus.WORKING: "warn",
    DenialStatus.CORRECTED: "info",
    DenialStatus.APPEALED: "info",
    DenialStatus.OVERTURNED: "ok",
    DenialStatus.UPHELD: "bad",
    DenialStatus.WRITTEN_OFF: "line",
    DenialStatus.CLOSED: "line",
}
SOURCES: Final = {
    DenialSource.REMITTANCE.value: "Denied by the payer",
    DenialSource.REJECTION.value: "Rejected before the payer read it",
    DenialSource.RECEIPT.value: "Rejected with its file",
}
EDITS: Final = {
    EditState.OVERRIDDEN.value: "An edit said so when the chart was made final, and was overridden",
    EditState.LIFTED.value: "An edit existed, and a modifier lifted it",
    EditState.NO_EDIT.value: "No edit spoke of this line when the chart was made final",
    EditState.UNKNOWN.value: "Not known: the line is not tied to codes of ours",
}
CAUSES: Final = {value: str(label) for value, label in RootCause.choices}
GROUP_WORDS: Final = {
    "CO": "the contract", "PR": "the patient", "OA": "other", "PI": "the payer's own decision",
    "CR": "a correction",
}  # fmt: skip
SOON_DAYS: Final = 14


def denials_href(slug: str) -> str:
    """``/c/<client>/claims/denials/``"""
    return f"{claims_href(slug)}denials/"


def denial_href(slug: str, denial_id: uuid.UUID) -> str:
    """``/c/<client>/claims/denials/<id>/``"""
    return f"{denials_href(slug)}{denial_id}/"


def reason(denial: Denial) -> str:
    """``CO 97, remarks M76``, or ``status A7:255``."""
    if denial.source != DenialSource.REMITTANCE:
        return f"status {denial.status_codes}" if denial.status_codes else "status not given"
    told = f"{denial.group_code} {denial.carc}".strip()
    return f"{told}, remarks {' '.join(denial.remarks)}" if denial.remarks else told


def category(value: str) -> str:
    """The kind in words."""
    return CATEGORY_WORDS.get(value, value)


def due(deadline_on: date | None, today: date) -> tuple[str, str]:
    """``12/01/2026, 7 days left`` and its tone."""
    if deadline_on is None:
        return "Not known", ""
    left = (deadline_on - today).days
    if left < 0:
        return f"{deadline_on:%m/%d/%Y}, {-left}d past", "bad"
    told = "today" if left == 0 else f"{left}d left"
    return f"{deadline_on:%m/%d/%Y}, {told}", "warn" if left <= SOON_DAYS else ""
