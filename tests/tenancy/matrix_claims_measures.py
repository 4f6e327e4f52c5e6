"""Rows of the addresses of claim measures and unbilled accounts: who may ask them, with what."""

from __future__ import annotations

from coding_ops.tenancy.models import Role
from tests.tenancy.matrix_parts import CODER, LEADERS, PAGES, READERS, Row, get, of

MEASURES = PAGES + "claims/measures/"
ACCOUNTS = PAGES + "claims/accounts/"
MEASURE_READERS = LEADERS | CODER | READERS | of(Role.QA_REVIEWER, Role.CDI_SPECIALIST)

MEASURES_MATRIX: dict[str, Row] = {
    MEASURES: get(MEASURE_READERS),
    MEASURES + "claims/": get(
        MEASURE_READERS, **{"part": "sent", "from": "2026-01-01", "through": "2026-12-31"}
    ),
    ACCOUNTS: get(LEADERS | READERS),
    ACCOUNTS + "<uuid:encounter_id>/": get(LEADERS | READERS),
}
