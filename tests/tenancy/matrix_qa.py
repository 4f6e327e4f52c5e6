"""Rows of the QA programme's addresses: who may ask them, with what.

Ids of its rows come from ``full.quality`` (``full_qa.py``), by the name of the placeholder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from coding_ops.tenancy.models import Role
from tests import cast
from tests.tenancy.full import Full
from tests.tenancy.matrix_calibration import CALIBRATION_FILLED_BY, CALIBRATION_MATRIX
from tests.tenancy.matrix_drift import DRIFT_FILLED_BY, DRIFT_MATRIX
from tests.tenancy.matrix_parts import (
    CODER,
    EVERYBODY,
    LEADERS,
    PAGES,
    Act,
    Row,
    Sent,
    get,
    in_three_days,
    of,
    post,
)

QUALITY = PAGES + "quality/"
TRAINING = QUALITY + "training/"
TRAINERS = LEADERS | of(Role.QA_REVIEWER)
REVIEWS = QUALITY + "reviews/"
REVIEW = REVIEWS + "<uuid:review_id>/"
REVIEW_CODE = REVIEW + "codes/<uuid:review_code_id>/"
LINE = REVIEW + "lines/<uuid:line_id>/"
FINDINGS = QUALITY + "findings/"
EXPORTS = PAGES + "exports/"
REVIEWER = of(Role.QA_REVIEWER)
REVIEWING = LEADERS | of(Role.QA_REVIEWER)


def delivered_line(full: Full) -> Mapping[str, Any]:
    return {"line_id": full.quality.finding.pk}


def comparing(full: Full) -> Mapping[str, Any]:
    return {"review_id": full.quality.comparing.pk}


def waiting(full: Full) -> Mapping[str, Any]:
    return {"review_id": full.quality.waiting.pk}


def agreed(full: Full) -> Mapping[str, Any]:
    return {**comparing(full), "line_id": full.quality.agreed.pk}


def observed(full: Full) -> Mapping[str, Any]:
    return {**comparing(full), "line_id": full.quality.observed.pk}


def first_line(full: Full) -> Mapping[str, Any]:
    """Words of the reviewed chart, as they are cited without a script."""
    return {"version": str(full.quality.evidence.document_version_id), "lines": "2"}


def judged(full: Full) -> Mapping[str, Any]:
    return {
        "cause": "guideline_knowledge",
        "severity": "minor",
        "direction": "over",
        "citation_kind": "guideline",
        "citation": "I.C.9.a",
    }


def compared(send: Callable[[Full], Mapping[str, Any]], ids: Callable[[Full], Mapping[str, Any]]) -> Row:
    return Row({"POST": Act(REVIEWER, send, ids=ids)})


SEES_QUALITY = of(Role.QA_REVIEWER, Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR) | LEADERS

PLANS = QUALITY + "plans/"
PLAN = PLANS + "<uuid:plan_id>/"
DRAW = QUALITY + "draws/<uuid:draw_id>/"
READS_PLANS = REVIEWING | of(Role.CLIENT_ADMIN)
READS_SAMPLES = LEADERS | of(Role.CLIENT_ADMIN)
TERMS = {
    "method": "percent",
    "value": "50",
    "floor_per_stratum": "2",
    "strata": ["kind"],
    "new_coder_charts": "30",
    "mode": "open",
    "gate": "retrospective",
    "schedule": "weekly",
    "counted_score": "encounter_clean",
    "rebuttal_days": "10",
    "target": "95",
    "precision": "5",
    "confidence": "95",
    "do": "save",
}

REHEARSALS = QUALITY + "rehearsals/"


def a_design(full: Full) -> Mapping[str, Any]:
    return {
        "kind": "payer",
        "name": "Another",
        "contract_name": "Plan 7",
        "first_on": "01/01/2025",
        "last_on": (cast.today() - timedelta(days=1)).isoformat(),
        "count": "5",
        "strata": "1",
        "do": "draw",
    }


def a_verdict(full: Full) -> Mapping[str, Any]:
    return {"do": "judge", "item": str(full.rehearsed.item.pk), "verdict": "supported"}


def an_overpayment(full: Full) -> Mapping[str, Any]:
    today = cast.today().isoformat()
    found = {"title": "Billed twice", "contract_name": "Plan 7", "program": "medicare_ab"}
    return found | {"identified_on": today, "reason": "Found by us."}


def a_decision(full: Full) -> Mapping[str, Any]:
    return {"verb": "dismiss", "on": cast.today().isoformat(), "reason": "It was paid once."}


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
    "work/reviews/": get(REVIEWING),
    "work/reviews/next/": post(REVIEWING, lambda full: {}),
    REVIEWS: get(REVIEWING | of(Role.CODER, Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR)),
    REVIEWS + "ask/": post(
        REVIEWING | of(Role.CLIENT_ADMIN),
        lambda full: {
            "visit": full.stays.final.external_id,
            "mode": "blind",
            "reason": "A denial was announced.",
        },
    ),
    REVIEWS + "next/": post(REVIEWING | of(Role.CLIENT_ADMIN), lambda full: {}),
    REVIEW: get(REVIEWING),
    REVIEW + "take/": Row({"POST": Act(REVIEWING, ids=waiting)}),
    REVIEW + "give-back/": post(REVIEWER, lambda full: {}),
    REVIEW + "cancel/": Row(
        {"GET": Act(REVIEWING), "POST": Act(REVIEWING, lambda full: {"reason": "Drawn by mistake."})}
    ),
    REVIEW + "reveal/": post(REVIEWER, lambda full: {}),
    REVIEW + "deliver/": compared(lambda full: {"summary": "One code."}, comparing),
    REVIEW + "codes/": post(REVIEWER, lambda full: {"system": "ICD-10-CM", "code": "I10"}),
    REVIEW + "codes/search/": post(REVIEWER, lambda full: {"q": "N18.32"}),
    REVIEW_CODE: Row({"GET": Act(REVIEWER), "POST": Act(REVIEWER, lambda full: {"poa": "Y"})}),
    REVIEW_CODE + "cite/": post(REVIEWER, first_line),
    REVIEW_CODE + "move/": post(REVIEWER, lambda full: {"to": "up"}),
    REVIEW_CODE + "remove/": post(REVIEWER, lambda full: {}),
    REVIEW + "evidence/<uuid:review_evidence_id>/remove/": post(REVIEWER, lambda full: {}),
    LINE: Row({"GET": Act(REVIEWER, ids=comparing), "POST": Act(REVIEWER, judged, ids=comparing)}),
    LINE + "cite/": compared(
        lambda full: {
            "version": str(full.quality.note.pk),
            "lines": "2",
        },
        agreed,
    ),
    LINE + "agree/": compared(lambda full: {}, comparing),
    LINE + "process/": compared(lambda full: {"verdict": "QM"}, comparing),
    LINE + "remove/": compared(lambda full: {}, observed),
    # --- findings and exports ---
    "work/findings/": get(CODER),
    FINDINGS: get(CODER | REVIEWING | of(Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR)),
    FINDINGS + "reviewers/": get(REVIEWING),
    FINDINGS + "<uuid:line_id>/answer/": Row(
        {"POST": Act(CODER, lambda full: {"verb": "accept"}, ids=delivered_line)}
    ),
    # whoever asked for a file has it, and nobody else
    EXPORTS: Row(
        {
            "GET": Act(EVERYBODY),
            "POST": Act(
                REVIEWING | of(Role.CLIENT_ADMIN, Role.EXTERNAL_AUDITOR),
                lambda full: {
                    "kind": "qa.audit",
                    "format": "xlsx",
                    "review": full.quality.export.params["review"],
                },
            ),
        }
    ),
    EXPORTS + "<uuid:export_id>/": get(REVIEWER),
    EXPORTS + "<uuid:export_id>/file/": get(REVIEWER),
    FINDINGS + "<uuid:line_id>/extend/": Row(
        {
            "POST": Act(
                LEADERS,
                lambda full: {
                    "until": f"{cast.today() + timedelta(days=20):%m/%d/%Y}",
                    "reason": "On leave until Monday.",
                },
                ids=delivered_line,
            )
        }
    ),
    # --- plans and draws ---
    PLANS: get(READS_PLANS),
    PLANS + "new/": Row(
        {
            "GET": Act(LEADERS | of(Role.CLIENT_ADMIN)),
            "POST": Act(LEADERS | of(Role.CLIENT_ADMIN), lambda full: TERMS | {"name": "Focused"}),
        }
    ),
    PLAN: get(READS_PLANS),
    PLAN + "change/": Row(
        {
            "GET": Act(LEADERS),
            "POST": Act(LEADERS, lambda full: TERMS | {"seen_version": "1", "reason": "Asked for."}),
        }
    ),
    PLAN + "switch/": post(LEADERS, lambda full: {"to": "off", "why": "The contract ended."}),
    PLAN + "draw/": post(LEADERS, lambda full: {"first": "t-9", "last": "t-1", "seed": "2"}),
    QUALITY + "held/": Row(
        {
            "GET": Act(READS_SAMPLES),
            "POST": Act(
                LEADERS, lambda full: {"hold": full.quality.held.pk, "reason": "The deadline is today."}
            ),
        }
    ),
    QUALITY + "draws/": get(READS_PLANS),
    DRAW: get(READS_PLANS),
    DRAW + "again/": get(READS_PLANS),
    DRAW + "frame.csv": get(READS_SAMPLES),
    DRAW + "qa-sample.json": get(READS_SAMPLES),
    # --- programme, accuracy, replay ---
    QUALITY: get(SEES_QUALITY | of(Role.CODER)),
    QUALITY + "rows/": get(SEES_QUALITY),
    QUALITY + "replay/": get(SEES_QUALITY, do="replay"),
    QUALITY + "people/<int:user_id>/": get(of(Role.QA_REVIEWER, Role.CODER) | LEADERS),
    "work/accuracy/": get(of(Role.CODER)),
    # --- training ---
    TRAINING: get(TRAINERS | CODER),
    TRAINING + "assignments/": get(TRAINERS | CODER),
    TRAINING + "topic/": get(TRAINERS, name="hypertension"),
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
    **CALIBRATION_MATRIX,
    # --- drift ---
    **DRIFT_MATRIX,
    # --- rehearsals ---
    REHEARSALS: get(REVIEWING),
    REHEARSALS + "new/": Row({"GET": Act(LEADERS), "POST": Act(LEADERS, a_design)}),
    REHEARSALS + "<uuid:rehearsal_id>/": Row(
        {
            "GET": Act(REVIEWING),
            "POST": Act(LEADERS, lambda full: {"do": "days", "notice_on": "11/02/2026"}),
        }
    ),
    REHEARSALS + "<uuid:rehearsal_id>/units/<uuid:unit_id>/": Row(
        {"GET": Act(REVIEWING), "POST": Act(REVIEWING, a_verdict)}
    ),
    REHEARSALS + "clocks/new/": Row({"GET": Act(LEADERS), "POST": Act(LEADERS, an_overpayment)}),
    REHEARSALS + "clocks/<uuid:clock_id>/": Row({"GET": Act(REVIEWING), "POST": Act(LEADERS, a_decision)}),
}

QA_FILLED_BY: dict[str, Callable[[Full], Any]] = {
    **CALIBRATION_FILLED_BY,
    **DRIFT_FILLED_BY,
    "training_id": lambda full: full.training.assigned.pk,
    "cause_id": lambda full: full.training.cause.pk,
    "user_id": lambda full: full.people[Role.CODER].pk,
    "plan_id": lambda full: full.quality.plan.pk,
    "draw_id": lambda full: full.quality.coding.draw_id,
    "review_id": lambda full: full.quality.coding.pk,
    "review_code_id": lambda full: full.quality.code.pk,
    "review_evidence_id": lambda full: full.quality.evidence.pk,
    "export_id": lambda full: full.quality.export.pk,
    "line_id": lambda full: full.quality.line.pk,
    "rehearsal_id": lambda full: full.rehearsed.rehearsal.pk,
    "unit_id": lambda full: full.rehearsed.unit.pk,
    "clock_id": lambda full: full.rehearsed.clock.pk,
}
