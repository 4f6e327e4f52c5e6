"""The sums that the denial board reads, kept in the transactions that open and settle denials.

Each change of a denial is added to the row of its day and payer, to that of its day and reason, and to that
of its month, payer and kind, so that the board costs the same however many claims and denials lie behind it.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from claims.models import ClaimTally, Denial, DenialTally
from coding_ops.core.ids import uuid7
from coding_ops.tenancy.models import TenantModel

BATCH = 500
HISTORY = ""
"""The source of rows of a month, payer and kind: what its own history says of such a denial."""
DENIAL_KEYS = ("received_on", "payer_id", "source", "category", "group_code", "carc")
CLAIM_KEYS = ("answered_on", "payer_id", "form")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sums:
    """What is added to a row of ``DenialTally``; the names are those of its columns."""

    denial_count: int = 0
    initial_count: int = 0
    overturned_count: int = 0
    upheld_count: int = 0
    denied_amount: Decimal = _ZERO
    recovered_amount: Decimal = _ZERO


@dataclass(frozen=True, slots=True)
class Counted:
    """What one original claim adds to ``ClaimTally`` by its first answer."""

    answered_on: date
    payer_id: uuid.UUID | None
    form: str
    is_adjudicated: bool
    is_denied: bool
    is_coding: bool
    charge_amount: Decimal


def count_claims(*, client_id: int, gone: Iterable[Counted | None], come: Iterable[Counted | None]) -> None:
    """Takes back what claims had added and adds what they add now, where they move."""
    sums: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, 0, 0, 0, _ZERO])
    for sign, rows in ((-1, gone), (1, come)):
        for row in rows:
            if row is None:
                continue
            parts: tuple[int | Decimal, ...] = (
                1,
                row.is_adjudicated,
                row.is_denied,
                row.is_coding,
                row.charge_amount,
            )
            cell = sums[row.answered_on, row.payer_id, row.form]
            for place, part in enumerate(parts):
                cell[place] += sign * part
    columns = ("answered_count", "adjudicated_count", "denied_count", "coding_count", "charge_amount")
    _add(client_id, ClaimTally, CLAIM_KEYS, columns, sums)


def count_denials(*, client_id: int, changes: Iterable[tuple[Denial, Sums]]) -> None:
    """Adds changes of denials to their three rows (``DenialTally``), in the transaction that makes them."""
    names = tuple(one.name for one in fields(Sums))
    sums: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, 0, 0, 0, _ZERO, _ZERO])
    for denial, change in changes:
        for key in keys_of(denial):
            cell = sums[key]
            for place, part in enumerate(astuple(change)):
                cell[place] += part
    _add(client_id, DenialTally, DENIAL_KEYS, names, sums)


def keys_of(denial: Denial) -> tuple[tuple[Any, ...], ...]:
    """The rows a denial is counted in, as values of ``DENIAL_KEYS``.

    Payers and reasons are summed apart: a row for each pair of both would make the board read as many rows
    as there are denials.
    """
    on, payer, source = denial.received_on, denial.payer_id, str(denial.source)
    return (
        (on, payer, source, "", "", ""),
        (on, None, source, denial.category, denial.group_code, denial.carc),
        (on.replace(day=1), payer, HISTORY, denial.category, "", ""),
    )


def _add(
    client_id: int,
    model: type[TenantModel],
    keys: Sequence[str],
    sums: Sequence[str],
    cells: Mapping[tuple[Any, ...], Sequence[Any]],
) -> None:
    # In one order, so that two files posted at once wait for each other and never both ways round.
    rows = [(uuid7(), client_id, *key, *cells[key]) for key in sorted(cells, key=str) if any(cells[key])]
    table, columns = model._meta.db_table, ("id", "client_id", *keys, *sums)
    one = f"({', '.join(['%s'] * len(columns))})"
    added = ", ".join(f"{name} = {table}.{name} + EXCLUDED.{name}" for name in sums)
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608 (names of ours; values are given apart)
                f" VALUES {', '.join([one] * len(part))}"
                f" ON CONFLICT (client_id, {', '.join(keys)}) DO UPDATE SET {added}",
                [value for row in part for value in row],
            )
