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
from tests.tenancy.matrix_parts import (
    Act,
    CODER,
    LEADERS,
    PAGES,
    Row,
    Sent,
    get,
    in_three_days,
    of,
)

QUALITY = PAGES + "quality/"
TRAINING = QUALITY + "training/"
TRAINERS = LEADERS | of(Role.QA_REVIEWER)
FINDINGS = QUALITY + "findings/"
REVIEWING = LEADERS | of(Role.QA_REVIEWER)


def delivered_line(full: Full) -> Mapping[str, Any]:
    return {"line_id": full.quality.finding.pk}


SEES_QUALITY = of(Role.QA_REVIEWER, Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR) | LEADERS


def trained(full: Full) -> Mapping[str, Any]:
    return {"line_id": full.quality.finding.pk}


def new_training(full: Full) -> Sent:
    return {
        "topic": "kidney",
        "coder": full.people[Role.CODER].pk,
        "reason": "Found in two reviews",
        "material": "Guideline I.C.14.a",
        "due_on": in_three_days(),
        "reaudit_count": "2",
    }


def root_cause(full: Full) -> Sent:
    return {
        "problem": "Stage 3b is coded for stage 3a.",
        "why1": "The template shows one stage.",
        "remedy": "Ask for another template.",
        "owner": full.people[Role.MANAGER].pk,
        "due_on": in_three_days(),
        "version": "1",
    }


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
    TRAINING: get(TRAINERS | CODER),
    TRAINING + "assignments/": get(TRAINERS | CODER),
    TRAINING + "topics/<slug:topic>/": get(TRAINERS),
    TRAINING + "findings/<uuid:line_id>/topic/": Row(
        {
            "GET": Act(TRAINERS, ids=trained),
            "POST": Act(TRAINERS, lambda full: {"topic": "diabetes"}, ids=trained),
        }
    ),
    TRAINING + "assign/": Row({"GET": Act(TRAINERS), "POST": Act(TRAINERS, new_training)}),
    TRAINING + "assignments/<uuid:training_id>/": Row({"GET": Act(TRAINERS | CODER)}),
    TRAINING + "assignments/<uuid:training_id>/complete/": Row({"POST": Act(CODER)}),
    TRAINING + "assignments/<uuid:training_id>/reaudit/": Row(
        {"POST": Act(TRAINERS, ids=lambda full: {"training_id": full.training.waiting.pk})}
    ),
    TRAINING + "assignments/<uuid:training_id>/end/": Row(
        {"POST": Act(LEADERS, lambda full: {"reason": "The coder has left."})}
    ),
    TRAINING + "causes/": get(TRAINERS),
    TRAINING + "causes/new/": Row(
        {
            "GET": Act(TRAINERS, lambda full: {"topic": "heart"}),
            "POST": Act(TRAINERS, lambda full: {"topic": "heart", **root_cause(full)}),
        }
    ),
    TRAINING + "causes/<uuid:cause_id>/": Row({"GET": Act(TRAINERS), "POST": Act(TRAINERS, root_cause)}),
    TRAINING + "causes/<uuid:cause_id>/close/": Row(
        {"POST": Act(TRAINERS, lambda full: {"version": "1", "evidence": "Clean re-audit of 10/30."})}
    ),
    # --- calibration ---
    # --- drift ---
    # --- rehearsals ---
}

QA_FILLED_BY: dict[str, Callable[[Full], Any]] = {
    "topic": lambda full: "hypertension",
    "training_id": lambda full: full.training.assigned.pk,
    "cause_id": lambda full: full.training.cause.pk,
    "user_id": lambda full: full.people[Role.CODER].pk,
    "review_id": lambda full: full.quality.coding.pk,
    "review_code_id": lambda full: full.quality.code.pk,
    "review_evidence_id": lambda full: full.quality.evidence.pk,
    "line_id": lambda full: full.quality.line.pk,
}
