"""Rows of the addresses of claims: who may ask them, with what; a module a room.

Ids of its rows come from ``full.billed`` (``full_claims.py``), by the name of the placeholder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.tenancy.full import Full
from tests.tenancy.matrix_claims_answers import ANSWERS_MATRIX
from tests.tenancy.matrix_claims_denials import DENIAL_MATRIX
from tests.tenancy.matrix_claims_drift import DRIFT_CLAIM_MATRIX
from tests.tenancy.matrix_claims_files import FILES_MATRIX
from tests.tenancy.matrix_claims_list import CLAIMS_MATRIX
from tests.tenancy.matrix_claims_measures import MEASURES_MATRIX
from tests.tenancy.matrix_claims_setup import SETUP_MATRIX, a_charge
from tests.tenancy.matrix_claims_submissions import SUBMISSIONS_MATRIX
from tests.tenancy.matrix_parts import Row

CLAIM_MATRIX: dict[str, Row] = {
    **ANSWERS_MATRIX,
    **DENIAL_MATRIX,
    **DRIFT_CLAIM_MATRIX,
    **FILES_MATRIX,
    **MEASURES_MATRIX,
    **SETUP_MATRIX,
    **CLAIMS_MATRIX,
    **SUBMISSIONS_MATRIX,
}

CLAIM_FILLED_BY: dict[str, Callable[[Full], Any]] = {
    "claim_id": lambda full: full.billed.denied.pk,
    "denial_id": lambda full: full.billed.denial.pk,
    "appeal_id": lambda full: full.billed.appeal.pk,
    "credit_id": lambda full: full.billed.credit.pk,
    "notice_id": lambda full: full.billed.notice.pk,
    "submission_id": lambda full: full.billed.submission.pk,
    "file_id": lambda full: full.billed.file.pk,
    "problem_id": lambda full: full.billed.problem.pk,
    "remitted_id": lambda full: full.billed.unmatched.pk,
    "charge_key": a_charge,
    "payer_key": lambda full: full.billed.payer.pk,
    "reason_id": lambda full: full.billed.reason.pk,
}
