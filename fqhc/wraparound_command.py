"""`fqhc.wraparound`: a period's visits and payments in, the supplement due out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from code_sets.rule_input import Fields, invalid
from fqhc.rules.wraparound import wraparound

MOST = "1000000000000"
MOST_VISITS = 1_000_000_000
CITATION = "Social Security Act 1902(bb)(5)(A)"


def settle(request: Mapping[str, Any]) -> dict[str, Any]:
    """`fqhc.wraparound`: rate and visits against what the plans and third parties paid.

    {"rate": dollars a visit, "visits": [{"id", "qualifying"}] or a number, "mco_payments",
    "third_party_payments", "incentive_payments" (shown, never netted), "advances" (supplements paid
    already)}; payments are an amount or a list of them
    -> {"due", "settlement", "visits", "entitled", "received", "trace"}. `due` is never below zero;
    `settlement` = due - advances. A visit counts once by its id.
    Raises InvalidInput with the path of a field.
    """
    fields = Fields(request)
    rate = fields.number("rate", "0", "100000", 2)
    visits = _visits(fields)
    mco, third = _sum(fields, "mco_payments"), _sum(fields, "third_party_payments")
    incentives, advances = _sum(fields, "incentive_payments"), _sum(fields, "advances")
    found = wraparound(rate, visits, (mco, third), advances)
    cite = {"citation": CITATION, "status": "verified"}
    return {
        "due": str(found.due),
        "settlement": str(found.settlement),
        "visits": found.visits,
        "entitled": str(found.entitled),
        "received": str(found.received),
        "trace": [
            {
                "rule": "fqhc.wrap.entitled",
                "formula": f"{visits} visits x {rate}",
                "value": str(found.entitled),
                **cite,
            },
            {
                "rule": "fqhc.wrap.received",
                "formula": f"{mco} + {third}",
                "value": str(found.received),
                **cite,
            },
            {"rule": "fqhc.wrap.incentives", "formula": "not netted", "value": str(incentives), **cite},
            {
                "rule": "fqhc.wrap.due",
                "formula": f"max(0, {found.entitled} - {found.received})",
                "value": str(found.due),
                **cite,
            },
            {
                "rule": "fqhc.wrap.settlement",
                "formula": f"{found.due} - {advances}",
                "value": str(found.settlement),
                **cite,
            },
        ],
    }


def _visits(fields: Fields) -> int:
    value = fields.values.get("visits")
    if isinstance(value, int):
        return fields.whole("visits", 0, MOST_VISITS)
    if not isinstance(value, list):
        raise invalid("visits", "must be a number of visits or a list of them")
    seen: dict[str, bool] = {}
    for one in fields.objects("visits"):
        key = one.values.get("id")
        if isinstance(key, bool) or not isinstance(key, str | int) or key == "":
            raise invalid(one.at("id"), "must be a text or a whole number")
        if not isinstance(one.values.get("qualifying"), bool):
            raise invalid(one.at("qualifying"), "must be true or false")
        if seen.setdefault(str(key), one.flag("qualifying")) != one.flag("qualifying"):
            raise invalid(one.at("id"), "is given twice, qualifying and not")
    return sum(seen.values())


def _sum(fields: Fields, name: str) -> Decimal:
    """An amount or a list of amounts, reversals below zero included; 0.00 where absent."""
    value = fields.values.get(name)
    if value is None:
        return Decimal("0.00")
    parts = value if isinstance(value, list) else [value]
    total = Decimal("0.00")
    for place, part in enumerate(parts):
        where = f"{name}[{place}]" if isinstance(value, list) else name
        amount = part.get("amount") if isinstance(part, dict) else part
        total += Fields({where: amount}).number(where, f"-{MOST}", MOST, 2)
    return total
