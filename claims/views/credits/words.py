"""How credits and money to return are written, and where their pages lie."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Final

from claims.actions.overpayments import dates_of, terms_of
from claims.models import CreditState, Denial, OverpaymentNotice, RootCause
from claims.views.appeals.words import left
from claims.views.tabs import claims_href
from coding_ops.core.overpayment import ClockFace, ClockVerb, face

TONES: Final = {CreditState.PROPOSED: "warn", CreditState.APPROVED: "ok", CreditState.DECLINED: "line"}
ACTS: Final = {
    ClockVerb.INVESTIGATE: "An investigation in good faith has begun",
    ClockVerb.QUANTIFY: "The amount is established; the investigation is over",
    ClockVerb.RETURN: "Reported and returned",
}


def credits_href(slug: str) -> str:
    """``/c/<client>/claims/credits/``"""
    return f"{claims_href(slug)}credits/"


def credit_href(slug: str, credit_id: uuid.UUID) -> str:
    """One proposal."""
    return f"{credits_href(slug)}{credit_id}/"


def notice_href(slug: str, notice_id: uuid.UUID) -> str:
    """One sum to return."""
    return f"{credits_href(slug)}returns/{notice_id}/"


def cause(denial: Denial) -> str:
    """The root cause in words."""
    return str(RootCause(denial.root_cause).label) if denial.root_cause else "No cause recorded"


def face_of(notice: OverpaymentNotice, today: date) -> ClockFace:
    """The clock of a sum on a day; its payer must be loaded."""
    return face(dates_of(notice), terms_of(notice), today)


def state_of(notice: OverpaymentNotice, shown: ClockFace, today: date) -> tuple[str, str, str]:
    """State, days left, and the tone."""
    if notice.returned_on is not None:
        late = (
            ""
            if shown.days_left >= 0
            else f"{-shown.days_left} day{'' if shown.days_left == -1 else 's'} late"
        )
        return "Returned", late, "warn" if late else "ok"
    words, tone = left(shown.due_on, today)
    if shown.is_suspended:
        return "Being investigated", f"suspended; {words} at the most", tone
    return ("Amount established" if notice.resumed_on else "Running"), words, tone
