"""Rows of the addresses of query measures, marks of charts reviewed, and query audits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from coding_ops.tenancy.models import Role
from tests import cast
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import (
    CODER,
    LEADERS,
    PAGES,
    READERS,
    REVIEWERS,
    Act,
    Row,
    Sent,
    get,
    of,
    post,
)

MEASURES = PAGES + "queries/measures/"
AUDITS = PAGES + "queries/audits/"
AUDITED = AUDITS + "queries/<uuid:audited_id>/"
AUDIT = AUDITS + "<uuid:audit_id>/"
STEWARDS = LEADERS | of(Role.CDI_SPECIALIST)
DRAWERS = LEADERS | of(Role.QA_REVIEWER)


def rows(_full: Full) -> Sent:
    today = cast.today()
    return {"measure": "waiting", "from": f"{today - timedelta(days=30)}", "through": f"{today}"}


def drawing(_full: Full) -> Sent:
    today = cast.today()
    days = {"first": f"{today - timedelta(days=30):%m/%d/%Y}", "through": f"{today:%m/%d/%Y}"}
    return {**days, "count": "1", "seed": "11"}


def finished(full: Full) -> Mapping[str, Any]:
    return {"audited_id": full.asked.audited.pk}


AUDIT_MATRIX: dict[str, Row] = {
    MEASURES: get(REVIEWERS | READERS, months="12"),
    MEASURES + "rows/": Row({"GET": Act(REVIEWERS | READERS, rows)}),
    PAGES + "encounters/<uuid:encounter_id>/query/reviewed/": post(STEWARDS, lambda full: {}),
    # A coder who writes queries is led to their own results.
    AUDITS: get(REVIEWERS | CODER),
    AUDITS + "new/": Row({"GET": Act(DRAWERS), "POST": Act(DRAWERS, drawing)}),
    # Their author is the CDI specialist.
    AUDITS + "authors/<int:author_id>/": get(STEWARDS),
    AUDITED: Row({"GET": Act(REVIEWERS), "POST": Act(DRAWERS, lambda full: {"do": "save", "clear": "met"})}),
    AUDITED + "reopen/": Row({"POST": Act(of(Role.MANAGER), ids=finished)}),
    AUDIT: get(REVIEWERS),
    AUDIT + "csv/": get(REVIEWERS),
}

AUDIT_FILLED_BY: dict[str, Callable[[Full], Any]] = {
    "audit_id": lambda full: full.asked.audited.audit_id,
    "audited_id": lambda full: full.asked.unaudited.pk,
    "author_id": lambda full: full.asked.audited.author_id,
}
