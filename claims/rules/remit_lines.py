"""Which line of a claim a service of a remittance answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line of the claim as it was sent: its number, code, modifiers, revenue code and charge in dollars."""

    number: int
    code: str
    modifiers: tuple[str, ...]
    revenue_code: str
    charge_amount: Decimal


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """A service as the payer returns it.  ``line_number``: ours, where it was returned (REF 6R)."""

    line_number: str
    code: str
    submitted_code: str
    modifiers: tuple[str, ...]
    revenue_code: str
    charge_amount: Decimal


def number_of(text: str) -> int | None:
    """Our line number from REF 6R, None where it is none of ours."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def match_lines(answered: Sequence[AnsweredLine], billed: Sequence[BilledLine]) -> tuple[int | None, ...]:
    """For each service the index of its line in ``billed``, or None.

    The returned line number decides where the code or the charge agrees with it (payers return numbers of
    their own as well).  Without it the best agreement of code, modifiers, revenue code and charge does, each
    line being taken once; a line may be answered by several services where its number says so (split lines).
    """
    by_number = {line.number: index for index, line in enumerate(billed)}
    found: list[int | None] = [_numbered(one, billed, by_number) for one in answered]
    taken = {index for index in found if index is not None}
    for place, one in enumerate(answered):
        if found[place] is None:
            free = [
                (_agreement(one, line), -index) for index, line in enumerate(billed) if index not in taken
            ]
            best = max(free, default=(0, 0))
            if best[0] > 0:
                found[place] = -best[1]
                taken.add(-best[1])
    return tuple(found)


def _numbered(one: AnsweredLine, billed: Sequence[BilledLine], by_number: dict[int, int]) -> int | None:
    number = number_of(one.line_number)
    index = by_number.get(number) if number is not None else None
    if index is None:
        return None
    line = billed[index]
    agrees = _has_code(one, line) or one.charge_amount == line.charge_amount
    return index if agrees else None


def _has_code(one: AnsweredLine, line: BilledLine) -> bool:
    if line.code:
        return line.code in (one.code, one.submitted_code)
    return bool(line.revenue_code) and line.revenue_code.lstrip("0") == one.revenue_code.lstrip("0")


def _agreement(one: AnsweredLine, line: BilledLine) -> int:
    """0 where the code differs; more where modifiers and charge agree too."""
    if not _has_code(one, line):
        return 0
    return 1 + (one.modifiers == line.modifiers) * 2 + (one.charge_amount == line.charge_amount) * 4
