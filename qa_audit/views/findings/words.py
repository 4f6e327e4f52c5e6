"""How findings are written on pages: states, turns, steps."""

from __future__ import annotations

from qa_audit.rules.exchange import Turn
from qa_audit.rules.review_states import LineState, LineVerb
from qa_audit.rules.verdict_words import verdict_words

STATES = {
    LineState.DRAFT: "Not delivered",
    LineState.OPEN: "Waits for the coder",
    LineState.ACCEPTED: "Accepted",
    LineState.REBUTTED: "Rebutted, waits for the reviewer",
    LineState.WITHDRAWN: "Withdrawn",
    LineState.UPHELD: "Upheld, waits for the coder",
    LineState.ESCALATED: "Waits for a third person",
    LineState.CONFIRMED: "Confirmed",
    LineState.OVERTURNED: "Overturned",
    LineState.LAPSED: "Stands, not answered in time",
}
TONES = {
    LineState.OPEN: "warn",
    LineState.UPHELD: "warn",
    LineState.REBUTTED: "query",
    LineState.ESCALATED: "query",
    LineState.WITHDRAWN: "ok",
    LineState.OVERTURNED: "ok",
}
TURNS = {
    Turn.CODER: "Waits for the coder",
    Turn.REVIEWER: "Waits for the reviewer",
    Turn.THIRD: "Waits for a third person",
}
STEPS = {
    LineVerb.DELIVER: "delivered it",
    LineVerb.ACCEPT: "accepted it",
    LineVerb.REBUT: "rebutted it",
    LineVerb.UPHOLD: "upheld it",
    LineVerb.WITHDRAW: "withdrew it",
    LineVerb.ESCALATE: "asked for a third person",
    LineVerb.CONFIRM: "confirmed it",
    LineVerb.OVERTURN: "overturned it",
    LineVerb.LAPSE: "The last day passed without an answer: it stands",
    LineVerb.SETTLE: "let it stand for who has left",
    LineVerb.DISMISS: "let it fall for who has left",
}
NOT_CHARGED = "Not charged to the coder"


def verdict(value: str) -> str:
    """``Wrong code (WC)``."""
    return f"{verdict_words(value)} ({value})"
