"""HCPCS Level II as CMS ships it each quarter, read once for two uses: codes to choose from, and dated edits.

Fixed width (HCPC2026_OCT_ANWEB.txt; layout in CMS's "HCPC2026_recordlayout.txt"): columns 1-5 code (a
modifier in 4-5), 6-10 sequence, 11 record (3 first and 4 further line of a code, 7 and 8 of a modifier),
12-91 long and 92-119 short description, 269-276 day added, 277-284 day of its last action, 285-292 last
day, 293 action. Workbook: the same below headings. CSV: the same rows (code, seq, record_id, …), or one row
a code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from code_sets.loaders.base import LoadError, ParsedRelease, Progress, SourceFile
from code_sets.loaders.published import is_workbook
from code_sets.loaders.tables import (
    NO_DATE,
    ParsedTable,
    csv_rows,
    day_number,
    quarter_in_name,
    quarter_period,
    release_of,
)
from code_sets.rules.edits.lists import build_dated
from code_sets.rules.entries import CodeEntry, EntryKind
from code_sets.rules.forms import HCPCS, MODIFIER
from code_sets.rules.index import as_date

SYSTEM = "HCPCS"
SECTIONS = Path(__file__).resolve().parent.parent / "data" / "hcpcs_sections.toml"
RECORD = re.compile(r"(?P<code>[ A-V][ 0-9]{2}[0-9A-Z]{2})(?P<sequence>\d{5})(?P<record>[3478])")
SHORTEST_RECORD = 292
CODE_FIRST, CODE_MORE, MODIFIER_FIRST, MODIFIER_MORE = "3", "4", "7", "8"
CSV_COLUMNS: Mapping[str, Sequence[str]] = {
    "code": ("code", "hcpc", "hcpcs", "hcpcs code"),
    "title": ("long_description", "long description"),
    "from": ("code_added", "add dt", "add_dt", "added date"),
    "to": ("termination", "term dt", "term_dt", "termination date"),
}
RECORD_COLUMNS: Mapping[str, Sequence[str]] = {
    **CSV_COLUMNS,
    "sequence": ("seq", "seqnum", "sequence number"),
    "record": ("record_id", "recid", "record id"),
}
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
NAMED_QUARTER = re.compile(r"HCPC(?P<year>20\d\d)[_-](?P<month>[A-Z]{3})", re.IGNORECASE)


@dataclass(slots=True)
class Line:
    """One record of the file: a code with the beginning or a further part of its description."""

    number: int
    code: str
    sequence: int
    record: str
    text: str
    first: str
    last: str


@dataclass(slots=True)
class Procedure:
    """One code or modifier with its whole description; days are YYYYMMDD, 0 and NO_DATE for none."""

    code: str
    title: str
    first: int
    last: int


@cache
def sections() -> Mapping[str, str]:
    """What the codes of each first letter are, in own words."""
    loaded: dict[str, str] = tomllib.loads(SECTIONS.read_text("utf-8"))["section"]
    return loaded


def quarter_of(source: SourceFile, release: str | None) -> str:
    """The quarter as given, or as the file's name tells it ("HCPC2026_OCT_ANWEB.txt"). Raises LoadError."""
    named = NAMED_QUARTER.search(source.name)
    if named is None or quarter_in_name(source.name) or named["month"].upper() not in MONTHS:
        return release_of(source, release)
    quarter = f"{named['year']}q{MONTHS.index(named['month'].upper()) // 3 + 1}"
    if release is not None and release.lower() != quarter:
        raise LoadError(source.name, 0, f"its name says that it is of {quarter}, not of {release.lower()}")
    return quarter


def load_codes(source: SourceFile, release: str | None, progress: Progress) -> ParsedRelease:
    """The codes of a release, each with its first and last day. Raises LoadError with the line."""
    quarter = quarter_of(source, release)
    first, last = quarter_period(quarter)
    found = [one for one in procedures(source) if HCPCS.fullmatch(one.code)]
    entries: list[CodeEntry] = []
    for one in sorted(found, key=lambda each: each.code):
        letter = one.code[0]
        if not entries or entries[-1].code[0] != letter:
            title = sections().get(letter, f"Codes that begin with {letter}")
            entries.append(CodeEntry(letter, title, False, EntryKind.CHAPTER))
        days = (as_date(one.first) if one.first else None, as_date(one.last) if one.last < NO_DATE else None)
        entries.append(CodeEntry(one.code, one.title, True, EntryKind.CATEGORY, letter, (), *days))
    progress("reading", len(found), len(found))
    # Each code has its days, ended ones stay in the file: it answers for earlier days that have no file.
    since = min((entry.valid_from for entry in entries if entry.valid_from), default=first)
    return ParsedRelease(
        SYSTEM, quarter, f"HCPCS Level II {quarter}", first, last, tuple(entries), min(since, first)
    )


def load_table(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """The same codes and the modifiers of the file as the dated list that edits read. Raises LoadError."""
    quarter = quarter_of(source, release)
    found = procedures(source)
    rows = [(one.code, one.first, one.last, one.title) for one in found]
    first, last = quarter_period(quarter)
    data = build_dated(rows, {"system": SYSTEM, "release": quarter})
    return ParsedTable(SYSTEM, quarter, f"HCPCS {quarter}", first, last, len(rows), data)


def procedures(source: SourceFile) -> list[Procedure]:
    """The codes and modifiers of a file in its order, descriptions of several lines joined.

    Raises LoadError with the line: another file, a code given twice, a line out of sequence, a cut file.
    """
    found = _joined(source, _lines(source))
    codes = [one.code for one in found if HCPCS.fullmatch(one.code)]
    if not codes:
        raise LoadError(source.name, 0, "the file holds no HCPCS code")
    last = max(sections())
    if not any(code.startswith(last) for code in codes):
        raise LoadError(source.name, 0, f"the list ends before the codes of {last}: the file looks cut")
    return found


def _lines(source: SourceFile) -> Iterator[Line]:
    if is_workbook(source):
        return _cells(csv_rows(source, RECORD_COLUMNS))
    if b"," in source.data[:400].split(b"\n", 1)[0] and not RECORD.match(_first_line(source)):
        return _csv_lines(source)
    return _fixed_lines(source)


def _first_line(source: SourceFile) -> str:
    return source.data.split(b"\n", 1)[0].decode("latin-1")


def _fixed_lines(source: SourceFile) -> Iterator[Line]:
    # The file is written on a mainframe: trademark signs are of its code page and not always UTF-8.
    text = source.data.decode("latin-1")
    lines = text.splitlines()
    if not text.endswith("\n"):
        raise LoadError(source.name, len(lines), "the last line does not end: the file looks cut")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        match = RECORD.match(line)
        if match is None or len(line.rstrip()) < (12 if match["record"] in "48" else SHORTEST_RECORD - 16):
            reason = (
                "this is not a record of CMS's HCPCS file (code, sequence, record 3, 4, 7 or 8, texts, dates)"
            )
            raise LoadError(source.name, number, reason)
        yield Line(
            number,
            match["code"].strip(),
            int(match["sequence"]),
            match["record"],
            line[11:91].strip(),
            line[268:276].strip(),
            line[284:292].strip(),
        )


def _csv_lines(source: SourceFile) -> Iterator[Line]:
    has_records = b"record_id" in source.data[:400].split(b"\n", 1)[0].lower()
    return _cells(csv_rows(source, RECORD_COLUMNS if has_records else CSV_COLUMNS))


def _cells(rows: Iterable[tuple[int, Mapping[str, str]]]) -> Iterator[Line]:
    for line, cells in rows:
        sequence = cells.get("sequence") or "100"
        record = cells.get("record") or CODE_FIRST
        number = int(sequence) if sequence.isdigit() else 0
        yield Line(line, cells["code"].strip(), number, record, cells["title"], cells["from"], cells["to"])


def _joined(source: SourceFile, lines: Iterable[Line]) -> list[Procedure]:
    found: list[Procedure] = []
    seen: dict[str, int] = {}
    before: Line | None = None
    for line in lines:
        form, opens = _record_form(source, line)
        if form.fullmatch(line.code) is None:
            raise LoadError(source.name, line.number, f"{line.code!r} does not have the form of a HCPCS code")
        if opens:
            first = seen.setdefault(line.code, line.number)
            if first != line.number:
                reason = f"{line.code} is given twice, first at line {first}"
                raise LoadError(source.name, line.number, reason)
            days = _days(source, line)
            found.append(Procedure(line.code, line.text, *days))
        elif before is None or line.code != before.code or line.sequence <= before.sequence:
            raise LoadError(
                source.name, line.number, f"this line does not follow the one of {line.code} before it"
            )
        else:
            found[-1].title = f"{found[-1].title} {line.text}".strip()
        before = line
    return found


def _record_form(source: SourceFile, line: Line) -> tuple[re.Pattern[str], bool]:
    forms: Mapping[str, tuple[re.Pattern[str], bool]] = {
        CODE_FIRST: (HCPCS, True),
        CODE_MORE: (HCPCS, False),
        MODIFIER_FIRST: (MODIFIER, True),
        MODIFIER_MORE: (MODIFIER, False),
    }
    if line.record not in forms:
        raise LoadError(source.name, line.number, f"record {line.record!r}: expected 3, 4, 7 or 8")
    return forms[line.record]


def _days(source: SourceFile, line: Line) -> tuple[int, int]:
    first = day_number(source, line.number, line.first, 0)
    last = day_number(source, line.number, line.last, NO_DATE)
    if last < first:
        raise LoadError(source.name, line.number, f"{line.code} ends on {last}, before its first day {first}")
    return first, last
