"""Rows of drift: read by who reviews and leads, decided by leaders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import LEADERS, PAGES, Act, Row, get, in_three_days, of, post

DRIFT = PAGES + "quality/drift/"
READERS = LEADERS | of(Role.QA_REVIEWER)
WHY = {"reason": "Settled by training."}

DRIFT_MATRIX: dict[str, Row] = {
    DRIFT: get(READERS),
    DRIFT + "change/": get(READERS),
    DRIFT + "coders/<int:coder_id>/": get(READERS),
    DRIFT + "specialties/": get(READERS, code="IM"),
    DRIFT + "signals/": get(READERS, show="waiting"),
    DRIFT + "signals/<uuid:signal_id>/": Row(
        {
            "GET": Act(READERS),
            "POST": Act(
                LEADERS, lambda full: {"kind": "widen", "factor": "2", "until": in_three_days(), **WHY}
            ),
        }
    ),
    DRIFT + "notes/": post(
        LEADERS, lambda full: {"kind": "code_set", "happened_on": "10/01/2026", "words": "FY2027 codes"}
    ),
    DRIFT + "notes/<uuid:note_id>/withdraw/": post(LEADERS, lambda full: {}),
    DRIFT + "widenings/<uuid:widening_id>/end/": post(LEADERS, lambda full: WHY),
    DRIFT + "pauses/<uuid:pause_id>/lift/": post(LEADERS, lambda full: WHY),
}

DRIFT_FILLED_BY: dict[str, Callable[[Full], Any]] = {
    "coder_id": lambda full: full.people[Role.CODER].pk,
    "signal_id": lambda full: full.drifted.waiting.pk,
    "note_id": lambda full: full.drifted.note.pk,
    "widening_id": lambda full: full.drifted.widening.pk,
    "pause_id": lambda full: full.drifted.pause.pk,
}
