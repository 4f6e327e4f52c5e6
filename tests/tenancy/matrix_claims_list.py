"""Rows of the addresses of the list of claims and of one claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import CODER, LEADERS, PAGES, READERS, Act, Row, get, of, post

CLAIMS = PAGES + "claims/"
CLAIM = CLAIMS + "<uuid:claim_id>/"
CLAIM_READERS = LEADERS | CODER | READERS | of(Role.QA_REVIEWER, Role.CDI_SPECIALIST)
SETTERS = LEADERS | of(Role.CLIENT_ADMIN)


def final(full: Full) -> Mapping[str, Any]:
    """The chart that was billed."""
    return {"encounter_id": full.billed.denied.encounter_id}


def blocked(full: Full) -> Mapping[str, Any]:
    return {"claim_id": full.billed.blocked.pk}


CLAIMS_MATRIX: dict[str, Row] = {
    CLAIMS: get(CLAIM_READERS, state="refused"),
    CLAIMS + "find/": post(CLAIM_READERS, lambda full: {"number": full.billed.denied.control_number}),
    CLAIM: get(CLAIM_READERS),
    CLAIM + "check/": Row({"POST": Act(SETTERS, lambda full: {}, blocked)}),
    PAGES + "encounters/<uuid:encounter_id>/claim/": Row({"GET": Act(CLAIM_READERS, lambda full: {}, final)}),
}
