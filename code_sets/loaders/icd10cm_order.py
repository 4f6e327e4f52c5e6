"""The ICD-10-CM order file and code list of CMS.

Order file (icd10cm_order_YYYY.txt; layout in CMS's "icd10OrderFiles.pdf"): columns 1-5 order number,
7-13 code, 15 valid for submission (1) or header (0), 17-76 short title, from 78 long title.
Code list (icd10cm_codes_YYYY.txt): columns 1-7 code, from 9 long title; valid codes only. The same list as a
CSV file with the columns code and description is read too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.rules.entries import CodeEntry, EntryKind
from code_sets.rules.forms import ICD10CM

ORDER_LINE = re.compile(r"(?P<number>\d{5}) (?P<code>[A-Z0-9]{3,7}) *(?<=^.{14})(?P<valid>[01]) ")
CODE_LINE = re.compile(r"(?P<code>[A-Z0-9]{3,7}) +(?P<title>\S.*)")
LONG_TITLE_AT = 77
CSV_HEADER = ["code", "description"]
REPORT_EVERY = 5000

Row = tuple[int, str, bool, str]
"""Line number, code, whether it is billable, title."""


def looks_like_order_file(first_line: str) -> bool:
    return ORDER_LINE.match(first_line) is not None


def looks_like_code_list(first_line: str) -> bool:
    match = CODE_LINE.fullmatch(first_line.rstrip())
    return _is_csv(first_line) or (match is not None and ICD10CM.fullmatch(match["code"]) is not None)


def order_entries(source: SourceFile, progress: Progress) -> tuple[CodeEntry, ...]:
    """The entries of an order file. Raises LoadError with the line of what is wrong."""
    lines = _whole_lines(source)
    entries = _entries(source.name, _order_rows(source.name, lines), len(lines), progress)
    for entry, following in zip(entries, (*entries[1:], None), strict=True):
        if not entry.billable and (following is None or following.parent != entry.code):
            line = entries.index(entry) + 1
            raise LoadError(
                source.name, line, f"no code stands under the header {entry.code}: the file is cut"
            )
    return entries


def code_list_entries(source: SourceFile, progress: Progress) -> tuple[CodeEntry, ...]:
    """The entries of a code list (no headers). Raises LoadError with the line of what is wrong."""
    lines = _whole_lines(source)
    rows = _csv_rows(source.name, lines) if _is_csv(lines[0]) else _code_rows(source.name, lines)
    return _entries(source.name, rows, len(lines), progress)


def _is_csv(line: str) -> bool:
    return line.strip().lower().split(",") == CSV_HEADER


def _whole_lines(source: SourceFile) -> list[str]:
    lines = source.text_lines()
    if not lines:
        raise LoadError(source.name, 0, "the file is empty")
    if not source.data.endswith(b"\n"):
        raise LoadError(source.name, len(lines), "the last line has no end: the file is cut")
    return lines


def _order_rows(name: str, lines: list[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        match = ORDER_LINE.match(line)
        if match is None or not line[LONG_TITLE_AT:].strip():
            raise LoadError(
                name, number, "this is not a line of an order file (number, code, 0 or 1, titles)"
            )
        if int(match["number"]) != number:
            raise LoadError(name, number, f"order number {match['number']} where {number:05} is expected")
        yield number, match["code"], match["valid"] == "1", line[LONG_TITLE_AT:].strip()


def _code_rows(name: str, lines: list[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        match = CODE_LINE.fullmatch(line.rstrip())
        if match is None:
            raise LoadError(name, number, "this is not a line of a code list (code, then title)")
        yield number, match["code"], True, match["title"]


def _csv_rows(name: str, lines: list[str]) -> Iterator[Row]:
    reader = csv.reader(lines)
    next(reader)
    for row in reader:
        if len(row) != len(CSV_HEADER) or not row[1].strip():
            raise LoadError(name, reader.line_num, "this line does not hold a code and its description")
        yield reader.line_num, row[0], True, row[1].strip()


def _entries(name: str, rows: Iterator[Row], count: int, progress: Progress) -> tuple[CodeEntry, ...]:
    lines: dict[str, int] = {}
    entries: list[CodeEntry] = []
    for line, code, billable, title in rows:
        if not ICD10CM.fullmatch(code):
            raise LoadError(name, line, f"{code!r} does not have the form of an ICD-10-CM code")
        if code in lines:
            raise LoadError(name, line, f"{code} is given twice, first at line {lines[code]}")
        parent = next((code[:size] for size in range(len(code) - 1, 2, -1) if code[:size] in lines), None)
        kind = EntryKind.CATEGORY if len(code) == 3 else EntryKind.SUBCATEGORY
        entries.append(CodeEntry(code, title, billable, kind, parent))
        lines[code] = line
        if line % REPORT_EVERY == 0:
            progress("reading", line, count)
    progress("reading", count, count)
    return tuple(entries)
