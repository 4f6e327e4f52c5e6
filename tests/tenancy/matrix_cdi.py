"""Rows of the addresses of CDI queries: who may ask them, with what.

Ids of its rows come from ``full.asked`` (``full_cdi.py``), by the name of the placeholder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_cdi_audits import AUDIT_FILLED_BY, AUDIT_MATRIX
from tests.tenancy.matrix_cdi_education import EDUCATION_FILLED_BY, EDUCATION_MATRIX
from tests.tenancy.matrix_cdi_exchange import EXCHANGE_MATRIX
from tests.tenancy.matrix_cdi_life import LIFE_MATRIX
from tests.tenancy.matrix_cdi_provider import PROVIDER_FILLED_BY, PROVIDER_MATRIX
from tests.tenancy.matrix_cdi_templates import TEMPLATE_MATRIX
from tests.tenancy.matrix_cdi_triggers import TRIGGER_FILLED_BY, TRIGGER_MATRIX
from tests.tenancy.matrix_parts import (
    LEADERS,
    PAGES,
    READERS,
    VENDOR,
    Act,
    Row,
    Sent,
    get,
    leased,
    of,
    post,
)

QUERIES = PAGES + "queries/"
QUERY = QUERIES + "<uuid:query_id>/"
ASKED = PAGES + "asked/"
COMPOSE = PAGES + "encounters/<uuid:encounter_id>/query/"
STEWARDS = LEADERS | of(Role.CDI_SPECIALIST)
AUTHORS = STEWARDS | of(Role.CODER)
QUERY_READERS = AUTHORS | of(Role.QA_REVIEWER) | READERS


def sent(full: Full) -> Mapping[str, Any]:
    return {"query_id": full.asked.sent.pk}


def drafted(full: Full) -> Mapping[str, Any]:
    return {"query_id": full.asked.draft.pk}


def answered(full: Full) -> Mapping[str, Any]:
    return {"query_id": full.asked.answered.pk}


def expired(full: Full) -> Mapping[str, Any]:
    return {"query_id": full.asked.expired.pk}


def own_draft(full: Full) -> Mapping[str, Any]:
    return {"encounter_id": full.asked.chart.pk, "query_id": full.asked.draft.pk}


def meanwhile(full: Full) -> Mapping[str, Any]:
    return {"encounter_id": full.disputed.encounter.pk, "query_id": full.asked.meanwhile.pk}


def words(full: Full) -> Sent:
    return {**leased(full), "version": str(full.version.pk), "lines": "2"}


CDI_MATRIX: dict[str, Row] = (
    TEMPLATE_MATRIX
    | LIFE_MATRIX
    | EXCHANGE_MATRIX
    | PROVIDER_MATRIX
    | TRIGGER_MATRIX
    | AUDIT_MATRIX
    | EDUCATION_MATRIX
    | {
        COMPOSE: get(VENDOR),
        COMPOSE + "start/": post(AUTHORS, words),
        COMPOSE + "prior/": post(
            STEWARDS, lambda full: {**words(full), "draft": str(full.asked.draft.pk), "relevance": "Before"}
        ),
        COMPOSE + "<uuid:query_id>/": Row(
            {
                "GET": Act(STEWARDS, ids=own_draft),
                "POST": Act(
                    STEWARDS, lambda full: {"act": "save", "kind": "open", "body": "What?"}, own_draft
                ),
            }
        ),
        COMPOSE + "<uuid:query_id>/hold/": Row(
            {"POST": Act(of(Role.CODER), lambda full: {"fence": full.disputed.fence}, meanwhile)}
        ),
        COMPOSE + "<uuid:query_id>/lint/": Row(
            {"POST": Act(STEWARDS, lambda full: {"kind": "open", "body": "What?"}, own_draft)}
        ),
    }
)

CDI_FILLED_BY: dict[str, Callable[[Full], Any]] = (
    PROVIDER_FILLED_BY
    | TRIGGER_FILLED_BY
    | AUDIT_FILLED_BY
    | EDUCATION_FILLED_BY
    | {
        "query_id": lambda full: full.asked.sent.pk,
        "template_id": lambda full: full.asked.template.pk,
        "template_key": lambda full: full.asked.template.key,
        "provider_id": lambda full: full.asked.provider.pk,
    }
)
