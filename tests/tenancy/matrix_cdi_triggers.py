"""Rows of the addresses of gaps and their rules: for who keeps queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import LEADERS, PAGES, Act, Row, get, of, post

GAPS = PAGES + "queries/opportunities/"
GAP = GAPS + "<uuid:hit_id>/"
STEWARDS = LEADERS | of(Role.CDI_SPECIALIST)


def dismissed(full: Full) -> Mapping[str, Any]:
    return {"hit_id": full.asked.dismissed_gap.pk}


TRIGGER_MATRIX: dict[str, Row] = {
    GAPS: get(STEWARDS, state="all"),
    GAPS + "rules/": get(STEWARDS, family="finding"),
    GAPS + "rules/<str:rule_key>/switch/": post(STEWARDS, lambda full: {"to": "off"}),
    GAP: get(STEWARDS),
    GAP + "write/": post(STEWARDS, lambda full: {}),
    GAP + "dismiss/": post(STEWARDS, lambda full: {"reason": "misread"}),
    GAP + "put-back/": Row({"POST": Act(STEWARDS, ids=dismissed)}),
}

TRIGGER_FILLED_BY: dict[str, Callable[[Full], Any]] = {
    "hit_id": lambda full: full.asked.gap.pk,
    "rule_key": lambda full: "finding.sodium_low",
}
