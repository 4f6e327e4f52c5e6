"""Rows of the addresses of denials, their board and the reading of reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coding_ops.tenancy.models import Role
from tests import cast
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import CODER, LEADERS, PAGES, READERS, Act, Row, get, of, post

DENIALS = PAGES + "claims/denials/"
DENIAL = DENIALS + "<uuid:denial_id>/"
REASONS = PAGES + "claims/reasons/"
DENIAL_READERS = LEADERS | CODER | READERS | of(Role.QA_REVIEWER, Role.CDI_SPECIALIST)
WORKERS = LEADERS | CODER
REASON = {"reason": "Below the cost of an appeal."}


def _given_up(full: Full) -> Mapping[str, Any]:
    """One that was written off, the third of its cause."""
    return {"denial_id": full.billed.given_up.pk}


DENIAL_MATRIX: dict[str, Row] = {
    DENIALS: get(DENIAL_READERS, group="all"),
    DENIAL: get(DENIAL_READERS),
    DENIAL + "assign/": post(WORKERS, lambda full: {"owner": ""}),
    DENIAL + "cause/": post(WORKERS, lambda full: {"root_cause": "coding", "note": ""}),
    DENIAL + "write-off/": post(LEADERS, lambda full: REASON),
    DENIAL + "reopen/": Row({"POST": Act(LEADERS, lambda full: REASON, _given_up)}),
    DENIAL + "rule/": Row({"POST": Act(LEADERS, lambda full: {}, _given_up)}),
    PAGES + "claims/board/": get(DENIAL_READERS, days="30"),
    REASONS: Row(
        {
            "GET": Act(LEADERS | of(Role.QA_REVIEWER)),
            "POST": Act(
                LEADERS,
                lambda full: {
                    "carc": "45",
                    "category": "benefit",
                    "starts_on": f"{cast.today():%m/%d/%Y}",
                    "reason": "Contract 4.2",
                },
            ),
        }
    ),
    REASONS + "<uuid:reason_id>/end/": post(LEADERS, lambda full: {"ends_on": f"{cast.today():%m/%d/%Y}"}),
}
