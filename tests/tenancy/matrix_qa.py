"""Rows of the QA programme's addresses: who may ask them, with what.

Ids of its rows come from ``full.quality`` (``full_qa.py``), by the name of the placeholder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import LEADERS, PAGES, Row, get, of

QUALITY = PAGES + "quality/"

QA_MATRIX: dict[str, Row] = {
    # --- reviews and the worksheet ---
    # --- findings and exports ---
    # --- plans and draws ---
    # --- programme, accuracy, replay ---
    QUALITY: get(of(Role.QA_REVIEWER, Role.CODER, Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR) | LEADERS),
    # --- training ---
    # --- calibration ---
    # --- drift ---
    # --- rehearsals ---
}

QA_FILLED_BY: dict[str, Callable[[Full], Any]] = {
    "review_id": lambda full: full.quality.coding.pk,
    "review_code_id": lambda full: full.quality.code.pk,
    "review_evidence_id": lambda full: full.quality.evidence.pk,
    "line_id": lambda full: full.quality.line.pk,
}
