"""Rows of the addresses of drift: who may hold what a client billed against what was finalized."""

from __future__ import annotations

from coding_ops.tenancy.models import Role
from tests.tenancy.matrix_parts import LEADERS, PAGES, READERS, Act, Row, get, of

DRIFT = PAGES + "claims/drift/"
LOOKERS = LEADERS | READERS | of(Role.QA_REVIEWER)

DRIFT_CLAIM_MATRIX: dict[str, Row] = {
    DRIFT: get(LOOKERS),
    DRIFT + "<uuid:claim_id>/": Row(
        {"GET": Act(LOOKERS, ids=lambda full: {"claim_id": full.billed.theirs.pk})}
    ),
}
