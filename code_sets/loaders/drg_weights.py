"""CMS's table 5 of the IPPS final rule: relative weights and lengths of stay of MS-DRGs in a fiscal year."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from code_sets.loaders.base import LoadError, Progress, SourceFile
from code_sets.loaders.tables import ParsedTable
from code_sets.rules.drg_weight_table import Row, build_weights

SYSTEM = "MS-DRG-WEIGHTS"
CELLS = 10
#: Places of the cells: number, type, weight with the cap on decreases applied, mean lengths of stay.
NUMBER, TYPE, WEIGHT, GEOMETRIC, ARITHMETIC = 0, 4, 7, 8, 9
HEADING = "MS-DRG"
LAST_GROUP = 999
NOT_GIVEN = (".", "")
FISCAL_YEAR = re.compile(r"\bFY (20\d\d) Final")


@dataclass(frozen=True, slots=True)
class Weight:
    """A group's relative weight and mean lengths of stay in days; None where the table gives none."""

    kind: str
    weight: Decimal | None
    geometric_stay: Decimal | None
    arithmetic_stay: Decimal | None


def load(source: SourceFile, release: str | None, progress: Progress) -> ParsedTable:
    """Read table 5 as a release, named by its fiscal year ("2027"), which its heading says.

    Raises LoadError for another file, or one of another year than `release`.
    """
    progress("reading", 0, 0)
    weights = parse_table5(source)
    told = FISCAL_YEAR.search(source.data.decode("cp1252", errors="replace"))
    if told is None:
        raise LoadError(source.name, 1, "the heading does not say the fiscal year (FY 2027 Final …)")
    if release is not None and release != told[1]:
        raise LoadError(source.name, 1, f"this is the table of {told[1]}, not of {release}")
    year = int(told[1])
    rows = [(number, _cells(weight)) for number, weight in weights.items()]
    data = build_weights(rows, {"system": SYSTEM, "release": told[1]})
    first, last = date(year - 1, 10, 1), date(year, 9, 30)
    return ParsedTable(SYSTEM, told[1], f"MS-DRG weights FY {year}", first, last, len(rows), data)


def _cells(weight: Weight) -> Row:
    amounts = (weight.weight, weight.geometric_stay, weight.arithmetic_stay)
    first, second, third = ("" if amount is None else str(amount) for amount in amounts)
    return weight.kind, first, second, third


def weight_of(row: Row) -> Weight:
    """The inverse of what a loaded release keeps of a weight."""
    kind, *amounts = row
    first, second, third = (_amount(cell) for cell in amounts)
    return Weight(kind, first, second, third)


def parse_table5(source: SourceFile) -> Mapping[int, Weight]:
    """Read the tab-separated text CMS publishes. Raises LoadError with the line that cannot be right."""
    # The title of the table holds a dash of Windows-1252; everything below it is ASCII.
    reader = csv.reader(io.StringIO(source.data.decode("cp1252", errors="replace")), delimiter="\t")
    found: dict[int, Weight] = {}
    headed = False
    for cells in reader:
        line = reader.line_num
        if not headed:
            headed = bool(cells) and cells[0].strip() == HEADING and len(cells) == CELLS
        elif any(cell.strip() for cell in cells):
            number, weight = _row(source, line, cells)
            if number <= max(found, default=0):
                raise LoadError(source.name, line, f"group {number} does not follow the one above it")
            found[number] = weight
    if not headed:
        raise LoadError(source.name, 0, f"this is not table 5: no heading of {CELLS} columns from {HEADING}")
    if LAST_GROUP not in found:
        raise LoadError(source.name, 0, f"the table ends before group {LAST_GROUP}: the file looks cut")
    return found


def _row(source: SourceFile, line: int, cells: list[str]) -> tuple[int, Weight]:
    if len(cells) != CELLS or re.fullmatch(r"\d{3}", cells[NUMBER].strip()) is None:
        raise LoadError(source.name, line, f"this line is not a group number and {CELLS - 1} cells")
    try:
        weight, geometric, arithmetic = (_amount(cells[at]) for at in (WEIGHT, GEOMETRIC, ARITHMETIC))
    except InvalidOperation as error:
        raise LoadError(source.name, line, "a weight or a length of stay is not a number") from error
    return int(cells[NUMBER]), Weight(cells[TYPE].strip(), weight, geometric, arithmetic)


def _amount(cell: str) -> Decimal | None:
    text = cell.strip()
    return None if text in NOT_GIVEN else Decimal(text)
