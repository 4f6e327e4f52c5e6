"""Rows of the addresses of files of claims: who may ask them, with what."""

from __future__ import annotations

from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import LEADERS, PAGES, READERS, Act, Row, Sent, get

SUBMISSIONS = PAGES + "claims/submissions/"
ONE = SUBMISSIONS + "<uuid:submission_id>/"
SUBMISSION_READERS = LEADERS | READERS


def _file(full: Full) -> Sent:
    return {"receiver": full.billed.payer.receiver_id, "form": "837P"}


def _reason(full: Full) -> Sent:
    return {"reason": "The receiver asked for another test."}


def _written(full: Full) -> Sent:
    """The file that waits to be sent."""
    return {"submission_id": full.billed.written.pk}


SUBMISSIONS_MATRIX: dict[str, Row] = {
    SUBMISSIONS: Row({"GET": Act(SUBMISSION_READERS), "POST": Act(LEADERS, _file)}),
    ONE: get(SUBMISSION_READERS),
    ONE + "file/": get(LEADERS),
    ONE + "sent/": Row({"POST": Act(LEADERS, lambda full: {}, _written)}),
    ONE + "take-back/": Row({"GET": Act(LEADERS), "POST": Act(LEADERS, _reason, _written)}),
}
