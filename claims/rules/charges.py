"""A client's charges: what a row must say, and how rows of one code follow each other without a gap of sense.

A charge holds from its first day until its last, or until the next one of the same code and modifier begins.
Two charges of one code on one day would be a guess, so they are refused with the row that makes them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from claims.rules.setup import SetupTerms

CODE = re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}")
MODIFIER = re.compile(r"[0-9A-Z]{2}")
REVENUE = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One charge as wanted.  ``amount`` in dollars; ``ends_on`` None: until the next one."""

    code: str
    amount: Decimal
    starts_on: date
    ends_on: date | None = None
    modifier: str = ""
    revenue_code: str = ""


@dataclass(frozen=True, slots=True)
class KnownCharge:
    """One charge as it is stored."""

    id: UUID
    row: ChargeRow


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong in one row.  ``row``: its place from 0; ``field`` is empty for the row as a whole."""

    row: int
    field: str
    message: str


@dataclass(frozen=True, slots=True)
class ChargePlan:
    """What to do: rows to add, stored ones to change, stored ones to end (both by id)."""

    added: tuple[ChargeRow, ...]
    changed: tuple[KnownCharge, ...]
    ended: tuple[KnownCharge, ...]
    same_count: int
    problems: tuple[RowProblem, ...]


@dataclass(slots=True)
class _Slot:
    row: ChargeRow
    known: KnownCharge | None
    place: int | None

    @property
    def is_new(self) -> bool:
        return self.place is not None


def normal_charge(row: ChargeRow) -> ChargeRow:
    """Codes in capitals; a revenue code of three digits gets its leading nought."""
    revenue = row.revenue_code.strip()
    return replace(
        row,
        code=row.code.strip().upper(),
        modifier=row.modifier.strip().upper(),
        revenue_code=f"0{revenue}" if len(revenue) == 3 and revenue.isdecimal() else revenue,
    )


def charge_problems(row: ChargeRow, terms: SetupTerms) -> dict[str, str]:
    """What is wrong with one row by itself, by field; ``row`` as :func:`normal_charge` gives it."""
    found: dict[str, str] = {}
    if not CODE.fullmatch(row.code):
        found["code"] = "Write a CPT or HCPCS code of five characters."
    if row.modifier and not MODIFIER.fullmatch(row.modifier):
        found["modifier"] = "A modifier has two letters or digits."
    if row.revenue_code and not REVENUE.fullmatch(row.revenue_code):
        found["revenue_code"] = "A revenue code has four digits, as 0521."
    if row.amount < 0 or row.amount > terms.most_amount:
        found["amount"] = f"Write dollars from 0.00 to {terms.most_amount:,}."
    elif row.amount != row.amount.quantize(Decimal("0.01")):
        found["amount"] = "Write dollars and whole cents."
    if row.ends_on is not None and row.ends_on < row.starts_on:
        found["ends_on"] = "The last day lies before the first."
    return found


def plan_charges(known: Iterable[KnownCharge], rows: Sequence[ChargeRow]) -> ChargePlan:
    """What the wanted rows make of the stored ones.

    A row with a stored first day corrects that one.  A charge without a last day ends the day before the next
    begins.  A last day that was written and lies within the next charge is a problem of the newer of the two.

    Args:
        known: every stored charge of the codes in ``rows``.
        rows: checked and normal.
    """
    slots, problems = _slots(known, rows)
    for days in slots.values():
        problems += _line_up([days[day] for day in sorted(days)])
    found = [slot for days in slots.values() for slot in days.values()]
    stored = [(slot, slot.known) for slot in found if slot.known is not None]
    moved = [(slot, KnownCharge(one.id, slot.row)) for slot, one in stored if one.row != slot.row]
    return ChargePlan(
        added=tuple(slot.row for slot in found if slot.known is None),
        changed=tuple(one for slot, one in moved if slot.is_new),
        ended=tuple(one for slot, one in moved if not slot.is_new),
        same_count=sum(slot.is_new and one.row == slot.row for slot, one in stored),
        problems=tuple(sorted(problems, key=lambda one: (one.row, one.field))),
    )


_Slots = dict[tuple[str, str], dict[date, _Slot]]


def _slots(known: Iterable[KnownCharge], rows: Sequence[ChargeRow]) -> tuple[_Slots, list[RowProblem]]:
    """Every charge by code and modifier, then first day; rows that name one first day twice."""
    problems: list[RowProblem] = []
    slots: _Slots = defaultdict(dict)
    for one in known:
        slots[one.row.code, one.row.modifier][one.row.starts_on] = _Slot(one.row, one, None)
    for place, row in enumerate(rows):
        days = slots[row.code, row.modifier]
        before = days.get(row.starts_on)
        if before is not None and before.is_new:
            said = "This code and modifier stands with this first day above."
            problems.append(RowProblem(place, "starts_on", said))
            continue
        days[row.starts_on] = _Slot(row, before.known if before else None, place)
    return slots, problems


def _line_up(slots: list[_Slot]) -> list[RowProblem]:
    """Ends each open charge before the next; the rows whose written days overlap."""
    problems = []
    for earlier, later in pairwise(slots):
        eve = later.row.starts_on - timedelta(days=1)
        if earlier.row.ends_on is None:
            earlier.row = replace(earlier.row, ends_on=eve)
        elif earlier.row.ends_on > eve:
            newer = later if later.is_new else earlier
            if newer.place is None:  # both are stored: nothing that these rows made
                continue
            field = "starts_on" if newer is later else "ends_on"
            other = earlier if newer is later else later
            problems.append(RowProblem(newer.place, field, _overlap(other.row)))
    return problems


def _overlap(row: ChargeRow) -> str:
    last = f" to {row.ends_on:%m/%d/%Y}" if row.ends_on else ""
    return f"These days overlap with the charge from {row.starts_on:%m/%d/%Y}{last}. Change one of the two."
