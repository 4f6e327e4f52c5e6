"""What the loaders of edit tables share: the shape they give back, quarters, rows below a heading."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.published import Workbook, is_workbook, only_member, refuse_unended, text_of

QUARTER = re.compile(r"(?P<year>(?:19|20)\d\d)q(?P<quarter>[1-4])", re.IGNORECASE)
YEAR_MONTH = re.compile(r"(?<!\d)(?P<year>20\d\d)-(?P<month>0[1-9]|1[0-2])(?!\d)")
EFFECTIVE = re.compile(r"Eff[_-](?P<month>\d\d)-(?P<day>\d\d)-(?P<year>20\d\d)", re.IGNORECASE)
NO_DATE = 99991231
REPORT_EVERY = 100_000
HEADING_LINES = 40
"""Lines in which the publisher's heading must begin to show how cells are separated."""
DAY_OF_YEAR = 7

Columns = Mapping[str, Sequence[str]]
"""What a column is called here, and the names that publishers give it, lower case."""
NO_COLUMNS: Columns = {}


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


def csv_rows(
    source: SourceFile,
    columns: Columns,
    optional: Mapping[str, Sequence[str]] = NO_COLUMNS,
) -> Iterator[Row]:
    """The rows of a table below its heading; lines above the heading (licence texts) are passed over.

    Read are comma- and tab-separated texts and workbooks. `columns`: what a column is called here, and the
    names publishers give it (a heading of two lines is joined: "glob days"); `optional` ones may be missing,
    their cells are "". Raises LoadError where no heading holds all of them, a line has another number of
    cells, or the file ends inside a line.
    """
    places: dict[str, int] | None = None
    above: Sequence[str] = ()
    width = 0
    for line, cells in cell_rows(source):
        if places is None:
            headings = _headings(cells, above)
            if (found := _places(headings, columns)) is not None:
                places = {**found, **_known_places(headings, optional)}
                width = len(cells)
            above = cells
        elif any(cell.strip() for cell in cells):
            if len(cells) != width:
                raise LoadError(source.name, line, f"{len(cells)} cells, where the heading has {width}")
            row = dict.fromkeys(optional, "")
            row.update((name, cells[place].strip()) for name, place in places.items())
            yield line, row
    if places is None:
        wanted = ", ".join(names[0] for names in columns.values())
        raise LoadError(source.name, 1, f"no line is a heading with the columns {wanted}")


def cell_rows(source: SourceFile, *, must_end: bool = True) -> Iterator[tuple[int, list[str]]]:
    """The lines of a comma- or tab-separated text or of a workbook, with their numbers, as cells.

    Raises LoadError when the text is not such a one, or (`must_end`) its last line does not end.
    """
    if is_workbook(source):
        yield from Workbook(source).rows()
        return
    text = text_of(source)
    if must_end:
        refuse_unended(source, text)
    first_lines = text.split("\n", HEADING_LINES)[:HEADING_LINES]
    if any(line.count("\t") > 1 for line in first_lines):
        # Tab-separated texts are not quoted: a quotation mark in them is one.
        for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
            yield number, line.split("\t")
        return
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise LoadError(source.name, reader.line_num, f"this is not CSV ({error})") from error


def _headings(cells: Sequence[str], above: Sequence[str]) -> list[tuple[str, str]]:
    """Each heading by itself, and with the line above it."""
    alone = [_plain(cell) for cell in cells]
    upper = [*(_plain(cell) for cell in above), *[""] * len(alone)]
    return [(one, f"{over} {one}".strip()) for one, over in zip(alone, upper, strict=False)]


def _plain(cell: str) -> str:
    return " ".join(cell.lower().replace("/", "/ ").split())


def _places(headings: Sequence[tuple[str, str]], columns: Columns) -> dict[str, int] | None:
    """Where each column stands, None when this line is not the heading."""
    places = _known_places(headings, columns)
    return places if len(places) == len(columns) else None


def _known_places(headings: Sequence[tuple[str, str]], columns: Columns) -> dict[str, int]:
    return {
        name: at
        for name, names in columns.items()
        for at in [next((at for at, both in enumerate(headings) if set(both) & set(names)), None)]
        if at is not None
    }


def day_number(source: SourceFile, line: int, text: str, empty: int) -> int:
    """A date (20260701, 2026-07-01, or 2026182: the 182nd day of 2026) as the number 20260701; `empty` for
    none ("" or "*"). Raises LoadError."""
    if text in ("", "*"):
        return empty
    compact = text.replace("-", "")
    try:
        if len(compact) == DAY_OF_YEAR:
            day = date(int(compact[:4]), 1, 1) + timedelta(days=int(compact[4:]) - 1)
            if int(compact[4:]) < 1 or day.year != int(compact[:4]):
                raise ValueError("no such day of the year")
        else:
            day = date(int(compact[:4]), int(compact[4:6]), int(compact[6:]))
    except (ValueError, OverflowError) as error:
        raise LoadError(source.name, line, f"{text!r} is not a date") from error
    return day.year * 10000 + day.month * 100 + day.day


def refuse_doubles(source: SourceFile, lines: dict[str, int], code: str, line: int) -> None:
    """Note the line of a code. Raises LoadError when it stands in the file twice."""
    first = lines.setdefault(code, line)
    if first != line:
        raise LoadError(source.name, line, f"{code} is given twice, first at line {first}")


def of_one_file(loader: TableLoader) -> TableLoader:
    """The loader of a table that is published as one file: a zip may be around it."""

    def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
        return loader(only_member(source), release, progress)

    return load
