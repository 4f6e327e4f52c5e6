"""Rows of the addresses of files of payers: who may ask them, with what."""

from __future__ import annotations

from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import LEADERS, PAGES, READERS, SENDERS, Act, Row, Sent, get, post

FILES = PAGES + "claims/files/"
FILE = FILES + "<uuid:file_id>/"
FILE_READERS = LEADERS | READERS


def _dismissal(full: Full) -> Sent:
    return {"reason": "Sent again by the payer."}


FILES_MATRIX: dict[str, Row] = {
    FILES: Row({"GET": Act(FILE_READERS), "POST": Act(SENDERS, lambda full: {"file": full.upload()})}),
    FILES + "unmatched/": Row(
        {"GET": Act(FILE_READERS), "POST": Act(FILE_READERS, lambda full: {"number": "UNKNOWN1"})}
    ),
    FILES + "unmatched/match/": post(SENDERS, lambda full: {}),
    FILES + "problems/<uuid:problem_id>/dismiss/": Row(
        {"GET": Act(SENDERS), "POST": Act(SENDERS, _dismissal)}
    ),
    FILE: get(FILE_READERS),
    FILE + "retry/": post(SENDERS, lambda full: {}),
}
