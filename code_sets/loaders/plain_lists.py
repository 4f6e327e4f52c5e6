"""CPT from the operator's own licensed file of the AMA, and revenue codes: a number and its words a line.

No descriptor of either comes with this program: they live in the operator's database only. The file may be
tab- or pipe-separated with or without a heading (LONGULT.txt, MEDU.txt, "code|descriptor"), a CSV file with a
heading, or fixed columns (code, blanks, text). Lines above the first code (copyright) are passed over.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date

from code_sets.loaders.base import LoadError, ParsedRelease, Progress, SourceFile
from code_sets.loaders.tables import QUARTER, quarter_period
from code_sets.rules.entries import CodeEntry, EntryKind
from code_sets.rules.forms import CPT

YEAR = re.compile(r"20\d\d")
YEAR_IN_NAME = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
MOST_LINES_ABOVE = 60
REVENUE_LINE = re.compile(r"[0-9]{3}[0-9X]")
"""A revenue code, or the heading of a group of ten (091X)."""
FIXED = re.compile(r"(?P<code>\S{4,5})\s+(?P<text>\S.*)")
Row = tuple[int, str, str]


def load_cpt(source: SourceFile, release: str | None, progress: Progress) -> ParsedRelease:
    """Read the operator's file of CPT codes and descriptors; `release`: the year. Raises LoadError."""
    return _load("CPT", CPT, source, release, progress)


def load_revenue(source: SourceFile, release: str | None, progress: Progress) -> ParsedRelease:
    """Read a list of revenue codes; `release`: the year or quarter from which it holds. Raises LoadError."""
    return _load("REVENUE", REVENUE_LINE, source, release, progress)


def _load(
    system: str, form: re.Pattern[str], source: SourceFile, release: str | None, progress: Progress
) -> ParsedRelease:
    name, first, last = _release(source, release)
    seen: dict[str, int] = {}
    entries: list[CodeEntry] = []
    for line, code, text in _rows(source, form):
        if form.fullmatch(code) is None:
            raise LoadError(source.name, line, f"{code!r} does not have the form of a {system} code")
        if code in seen:
            raise LoadError(source.name, line, f"{code} is given twice, first at line {seen[code]}")
        if not text:
            raise LoadError(source.name, line, f"{code} has no words beside it: the line looks cut")
        seen[code] = line
        entries.append(CodeEntry(code, text, not code.endswith("X"), EntryKind.CATEGORY))
    progress("reading", len(entries), len(entries))
    listed = tuple(sorted(entries, key=lambda entry: entry.code))
    return ParsedRelease(system, name, f"{system} {name}", first, last, listed)


def _release(source: SourceFile, release: str | None) -> tuple[str, date, date]:
    found = YEAR_IN_NAME.search(source.name)
    name = (release or (found[0] if found else "")).lower()
    if YEAR.fullmatch(name):
        return name, date(int(name), 1, 1), date(int(name), 12, 31)
    if QUARTER.fullmatch(name):
        return name, *quarter_period(name)
    raise LoadError(source.name, 0, "the name of the file does not say the year; give --release 2026")


def _rows(source: SourceFile, form: re.Pattern[str]) -> Iterator[Row]:
    lines = _text(source).splitlines()
    if not source.data.endswith(b"\n"):
        raise LoadError(source.name, len(lines), "the last line does not end: the file looks cut")
    first, separator = _first_row(source, lines, form)
    if separator == ",":
        yield from _csv_rows(source, lines[first:], first)
        return
    for number, line in enumerate(lines[first:], first + 1):
        if not line.strip():
            continue
        if separator:
            code, _, text = line.partition(separator)
            yield number, code.strip().strip('"'), text.split(separator)[0].strip().strip('"')
            continue
        match = FIXED.fullmatch(line.rstrip())
        if match is None:
            raise LoadError(source.name, number, "this line is not a code and its words")
        yield number, match["code"], match["text"].strip()


def _text(source: SourceFile) -> str:
    """The AMA writes Windows-1252; a list saved by hand is UTF-8."""
    try:
        return source.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return source.data.decode("cp1252", "replace")


def _first_row(source: SourceFile, lines: list[str], form: re.Pattern[str]) -> tuple[int, str]:
    """Where the first code stands, and what separates it from its words ("" for blanks)."""
    for number, line in enumerate(lines[:MOST_LINES_ABOVE]):
        for separator in ("\t", "|", ","):
            code, found, _ = line.partition(separator)
            if found and form.fullmatch(code.strip().strip('"')):
                return number, separator
        match = FIXED.match(line)
        if match is not None and form.fullmatch(match["code"]):
            return number, ""
    raise LoadError(source.name, 1, "no line begins with a code and its words: this is another file")


def _csv_rows(source: SourceFile, lines: list[str], above: int) -> Iterator[Row]:
    reader = csv.reader(lines, strict=True)
    try:
        for cells in reader:
            if any(cells):
                yield above + reader.line_num, cells[0].strip(), cells[1].strip() if len(cells) > 1 else ""
    except csv.Error as error:
        raise LoadError(source.name, above + reader.line_num, f"this is not CSV ({error})") from error
