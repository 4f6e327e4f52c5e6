"""`fqhc.sliding_fee`: income, family and charge in, what the patient pays and what fails out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from code_sets.rule_input import Fields, invalid
from coding_ops.core.errors import Refused
from fqhc.rules.sliding_fee import (
    Fee,
    FeeClass,
    Finding,
    Guideline,
    Schedule,
    cents,
    check_schedule,
    fee,
    guideline_on,
    percent_of_poverty,
)

TABLES = Path(__file__).resolve().parent / "data" / "poverty_guidelines.toml"
REGIONS = ("48", "AK", "HI")
PERIODS = {"year": 1, "month": 12, "half_month": 24, "two_weeks": 26, "week": 52}
#: Eligibility rests on income and family size only; none of these may be asked (SF3).
FOREIGN = (
    "assets",
    "insurance",
    "insurance_status",
    "immigration",
    "immigration_status",
    "citizenship",
    "residency",
)
MOST = "1000000000"
LARGEST_FAMILY = 50
CITATION = "HRSA Health Center Program Compliance Manual, chapter 9; 42 CFR 51c.303(f)"


def sliding_fee(request: Mapping[str, Any]) -> dict[str, Any]:
    """`fqhc.sliding_fee`: what a patient pays of one charge by the center's schedule.

    {"service_on", "income" (dollars, of "income_period": year, month, half_month, two_weeks or week),
    "family_size", "region": "48" | "AK" | "HI", "schedule": {"nominal", "nominal_kind": "flat" | "percent",
    "classes": [{"above_percent", "to_percent", "kind": "percent" | "flat", "value"}], "value_is":
    "patient_pays" | "discount"}, "charge", "insured_patient_share", "share_is_fixed" (law or contract forbids
    to lower it), "determination": {"on", "expires_on"} or null, "table_year" (of the guideline used)}
    -> {"percent_of_poverty", "class", "patient_pays", "discount" (of the patient's share), "findings":
    [{"rule", "severity", "message"}], "trace"}. Without `value_is`, percents that fall as incomes rise are
    discounts.
    Raises InvalidInput with the path of a field; Refused for a day without guideline and an income in a gap.
    """
    fields = Fields(request)
    on = fields.day("service_on")
    determination = fields.inner("determination")
    determined_on, expires_on = determination.day_or_none("on"), determination.day_or_none("expires_on")
    region = fields.choice("region", REGIONS, default="48")
    guideline = _guideline(region, determined_on or on)
    income = fields.number("income", "0", MOST, 2) * PERIODS[fields.choice("income_period", PERIODS, "year")]
    size = fields.whole("family_size", 1, LARGEST_FAMILY)
    schedule = _schedule(fields.inner("schedule"))
    charge = cents(fields.number("charge", "0", MOST, 2))
    share = fields.number_or_none("insured_patient_share", "0", MOST, 2)
    percent = percent_of_poverty(income, guideline.of_family(size))
    findings = [*check_schedule(schedule, charge), *_determined(on, determined_on, expires_on)]
    found = fee(
        percent,
        schedule,
        charge,
        None if share is None else cents(share),
        is_entitled=not any(one.rule in ("SF9", "SF10") for one in findings),
        share_is_fixed=fields.flag("share_is_fixed"),
    )
    if found is None:
        raise Refused(
            f"The schedule has no class for {cents(Decimal(float(percent)))} % of poverty: close its gap.",
            code="fqhc.no_class",
            details={"path": "schedule.classes"},
        )
    findings += _table_year(fields, guideline) + _foreign(fields, determination)
    return {
        "percent_of_poverty": str(found.percent),
        "class": found.fee_class,
        "patient_pays": str(found.pays),
        "discount": str(found.discount),
        "findings": [
            {"rule": one.rule, "severity": one.severity, "message": one.message} for one in findings
        ],
        "trace": _trace(guideline, region, income, size, schedule, found),
    }


@cache
def guidelines() -> dict[str, tuple[Guideline, ...]]:
    """The guidelines by region, read once a process."""
    years = _data()["year"]
    return {
        region: tuple(
            Guideline(one["year"], one["from"], Decimal(one[region][0]), Decimal(one[region][1]))
            for one in years
        )
        for region in REGIONS
    }


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(TABLES.read_text("utf-8"))


def _guideline(region: str, on: date) -> Guideline:
    found = guideline_on(guidelines()[region], on)
    if found is None:
        first = guidelines()[region][0].first
        raise Refused(
            f"Poverty guidelines are on record from {first} on; there is none for {on}.",
            code="fqhc.no_guideline",
            details={"path": "service_on"},
        )
    return found


def _schedule(fields: Fields) -> Schedule:
    classes = tuple(_class(one) for one in fields.objects("classes"))
    nominal = fields.number_or_none("nominal", "0", MOST, 2) or Decimal("0.00")
    told = fields.values.get("value_is")
    is_discount = (
        _falls(classes)
        if told is None
        else fields.choice("value_is", ("patient_pays", "discount")) == "discount"
    )
    is_percent = fields.choice("nominal_kind", ("flat", "percent"), default="flat") == "percent"
    return Schedule(cents(nominal), classes, is_percent, is_discount)


def _class(fields: Fields) -> FeeClass:
    above = fields.number("above_percent", "0", "100000", 4)
    to = fields.number_or_none("to_percent", "0", "100000", 4)
    if to is not None and to <= above:
        raise invalid(fields.at("to_percent"), "must lie above above_percent")
    is_percent = fields.choice("kind", ("percent", "flat")) == "percent"
    return FeeClass(above, to, is_percent, fields.number("value", "0", "100" if is_percent else MOST, 4))


def _falls(classes: tuple[FeeClass, ...]) -> bool:
    """Whether percents only fall as incomes rise: then they say the discount, as poorer patients pay less."""
    ordered = sorted((one for one in classes if one.is_percent), key=lambda one: one.above)
    values = [one.value for one in ordered]
    steps = [later - earlier for earlier, later in pairwise(values)]
    return bool(steps) and all(step <= 0 for step in steps) and any(step < 0 for step in steps)


def _determined(on: date, determined_on: date | None, expires_on: date | None) -> list[Finding]:
    if determined_on is None:
        return [Finding("SF9", "error", "No determination of income and family size is on file.")]
    if determined_on > on:
        return [Finding("SF9", "error", f"The determination of {determined_on} is later than the service.")]
    if expires_on is not None and expires_on < on:
        return [Finding("SF10", "error", f"The determination expired on {expires_on}; determine anew.")]
    return []


def _table_year(fields: Fields, guideline: Guideline) -> list[Finding]:
    used = fields.whole_or_none("table_year", 1965, 2200)
    if used is None or used >= guideline.year:
        return []
    return [Finding("SF8", "error", f"The guideline of {used} was used; that of {guideline.year} is out.")]


def _foreign(fields: Fields, determination: Fields) -> list[Finding]:
    asked = {
        name for one in (fields.inner("schedule"), determination) for name in FOREIGN if one.values.get(name)
    }
    return [
        Finding("SF3", "error", f"Eligibility rests on income and family size only, not on {name}.")
        for name in sorted(asked)
    ]


def _trace(
    guideline: Guideline, region: str, income: Decimal, size: int, schedule: Schedule, found: Fee
) -> list[dict[str, Any]]:
    known = _data()
    of_family = guideline.of_family(size)
    return [
        {
            "rule": "fqhc.poverty",
            "year": guideline.year,
            "region": region,
            "formula": f"{guideline.one_person} + {size - 1} x {guideline.each_further}",
            "value": str(of_family),
            "status": known["status"],
            "first_day_status": known["first_day_status"],
            "citation": known["source"],
        },
        {
            "rule": "fqhc.percent_of_poverty",
            "formula": f"{income} / {of_family}",
            "value": str(found.percent),
        },
        {
            "rule": "fqhc.sliding_fee",
            "class": found.fee_class,
            "why": found.why,
            "value": str(found.pays),
            "value_is": "discount" if schedule.value_is_discount else "patient_pays",
            "citation": CITATION,
        },
    ]
