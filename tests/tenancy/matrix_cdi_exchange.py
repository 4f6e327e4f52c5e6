"""Rows of the addresses of set-up, ways out and the API of queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import LEADERS, PAGES, Row, get, of, post

SETUP = PAGES + "queries/setup/"
STEWARDS = LEADERS | of(Role.CDI_SPECIALIST)
WAY_KEEPER = of(Role.VENDOR_ADMIN)
POLICY: Mapping[str, Any] = {
    "first_escalation_hours": "48",
    "second_escalation_hours": "72",
    "answer_hours": "72",
    "expiry_days": "14",
    "link_hours": "96",
    "code_minutes": "15",
    "retention_years": "10",
}
WAY: Mapping[str, Any] = {"kind": "hl7_mdm", "address": "mllps://inbox.example.org:2576"}


def nothing(_full: Full) -> Mapping[str, Any]:
    return {}


EXCHANGE_MATRIX: dict[str, Row] = {
    SETUP: get(STEWARDS | of(Role.CLIENT_ADMIN)),
    SETUP + "policy/": post(STEWARDS, lambda full: POLICY),
    SETUP + "way/": post(WAY_KEEPER, lambda full: WAY),
    SETUP + "way/test/": post(WAY_KEEPER, nothing),
    SETUP + "messages/": get(STEWARDS, state="queued"),
    SETUP + "retention/": get(STEWARDS | of(Role.CLIENT_ADMIN)),
}
