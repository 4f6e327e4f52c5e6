"""Charges as a file of comma-separated values: each row that cannot stand is named with its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from claims.rules.charges import ChargeRow, RowProblem

COLUMNS: Final = ("code", "modifier", "amount", "revenue_code", "starts_on", "ends_on")
NEEDED: Final = ("code", "amount", "starts_on")
_MONEY = re.compile(r"\$?\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,9})(\.[0-9]{1,2})?")
_DAYS: Final = ("%m/%d/%Y", "%Y-%m-%d")


@dataclass(frozen=True, slots=True)
class ReadCharges:
    """The rows that could be read, the line of the file each begins on, and what could not be read.

    ``problems`` count lines of the file, from 1; the row as a whole has an empty ``field``.
    """

    rows: tuple[ChargeRow, ...]
    lines: tuple[int, ...]
    problems: tuple[RowProblem, ...]


def read_charges(text: str, *, most_rows: int) -> ReadCharges:
    """Every row of a file whose first line names its columns; columns that are not ours are left alone."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    rows: list[ChargeRow] = []
    lines: list[int] = []
    problems: list[RowProblem] = []
    try:
        names = [" ".join(one.split()).casefold().replace(" ", "_") for one in next(reader, [])]
        problems += _header_problems(names)
        if problems:
            return ReadCharges((), (), tuple(problems))
        begins = reader.line_num + 1
        for values in reader:
            line, begins = begins, reader.line_num + 1
            if not any(value.strip() for value in values):
                continue
            if len(rows) == most_rows:
                problems.append(RowProblem(line, "", f"At most {most_rows:,} rows in one file."))
                break
            row, wrong = _row(dict(zip(names, values, strict=False)), len(values) > len(names))
            problems += [RowProblem(line, field, message) for field, message in wrong.items()]
            if row is not None:
                rows.append(row)
                lines.append(line)
    except csv.Error:
        problems.append(RowProblem(reader.line_num, "", "From here on this is no comma-separated file."))
    if not rows and not problems:
        problems.append(RowProblem(1, "", "The file holds no charge: there is nothing below its first line."))
    return ReadCharges(tuple(rows), tuple(lines), tuple(problems))


def write_charges(rows: Iterable[ChargeRow]) -> Iterable[str]:
    """The lines of a file that :func:`read_charges` reads to the same rows."""
    yield ",".join(COLUMNS) + "\r\n"
    for row in rows:
        first, last = f"{row.starts_on:%m/%d/%Y}", f"{row.ends_on:%m/%d/%Y}" if row.ends_on else ""
        yield f"{row.code},{row.modifier},{row.amount:.2f},{row.revenue_code},{first},{last}\r\n"


def dollars_of(text: str) -> Decimal | None:
    """``$1,234.50``, ``1234.5``; ``None`` for anything else."""
    found = _MONEY.fullmatch(text.strip())
    return Decimal(found.group(1).replace(",", "") + (found.group(2) or "")) if found else None


def day_of(text: str) -> date | None:
    """``11/19/2026`` or ``2026-11-19``; ``None`` for anything else."""
    for form in _DAYS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    return None


def _header_problems(names: list[str]) -> list[RowProblem]:
    missing = [name for name in NEEDED if name not in names]
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if missing:
        columns = f"It names, between commas: {', '.join(COLUMNS)}."
        return [RowProblem(1, "", f"The first line names no column {', '.join(missing)}. {columns}")]
    return [RowProblem(1, name, f"Two columns are named {name}.") for name in twice]


def _row(values: Mapping[str, str], too_long: bool) -> tuple[ChargeRow | None, dict[str, str]]:
    wrong: dict[str, str] = {}
    if too_long:
        wrong[""] = "More values than columns. Put an amount with a comma between quotes."
    amount = dollars_of(values.get("amount", ""))
    if amount is None:
        wrong["amount"] = "Write dollars, as 135.00."
    first = day_of(values.get("starts_on", ""))
    if first is None:
        wrong["starts_on"] = "Write the first day as MM/DD/YYYY."
    typed_last = values.get("ends_on", "").strip()
    last = day_of(typed_last)
    if typed_last and last is None:
        wrong["ends_on"] = "Write the last day as MM/DD/YYYY, or leave it empty."
    if wrong or amount is None or first is None:
        return None, wrong
    return (
        ChargeRow(
            code=values.get("code", ""),
            amount=amount,
            starts_on=first,
            ends_on=last,
            modifier=values.get("modifier", ""),
            revenue_code=values.get("revenue_code", ""),
        ),
        {},
    )
