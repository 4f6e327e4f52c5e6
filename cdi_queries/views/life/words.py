"""How the state of a query is said on its pages."""

from __future__ import annotations

from datetime import datetime

from cdi_queries.models import CdiQuery, QueryOutcome, QueryStatus, StepKind
from cdi_queries.rules.escalation import Level
from cdi_queries.rules.shift import Reason
from encounters.views import words as chart_words

TONES = {
    QueryStatus.DRAFT: "line",
    QueryStatus.SENT: "query",
    QueryStatus.ANSWERED: "ok",
    QueryStatus.CLOSED: "",
    QueryStatus.CANCELLED: "line",
    QueryStatus.EXPIRED: "bad",
}
ESCALATED = {Level.NONE: "", Level.REMINDED: "Reminded", Level.ADVISOR: "With the advisor"}
PICTURES = {
    StepKind.DRAFTED: "pencil",
    StepKind.SENT: "arrow-right",
    StepKind.DELIVERED: "check",
    StepKind.REMINDED: "clock",
    StepKind.OPENED: "file-text",
    StepKind.REDIRECTED: "users",
    StepKind.ESCALATED: "triangle-alert",
    StepKind.HELD: "pause",
    StepKind.ANSWERED: "circle-check",
    StepKind.RETURNED: "play",
    StepKind.CLOSED: "lock",
    StepKind.CANCELLED: "circle-x",
    StepKind.EXPIRED: "circle-dashed",
    StepKind.RENEWED: "rotate-ccw",
}
REASONS = {
    Reason.PRINCIPAL: "Another first-listed diagnosis",
    Reason.SPECIFIED: "More specific",
    Reason.REPLACED: "Another code of the same category",
    Reason.ADDED: "Added",
    Reason.REMOVED: "Removed",
    Reason.POA: "Present on admission",
    Reason.NONE: "No code changed",
}


def state(query: CdiQuery) -> str:
    """``Answered``, ``Waiting for the provider``."""
    return str(QueryStatus(query.state).label)


def outcome(query: CdiQuery) -> str:
    """What the answer came to; empty while there is none."""
    return str(QueryOutcome(query.outcome).label) if query.outcome else ""


def day(at: datetime | None, zone: str) -> str:
    """``11/19/2026`` at the client's; empty for none."""
    return chart_words.moment(at, zone)[:10] if at else ""


def waits(query: CdiQuery, now: datetime) -> tuple[str, str]:
    """Time left until its answer is due, and its tone; empty for what does not wait."""
    if query.state != QueryStatus.SENT or query.due_at is None:
        return "", ""
    return chart_words.waiting(query.due_at, now)
