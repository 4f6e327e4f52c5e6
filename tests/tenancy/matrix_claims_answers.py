"""Rows of the addresses where denials are answered: appeals, corrections, reworks, credits, returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import CODER, LEADERS, PAGES, READERS, Act, Row, Sent, get, of, post

CLAIMS = PAGES + "claims/"
APPEALS = CLAIMS + "appeals/"
APPEAL = APPEALS + "<uuid:appeal_id>/"
CREDITS = CLAIMS + "credits/"
DENIAL = CLAIMS + "denials/<uuid:denial_id>/"
WORKERS = LEADERS | CODER
INSIDE = WORKERS | of(Role.QA_REVIEWER, Role.CDI_SPECIALIST)
WHY = {"reason": "The payer wants the other code."}


def _sent_appeal(full: Full) -> Mapping[str, Any]:
    return {"appeal_id": full.billed.sent_appeal.pk}


def _ours(full: Full) -> Mapping[str, Any]:
    return {"denial_id": full.billed.ours.pk}


def _today(full: Full) -> Sent:
    return {"decided_on": "t", "awarded_amount": "100.00", "note": "They read the note."}


def _on(
    roles: Any, send: Callable[[Full], Sent], ids: Callable[[Full], Mapping[str, Any]], *, form: bool = True
) -> Row:
    """A form and what it sends, about a row of its own; without a form, what is sent alone."""
    acts = {"POST": Act(roles, send, ids)}
    return Row(({"GET": Act(roles, ids=ids)} if form else {}) | acts)


ANSWERS_MATRIX: dict[str, Row] = {
    APPEALS: get(INSIDE | READERS, state="sent"),
    APPEAL: Row({"GET": Act(INSIDE | READERS, ids=_sent_appeal)}),
    APPEAL + "letter/": post(
        WORKERS, lambda full: {"letter": "Please read the note.", "requested_amount": "135.00"}
    ),
    APPEAL + "send/": post(WORKERS, lambda full: {"reference": "AP-7"}),
    APPEAL + "decide/": _on(WORKERS, _today, _sent_appeal, form=False),
    APPEAL + "withdraw/": post(WORKERS, lambda full: WHY),
    DENIAL + "appeal/": _on(WORKERS, lambda full: {"template": "coding"}, _ours, form=False),
    DENIAL + "rework/": _on(WORKERS, lambda full: WHY, _ours),
    DENIAL + "credit/": _on(LEADERS, lambda full: {"amount": "12.50", "basis": "The fee"}, _ours),
    CLAIMS + "<uuid:claim_id>/correct/": Row(
        {"GET": Act(LEADERS), "POST": Act(LEADERS, lambda full: {"kind": "correct"} | WHY)}
    ),
    CREDITS: get(LEADERS | READERS),
    CREDITS + "<uuid:credit_id>/": Row(
        {
            "GET": Act(LEADERS),
            # Who proposed it, the manager, does not decide it.
            "POST": Act(of(Role.VENDOR_ADMIN), lambda full: {"decision": "approve", "note": ""}),
        }
    ),
    CREDITS + "returns/<uuid:notice_id>/": Row(
        {
            "GET": Act(LEADERS | READERS),
            "POST": Act(LEADERS, lambda full: {"verb": "return", "on": "t", "note": "Sent back."}),
        }
    ),
}
