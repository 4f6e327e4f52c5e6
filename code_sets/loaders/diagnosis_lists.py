"""Lists about diagnoses: those exempt from reporting present on admission, and the Medicare Code Editor's.

POA: CMS's yearly list (text or workbook: order number, POAexemptCode, Description), or the codes of the AHRQ
software (icd_version, icd10_code; version 43 is fiscal year 2026).
MCE: the text "Definitions of Medicare Code Edits" as CMS publishes it, or rows with their own dates.
"""

from __future__ import annotations

import re
from datetime import date

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.mce_manual import is_manual, parse_manual
from code_sets.loaders.tables import (
    NO_DATE,
    ParsedTable,
    csv_rows,
    day_number,
    quarter_period,
    refuse_doubles,
    release_of,
)
from code_sets.rules.edits.lists import build_dated, build_flags
from code_sets.rules.forms import ICD10CM

FISCAL_YEAR = re.compile(r"fy[ _-]?(20\d\d)", re.IGNORECASE)
GROUPER_BEFORE_YEAR = 1983
"""Grouper version 43 is that of fiscal year 2026."""
POA_COLUMNS = {"code": ("poaexemptcode", "poa exempt code", "icd10_code", "icd-10-cm code")}
POA_OPTIONAL = {"title": ("description", "long description"), "version": ("icd_version",)}


def load_poa_exempt(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read the list of diagnoses exempt from reporting present on admission, one a fiscal year."""
    told = next(iter(FISCAL_YEAR.findall(source.name)), None)
    year = release or told
    if year is None or re.fullmatch(r"20\d\d", year) is None:
        raise LoadError(source.name, 0, "no fiscal year in the name of the file; give --release 2027")
    if told is not None and told != year:
        raise LoadError(source.name, 0, f"its name says that it is of {told}, not of {year}")
    seen: dict[str, int] = {}
    rows = []
    for line, cells in csv_rows(source, POA_COLUMNS, POA_OPTIONAL):
        code = cells["code"].replace(".", "")
        if ICD10CM.fullmatch(code) is None:
            raise LoadError(source.name, line, f"{code!r} is not in the form of ICD-10-CM")
        if cells["version"] and cells["version"] != str(int(year) - GROUPER_BEFORE_YEAR):
            raise LoadError(source.name, line, f"version {cells['version']} is not that of {year}")
        refuse_doubles(source, seen, code, line)
        rows.append((code, 0, NO_DATE, cells["title"]))
    if not rows:
        raise LoadError(source.name, 0, "the file holds no code")
    data = build_dated(rows, {"system": "POA-EXEMPT", "release": year})
    first, last = date(int(year) - 1, 10, 1), date(int(year), 9, 30)
    return ParsedTable("POA-EXEMPT", year, f"POA-exempt diagnoses {year}", first, last, len(rows), data)


def load_mce(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read the Medicare Code Editor's marks of diagnoses.

    Rows (code, valid_from, valid_to, mce_flags such as "female|maternity") have their own dates: the list
    answers from the first of them on. The manual has none: its lists hold for its quarter and after it.
    """
    quarter = release_of(source, release)
    start, end = quarter_period(quarter)
    if is_manual(source):
        marks = parse_manual(source)
        data = build_flags([(code, 0, NO_DATE, flags) for code, flags in marks.items()], _meta(quarter))
        return ParsedTable("MCE", quarter, f"MCE diagnosis marks {quarter}", start, end, len(marks), data)
    columns = {"code": ("code",), "from": ("valid_from",), "to": ("valid_to",), "flags": ("mce_flags",)}
    rows = []
    for line, cells in csv_rows(source, columns):
        if ICD10CM.fullmatch(cells["code"]) is None:
            raise LoadError(source.name, line, f"{cells['code']!r} is not in the form of ICD-10-CM")
        first = day_number(source, line, cells["from"], 0)
        last = day_number(source, line, cells["to"], NO_DATE)
        rows.append((cells["code"], first, last, cells["flags"].split("|")))
    if not rows:
        raise LoadError(source.name, 0, "the file holds no code")
    text = str(min(row[1] for row in rows))
    since = date(int(text[:4]), int(text[4:6]), int(text[6:])) if text != "0" else start
    data = build_flags(rows, _meta(quarter))
    return ParsedTable("MCE", quarter, f"MCE diagnosis marks {quarter}", start, end, len(rows), data, since)


def _meta(quarter: str) -> dict[str, str]:
    return {"system": "MCE", "release": quarter}
