"""HHS-HCC models of a benefit year, in a layout of our own made from the tables of HHS's DIY software.

A zip or folder of comma-separated files; docs/operations.md describes each. Needed: mapping.csv (code, hcc,
age_from, age_through, sex), hierarchy.csv (hcc, drops), factors.csv (model, variable and one column a metal
level). As the tables have them: groups.csv, sets.csv, variables.csv, infants.csv, cost_sharing.csv and
labels.csv.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.hcc_mappings import Rows, payment_year, split_rows
from code_sets.loaders.published import members
from code_sets.loaders.tables import Columns, ParsedTable, csv_rows
from code_sets.rules.forms import ICD10CM
from code_sets.rules.hcc_edits import OLDEST, MappedRow
from code_sets.rules.hcc_model_table import HccModel, build_hcc_model
from code_sets.rules.hhs_hcc import MATURITIES, METALS

SYSTEM = "HHS-HCC"
MODELS = ("adult", "child", "infant")
CATEGORY = re.compile(r"(?:HHS_)?(?:HCC)?0*(?P<whole>[1-9]\d{0,2})(?:[._](?P<part>\d))?")
SEXES = {"": None, "M": "1", "F": "2"}
NEEDED = ("mapping.csv", "hierarchy.csv", "factors.csv")
MOST = 999
WORST = 5
Cells = Mapping[str, str]


class _BadCellError(ValueError):
    """What is wrong with a row; its line is added where it is read."""


def load_hhs(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read the tables of a benefit year. Raises LoadError with the file and line that are wrong."""
    files = {one.name.rsplit("/", 1)[-1].lower(): one for one in members(source)}
    missing = [name for name in NEEDED if name not in files]
    if missing:
        raise LoadError(source.name, 0, f"{missing[0]} is missing: see the layout in docs/operations.md")
    year = payment_year(source, release)
    rows: Rows = []
    _each(files, "mapping.csv", {"code": ("code",), "hcc": ("hcc",)}, _OPTIONAL_MAPPING, _mapping(rows))
    mapping, edits = split_rows(files["mapping.csv"], rows)
    facts = _facts(files)
    known = facts["hierarchies"].keys() | {one for found in facts["hierarchies"].values() for one in found}
    unknown = {one for found in mapping.values() for one in found} - known
    if unknown:
        raise LoadError(files["hierarchy.csv"].name, 0, f"category {min(unknown, key=int)} is not in it")
    data = build_hcc_model(HccModel(mapping, edits, facts), {"system": SYSTEM, "release": year})
    first, last = date(int(year), 1, 1), date(int(year), 12, 31)
    title = f"HHS-HCC models, benefit year {year}"
    return ParsedTable(SYSTEM, year, title, first, last, len(mapping), data)


_OPTIONAL_MAPPING: Columns = {"low": ("age_from",), "high": ("age_through",), "sex": ("sex",)}


def _facts(files: Mapping[str, SourceFile]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "hierarchies": {}, "factors": {}, "groups": {}, "sets": {}, "variables": {},
        "maturity": {}, "severity": {}, "cost_sharing": {}, "labels": {},
    }  # fmt: skip
    _each(files, "hierarchy.csv", {"hcc": ("hcc",), "drops": ("drops",)}, {}, _hierarchy(facts))
    columns = {name: (name,) for name in ("model", "variable", *METALS)}
    _each(files, "factors.csv", columns, {}, _factor(facts))
    _each(
        files,
        "groups.csv",
        {"model": ("model",), "group": ("group",), "hcc": ("hcc",)},
        {},
        lambda cells: (
            facts["groups"]
            .setdefault(_model(cells), {})
            .update({_number(cells["hcc"]): cells["group"].upper()})
        ),
    )
    _each(
        files,
        "sets.csv",
        {"set": ("set",), "hcc": ("hcc",)},
        {},
        lambda cells: facts["sets"].setdefault(cells["set"], []).append(_number(cells["hcc"])),
    )
    columns = {name: (name,) for name in ("model", "variable", "kind", "set", "from", "through")}
    _each(files, "variables.csv", columns, {}, _variable(facts))
    _each(files, "infants.csv", {"hcc": ("hcc",)}, _INFANT, _infant(facts))
    _each(
        files,
        "cost_sharing.csv",
        {"variant": ("variant",), "factor": ("factor",)},
        {},
        lambda cells: facts["cost_sharing"].update({cells["variant"]: _amount(cells["factor"])}),
    )
    _each(
        files,
        "labels.csv",
        {"hcc": ("hcc",), "label": ("label",)},
        {},
        lambda cells: facts["labels"].update({_number(cells["hcc"]): cells["label"]}),
    )
    if "adult" not in facts["factors"]:
        raise LoadError(files["factors.csv"].name, 0, "it holds no factor of the adult model")
    return facts


_INFANT: Columns = {"maturity": ("maturity",), "severity": ("severity",)}


def _each(
    files: Mapping[str, SourceFile],
    name: str,
    columns: Columns,
    optional: Columns,
    take: Callable[[Cells], object],
) -> None:
    """Give each row of a file to `take`; a file that is not there has none."""
    if name not in files:
        return
    line = 0
    for line, cells in csv_rows(files[name], columns, optional):
        try:
            take({**cells, "line": str(line)})
        except _BadCellError as error:
            raise LoadError(files[name].name, line, str(error)) from error
    if not line:
        raise LoadError(files[name].name, 0, "the file holds no row")


def _mapping(rows: Rows) -> Callable[[Cells], object]:
    def take(cells: Cells) -> None:
        code = cells["code"].replace(".", "").upper()
        if ICD10CM.fullmatch(code) is None or cells["sex"].upper() not in SEXES:
            raise _BadCellError(f"{code!r} is not in the form of ICD-10-CM, or {cells['sex']!r} not M or F")
        low = _whole(cells["low"], 0) if cells["low"] else 0
        high = _whole(cells["high"], low) if cells["high"] else OLDEST
        row = MappedRow(_number(cells["hcc"]), low, high, SEXES[cells["sex"].upper()])
        rows.append((int(cells["line"]), code, row))

    return take


def _hierarchy(facts: dict[str, Any]) -> Callable[[Cells], object]:
    def take(cells: Cells) -> None:
        dropped = facts["hierarchies"].setdefault(_number(cells["hcc"]), [])
        if cells["drops"]:
            dropped.append(_number(cells["drops"]))

    return take


def _factor(facts: dict[str, Any]) -> Callable[[Cells], object]:
    def take(cells: Cells) -> None:
        named = facts["factors"].setdefault(_model(cells), {})
        name = cells["variable"].upper()
        if name.startswith("HHS_HCC"):
            name = f"HHS_HCC{_number(name)}"
        if not name or name in named:
            raise _BadCellError(f"{name} is given twice" if name else "a factor has no variable")
        named[name] = {metal: _amount(cells[metal]) for metal in METALS if cells[metal]}

    return take


def _variable(facts: dict[str, Any]) -> Callable[[Cells], object]:
    def take(cells: Cells) -> None:
        if cells["kind"] not in ("count", "months"):
            raise _BadCellError(f"kind {cells['kind']!r}: expected count or months")
        if cells["set"] and cells["set"] not in facts["sets"]:
            raise _BadCellError(f"the set {cells['set']!r} is not in sets.csv")
        low = _whole(cells["from"], 0)
        facts["variables"].setdefault(_model(cells), []).append(
            {
                "variable": cells["variable"].upper(),
                "kind": cells["kind"],
                "set": cells["set"],
                "low": low,
                "high": _whole(cells["through"], low) if cells["through"] else MOST,
            }
        )

    return take


def _infant(facts: dict[str, Any]) -> Callable[[Cells], object]:
    def take(cells: Cells) -> None:
        number, maturity = _number(cells["hcc"]), cells["maturity"].upper()
        if maturity:
            if maturity not in MATURITIES:
                raise _BadCellError(f"maturity {maturity!r}: expected one of {', '.join(MATURITIES)}")
            facts["maturity"][number] = maturity
        if cells["severity"]:
            severity = _whole(cells["severity"], 1)
            if severity > WORST:
                raise _BadCellError(f"severity {severity}: expected 1 to {WORST}")
            facts["severity"][number] = severity

    return take


def _model(cells: Cells) -> str:
    name = cells["model"].lower()
    if name not in MODELS:
        raise _BadCellError(f"model {cells['model']!r}: expected {', '.join(MODELS)}")
    return name


def _number(text: str) -> str:
    """The number of a category: 35, HHS_HCC035, and 351 for HHS_HCC035_1 (35.1), see `shown_category`."""
    match = CATEGORY.fullmatch(text.upper())
    if match is None:
        raise _BadCellError(f"{text!r} is not a category")
    whole, part = int(match["whole"]), match["part"]
    return str(whole if part is None else whole * 10 + int(part))


def _whole(text: str, lowest: int) -> int:
    if not text.isdigit() or int(text) < lowest:
        raise _BadCellError(f"{text!r} is not a whole number from {lowest}")
    return int(text)


def _amount(text: str) -> str:
    try:
        return str(Decimal(text))
    except InvalidOperation as error:
        raise _BadCellError(f"{text!r} is not a factor") from error
