"""`fqhc.price`: a Medicare FQHC claim in, its payment line by line with each amount's reckoning out."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from code_sets.rule_input import Fields, invalid
from coding_ops.core.errors import Refused
from fqhc.rules.pricing import ZERO, Claim, Line, PaymentCode, Priced, Rates, VisitType, price, round2

DATA = Path(__file__).resolve().parent / "data"
CITATION = "CMS FQHC Pricer (gov.cms.fiss.pricers.fqhc.core); 42 CFR 405.2462"
MOST = "10000000"
MOST_LINES = 1_000_000


@dataclass(frozen=True, slots=True)
class Sourced:
    """A figure with how well it is known and where it stands."""

    name: str
    value: Decimal
    status: str
    source: str


def price_claim(request: Mapping[str, Any]) -> dict[str, Any]:
    """`fqhc.price`: what Medicare pays for each line of an FQHC claim.

    {"rates": {"base", "gaf", "addon_factor", "coinsurance_rate"} or {"service_on", "carrier", "locality"},
    "tribal_rate", "mdpcp_percent": 0.10 | 0.25 | 0.45 | 0.65 (or 10 to 65), "lines": [{"line", "hcpcs",
    "modifiers", "revenue_code", "charge", "coinsurance_applies", "ma_plan_amount"}]}; of a line also
    "service_on" (days are priced apart) and "iop_services".
    -> {"lines": [{"line", "payment_indicator", "pps_rate", "add_on", "payment", "coinsurance", "medicare",
    "return_code"}], "total", "trace"}: dollars as texts with two decimals, indicators and return codes of the
    CMS Pricer.
    Raises InvalidInput with the path of a field, Refused for a day or place without rate.
    """
    fields = Fields(request)
    lines = [_line(one, place) for place, one in enumerate(fields.listed("lines"))]
    numbers = [line.number for line in lines]
    if len(set(numbers)) != len(numbers):
        twice = next(place for place, number in enumerate(numbers) if number in numbers[:place])
        raise invalid(f"lines[{twice}].line", "is given twice")
    tribal = fields.number_or_none("tribal_rate", "0.01", MOST, 2)
    rates, sources = _rates(fields.inner("rates"), {line.service_on for line in lines}, tribal)
    _require_per_diems(lines, rates)
    claim = Claim(rates, codes(), tables()["outside"], _mdpcp(fields), _mdpcp_known())
    priced = price(lines, claim)
    return {
        "lines": [_shown(one) for one in priced],
        "total": {
            name: str(sum((getattr(one, name) for one in priced), ZERO))
            for name in ("payment", "coinsurance", "medicare")
        },
        "trace": _trace(priced, sources),
    }


@cache
def tables() -> dict[str, Any]:
    """Rates and codes by date, read once a process."""
    return tomllib.loads((DATA / "medicare_pps.toml").read_text("utf-8"))


@cache
def codes() -> dict[str, PaymentCode]:
    """The payment codes and their visits."""
    return {
        code: PaymentCode(VisitType(one["visit"]), one["add_on"]) for code, one in tables()["codes"].items()
    }


@cache
def gafs() -> dict[tuple[int, str, str], Sourced]:
    """Geographic factors by year, carrier and locality: candidates reckoned from the GPCIs."""
    source = "0.53149 work + 0.46851 practice expense GPCI: a candidate, not the published file"
    with (DATA / "gaf_candidates.csv").open(encoding="utf-8", newline="") as lines:
        return {
            (int(row["year"]), row["carrier"], row["locality"]): Sourced(
                "gaf", Decimal(row["gaf"]), row["status"], source
            )
            for row in csv.DictReader(lines)
        }


def base_on(on: date) -> Sourced:
    """The base rate of a day. Raises Refused for a day that no table covers."""
    for one in tables()["base"]:
        if one["from"] <= on <= one["through"]:
            return Sourced("base", Decimal(one["rate"]), one["status"], one["source"])
    last = tables()["base"][-1]["through"]
    raise Refused(
        f"Base rates are on record from {tables()['first']} to {last}; there is none for {on}.",
        code="fqhc.no_base_rate",
        details={"path": "rates.service_on"},
    )


def _line(fields: Fields, place: int) -> Line:
    number = fields.whole_or_none("line", 0, MOST_LINES)
    return Line(
        number=place + 1 if number is None else number,
        hcpcs=(fields.text_or_none("hcpcs") or "").upper(),
        revenue_code=(fields.text_or_none("revenue_code") or "").zfill(4),
        charge=round2(fields.number("charge", "0", MOST, 2)),
        service_on=fields.day_or_none("service_on"),
        modifiers=tuple(one.upper() for one in fields.texts("modifiers")),
        coinsurance_applies=fields.values.get("coinsurance_applies") is None
        or fields.flag("coinsurance_applies"),
        ma_plan_amount=_cents_or_none(fields, "ma_plan_amount"),
        iop_services=fields.whole_or_none("iop_services", 1, 50),
    )


def _cents_or_none(fields: Fields, name: str) -> Decimal | None:
    value = fields.number_or_none(name, "0", MOST, 2)
    return None if value is None else round2(value)


def _rates(
    fields: Fields, days: set[date | None], tribal: Decimal | None
) -> tuple[dict[date | None, Rates], list[Sourced]]:
    """The rates of each day, and where they come from; a tribal claim needs no other rate."""
    if "base" in fields.values or (tribal is not None and "service_on" not in fields.values):
        rates = _given(fields, tribal)
        return dict.fromkeys(days, rates), []
    first = fields.day("service_on")
    found: dict[date | None, Rates] = {}
    sources: dict[tuple[str, str], Sourced] = {}
    for on in days or {None}:
        rates, used = _of_day(fields, on or first, tribal)
        found[on] = rates
        sources |= {(one.name, str(one.value)): one for one in used}
    return found, list(sources.values())


def _given(fields: Fields, tribal: Decimal | None) -> Rates:
    known = tables()
    base = (
        ZERO if tribal is not None and "base" not in fields.values else fields.number("base", "0.01", MOST, 2)
    )
    return Rates(
        base=base,
        gaf=Decimal(1) if tribal is not None else fields.number("gaf", "0.001", "10", 6),
        addon_factor=fields.number_or_none("addon_factor", "1", "10", 6) or Decimal(known["add_on_factor"]),
        coinsurance_rate=_or(
            fields.number_or_none("coinsurance_rate", "0", "1", 4), Decimal(known["coinsurance_rate"])
        ),
        tribal=tribal,
        iop=(_cents_or_none(fields, "iop_up_to_three"), _cents_or_none(fields, "iop_four_or_more")),
    )


def _of_day(fields: Fields, on: date, tribal: Decimal | None) -> tuple[Rates, list[Sourced]]:
    known = tables()
    coinsurance = Sourced("coinsurance_rate", Decimal(known["coinsurance_rate"]), "verified", CITATION)
    iop: Mapping[str, Any] = next((one for one in known["iop"] if one["from"] <= on <= one["through"]), {})
    per_diems = (_per_diem(iop, "up_to_three"), _per_diem(iop, "four_or_more"))
    used = [coinsurance]
    if iop:
        used.append(Sourced("iop", Decimal(iop["up_to_three"]), iop["status"], iop["source"]))
    if tribal is not None:
        return Rates(ZERO, Decimal(1), Decimal(1), coinsurance.value, tribal, per_diems), used
    base, gaf = base_on(on), _gaf(fields, on)
    factor = Sourced(
        "addon_factor", Decimal(known["add_on_factor"]), known["add_on_status"], known["add_on_source"]
    )
    rates = Rates(base.value, gaf.value, factor.value, coinsurance.value, None, per_diems)
    return rates, [base, gaf, factor, *used]


def _per_diem(iop: Mapping[str, Any], name: str) -> Decimal | None:
    return Decimal(iop[name]) if name in iop else None


def _gaf(fields: Fields, on: date) -> Sourced:
    carrier, locality = fields.text("carrier"), fields.text("locality").zfill(2)
    found = gafs().get((on.year, carrier.zfill(5), locality))
    if found is None:
        raise Refused(
            f"There is no geographic adjustment factor for carrier {carrier}, locality {locality} in "
            f"{on.year}; load the year's file or give base and gaf.",
            code="fqhc.no_gaf",
            details={"path": fields.at("locality")},
        )
    return found


def _or(value: Decimal | None, default: Decimal) -> Decimal:
    return default if value is None else value


def _mdpcp(fields: Fields) -> Decimal | None:
    value = fields.number_or_none("mdpcp_percent", "0", "100", 4)
    return value / 100 if value is not None and value > 1 else value


def _mdpcp_known() -> frozenset[Decimal]:
    return frozenset(Decimal(one) for one in tables()["mdpcp_percents"])


def _require_per_diems(lines: list[Line], rates: Mapping[date | None, Rates]) -> None:
    for place, line in enumerate(lines):
        if line.iop_services is None:
            if line.hcpcs in codes() and line.service_on not in rates:
                raise invalid(f"lines[{place}].service_on", "has no rate")
            continue
        if rates[line.service_on].iop[0 if line.iop_services <= 3 else 1] is None:
            raise Refused(
                "No per diem for intensive outpatient services is on record for this day; give "
                "rates.iop_up_to_three or rates.iop_four_or_more.",
                code="fqhc.no_iop_rate",
                details={"path": f"lines[{place}].iop_services"},
            )


def _shown(one: Priced) -> dict[str, Any]:
    return {
        "line": one.number,
        "payment_indicator": one.indicator,
        "pps_rate": str(one.pps_rate),
        "add_on": str(one.add_on),
        "payment": str(one.payment),
        "coinsurance": str(one.coinsurance),
        "medicare": str(one.medicare),
        "return_code": one.return_code,
    }


def _trace(priced: list[Priced], sources: list[Sourced]) -> list[dict[str, Any]]:
    rates = [
        {
            "rule": f"fqhc.rate.{one.name}",
            "value": str(one.value),
            "status": one.status,
            "citation": one.source,
        }
        for one in sources
    ]
    amounts = [
        {
            "rule": f"fqhc.{step.step}",
            "line": step.line,
            "formula": step.formula,
            "value": str(step.value),
            "citation": CITATION,
        }
        for one in priced
        for step in one.steps
    ]
    return [*rates, *amounts]
