"""What the loaders of edit tables share: the shape they give back, quarters, rows below a heading."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from code_sets.loaders.base import LoadError, Progress, SourceFile

QUARTER = re.compile(r"(?P<year>(?:19|20)\d\d)q(?P<quarter>[1-4])", re.IGNORECASE)
YEAR_MONTH = re.compile(r"(?<!\d)(?P<year>20\d\d)-(?P<month>0[1-9]|1[0-2])(?!\d)")
EFFECTIVE = re.compile(r"Eff[_-](?P<month>\d\d)-(?P<day>\d\d)-(?P<year>20\d\d)", re.IGNORECASE)
NO_DATE = 99991231
REPORT_EVERY = 100_000


@dataclass(frozen=True, slots=True)
class ParsedTable:
    """One release of a list of edits, built: `data` is the table as mapped, `rows` counts the file's."""

    system: str
    release: str
    title: str
    published_from: date
    published_through: date | None
    rows: int
    data: bytes
    backfill_from: date | None = None
    note: str = ""


TableLoader = Callable[[SourceFile, str | None, Progress], ParsedTable]
Row = tuple[int, Mapping[str, str]]
"""Line number, and the cells by the names of the columns."""


def release_of(source: SourceFile, release: str | None) -> str:
    """The quarter a file is of: as given, or as its name says ("2026q3", "Eff_07-01-2026", "2024-06").

    Raises LoadError when neither says it, or the two differ.
    """
    told = quarter_in_name(source.name)
    if release is None and told is None:
        raise LoadError(source.name, 0, "no quarter in the name of the file; give --release 2026q3")
    if release is not None and QUARTER.fullmatch(release) is None:
        raise LoadError(source.name, 0, f"{release} is not a quarter such as 2026q3")
    if release is not None and told is not None and told != release.lower():
        raise LoadError(source.name, 0, f"its name says that it is of {told}, not of {release.lower()}")
    return (release or told or "").lower()


def quarter_in_name(name: str) -> str | None:
    """The quarter a file name tells, None when it tells none."""
    if match := QUARTER.search(name):
        return match[0].lower()
    if match := EFFECTIVE.search(name) or YEAR_MONTH.search(name):
        return f"{match['year']}q{(int(match['month']) + 2) // 3}"
    return None


def quarter_period(release: str) -> tuple[date, date]:
    """First and last day of a quarter such as "2026q3"."""
    year, quarter = int(release[:4]), int(release[-1])
    first = date(year, quarter * 3 - 2, 1)
    following = date(year + quarter // 4, quarter % 4 * 3 + 1, 1)
    return first, following - timedelta(days=1)


def csv_rows(source: SourceFile, columns: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    """The rows of a CSV file below its heading; lines above the heading (licence texts) are passed over.

    `columns`: what a column is called here, and the names publishers give it. Raises LoadError where no
    heading holds all of them, a line has another number of cells, or the file ends inside a line.
    """
    text = "\n".join(source.text_lines())
    if not source.data.endswith(b"\n"):
        last = text.count("\n") + 1
        raise LoadError(source.name, last, "the last line does not end: the file looks cut")
    reader = csv.reader(io.StringIO(text), strict=True)
    places: dict[str, int] | None = None
    width = 0
    try:
        for cells in reader:
            if places is None:
                places, width = _places(cells, columns), len(cells)
            elif any(cell.strip() for cell in cells):
                if len(cells) != width:
                    reason = f"{len(cells)} cells, where the heading has {width}"
                    raise LoadError(source.name, reader.line_num, reason)
                yield reader.line_num, {name: cells[place].strip() for name, place in places.items()}
    except csv.Error as error:
        raise LoadError(source.name, reader.line_num, f"this is not CSV ({error})") from error
    if places is None:
        wanted = ", ".join(names[0] for names in columns.values())
        raise LoadError(source.name, 1, f"no line is a heading with the columns {wanted}")


def _places(cells: Sequence[str], columns: Mapping[str, Sequence[str]]) -> dict[str, int] | None:
    """Where each column stands, None when this line is not the heading."""
    headings = [" ".join(cell.lower().replace("/", "/ ").split()) for cell in cells]
    places: dict[str, int] = {}
    for name, names in columns.items():
        found = next((at for at, heading in enumerate(headings) if heading in names), None)
        if found is None:
            return None
        places[name] = found
    return places


def day_number(source: SourceFile, line: int, text: str, empty: int) -> int:
    """A date such as 20260701 or 2026-07-01 as a number; `empty` for none ("" or "*"). Raises LoadError."""
    if text in ("", "*"):
        return empty
    compact = text.replace("-", "")
    try:
        date(int(compact[:4]), int(compact[4:6]), int(compact[6:]))
    except ValueError as error:
        raise LoadError(source.name, line, f"{text!r} is not a date") from error
    return int(compact)


def refuse_doubles(source: SourceFile, lines: dict[str, int], code: str, line: int) -> None:
    """Note the line of a code. Raises LoadError when it stands in the file twice."""
    first = lines.setdefault(code, line)
    if first != line:
        raise LoadError(source.name, line, f"{code} is given twice, first at line {first}")
