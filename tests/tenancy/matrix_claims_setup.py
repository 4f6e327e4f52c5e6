"""Rows of the addresses where a client's billing is set up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from claims.models import Charge
from coding_ops.tenancy.models import Role
from tests import cast
from tests.claims.scene import NPI
from tests.tenancy.full import Full
from tests.tenancy.matrix_parts import LEADERS, PAGES, Act, Row, get, of, post

SETUP = PAGES + "claims/setup/"
SETTERS = LEADERS | of(Role.CLIENT_ADMIN)
PROFILE: Mapping[str, Any] = {
    "is_self_billed": "1",
    "name": "Cypress Ridge",
    "npi": NPI,
    "bill_hold_days": "4",
    "maturity_days": "45",
    "systemic_count": "3",
}
PAYER: Mapping[str, Any] = {
    "name": "Another Plan",
    "kind": "commercial",
    "payer_id": "ANOTH",
    "filing_code": "CI",
    "receiver_name": "Test Clearinghouse",
    "receiver_id": "CLEARTEST",
    "timely_filing_days": "90",
    "correction_days": "90",
    "appeal_days": "60",
    "is_active": "1",
}


def a_file(_full: Full) -> Mapping[str, Any]:
    text = b"code,amount,starts_on\r\n99215,220.00,01/01/2026\r\n"
    return {"file": SimpleUploadedFile("charges.csv", text, content_type="text/csv")}


def a_charge(full: Full) -> Any:
    with cast.opened(full.place):
        return Charge.objects.filter(client_id=full.place.client.pk).earliest("id").pk


SETUP_MATRIX: dict[str, Row] = {
    SETUP: get(SETTERS),
    SETUP + "profile/": post(SETTERS, lambda full: PROFILE),
    SETUP + "payers/new/": Row({"GET": Act(SETTERS), "POST": Act(SETTERS, lambda full: PAYER)}),
    SETUP + "payers/<uuid:payer_key>/": Row({"GET": Act(SETTERS), "POST": Act(SETTERS, lambda full: PAYER)}),
    SETUP + "charges/": get(SETTERS, code="992"),
    SETUP + "charges/add/": post(
        SETTERS, lambda full: {"code": "99212", "amount": "90.00", "starts_on": "01/01/2026"}
    ),
    SETUP + "charges/upload/": post(SETTERS, a_file),
    SETUP + "charges/download/": get(SETTERS),
    SETUP + "charges/<uuid:charge_key>/end/": post(SETTERS, lambda full: {"last_on": "12/31/2030"}),
    SETUP + "changes/": get(SETTERS),
}
