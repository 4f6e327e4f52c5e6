"""Rows of the addresses where queries stand: who may ask them, with what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import CODER, LEADERS, PAGES, READERS, Act, Row, Sent, get, of

QUERIES = PAGES + "queries/"
QUERY = QUERIES + "<uuid:query_id>/"
STEWARDS = LEADERS | of(Role.CDI_SPECIALIST)
LIST_READERS = STEWARDS | CODER | READERS | of(Role.QA_REVIEWER, Role.EXTERNAL_AUDITOR)
TRAIL_READERS = STEWARDS | READERS | of(Role.QA_REVIEWER)
"""The coder wrote none of them and holds none of their charts; for the auditor the query must have ended."""


def moves(state: str, send: Callable[[Full], Sent] = lambda full: {}) -> Row:
    """An act on the query of a state, as its CDI specialist and their leaders may do it."""

    def ids(full: Full) -> Mapping[str, Any]:
        return {"query_id": getattr(full.asked, state).pk}

    return Row({"POST": Act(STEWARDS, send, ids)})


LIFE_MATRIX: dict[str, Row] = {
    "work/queries/": get(STEWARDS | CODER, who="mine"),
    QUERIES: get(LIST_READERS, state="sent"),
    QUERY: get(TRAIL_READERS),
    QUERY + "cancel/": moves("sent", lambda full: {"reason": "not_needed", "note": "Done meanwhile"}),
    QUERY + "redirect/": moves(
        "sent", lambda full: {"provider": str(full.asked.other.pk), "why": "Covers the ward"}
    ),
    QUERY + "renew/": moves("expired"),
    QUERY + "close/": moves("answered"),
    QUERY + "escalate/": moves("sent", lambda full: {"note": "Waits too long"}),
}
