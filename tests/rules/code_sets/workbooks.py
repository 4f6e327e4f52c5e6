"""A small Excel workbook as a publisher's program writes it: texts shared, numbers as numbers."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"

Cell = str | int | None


def workbook_file(path: Path, rows: Sequence[Sequence[Cell]]) -> Path:
    """Write one sheet of rows; None leaves a cell out, as programs do."""
    shared: dict[str, int] = {}
    lines = [_row(number, row, shared) for number, row in enumerate(rows, 1)]
    strings = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
    parts = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPES}.sharedStrings+xml"/></Types>',
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Edits" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")]
        ),
        "xl/worksheets/sheet1.xml": f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}'
        "</sheetData></worksheet>",
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{MAIN}">{strings}</sst>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return path


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="rId{at}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, 1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def _row(number: int, row: Sequence[Cell], shared: dict[str, int]) -> str:
    cells = []
    for at, cell in enumerate(row):
        place = f"{chr(ord('A') + at)}{number}"
        if isinstance(cell, int):
            cells.append(f'<c r="{place}"><v>{cell}</v></c>')
        elif cell is not None:
            cells.append(f'<c r="{place}" t="s"><v>{shared.setdefault(cell, len(shared))}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'
