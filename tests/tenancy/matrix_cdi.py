"""Rows of the addresses of CDI queries: who may ask them, with what.

Ids of its rows come from ``full.asked`` (``full_cdi.py``), by the name of the placeholder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import LEADERS, PAGES, READERS, Row, of

QUERIES = PAGES + "queries/"
QUERY = QUERIES + "<uuid:query_id>/"
ASKED = PAGES + "asked/"
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


CDI_MATRIX: dict[str, Row] = {}

CDI_FILLED_BY: dict[str, Callable[[Full], Any]] = {
    "query_id": lambda full: full.asked.sent.pk,
    "template_id": lambda full: full.asked.template.pk,
    "provider_id": lambda full: full.asked.provider.pk,
}
