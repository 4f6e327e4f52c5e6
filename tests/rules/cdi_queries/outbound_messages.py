"""A query on its way out, of a patient who does not exist."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from cdi_queries.rules.content import AnswerOption, QueryContent, QuotedIndicator
from cdi_queries.rules.outbound.message import Clinician, OutboundQuery, Person, Receiver, Visit
from cdi_queries.rules.query import Kind

QUERY_ID = "019b0000-0000-7000-8000-000000000001"
CONTENT = QueryContent(
    kind=Kind.MULTIPLE_CHOICE,
    title="Clarification: kidney function",
    body="Please clarify the stage of the kidney disease.\nYour own words are welcome.",
    options=(
        AnswerOption("o1", "Stage 3a", ("i1",)),
        AnswerOption("o2", "Other (please specify)"),
        AnswerOption("o3", "Unable to determine"),
    ),
    indicators=(
        QuotedIndicator(
            "i1", "v1", 0, 8, "eGFR 52 & stable | ^day~2\\x", "Progress note", date(2026, 11, 19), "L4"
        ),
        QuotedIndicator(
            "i2", "v2", 0, 8, "eGFR 55", "Office visit", date(2026, 5, 2), "L2", True, "Six months ago."
        ),
    ),
)


def message(**changed: Any) -> OutboundQuery:
    """The message; any field may be another."""
    fields: dict[str, Any] = {
        "control_id": "Q0123456789ABCDEF012",
        "query_id": QUERY_ID,
        "sender": "cypress-ridge",
        "receiver": Receiver("INBOX", "CYPRESS", "CRMRN"),
        "made_at": datetime(2026, 11, 23, 22, 0, 5, tzinfo=UTC),
        "sent_at": datetime(2026, 11, 23, 21, 59, tzinfo=UTC),
        "due_at": datetime(2026, 11, 26, 21, 59, tzinfo=UTC),
        "patient": Person("MRN-77", "O'Neil|Test", "Ada", date(1950, 2, 3), "F"),
        "visit": Visit("V-100", date(2026, 11, 19), None, False),
        "provider": Clinician("N. Okafor", "1234567893", "MD"),
        "author": "Sunita Rao, CCDS",
        "content": CONTENT,
        "answer_url": "https://coding.example.org/q/abc-DEF_1:xyz/",
    }
    return OutboundQuery(**{**fields, **changed})
