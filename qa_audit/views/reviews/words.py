"""How reviews are written on pages."""

from __future__ import annotations

from qa_audit.models import Review
from qa_audit.rules.plan_terms import Gate, Mode
from qa_audit.rules.review_states import ReviewState

STATES = {
    ReviewState.WAITING: "Waiting",
    ReviewState.CODING: "Coded blind",
    ReviewState.COMPARING: "Compared",
    ReviewState.ANSWERING: "Answers awaited",
    ReviewState.CLOSED: "Closed",
    ReviewState.CANCELLED: "Cancelled",
}
TONES = {
    ReviewState.WAITING: "line",
    ReviewState.CODING: "query",
    ReviewState.COMPARING: "query",
    ReviewState.ANSWERING: "warn",
    ReviewState.CLOSED: "ok",
    ReviewState.CANCELLED: "line",
}
NOT_SHOWN = "Shown once taken"


def mode(review: Review) -> str:
    """``Blind, before release`` or ``Open``."""
    said = "Blind" if review.mode == Mode.BLIND else "Open"
    return f"{said}, before release" if review.gate == Gate.PREBILL else said


def is_unseen(review: Review) -> bool:
    """A blind review whose coder is not to be known to who reviews."""
    return review.mode == Mode.BLIND and review.state in (ReviewState.WAITING, ReviewState.CODING)
