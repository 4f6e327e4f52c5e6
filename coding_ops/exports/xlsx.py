"""Workbooks for people: codes stay text, and no cell can become a formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import xlsxwriter

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767
"""Characters that a cell holds, by the format."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | Decimal | date | datetime | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading and its width in characters."""

    title: str
    width: int = 14


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: headings, then rows of as many cells.  Times are written in the zone they carry."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


def safe_text(text: str) -> str:
    """A text that no program takes for a formula, here or after it was saved as CSV (CWE-1236)."""
    cut = text[: LONGEST_CELL - 1]
    return f"'{cut}" if cut.startswith(FORMULA_STARTS) else cut


def workbook(tables: Sequence[Table], *, title: str, made_at: datetime) -> bytes:
    """The file.  Texts are written as texts: ``E11.10`` keeps its zero."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": title, "created": made_at.replace(tzinfo=None)})
    head = book.add_format(
        {"bold": True, "bg_color": "#E7ECEA", "bottom": 1, "text_wrap": True, "valign": "top"}
    )
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "mm/dd/yyyy", "valign": "top"})
    for table in tables:
        sheet = book.add_worksheet(table.name[:31])
        for at, column in enumerate(table.columns):
            sheet.set_column(at, at, column.width)
            sheet.write_string(0, at, column.title, head)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(table.rows, start=1):
            for at, value in enumerate(row):
                _write(sheet, number, at, value, wrap, day)
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    book.close()
    return buffer.getvalue()


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    value: Cell,
    wrap: xlsxwriter.format.Format,
    day: xlsxwriter.format.Format,
) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_string(row, column, "yes" if value else "no", wrap)
    elif isinstance(value, int | Decimal):
        sheet.write_number(row, column, value, wrap)
    elif isinstance(value, datetime):
        sheet.write_string(row, column, f"{value:%m/%d/%Y %H:%M %Z}".strip(), wrap)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
    else:
        sheet.write_string(row, column, safe_text(value), wrap)
