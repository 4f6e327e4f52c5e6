"""The Medicare physician fee schedule's relative value file: the global surgery period of each procedure.

PPRRVU25_OCT (.csv, .xlsx; in CMS's zip rvu25d): licence lines, a heading of two lines ("GLOB" over "DAYS"),
one row a code and modifier. Only codes and global days are read: the descriptions belong to the AMA.
"""

from __future__ import annotations

import re

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.published import members
from code_sets.loaders.tables import ParsedTable, csv_rows, quarter_period, release_of
from code_sets.rules.edits.lists import GLOBAL_DAYS, build_global
from code_sets.rules.forms import procedure_system

SYSTEM = "MPFS-GLOBAL"
FILE_IN_ZIP = re.compile(r"pprrvu", re.IGNORECASE)
OTHER_PAYMENT = re.compile(r"(?<!non)(?<!non_)qpp", re.IGNORECASE)
MONTH_IN_NAME = re.compile(r"pprrvu(?:20)?(?P<year>\d\d)[_-]?(?P<month>jan|apr|jul|oct)", re.IGNORECASE)
LETTER_IN_NAME = re.compile(r"rvu(?P<year>\d\d)(?P<letter>[a-d])", re.IGNORECASE)
MONTHS = ("jan", "apr", "jul", "oct")
COLUMNS = {
    "code": ("hcpcs", "hcpcs_code", "hcpcs code"),
    "modifier": ("mod", "modifier"),
    "days": ("glob days", "global_days", "global days", "glob"),
}


def load_global_days(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read the global days of each code, for the quarter of the file."""
    file = _table(source)
    quarter = _quarter(file, release)
    plain: dict[str, str] = {}
    with_modifier: dict[str, set[str]] = {}
    for line, cells in csv_rows(file, COLUMNS):
        code, days = cells["code"], cells["days"].upper().zfill(3)
        if procedure_system(code) is None:
            raise LoadError(file.name, line, f"{code!r} does not have the form of a procedure code")
        if days not in GLOBAL_DAYS:
            raise LoadError(file.name, line, f"global days {days!r}: expected {', '.join(GLOBAL_DAYS)}")
        if cells["modifier"]:
            with_modifier.setdefault(code, set()).add(days)
        elif plain.setdefault(code, days) != days:
            raise LoadError(file.name, line, f"{code} is given twice, with different global days")
    # A code that stands with modifiers only (26, TC) has the period of those, where they agree.
    alone = {code: days.copy().pop() for code, days in with_modifier.items() if len(days) == 1}
    rows = {**alone, **plain}
    if not rows:
        raise LoadError(file.name, 0, "the file holds no procedure code")
    first, last = quarter_period(quarter)
    data = build_global(rows.items(), {"system": SYSTEM, "release": quarter})
    return ParsedTable(SYSTEM, quarter, f"MPFS global days {quarter}", first, last, len(rows), data)


def _table(source: SourceFile) -> SourceFile:
    """The relative value file among those of CMS's zip, which also holds localities."""
    found = members(source)
    if len(found) == 1:
        return found[0]
    named = [one for one in found if FILE_IN_ZIP.search(one.name.rsplit("/", 1)[-1])]
    # Since 2026 there are two, for participants of advanced payment models and others; the periods are equal.
    chosen = [one for one in named if not OTHER_PAYMENT.search(one.name)] or named
    tables = [one for one in chosen if one.name.lower().endswith(".csv")] or chosen
    if not tables:
        raise LoadError(source.name, 0, "the zip holds no relative value file (PPRRVU)")
    return tables[0]


def _quarter(source: SourceFile, release: str | None) -> str:
    told = None
    if match := MONTH_IN_NAME.search(source.name):
        told = f"20{match['year']}q{MONTHS.index(match['month'].lower()) + 1}"
    elif match := LETTER_IN_NAME.search(source.name):
        told = f"20{match['year']}q{'abcd'.index(match['letter'].lower()) + 1}"
    if told is None:
        return release_of(source, release)
    if release is not None and release.lower() != told:
        raise LoadError(source.name, 0, f"its name says that it is of {told}, not of {release.lower()}")
    return told
