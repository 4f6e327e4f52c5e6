"""`fqhc.drug_340b`: one dispense in, whether a 340B drug may be used and how the claim is marked out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from code_sets.rule_input import Fields, invalid
from fqhc.rules.drug_340b import MEDICAID, Dispense, Finding, StateRule, decide

TABLES = Path(__file__).resolve().parent / "data" / "drug_340b.toml"
PAYERS = ("medicaid_ffs", "medicaid_mco", "medicare_b", "other")
CARVES = ("carve_in", "carve_out")
_MODIFIER = re.compile(r"[A-Z0-9]{2}")


def drug_340b(request: Mapping[str, Any]) -> dict[str, Any]:
    """`fqhc.drug_340b`: eligibility, carve-in or carve-out and modifiers of one drug.

    {"service_on", "site_registered", "provider_eligible", "record_held", "in_scope", "payer": "medicaid_ffs"
    | "medicaid_mco" | "medicare_b" | "other", "stock": "340b" | "other", "mef_listed", "state_rule": null,
    "carve_in" or "carve_out" (of managed Medicaid), a modifier, or {"managed_care", "contract_pharmacy",
    "modifiers"}, "pharmacy": "own" | "contract"} -> {"eligible", "decision": "carve_in" |
    "carve_out" | "blocked", "modifiers", "findings": [{"rule", "severity", "message"}], "trace"}.
    Absent yes/no facts count as no.
    Raises InvalidInput with the path of a field.
    """
    fields = Fields(request)
    on = fields.day("service_on")
    payer = fields.choice("payer", PAYERS)
    dispense = Dispense(
        site_registered=fields.flag("site_registered"),
        provider_eligible=fields.flag("provider_eligible"),
        record_held=fields.flag("record_held"),
        in_scope=fields.flag("in_scope"),
        payer=payer,
        from_340b_stock=fields.choice("stock", ("340b", "other")) == "340b",
        listed=fields.flag("mef_listed"),
        own_pharmacy=fields.choice("pharmacy", ("own", "contract"), default="own") == "own",
        state=_state(fields),
    )
    medicare = _medicare(on)
    medicaid = _data()["medicaid"]
    found = decide(dispense, tuple(medicare.get("modifiers", ())), tuple(medicaid["modifiers"]))
    findings = list(found.findings)
    if payer == "medicare_b" and found.modifiers and medicare.get("also_accepted"):
        also = ", ".join(medicare["also_accepted"])
        findings.append(Finding("340b.modifier", "info", f"{also} is accepted as well on this day."))
    return {
        "eligible": found.eligible,
        "decision": found.decision,
        "modifiers": list(found.modifiers),
        "findings": [
            {"rule": one.rule, "severity": one.severity, "message": one.message} for one in findings
        ],
        "trace": _trace(found.decision, payer, medicare, medicaid, bool(found.modifiers)),
    }


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(TABLES.read_text("utf-8"))


def _medicare(on: date) -> Mapping[str, Any]:
    """The Medicare modifiers of a day; none before health centers had to report any."""
    for one in _data()["medicare_b"]:
        if one["from"] <= on and ("through" not in one or on <= one["through"]):
            found: Mapping[str, Any] = one
            return found
    return {}


def _state(fields: Fields) -> StateRule | None:
    value = fields.values.get("state_rule")
    if value is None:
        return None
    if isinstance(value, str):
        if value in CARVES:
            return StateRule(managed_care=value)
        if _MODIFIER.fullmatch(value):
            return StateRule(modifiers=(value,))
        raise invalid("state_rule", f"must be null, an object, a modifier or one of {', '.join(CARVES)}")
    rule = fields.inner("state_rule")
    care = None if rule.values.get("managed_care") is None else rule.choice("managed_care", CARVES)
    modifiers = None if rule.values.get("modifiers") is None else tuple(rule.texts("modifiers"))
    return StateRule(care, rule.flag("contract_pharmacy"), modifiers)


def _trace(
    decision: str, payer: str, medicare: Mapping[str, Any], medicaid: Mapping[str, Any], marked: bool
) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = [
        {"rule": "fqhc.drug_340b", "decision": decision, "payer": payer, "citation": _data()["source"]}
    ]
    if marked:
        table = medicaid if payer in MEDICAID else medicare
        steps.append(
            {
                "rule": "fqhc.drug_340b.modifier",
                "status": table.get("status", "unverified"),
                "citation": table.get("source", ""),
            }
        )
    return steps
