"""340B: eligibility, carve-in and carve-out, modifiers.

Sources: 61 FR 55156 (patient definition); PHS Act 340B(a)(5)(A) (duplicate discounts); CMS guidance on 340B
modifiers, of which 2025 stands as unverified.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding_ops.core.errors import InvalidInput
from fqhc.drug_command import drug_340b


def rules(answer: dict[str, Any]) -> list[str]:
    return [one["rule"] for one in answer["findings"]]


DRUG: dict[str, Any] = {
    "service_on": "2026-11-01",
    "site_registered": True,
    "provider_eligible": True,
    "record_held": True,
    "in_scope": True,
    "payer": "medicare_b",
    "stock": "340b",
    "mef_listed": False,
    "state_rule": None,
    "pharmacy": "own",
}
FFS, MCO = {"payer": "medicaid_ffs"}, {"payer": "medicaid_mco"}
#: (changes, eligible, decision, modifiers, findings)
DRUGS: list[tuple[dict[str, Any], bool, str, list[str], list[str]]] = [
    ({}, True, "carve_in", ["TB"], []),
    ({"service_on": "2024-06-01"}, True, "carve_in", ["TB"], ["340b.modifier"]),
    ({"service_on": "2023-06-01"}, True, "carve_in", [], []),
    ({"stock": "other"}, True, "carve_out", [], []),
    ({"payer": "other"}, True, "carve_in", [], []),
    ({"pharmacy": "contract"}, True, "carve_in", ["TB"], []),
    ({"site_registered": False}, False, "blocked", [], ["340b.site"]),
    ({"record_held": False}, False, "blocked", [], ["340b.record"]),
    ({"provider_eligible": False}, False, "blocked", [], ["340b.provider"]),
    ({"in_scope": False}, False, "blocked", [], ["340b.scope"]),
    ({"record_held": False, "in_scope": False}, False, "blocked", [], ["340b.record", "340b.scope"]),
    ({"in_scope": False, "stock": "other"}, False, "carve_out", [], []),
    (FFS | {"mef_listed": True}, True, "carve_in", ["UD"], ["340b.state_modifier"]),
    (FFS | {"mef_listed": True, "state_rule": {"modifiers": []}}, True, "carve_in", [], []),
    (FFS | {"mef_listed": True, "state_rule": "U6"}, True, "carve_in", ["U6"], []),
    (FFS | {"mef_listed": True, "state_rule": {"modifiers": ["U6"]}}, True, "carve_in", ["U6"], []),
    (FFS, True, "blocked", [], ["340b.duplicate_discount"]),
    (FFS | {"stock": "other"}, True, "carve_out", [], []),
    (FFS | {"stock": "other", "mef_listed": True}, True, "carve_out", [], ["340b.all_or_nothing"]),
    (FFS | {"mef_listed": True, "pharmacy": "contract"}, True, "blocked", [], ["340b.contract_pharmacy"]),
    (FFS | {"mef_listed": True, "pharmacy": "contract",
            "state_rule": {"contract_pharmacy": True, "modifiers": []}},
     True, "carve_in", [], []),
    (MCO, True, "blocked", [], ["340b.state_rule"]),
    (MCO | {"mef_listed": True}, True, "blocked", [], ["340b.state_rule"]),
    (MCO | {"state_rule": "carve_in"}, True, "carve_in", ["UD"], ["340b.state_modifier"]),
    (MCO | {"state_rule": "carve_out"}, True, "blocked", [], ["340b.duplicate_discount"]),
    (MCO | {"state_rule": "carve_out", "stock": "other"}, True, "carve_out", [], []),
    (MCO | {"state_rule": {"managed_care": "carve_in", "modifiers": ["UD"]}}, True, "carve_in", ["UD"], []),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "eligible", "decision", "modifiers", "findings"), DRUGS)
def test_a_dispense(
    changes: dict[str, Any], eligible: bool, decision: str, modifiers: list[str], findings: list[str]
) -> None:
    answer = drug_340b(DRUG | changes)
    assert (answer["eligible"], answer["decision"], answer["modifiers"]) == (eligible, decision, modifiers)
    assert rules(answer) == findings
    assert json.loads(json.dumps(answer)) == answer


def test_the_modifier_of_2025_says_that_it_is_unverified() -> None:
    assert drug_340b(DRUG)["trace"][-1]["status"] == "unverified"


BAD_DRUGS: list[tuple[dict[str, Any], str]] = [
    ({"service_on": None}, "service_on"),
    ({"payer": "barter"}, "payer"),
    ({"stock": None}, "stock"),
    ({"site_registered": "yes"}, "site_registered"),
    ({"state_rule": "maybe"}, "state_rule"),
    ({"state_rule": {"managed_care": "maybe"}}, "state_rule.managed_care"),
    ({"pharmacy": "mail"}, "pharmacy"),
]


@pytest.mark.parametrize(("changes", "path"), BAD_DRUGS)
def test_a_dispense_refuses_what_it_cannot_read(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        drug_340b(DRUG | changes)
    assert refusal.value.details["path"] == path


@given(*[st.booleans()] * 6, st.sampled_from(["medicaid_ffs", "medicaid_mco", "medicare_b", "other"]))
def test_340b_stock_never_reaches_the_ineligible_nor_an_unlisted_number(
    site: bool, provider: bool, record: bool, scope: bool, listed: bool, own: bool, payer: str
) -> None:
    answer = drug_340b(
        DRUG
        | {"site_registered": site, "provider_eligible": provider, "record_held": record, "in_scope": scope}
        | {"mef_listed": listed, "pharmacy": "own" if own else "contract", "payer": payer}
    )
    assert answer["eligible"] is (site and provider and record and scope)
    carved_in = answer["decision"] == "carve_in"
    assert not (carved_in and not answer["eligible"])
    assert not (carved_in and payer == "medicaid_ffs" and not (listed and own))
    assert bool(answer["findings"]) or carved_in
