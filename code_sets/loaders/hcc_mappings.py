"""CMS's mappings of diagnoses to payment categories (HCCs), one model and payment year a release.

Read are the list "20yy Initial (or Midyear Final) ICD-10-CM Mappings" (workbook or CSV, one column a model),
the mapping of the model software in Python (ICD10,CC and conditions of age and sex) and its SAS format (code
and category: F2826T1N.TXT).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.published import only_member, text_of
from code_sets.loaders.tables import ParsedTable, TableLoader, cell_rows, csv_rows
from code_sets.rules.forms import ICD10CM
from code_sets.rules.hcc import DiagnosisEdit
from code_sets.rules.hcc_edits import MappedRow, ages, as_edit
from code_sets.rules.hcc_model_table import HccModel, build_hcc_model

MODELS: Mapping[str, str] = {
    "CMS-HCC-V28": "CMS-HCC V28",
    "CMS-HCC-V24": "CMS-HCC V24",
    "CMS-HCC-V22": "CMS-HCC V22",
    "CMS-HCC-ESRD-V24": "CMS-HCC ESRD V24",
    "CMS-HCC-ESRD-V21": "CMS-HCC ESRD V21",
}
ANY = "CMS-HCC"
YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
MODEL_COLUMN = re.compile(r"cms-hcc (?P<esrd>esrd )?model category v(?P<version>\d\d)")
VERSION_IN_NAME = re.compile(r"v(?P<version>2[0-9])(?!\d)", re.IGNORECASE)
SAS_NAME = re.compile(r"f(?P<version>2[0-9])(?P<year>\d\d)\w*\.txt$", re.IGNORECASE)
SAS_ROW = re.compile(r"(?P<code>[A-Z][0-9][0-9A-Z]{1,5})\s+(?P<category>\d{1,3})\s*")
HEADING_ROWS = 20
SOFTWARE_COLUMNS = {"code": ("icd10",), "category": ("cc",)}
CONDITIONS = {
    "mce": ("mce_age_condition",),
    "age": ("age_edit_condition",),
    "sex": ("sex_edit_condition",),
}
NO_CATEGORY = ("", "-1", "-1.0", "NA")


def mapping_loader(system: str) -> TableLoader:
    """The loader of the mapping of one model; of `CMS-HCC`: of the one model the file is of."""

    def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
        file = only_member(source)
        year = payment_year(file, release)
        found = _software(file) or _sas(file) or _listed(file)
        if not found:
            raise LoadError(file.name, 1, "this is no mapping of diagnoses to CMS-HCC categories")
        chosen = _chosen(system, file, found)
        model = HccModel(*split_rows(file, found[chosen]))
        data = build_hcc_model(model, {"system": chosen, "release": year})
        first, last = date(int(year), 1, 1), date(int(year), 12, 31)
        title = f"{MODELS[chosen]} mapping, payment year {year}"
        return ParsedTable(chosen, year, title, first, last, len(model.mapping), data)

    return load


Rows = list[tuple[int, str, MappedRow]]
"""Line, diagnosis and what it maps to."""


def payment_year(source: SourceFile, release: str | None) -> str:
    """The payment year of a file, from its name or as given. Raises LoadError where neither says it."""
    base = source.name.rsplit("/", 1)[-1]
    told = YEAR.search(base.replace("_", " ")) or YEAR.search(source.name.replace("_", " "))
    sas = SAS_NAME.search(base)
    year = f"20{sas['year']}" if sas else told[1] if told else None
    if release is not None and YEAR.fullmatch(release) is None:
        raise LoadError(source.name, 0, f"{release} is not a payment year such as 2026")
    if release is not None and year is not None and release != year:
        raise LoadError(source.name, 0, f"its name says that it is of {year}, not of {release}")
    if release is None and year is None:
        raise LoadError(source.name, 0, "no payment year in the name of the file; give --release 2026")
    return release or year or ""


def mapped_rows(source: SourceFile, columns: Mapping[str, tuple[str, ...]]) -> Rows:
    """The rows of a software's mapping with their conditions. Raises LoadError with the line."""
    rows: Rows = []
    for line, cells in csv_rows(source, columns, CONDITIONS):
        code, category = cells["code"].replace(".", ""), cells["category"]
        if category in NO_CATEGORY:
            continue
        try:
            number = str(int(float(category)))
            bounds = [ages(cells["mce"]), ages(cells["age"])]
            sex = str(int(float(cells["sex"]))) if cells["sex"] else None
        except ValueError as error:
            raise LoadError(source.name, line, f"{code}: {error}") from error
        if ICD10CM.fullmatch(code) is None or sex not in (None, "1", "2"):
            raise LoadError(source.name, line, f"{code!r} and {category!r} are not a diagnosis and category")
        low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
        rows.append((line, code, MappedRow(number, low, high, sex)))
    return rows


def split_rows(
    source: SourceFile, rows: Iterable[tuple[int, str, MappedRow]]
) -> tuple[dict[str, tuple[str, ...]], dict[str, DiagnosisEdit]]:
    """Mapping and edits of rows. Raises LoadError with the line of a diagnosis no one edit can describe."""
    by_code: dict[str, list[MappedRow]] = {}
    lines: dict[str, int] = {}
    for line, code, row in rows:
        by_code.setdefault(code, []).append(row)
        lines.setdefault(code, line)
    mapping: dict[str, tuple[str, ...]] = {}
    edits: dict[str, DiagnosisEdit] = {}
    for code, held in by_code.items():
        try:
            usual, edit = as_edit(held)
        except ValueError as error:
            raise LoadError(source.name, lines[code], f"{code}: {error}") from error
        mapping[code] = usual
        if edit is not None:
            edits[code] = edit
    return mapping, edits


def _software(source: SourceFile) -> dict[str, Rows]:
    first = next(iter(cell_rows(source)), (0, []))[1]
    if [cell.lower() for cell in first[:2]] != ["icd10", "cc"]:
        return {}
    base = source.name.rsplit("/", 1)[-1]
    version = VERSION_IN_NAME.search(base)
    if version is None or "rxhcc" in base.lower():
        raise LoadError(source.name, 0, "its name does not say the model (…_v28.csv)")
    return {_system("esrd" in base.lower(), version["version"]): mapped_rows(source, SOFTWARE_COLUMNS)}


def _sas(source: SourceFile) -> dict[str, Rows]:
    name = SAS_NAME.search(source.name.rsplit("/", 1)[-1])
    if name is None:
        return {}
    rows: Rows = []
    for line, text in enumerate(text_of(source).split("\n"), 1):
        if not text.strip():
            continue
        match = SAS_ROW.fullmatch(text)
        if match is None:
            raise LoadError(source.name, line, "this line is not a diagnosis and a category")
        rows.append((line, match["code"], MappedRow(str(int(match["category"])))))
    return {_system(False, name["version"]): rows}


def _listed(source: SourceFile) -> dict[str, Rows]:
    """The yearly list: a heading with one column a model, codes, and notes below the table."""
    columns: dict[int, str] = {}
    found: dict[str, Rows] = {}
    for line, cells in cell_rows(source):
        if not columns:
            if line > HEADING_ROWS:
                break
            columns = _model_columns(cells)
            continue
        code = cells[0].strip().replace(".", "") if cells else ""
        if ICD10CM.fullmatch(code) is None:
            if any(cell.strip() for cell in cells[1:]):
                raise LoadError(source.name, line, f"{cells[0]!r} is not in the form of ICD-10-CM")
            continue  # the notes below the table stand in its first column
        for at, system in columns.items():
            category = cells[at].strip() if at < len(cells) else ""
            if category and not category.replace(".0", "").isdigit():
                raise LoadError(source.name, line, f"{category!r} is not a category")
            if category:
                found.setdefault(system, []).append((line, code, MappedRow(str(int(float(category))))))
    return found


def _model_columns(cells: Iterable[str]) -> dict[int, str]:
    plain = [" ".join(cell.lower().split()) for cell in cells]
    if not plain or not plain[0].startswith("diagnosis code"):
        return {}
    matches = {at: MODEL_COLUMN.fullmatch(cell) for at, cell in enumerate(plain)}
    return {at: _system(bool(match["esrd"]), match["version"]) for at, match in matches.items() if match}


def _system(esrd: bool, version: str) -> str:
    return f"CMS-HCC-{'ESRD-' if esrd else ''}V{version}"


def _chosen(system: str, source: SourceFile, found: Mapping[str, Rows]) -> str:
    if system == ANY:
        if len(found) > 1:
            raise LoadError(source.name, 0, f"it maps several models: give one of {', '.join(sorted(found))}")
        system = next(iter(found))
    if system not in found or system not in MODELS:
        told = ", ".join(sorted(found))
        raise LoadError(source.name, 0, f"it holds no mapping of {system}, only of {told}")
    return system
