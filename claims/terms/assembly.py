"""What claims are assembled by, as ``data/bill_types.toml`` and ``data/fqhc_claims.toml`` tell it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from claims.rules.facts import BillType, FqhcTerms, Terms
from claims.terms import DATA
from code_sets.fqhc_qualifying import qualifying_services

BILLS, FQHC = DATA / "bill_types.toml", DATA / "fqhc_claims.toml"


@cache
def assembly_terms() -> Terms:
    """Bill types, revenue codes and lists, read once a process."""
    found = tomllib.loads(BILLS.read_text("utf-8"))
    return Terms(
        bills=tuple(_bill(one) for one in found["bill"]),
        stay_revenue_code=found["stay"]["revenue_code"],
        place_of_service={
            kind: code for kind, code in found["place_of_service"].items() if kind not in ("source", "status")
        },
        admitted_places=frozenset(found["admitted"]["places"]),
        external_cause=tuple(found["external_cause"]["letters"]),
        exempt_poa=found["present_on_admission"]["exempt"],
        fqhc=_fqhc(),
    )


@cache
def most_per_transaction() -> int:
    """Most claims of one transaction set."""
    most: int = tomllib.loads(BILLS.read_text("utf-8"))["most_per_transaction"]
    return most


@cache
def most_per_file() -> int:
    """Most claims of one file."""
    most: int = tomllib.loads(BILLS.read_text("utf-8"))["most_per_file"]
    return most


@cache
def self_pay_codes() -> frozenset[str]:
    """Filing codes that say that the patient pays."""
    return frozenset(tomllib.loads(BILLS.read_text("utf-8"))["self_pay"]["filing_codes"])


def _bill(one: Mapping[str, Any]) -> BillType:
    return BillType(
        clients=frozenset(one["client"]),
        visits=frozenset(one.get("visit", ())),
        payers=frozenset(one.get("payer", ())),
        form=one["form"],
        facility_code=one["facility_code"],
        rules=one["rules"],
        admission_type=one["admission_type"],
        admission_source=one["admission_source"],
        discharge_status_code=one.get("discharge_status_code", ""),
    )


def _fqhc() -> FqhcTerms:
    found = tomllib.loads(FQHC.read_text("utf-8"))
    lists = qualifying_services()
    revenue = found["revenue"]
    return FqhcTerms(
        kinds={code: one["kind"] for code, one in found["payment"].items()},
        qualifying={code: frozenset(lists[code]) for code in found["payment"]},
        revenue={kind: revenue[kind] for kind in ("medical", "mental")},
        revenue_by_place=revenue["place"],
        supplement_revenue=revenue["supplement"],
        supplement_payers=frozenset(revenue["supplement_payers"]),
    )
