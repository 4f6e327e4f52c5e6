"""CMS's RxHCC model software in Python (Part D): one calibration and payment year a release.

A package such as RxHCC_v8_2026_X_package_v5 holds, in its folder of inputs, ICD10_CC_mappings_RxHCC_2026.csv,
HCC_Hierarchies.csv, X_CE_Relative_Factors.csv (continuing enrollees) and X_NE_Relative_Factors.csv (new).
The letter before the factors names the calibration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.hcc_mappings import SOFTWARE_COLUMNS, mapped_rows, payment_year, split_rows
from code_sets.loaders.published import members
from code_sets.loaders.tables import ParsedTable, cell_rows
from code_sets.rules.hcc_model_table import HccModel, build_hcc_model

SYSTEM = "RXHCC"
FACTORS = re.compile(r"(?P<calibration>[A-Z]\d?)_(?P<kind>CE|NE)_Relative_Factors\.csv", re.IGNORECASE)
MAPPING = re.compile(r"ICD10_CC_mappings_RxHCC_(?P<year>20\d\d)\.csv", re.IGNORECASE)
HIERARCHIES = re.compile(r"(?:\w+_)?HCC_Hierarchies\.csv", re.IGNORECASE)
CATEGORY = re.compile(r"(?:RXHCC)?(?P<number>\d{1,3})", re.IGNORECASE)
SEGMENTS: Mapping[str, tuple[str, ...]] = {
    "CE": ("CE_NonLow_Aged", "CE_NonLow_NonAged", "CE_Low_Aged", "CE_Low_NonAged", "CE_LTI"),
    "NE": ("NE_NonLow_Community", "NE_Low_Community", "NE_LTI"),
}
FEWEST = {"CE": 50, "NE": 100}
"""Fewer factors than these are no whole file: 118 and 108 are published for 2026."""


def load_rxhcc(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read a package, as its zip or its folder. Raises LoadError naming the file that is missing or wrong."""
    files = {one.name.rsplit("/", 1)[-1]: one for one in members(source)}
    mapping_file = _one(source, files, MAPPING, "mapping (ICD10_CC_mappings_RxHCC_2026.csv)")
    year = payment_year(mapping_file, release)
    calibration, factor_files = _factor_files(source, files)
    factors: dict[str, dict[str, str]] = {}
    labels: dict[str, str] = {}
    for kind, file in factor_files.items():
        found, named = _factors(file, kind)
        factors.update(found)
        labels.update(named)
    mapping, edits = split_rows(mapping_file, mapped_rows(mapping_file, SOFTWARE_COLUMNS))
    hierarchies = _hierarchies(_one(source, files, HIERARCHIES, "hierarchies (HCC_Hierarchies.csv)"))
    if not mapping or not hierarchies:
        raise LoadError(source.name, 0, "the mapping or the hierarchies hold no row")
    unknown = {one for found in mapping.values() for one in found} - hierarchies.keys()
    if unknown:
        raise LoadError(mapping_file.name, 0, f"category {min(unknown, key=int)} is in no other file")
    facts = {
        "calibration": calibration,
        "hierarchies": hierarchies,
        "factors": factors,
        "labels": {name.removeprefix("RXHCC"): text for name, text in labels.items()},
    }
    system = f"{SYSTEM}-{calibration}"
    data = build_hcc_model(HccModel(mapping, edits, facts), {"system": system, "release": year})
    first, last = date(int(year), 1, 1), date(int(year), 12, 31)
    title = f"RxHCC V08 {calibration}, payment year {year}"
    return ParsedTable(system, year, title, first, last, len(mapping), data)


def _one(source: SourceFile, files: Mapping[str, SourceFile], form: re.Pattern[str], what: str) -> SourceFile:
    found = [file for name, file in files.items() if form.fullmatch(name)]
    if len(found) != 1:
        told = "no" if not found else f"{len(found)} files of the"
        raise LoadError(source.name, 0, f"the package holds {told} {what}")
    return found[0]


def _factor_files(source: SourceFile, files: Mapping[str, SourceFile]) -> tuple[str, dict[str, SourceFile]]:
    found: dict[str, dict[str, SourceFile]] = {}
    for name, file in files.items():
        if match := FACTORS.fullmatch(name):
            found.setdefault(match["calibration"].upper(), {})[match["kind"].upper()] = file
    if len(found) != 1:
        told = ", ".join(sorted(found))
        what = f"several calibrations ({told}): load each package by itself" if found else "no factors"
        raise LoadError(source.name, 0, f"the package holds {what}")
    ((calibration, kinds),) = found.items()
    missing = sorted(SEGMENTS.keys() - kinds.keys())
    if missing:
        raise LoadError(source.name, 0, f"{calibration}_{missing[0]}_Relative_Factors.csv is missing")
    return calibration, kinds


def _factors(file: SourceFile, kind: str) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Factors by segment and variable, and labels by variable. Blank cells have no factor."""
    rows = cell_rows(file, must_end=False)
    heading = next(rows, (1, []))[1]
    expected = ["variable", "label", *(one.lower() for one in SEGMENTS[kind])]
    if [cell.strip().lower() for cell in heading] != expected:
        raise LoadError(file.name, 1, f"expected the columns {', '.join(expected)}")
    factors: dict[str, dict[str, str]] = {segment: {} for segment in SEGMENTS[kind]}
    labels: dict[str, str] = {}
    for line, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(expected):
            raise LoadError(file.name, line, f"{len(cells)} cells, where the heading has {len(expected)}")
        name = cells[0].strip().upper()
        if name in labels:
            raise LoadError(file.name, line, f"{name} is given twice")
        labels[name] = cells[1].strip()
        for segment, cell in zip(SEGMENTS[kind], cells[2:], strict=True):
            if cell.strip():
                factors[segment][name] = _amount(file, line, cell.strip())
    if len(labels) < FEWEST[kind]:
        raise LoadError(file.name, 0, f"it holds {len(labels)} factors: the file looks cut")
    return factors, labels


def _amount(file: SourceFile, line: int, text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise LoadError(file.name, line, f"{text!r} is not a factor") from error
    return f"{amount:.3f}"


def _hierarchies(file: SourceFile) -> dict[str, list[str]]:
    """The categories that each category drops."""
    found: dict[str, list[str]] = {}
    # As published its last line does not end; that a line is whole is seen by its cells.
    rows = cell_rows(file, must_end=False)
    heading = next(rows, (1, [""]))[1]
    if not heading[0].strip().upper().endswith("HCC"):
        raise LoadError(file.name, 1, "this is not a file of hierarchies: RXHCC, SecondaryRxHCC_1, …")
    for line, cells in rows:
        if len(cells) != len(heading):
            raise LoadError(file.name, line, f"{len(cells)} cells, where the heading has {len(heading)}")
        numbers = [cell.strip() for cell in cells if cell.strip()]
        matches = [CATEGORY.fullmatch(number) for number in numbers]
        if not numbers:
            continue
        if not all(matches):
            raise LoadError(file.name, line, "this line is not a list of categories")
        plain = [str(int(match["number"])) for match in matches if match]
        found[plain[0]] = plain[1:]
    return found
