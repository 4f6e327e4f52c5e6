"""Who the demo's clients bill as, whom they bill, and for how much: kept as a manager would keep it."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from claims.actions.setup import save_charges, save_payer, save_profile
from claims.rules.charges import ChargeRow
from claims.rules.setup import PayerTerms, Profile
from coding_ops.dev.demo.setup import SYSTEM, Place
from coding_ops.tenancy.scope import client_transaction

DATA = Path(__file__).with_name("billing.toml")
SUBMITTER = {
    "submitter_name": "Coding Ops Demo",
    "submitter_id": "CODINGOPS",
    "contact_name": "Billing desk",
    "contact_phone": "9855550100",
}
RECEIVER = {"receiver_name": "Demo Clearinghouse", "receiver_id": "DEMOCLEAR"}
CHARGED_FROM = date(2020, 1, 1)


@cache
def billing_data() -> dict[str, Any]:
    """The whole file."""
    return tomllib.loads(DATA.read_text("utf-8"))


def set_up_billing(place: Place) -> None:
    """Profile, payers and charges of one client."""
    data, client_id = billing_data(), place.client.pk
    known = {one["name"]: one for one in data["payer"]}
    save_billing(place)
    with client_transaction([client_id]):
        for name, _plan in place.demo.payers:
            if name in known:
                save_payer(actor=SYSTEM, client_id=client_id, wanted=PayerTerms(**(known[name] | RECEIVER)))
        rows = [
            ChargeRow(code, Decimal(amount), CHARGED_FROM, revenue_code=revenue)
            for code, (amount, revenue) in data["charges"].items()
        ]
        save_charges(actor=SYSTEM, client_id=client_id, rows=rows)


def save_billing(place: Place, **changed: Any) -> None:
    """The client's profile as in the file, but for what is given."""
    wanted = billing_data()[place.demo.slug]["profile"] | SUBMITTER | changed
    with client_transaction([place.client.pk]):
        save_profile(actor=SYSTEM, client_id=place.client.pk, wanted=Profile(**wanted))
