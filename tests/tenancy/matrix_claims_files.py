"""Rows of the addresses of files of payers: who may ask them, with what."""

from __future__ import annotations

from coding_ops.tenancy.models import Role
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import CODER, LEADERS, PAGES, READERS, SENDERS, Act, Row, Sent, get, of, post

FILES = PAGES + "claims/files/"
FILE = FILES + "<uuid:file_id>/"
FILE_READERS = LEADERS | READERS


def _dismissal(full: Full) -> Sent:
    return {"reason": "Sent again by the payer."}


API = "api/v1/clients/<slug:client_slug>/"
CLAIM_READERS = LEADERS | READERS | CODER | of(Role.QA_REVIEWER, Role.CDI_SPECIALIST)

FILES_MATRIX: dict[str, Row] = {
    API + "claim-files/": Row(
        {"GET": Act(FILE_READERS), "POST": Act(SENDERS, lambda full: {"content": "ISA*00*"})}
    ),
    API + "claim-files/<uuid:file_id>/": get(FILE_READERS),
    API + "claims/": get(CLAIM_READERS),
    API + "claims/<uuid:claim_id>/": get(CLAIM_READERS),
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
