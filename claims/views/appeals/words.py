"""How appeals, days and amounts are written, and where their pages lie."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Final

from claims.models import Appeal, AppealState, Denial
from claims.selectors.letter_parts import reasons_of
from claims.views.tabs import claims_href

DASH: Final = "—"
SOON_DAYS: Final = 14
TONES: Final = {
    AppealState.DRAFT: "line",
    AppealState.SENT: "info",
    AppealState.WON: "ok",
    AppealState.PART: "warn",
    AppealState.LOST: "bad",
    AppealState.WITHDRAWN: "line",
}


def day(value: date | None) -> str:
    """``11/19/2026``; a dash for none."""
    return f"{value:%m/%d/%Y}" if value else DASH


def dollars(value: Decimal | None) -> str:
    """``$1,234.50``; a dash for none."""
    return DASH if value is None else f"${value:,.2f}"


def left(due: date | None, today: date) -> tuple[str, str]:
    """Days to a last day and the tone: ``("12 days left", "warn")``."""
    if due is None:
        return "no day on record", ""
    days = (due - today).days
    if days < 0:
        return f"{-days} day{'' if days == -1 else 's'} late", "bad"
    if days == 0:
        return "today is the last day", "bad"
    return f"{days} day{'' if days == 1 else 's'} left", "warn" if days <= SOON_DAYS else ""


def awaited(appeal: Appeal) -> date | None:
    """The day that is waited for: to send a draft, or to have a decision of what was sent."""
    if appeal.state == AppealState.DRAFT:
        return appeal.due_on
    return appeal.decision_due_on if appeal.state == AppealState.SENT else None


def denial_words(denial: Denial) -> str:
    """``CO-97 of 99213``: which denial, without saying of whom."""
    reason = reasons_of(denial) or "Denial"
    return f"{reason} of {denial.service_code}" if denial.service_code else reason


def appeals_href(slug: str) -> str:
    """``/c/<client>/claims/appeals/``"""
    return f"{claims_href(slug)}appeals/"


def appeal_href(slug: str, appeal_id: uuid.UUID) -> str:
    """One appeal."""
    return f"{appeals_href(slug)}{appeal_id}/"


def denial_href(slug: str, denial_id: uuid.UUID) -> str:
    """The denial's page."""
    return f"{claims_href(slug)}denials/{denial_id}/"


def claim_href(slug: str, claim_id: uuid.UUID) -> str:
    """The claim's page."""
    return f"{claims_href(slug)}{claim_id}/"
