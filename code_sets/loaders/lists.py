"""Dated lists of codes: HCPCS Level II, modifiers, places of service."""

from __future__ import annotations

import re

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.tables import (
    NO_COLUMNS,
    NO_DATE,
    Columns,
    ParsedTable,
    TableLoader,
    csv_rows,
    day_number,
    quarter_period,
    refuse_doubles,
    release_of,
)
from code_sets.rules.edits.lists import build_dated
from code_sets.rules.forms import HCPCS, MODIFIER

PLACE = re.compile(r"\d\d")
FIRST_LINES = frozenset({"3", "7"})
"""Record ids of CMS's HCPCS file: first line of a procedure (3), of a modifier (7)."""
MODIFIER_RECORDS = frozenset({"7"})
DATES: Columns = {"from": ("code_added",), "to": ("termination",)}
HCPCS_COLUMNS: Columns = {"code": ("code",), "title": ("long_description",), **DATES}


def dated_loader(
    system: str,
    form: re.Pattern[str],
    title: str,
    columns: Columns,
    optional: Columns = NO_COLUMNS,
    records: frozenset[str] = FIRST_LINES,
) -> TableLoader:
    """The loader of a list with `code`, `title` and, where the list has them, first and last day."""

    def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
        quarter = release_of(source, release)
        lines: dict[str, int] = {}
        rows = []
        for line, cells in csv_rows(source, columns, optional):
            if "record" in cells and cells["record"] not in records:
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


def _is_hcpcs_file(source: SourceFile) -> bool:
    return b"record_id" in source.data[:400].split(b"\n", 1)[0]


def load_hcpcs(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read HCPCS Level II with its modifiers: one row a code, or CMS's rows with record_id, as CSV."""
    raw = _is_hcpcs_file(source)
    columns = {**HCPCS_COLUMNS, "record": ("record_id",)} if raw else HCPCS_COLUMNS
    form = re.compile(f"{HCPCS.pattern}|{MODIFIER.pattern}") if raw else HCPCS
    return dated_loader("HCPCS", form, "HCPCS code", columns)(source, release, progress)


def load_modifiers(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read the modifiers: a list of code and text, or those in CMS's HCPCS file (its records 7)."""
    if _is_hcpcs_file(source):
        columns: Columns = {**HCPCS_COLUMNS, "record": ("record_id",)}
        return dated_loader("MODIFIERS", MODIFIER, "modifier", columns, records=MODIFIER_RECORDS)(
            source, release, progress
        )
    columns = {"code": ("code", "mod_code", "modifier"), "title": ("long_description", "mod_description")}
    return dated_loader("MODIFIERS", MODIFIER, "modifier", columns, optional=DATES)(source, release, progress)


load_places = dated_loader(
    "POS",
    PLACE,
    "place of service",
    {
        "code": ("pos_code", "place_of_service_code", "place of service code(s)"),
        "title": ("pos_name", "place of service name", "description"),
    },
)
