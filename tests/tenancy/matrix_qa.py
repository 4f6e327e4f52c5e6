"""Rows of the QA programme's addresses: who may ask them, with what.

Ids of its rows come from ``full.quality`` (``full_qa.py``), by the name of the placeholder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import CODER, LEADERS, PAGES, Act, Row, get, of

QUALITY = PAGES + "quality/"
FINDINGS = QUALITY + "findings/"
REVIEWING = LEADERS | of(Role.QA_REVIEWER)


def delivered_line(full: Full) -> Mapping[str, Any]:
    return {"line_id": full.quality.finding.pk}


SEES_QUALITY = of(Role.QA_REVIEWER, Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR) | LEADERS

QA_MATRIX: dict[str, Row] = {
    # --- reviews and the worksheet ---
    # --- findings and exports ---
    "work/findings/": get(CODER),
    FINDINGS: get(CODER | REVIEWING | of(Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR)),
    FINDINGS + "reviewers/": get(REVIEWING),
    FINDINGS + "<uuid:line_id>/answer/": Row(
        {"POST": Act(CODER, lambda full: {"verb": "accept"}, ids=delivered_line)}
    ),
    FINDINGS + "<uuid:line_id>/extend/": Row(
        {
            "POST": Act(
                LEADERS,
                lambda full: {
                    "until": f"{timezone.localdate() + timedelta(days=20):%m/%d/%Y}",
                    "reason": "On leave until Monday.",
                },
                ids=delivered_line,
            )
        }
    ),
    # --- plans and draws ---
    # --- programme, accuracy, replay ---
    QUALITY: get(SEES_QUALITY | of(Role.CODER)),
    QUALITY + "rows/": get(SEES_QUALITY),
    QUALITY + "people/<int:user_id>/": get(of(Role.QA_REVIEWER, Role.CODER) | LEADERS),
    "work/accuracy/": get(of(Role.CODER)),
    # --- training ---
    # --- calibration ---
    # --- drift ---
    # --- rehearsals ---
}

QA_FILLED_BY: dict[str, Callable[[Full], Any]] = {
    "user_id": lambda full: full.people[Role.CODER].pk,
    "review_id": lambda full: full.quality.coding.pk,
    "review_code_id": lambda full: full.quality.code.pk,
    "review_evidence_id": lambda full: full.quality.evidence.pk,
    "line_id": lambda full: full.quality.line.pk,
}
