"""`codes.drg`: JSON in; the group of an inpatient stay, what it rests on and its edits out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from code_sets import edit_store
from code_sets.loaders.bundled import checked_source
from code_sets.loaders.drg_weights import SYSTEM as WEIGHTS
from code_sets.loaders.drg_weights import Weight, parse_table5, weight_of
from code_sets.rule_input import Fields, invalid
from code_sets.rules import drg as rules
from code_sets.rules.drg import SEX_NUMBERS, Coded, Driver, Edit, Group, Stay, Version, version_on
from code_sets.rules.drg_weight_table import WeightTable as LoadedWeights
from code_sets.rules.forms import check_form
from coding_ops.core.errors import Refused

TABLES = Path(__file__).resolve().parent / "data" / "msdrg_versions.toml"
ICD10CM, ICD10PCS = "ICD-10-CM", "ICD-10-PCS"
#: Present on admission; "1" (exempt from reporting) and null are the same to the grouper: not told.
POA = ("Y", "N", "U", "W")
EXEMPT = "1"
HOSPITAL = ("NOT_EXEMPT", "EXEMPT", "UNKNOWN")
OLDEST = 124
CITATION = "CMS ICD-10 MS-DRG Definitions Manual; Medicare Code Editor"


@dataclass(frozen=True, slots=True)
class WeightTable:
    """A table of relative weights and the discharges it is for: loaded (no `package`: `file` is a file of
    loaded tables), or one that a package carries."""

    name: str
    first: date
    last: date
    package: str
    file: str
    sha256: str
    source: str


@dataclass(frozen=True, slots=True)
class Tables:
    """Versions and weights by discharge date, and which group numbers are surgical or have no type."""

    versions: tuple[Version, ...]
    weights: tuple[WeightTable, ...]
    surgical: frozenset[int]
    untyped: frozenset[int]

    def type_of(self, number: int) -> str | None:
        """ "SURG" or "MED", as CMS writes it; None for the two numbers of stays that have no group."""
        if number in self.untyped:
            return None
        return "SURG" if number in self.surgical else "MED"


def drg(request: Mapping[str, Any]) -> dict[str, Any]:
    """`codes.drg`: a stay to its group, the levels of its diagnoses, its drivers and its edits.

    {"version": "43.1" or null (by date), "discharge_on" (null only beside a version), "age", "sex",
    "discharge_status": "01", "principal", "principal_poa", "secondary": [{"code", "poa"}], "procedures",
    "hospital_status": "NOT_EXEMPT"} -> {"drg", "title", "mdc", "mdc_title", "type", "weight", "initial_drg",
    "return_code", "version", "cc_mcc": [{"code", "level", "excluded_by"}], "drivers": [{"code", "kind",
    "level", "without": {"drg", "title", "mdc", "type", "weight"}}], "mce": [{"edit", "count", "codes",
    "payment"}], "trace"}. `weight` is a text with four decimals, null where no table of weights covers
    the discharge. Raises InvalidInput with the path of the field; Refused for a day or version there is no
    grouper for.
    """
    fields = Fields(request)
    version, discharge_on = _version(fields)
    stay = _stay(fields, discharge_on)
    found = rules.group(stay, version)
    driving = rules.drivers(stay, version, found)
    table = weight_table_on(stay.discharge_on)
    return {
        **_group(found, table),
        "mdc_title": found.mdc_title,
        "initial_drg": found.initial_drg,
        "return_code": found.return_code,
        "version": version.name,
        "cc_mcc": [
            {"code": one.code, "level": one.level, "excluded_by": one.excluded_by} for one in found.severity
        ],
        "drivers": [_driver(one, table) for one in driving],
        "mce": [_edit(one) for one in rules.edits(stay, version)],
        "trace": _trace(version, stay, found, driving, table),
    }


def read_stay(request: Mapping[str, Any]) -> tuple[Stay, Version]:
    """The stay of a request and the version that groups it. Raises as `drg`."""
    fields = Fields(request)
    version, discharge_on = _version(fields)
    return _stay(fields, discharge_on), version


def _stay(fields: Fields, discharge_on: date) -> Stay:
    return Stay(
        discharge_on=discharge_on,
        age=fields.whole("age", 0, OLDEST),
        sex=fields.choice("sex", SEX_NUMBERS),
        discharge_status=_discharge_status(fields),
        principal=_coded(fields, "principal", "principal_poa"),
        secondary=tuple(_coded(one, "code", "poa") for one in fields.objects("secondary")),
        procedures=tuple(fields.codes("procedures", ICD10PCS)),
        hospital_status=fields.choice("hospital_status", HOSPITAL, HOSPITAL[0]),
    )


def _coded(fields: Fields, code_name: str, poa_name: str) -> Coded:
    code, poa = fields.values.get(code_name), fields.values.get(poa_name)
    known = _known_coded(code, poa) if isinstance(code, str) and isinstance(poa, str | None) else None
    return known or Coded(fields.code(code_name, ICD10CM), _poa(fields, poa_name))


@lru_cache(maxsize=65_536)
def _known_coded(code: str, poa: str | None) -> Coded | None:
    """A diagnosis that is well formed, read once: a file of stays has the same ones again and again."""
    form = check_form(ICD10CM, code)
    if not form.ok or poa not in (None, "", EXEMPT, *POA):
        return None
    return Coded(form.value, poa if poa in POA else None)


@cache
def tables() -> Tables:
    """The versions and types, read once a process."""
    read = tomllib.loads(TABLES.read_text("utf-8"))
    return Tables(
        versions=tuple(
            Version(one["id"], one["number"], one["from"], one["through"], one["oracle"])
            for one in read["version"]
        ),
        weights=tuple(
            WeightTable(first=one.pop("from"), last=one.pop("through"), **one) for one in read["weights"]
        ),
        surgical=frozenset(number for first, last in read["surgical"] for number in range(first, last + 1)),
        untyped=frozenset(read["untyped"]),
    )


@cache
def weights_of(table: WeightTable) -> Mapping[int, Weight]:
    """The weights of a table, read once a process. Raises LoadError when the package carries another file."""
    if not table.package:
        loaded = edit_store.open_table(LoadedWeights, table.file)
        return {number: weight_of(row) for number, row in loaded.rows().items()}
    return parse_table5(checked_source(table.package, table.file, table.sha256))


def weight_table_on(on: date) -> WeightTable | None:
    """The table of weights for a day of discharge: a loaded one before the one a package carries; None when
    there is neither. A loaded table answers for its own fiscal year only."""
    for one in edit_store.read_catalog():
        first, last = date.fromisoformat(one.effective_from), one.published_through
        if one.system == WEIGHTS and last is not None and first <= on <= date.fromisoformat(last):
            source = f"CMS FY {one.release} IPPS final rule, table 5 ({one.source})"
            until = date.fromisoformat(last)
            return WeightTable(f"FY {one.release}", first, until, "", one.file, "", source)
    return next((one for one in tables().weights if one.first <= on <= one.last), None)


def _version(fields: Fields) -> tuple[Version, date]:
    """The version named, or that of the discharge date; a version without a date edits its last day."""
    dated = fields.values.get("discharge_on") is not None
    if fields.values.get("version") is not None:
        name = fields.choice("version", [one.name for one in tables().versions])
        version = next(one for one in tables().versions if one.name == name)
        return version, fields.day("discharge_on") if dated else version.last
    on = fields.day("discharge_on")
    found = version_on(tables().versions, on)
    if found is None:
        first, last = tables().versions[0].first, tables().versions[-1].last
        raise Refused(
            f"There is no grouper for discharges on {on}, only from {first} to {last}.",
            code="drg.no_version",
            details={"path": "discharge_on"},
        )
    return found, on


def _discharge_status(fields: Fields) -> int:
    text = fields.text("discharge_status")
    if len(text) != 2 or not (text.isascii() and text.isdigit()):
        raise invalid("discharge_status", "must be two digits, such as 01")
    return int(text)


def _poa(fields: Fields, name: str) -> str | None:
    answer = fields.values.get(name)
    if answer in (None, "", EXEMPT):
        return None
    if answer in POA:
        return str(answer)
    return fields.choice(name, (*POA, EXEMPT))


def _group(found: Group, table: WeightTable | None) -> dict[str, Any]:
    return {
        "drg": found.drg,
        "title": found.title,
        "mdc": found.mdc,
        "type": tables().type_of(found.drg),
        "weight": _weight(found, table),
    }


def _weight(found: Group, table: WeightTable | None) -> str | None:
    row = weights_of(table).get(found.drg) if table is not None else None
    return None if row is None or row.weight is None else str(row.weight)


def _driver(one: Driver, table: WeightTable | None) -> dict[str, Any]:
    return {"code": one.code, "kind": one.kind, "level": one.level, "without": _group(one.without, table)}


def _edit(one: Edit) -> dict[str, Any]:
    return {"edit": one.name, "count": one.count, "codes": one.code_kind, "payment": one.payment}


def _trace(
    version: Version, stay: Stay, found: Group, driving: tuple[Driver, ...], table: WeightTable | None
) -> list[dict[str, Any]]:
    cite = {"edition": f"MS-DRG v{version.name}", "citation": CITATION}
    counting = [one for one in found.severity if one.excluded_by is None]
    steps: list[dict[str, Any]] = [
        {
            "rule": "drg.version",
            "why": f"discharges from {version.first} to {version.last}; discharge {stay.discharge_on}",
            "checked_against": version.oracle,
            **cite,
        },
        {
            "rule": "drg.severity",
            "counting": {
                level: [one.code for one in counting if one.level == level] for level in ("MCC", "CC")
            },
            **cite,
        },
    ]
    if found.initial_drg != found.drg:
        why = f"{found.initial_drg} without hospital-acquired conditions set aside"
        steps.append(
            {"rule": "drg.hac", "initial_drg": found.initial_drg, "drg": found.drg, "why": why, **cite}
        )
    why = f"{len(stay.secondary) + len(stay.procedures)} codes left out one at a time"
    steps.append({"rule": "drg.drivers", "codes": [one.code for one in driving], "why": why, **cite})
    weight = {"rule": "drg.weight", "weight": _weight(found, table)}
    if table is None:
        steps.append({**weight, "why": f"no relative weights for discharges on {stay.discharge_on}", **cite})
    else:
        steps.append({**weight, "edition": table.name, "citation": table.source})
    return steps
