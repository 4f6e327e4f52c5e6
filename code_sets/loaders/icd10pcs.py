"""ICD-10-PCS: CMS's order file, the same as CSV, and a CSV list of codes with their days.

Order file (icd10pcs_order_YYYY.txt; layout in CMS's "icd10pcsOrderFile.pdf"): columns 1-5 order number, 7-13
code, 15 valid for submission (1) or header (0), 17-76 short title, from 78 long title. A header is a table of
the first three characters. CSV of the same: order, code, valid, description_short, description_long. List
with days: code, valid_from, valid_to, long_title; it answers for each day by the days of its codes.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from code_sets.loaders.base import LoadError, ParsedRelease, Progress, SourceFile
from code_sets.loaders.icd10cm import published_period, release_of
from code_sets.loaders.tables import day_number
from code_sets.rules.entries import CodeEntry, EntryKind
from code_sets.rules.forms import ICD10PCS
from code_sets.rules.index import as_date

SYSTEM = "ICD-10-PCS"
SECTIONS = Path(__file__).resolve().parent.parent / "data" / "pcs_sections.toml"
ORDER_LINE = re.compile(r"(?P<number>\d{5}) (?P<code>[A-Z0-9]{3,7}) *(?<=^.{14})(?P<valid>[01]) ")
LONG_TITLE_AT = 77
TABLE = re.compile(r"[0-9A-HJ-NP-Z]{3}")
ORDER_HEADER = ["order", "code", "valid", "description_short", "description_long"]
DATED_HEADER = ["code", "valid_from", "valid_to", "long_title"]
UNTITLED = "Title not in this file"
REPORT_EVERY = 5000

Row = tuple[int, int, str, bool, str]
"""Line, order number, code, whether it is valid, title."""


@cache
def sections() -> Mapping[str, str]:
    """The sections of ICD-10-PCS by their character, as the Official Guidelines B1 list them."""
    loaded: dict[str, str] = tomllib.loads(SECTIONS.read_text("utf-8"))["section"]
    return loaded


def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedRelease:
    """Read an official ICD-10-PCS list. Raises LoadError, with the line, for any other file."""
    name = release or release_of(source.name, "")
    if name is None:
        raise LoadError(source.name, 0, "the name of the file does not say the release; give --release 2027")
    first, last = published_period(name)
    lines = source.text_lines()
    if not lines:
        raise LoadError(source.name, 0, "the file is empty")
    if not source.data.endswith(b"\n"):
        raise LoadError(source.name, len(lines), "the last line has no end: the file is cut")
    heading = [cell.strip().lower() for cell in lines[0].lstrip("\ufeff").split(",")]
    if heading[: len(DATED_HEADER)] == DATED_HEADER:
        entries, since = _dated(source, lines, progress)
        if since > first:
            raise LoadError(source.name, 0, f"no code of the list holds on {first}: it is not of {name}")
        return ParsedRelease(SYSTEM, name, f"ICD-10-PCS {name}", first, last, entries, since)
    if heading == ORDER_HEADER:
        rows = _order_csv(source, lines)
    elif ORDER_LINE.match(lines[0]):
        rows = _order_lines(source, lines)
    else:
        raise LoadError(source.name, 1, "this is not an order file or a list of codes of ICD-10-PCS")
    entries = _entries(source, rows, len(lines), progress)
    return ParsedRelease(SYSTEM, name, f"ICD-10-PCS {name}", first, last, entries)


def _order_lines(source: SourceFile, lines: list[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        match = ORDER_LINE.match(line)
        if match is None or not line[LONG_TITLE_AT:].strip():
            raise LoadError(
                source.name, number, "this is not a line of an order file (number, code, 0 or 1, titles)"
            )
        title = line[LONG_TITLE_AT:].strip()
        yield number, int(match["number"]), match["code"], match["valid"] == "1", title


def _order_csv(source: SourceFile, lines: list[str]) -> Iterator[Row]:
    for line, cells in _csv(source, lines, len(ORDER_HEADER)):
        if not cells[0].isdigit() or cells[2] not in ("0", "1") or not cells[4]:
            raise LoadError(source.name, line, "this line is not number, code, 0 or 1, and two titles")
        yield line, int(cells[0]), cells[1], cells[2] == "1", cells[4]


def _csv(source: SourceFile, lines: list[str], width: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, strict=True)
    try:
        next(reader)
        for cells in reader:
            if len(cells) < width:
                raise LoadError(
                    source.name, reader.line_num, f"{len(cells)} cells, where {width} are expected"
                )
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise LoadError(source.name, reader.line_num, f"this is not CSV ({error})") from error


def _entries(
    source: SourceFile, rows: Iterable[Row], count: int, progress: Progress
) -> tuple[CodeEntry, ...]:
    lines: dict[str, int] = {}
    entries: list[CodeEntry] = []
    table, table_line = "", 0
    for expected, (line, number, code, valid, title) in enumerate(rows, 1):
        form = ICD10PCS if valid else TABLE
        if form.fullmatch(code) is None:
            raise LoadError(source.name, line, f"{code!r} is not a code or a table of ICD-10-PCS")
        if number != expected:
            raise LoadError(source.name, line, f"order number {number:05} where {expected:05} is expected")
        if code in lines:
            raise LoadError(source.name, line, f"{code} is given twice, first at line {lines[code]}")
        if valid and not code.startswith(table or "-"):
            raise LoadError(source.name, line, f"{code} stands under the table {table or 'of nothing'}")
        if not valid:
            _refuse_empty(source, entries, table_line)
            table, table_line = code, line
        lines[code] = line
        entries.append(_entry(code, title, valid))
        if line % REPORT_EVERY == 0:
            progress("reading", line, count)
    _refuse_empty(source, entries, table_line)
    _refuse_missing_sections(source, entries, count)
    return _with_sections(entries)


def _entry(code: str, title: str, valid: bool) -> CodeEntry:
    if valid:
        return CodeEntry(code, title, True, EntryKind.SUBCATEGORY, code[:3])
    return CodeEntry(code, title, False, EntryKind.CATEGORY, code[:1])


def _refuse_empty(source: SourceFile, entries: list[CodeEntry], line: int) -> None:
    if entries and not entries[-1].billable:
        raise LoadError(
            source.name, line, f"no code stands under the table {entries[-1].code}: the file is cut"
        )


def _refuse_missing_sections(source: SourceFile, entries: list[CodeEntry], line: int) -> None:
    """The list runs through all sections to the last; one that ends before is cut between two lines."""
    last = max(sections())
    if not any(entry.code.startswith(last) for entry in entries):
        name = sections()[last]
        raise LoadError(source.name, line, f"the list ends before section {last} ({name}): the file is cut")


def _with_sections(entries: list[CodeEntry]) -> tuple[CodeEntry, ...]:
    """The entries below the sections they belong to, which the file does not list."""
    result: list[CodeEntry] = []
    for entry in entries:
        section = entry.code[0]
        if not result or result[-1].code[0] != section:
            title = sections().get(section)
            if title is not None:
                result.append(CodeEntry(section, title, False, EntryKind.CHAPTER))
        result.append(entry)
    return tuple(result)


def _dated(source: SourceFile, lines: list[str], progress: Progress) -> tuple[tuple[CodeEntry, ...], date]:
    seen: dict[str, int] = {}
    found: list[CodeEntry] = []
    since = date.max
    for line, cells in _csv(source, lines, len(DATED_HEADER)):
        code = cells[0]
        if ICD10PCS.fullmatch(code) is None:
            raise LoadError(source.name, line, f"{code!r} does not have the form of an ICD-10-PCS code")
        if code in seen:
            raise LoadError(source.name, line, f"{code} is given twice, first at line {seen[code]}")
        seen[code] = line
        days = [day_number(source, line, cell, 0) for cell in cells[1:3]]
        if not 0 < days[0] <= days[1]:
            raise LoadError(source.name, line, f"{code} needs a first day and a last day after it")
        first, last = map(as_date, days)
        since = min(since, first)
        title = cells[3] or UNTITLED
        found.append(CodeEntry(code, title, True, EntryKind.SUBCATEGORY, code[0], (), first, last))
        if line % REPORT_EVERY == 0:
            progress("reading", line, len(lines))
    if not found:
        raise LoadError(source.name, 0, "the file holds no code")
    found = _open_ended(sorted(found, key=lambda entry: entry.code))
    _refuse_missing_sections(source, found, len(lines))
    return _with_sections(found), since


def _open_ended(entries: list[CodeEntry]) -> list[CodeEntry]:
    """The last day that most codes share is the end of what the list knows, not the end of a code."""
    horizon = max(entry.valid_to for entry in entries if entry.valid_to is not None)
    return [replace(entry, valid_to=None) if entry.valid_to == horizon else entry for entry in entries]
