"""Rows of the addresses of set-up, ways out and the API of queries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import EVERYBODY, LEADERS, PAGES, READERS, Act, Row, get, of, post

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


API = "api/v1/clients/<slug:client_slug>/queries/"
QUERY = API + "<uuid:query_id>/"
AUTHORS = STEWARDS | of(Role.CODER)
OPENS_SENT = STEWARDS | of(Role.QA_REVIEWER, Role.PROVIDER) | READERS


def nothing(_full: Full) -> Mapping[str, Any]:
    return {}


def drafted(full: Full) -> Mapping[str, Any]:
    return {"query_id": full.asked.draft.pk}


def new_draft(full: Full) -> Mapping[str, Any]:
    """About the chart in the coder's hands, its indicator the first word of the note."""
    words = {"document_version": str(full.version.pk), "start": 0, "end": 5}
    return {
        "encounter": str(full.held.pk),
        "provider": str(full.asked.other.pk),
        "kind": "open",
        "title": "Clarification",
        "body": "What was found?",
        "indicators": [words],
    }


EXCHANGE_MATRIX: dict[str, Row] = {
    SETUP: get(STEWARDS | of(Role.CLIENT_ADMIN)),
    SETUP + "policy/": post(STEWARDS, lambda full: POLICY),
    SETUP + "way/": post(WAY_KEEPER, lambda full: WAY),
    SETUP + "way/test/": post(WAY_KEEPER, nothing),
    SETUP + "messages/": get(STEWARDS, state="queued"),
    SETUP + "retention/": get(STEWARDS | of(Role.CLIENT_ADMIN)),
    API: Row({"GET": Act(EVERYBODY), "POST": Act(AUTHORS, new_draft)}),
    QUERY: get(OPENS_SENT),
    QUERY + "fhir/": get(OPENS_SENT),
    QUERY + "send/": Row({"POST": Act(STEWARDS, lambda full: {"hold": False}, drafted)}),
    QUERY + "answer/": post(of(Role.PROVIDER), lambda full: {"option": "o4"}),
    QUERY + "cancel/": post(STEWARDS, lambda full: {"reason": "documented"}),
}
