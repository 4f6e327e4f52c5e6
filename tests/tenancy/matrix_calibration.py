"""Rows of calibration and gold charts: leaders', and of a closed round its readers'."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from coding_ops.tenancy.models import Role
from qa_audit.rules.gold import needs_decision
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import LEADERS, PAGES, Act, Row, get, of, post

CALIBRATION = PAGES + "quality/calibration/"
ROUND = CALIBRATION + "rounds/<uuid:calibration_id>/"
CHART = CALIBRATION + "charts/<uuid:calibration_chart_id>/"
GOLD = CALIBRATION + "gold/"
READERS = LEADERS | of(Role.QA_REVIEWER)


def over(full: Full) -> Mapping[str, Any]:
    return {"calibration_id": full.calibrated.closed.pk}


def unread(full: Full) -> Mapping[str, Any]:
    return {"calibration_chart_id": full.calibrated.unread.pk}


def closed_chart(full: Full) -> Mapping[str, Any]:
    return {"calibration_chart_id": full.calibrated.over.pk}


def a_difference(full: Full) -> Mapping[str, Any]:
    number = next(line["number"] for line in full.calibrated.check.lines if needs_decision(line))
    return {"number": str(number), "decision": "stands", "why": ""}


CALIBRATION_MATRIX: dict[str, Row] = {
    CALIBRATION: get(READERS),
    CALIBRATION + "compare/": post(LEADERS, lambda full: {}),
    CALIBRATION + "policy/": Row(
        {
            "GET": Act(LEADERS),
            "POST": Act(
                LEADERS,
                lambda full: {
                    "target": "92",
                    "least_lines": "30",
                    "window_days": "90",
                    "reason": "Agreed anew.",
                },
            ),
        }
    ),
    CALIBRATION + "signals/<uuid:gold_signal_id>/": post(
        LEADERS, lambda full: {"do": "dismiss", "reason": "One hard chart."}
    ),
    # A round needs two readers who do not know its charts; refused with its fields here.
    CALIBRATION + "rounds/new/": Row({"GET": Act(LEADERS)}),
    ROUND: Row({"GET": Act(READERS, ids=over)}),
    ROUND + "end/": post(LEADERS, lambda full: {"do": "cancel", "words": "Wrong charts chosen."}),
    CHART: Row(
        {
            "GET": Act(READERS, ids=closed_chart),
            "POST": Act(LEADERS, lambda full: {"key": "E11.9", "words": "Agreed in a call."}),
        }
    ),
    CHART + "readers/": Row(
        {
            "POST": Act(
                LEADERS,
                lambda full: {
                    "reader": str(full.people[Role.QA_REVIEWER].pk),
                    "why": "Two more eyes.",
                },
                ids=unread,
            )
        }
    ),
    GOLD: Row(
        {
            "GET": Act(LEADERS),
            "POST": Act(LEADERS, lambda full: {"visit": full.calibrated.uncoded.external_id}),
        }
    ),
    GOLD + "hand-out/": Row(
        {
            "GET": Act(LEADERS),
            "POST": Act(
                LEADERS,
                lambda full: {
                    "visit": full.calibrated.settled.external_id,
                    "person": str(full.people[Role.QA_REVIEWER].pk),
                },
            ),
        }
    ),
    GOLD + "checks/": get(LEADERS),
    GOLD + "checks/<uuid:gold_check_id>/": Row({"GET": Act(LEADERS), "POST": Act(LEADERS, a_difference)}),
    GOLD + "<uuid:gold_id>/": Row(
        {"GET": Act(LEADERS), "POST": Act(LEADERS, lambda full: {"key": "E11.9", "do": "save"})}
    ),
    GOLD + "<uuid:gold_id>/void/": post(LEADERS, lambda full: {"reason": "Not needed any more."}),
}

CALIBRATION_FILLED_BY: dict[str, Callable[[Full], Any]] = {
    "calibration_id": lambda full: full.calibrated.open.pk,
    "calibration_chart_id": lambda full: full.calibrated.read.pk,
    "gold_id": lambda full: full.calibrated.key.pk,
    "gold_check_id": lambda full: full.calibrated.check.pk,
    "gold_signal_id": lambda full: full.calibrated.signal.pk,
}
