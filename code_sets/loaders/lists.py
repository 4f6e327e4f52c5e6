"""Dated lists of codes: HCPCS Level II, modifiers, places of service, POA-exempt and MCE-marked diagnoses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.tables import (
    NO_DATE,
    ParsedTable,
    TableLoader,
    csv_rows,
    day_number,
    quarter_period,
    refuse_doubles,
    release_of,
)
from code_sets.rules.edits.lists import build_dated, build_flags
from code_sets.rules.forms import HCPCS, ICD10CM, MODIFIER

PLACE = re.compile(r"\d\d")
FIRST_LINES = frozenset({"3", "7"})
"""Record ids of CMS's HCPCS file: first line of a procedure (3), of a modifier (7)."""

Columns = dict[str, Sequence[str]]


def dated_loader(system: str, form: re.Pattern[str], title: str, columns: Columns) -> TableLoader:
    """The loader of a list with `code`, `title` and, where the list has them, first and last day."""

    def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
        quarter = release_of(source, release)
        lines: dict[str, int] = {}
        rows = []
        for line, cells in csv_rows(source, columns):
            if cells.get("record", "3") not in FIRST_LINES:
                continue
            code = cells["code"].replace(".", "")
            if form.fullmatch(code) is None:
                raise LoadError(source.name, line, f"{code!r} does not have the form of a {title}")
            refuse_doubles(source, lines, code, line)
            first = day_number(source, line, cells.get("from", ""), 0)
            rows.append((code, first, day_number(source, line, cells.get("to", ""), NO_DATE), cells["title"]))
        if not rows:
            raise LoadError(source.name, 0, f"the file holds no {title}")
        start, end = quarter_period(quarter)
        data = build_dated(rows, {"system": system, "release": quarter})
        return ParsedTable(system, quarter, f"{system} {quarter}", start, end, len(rows), data)

    return load


def load_hcpcs(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read HCPCS Level II with its modifiers: one row a code, or CMS's rows with record_id, as CSV."""
    raw = b"record_id" in source.data[:400].split(b"\n", 1)[0]
    columns: Columns = {
        "code": ("code",),
        "title": ("long_description",),
        "from": ("code_added",),
        "to": ("termination",),
    }
    if raw:
        columns["record"] = ("record_id",)
    form = re.compile(f"{HCPCS.pattern}|{MODIFIER.pattern}") if raw else HCPCS
    return dated_loader("HCPCS", form, "HCPCS code", columns)(source, release, progress)


load_modifiers = dated_loader(
    "MODIFIERS",
    MODIFIER,
    "modifier",
    {"code": ("code",), "title": ("long_description",), "from": ("code_added",), "to": ("termination",)},
)
load_places = dated_loader("POS", PLACE, "place of service", {"code": ("pos_code",), "title": ("pos_name",)})


def load_poa_exempt(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read CMS's list of diagnoses exempt from reporting present on admission, one a fiscal year."""
    year = release or next(iter(re.findall(r"fy(20\d\d)", source.name, re.IGNORECASE)), None)
    if year is None or re.fullmatch(r"20\d\d", year) is None:
        raise LoadError(source.name, 0, "no fiscal year in the name of the file; give --release 2027")
    lines = source.text_lines()
    heading = lines[0].split("\t") if lines else []
    if len(heading) != 3 or "POAexempt" not in heading[1]:
        raise LoadError(source.name, 1, "this is not a POA-exempt list: order, POAexemptCode, Description")
    if not source.data.endswith(b"\n"):
        raise LoadError(source.name, len(lines), "the last line does not end: the file looks cut")
    seen: dict[str, int] = {}
    rows = []
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        code = cells[1].replace(".", "").strip() if len(cells) == 3 else ""
        if ICD10CM.fullmatch(code) is None:
            raise LoadError(source.name, number, "this line is not an order number, a code and its title")
        refuse_doubles(source, seen, code, number)
        rows.append((code, 0, NO_DATE, cells[2].strip()))
    data = build_dated(rows, {"system": "POA-EXEMPT", "release": year})
    first, last = date(int(year) - 1, 10, 1), date(int(year), 9, 30)
    return ParsedTable("POA-EXEMPT", year, f"POA-exempt diagnoses {year}", first, last, len(rows), data)


def load_mce(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read the Medicare Code Editor's marks of diagnoses as CSV: code, valid_from, valid_to, mce_flags (a|b).

    The dates of each row decide; the list answers from the first of them on.
    """
    quarter = release_of(source, release)
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
    start, end = quarter_period(quarter)
    text = str(min(row[1] for row in rows))
    since = date(int(text[:4]), int(text[4:6]), int(text[6:])) if text != "0" else start
    data = build_flags(rows, {"system": "MCE", "release": quarter})
    return ParsedTable("MCE", quarter, f"MCE diagnosis marks {quarter}", start, end, len(rows), data, since)
