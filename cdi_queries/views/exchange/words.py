"""Words of messages on their way, and of the policy's numbers."""

from __future__ import annotations

from cdi_queries.models import OutboundMessage, OutboxState
from cdi_queries.views.exchange.dto import MessageRow
from coding_ops.web.client_pages import moment

TONES = {
    OutboxState.QUEUED: "warn",
    OutboxState.SENT: "warn",
    OutboxState.ACCEPTED: "ok",
    OutboxState.FAILED: "bad",
}
ANSWERS = {
    "AA": "Accepted (AA)",
    "CA": "Accepted (CA)",
    "AE": "The receiver had an error (AE)",
    "CE": "The receiver had an error (CE)",
    "AR": "The receiver rejected it (AR)",
    "CR": "The receiver rejected it (CR)",
    "no_answer": "No answer in time",
    "other_answer": "No acknowledgement of this message",
    "unreachable": "Nobody answers at the address",
    "unknown_host": "The name of the machine is unknown",
    "not_allowed": "The address may not be called: it is not public and encrypted, nor in an opened network",
    "certificate": "The receiver’s certificate is not trusted",
    "no_tls": "No TLS at the address",
    "fhir_refused": "The server did not keep both resources",
    "written": "Written into the folder",
    "no_folder": "There is no drop folder",
    "folder_closed": "The folder cannot be written",
    "withdrawn": "Not sent: the question waits no more",
    "other_way": "Not sent: the way was changed",
    "lost": "Its sender was lost; tried again",
}
NUMBERS = {
    "answer_hours": ("Hours until an answer is expected", "Shown to the provider as a day."),
    "first_escalation_hours": ("Hours until the provider is reminded", ""),
    "second_escalation_hours": ("Hours until the advisor is told", ""),
    "expiry_days": ("Days until a question runs out", "Its chart goes back to the coders then."),
    "link_hours": ("Hours that a mailed link works", ""),
    "code_minutes": ("Minutes that a one-time code works", ""),
    "retention_years": ("Years that queries are kept after they ended", ""),
}


def message_row(message: OutboundMessage, base: str, zone: str) -> MessageRow:
    """``base`` is the address of the client's queries."""
    state = OutboxState(message.state)
    answer = ANSWERS.get(message.result) or message.result.replace("http_", "HTTP ")
    falls_back = state is OutboxState.FAILED and message.query_id and message.result != "withdrawn"
    return MessageRow(
        made=moment(message.created_at, zone),
        what="Query" if message.query_id else "Test message",
        href=f"{base}{message.query_id}/" if message.query_id else "",
        kind=str(message.get_kind_display()),
        address=message.address,
        state=str(state.label),
        tone=TONES[state],
        tries=str(message.tries),
        answer=f"{answer}. Sent by mail instead." if falls_back else answer,
    )
