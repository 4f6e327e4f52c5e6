"""What a patient pays by the sliding fee discount schedule, and what is wrong with the schedule.

Sources: HRSA Health Center Program Compliance Manual, chapter 9 (checks SF3 to SF11, in part from memory);
42 CFR 51c.303(f), (g), (u); HHS poverty guidelines.  Percent of poverty is exact where it decides and
shown with two decimals.  Dollars are rounded half up to cents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal("0.00")
FULL_DISCOUNT: Final = Decimal(100)
NO_DISCOUNT: Final = Decimal(200)
LEAST_CLASSES: Final = 3


@dataclass(frozen=True, slots=True)
class Guideline:
    """The poverty guideline of a place from a day on: a family of one, and each further person."""

    year: int
    first: date
    one_person: Decimal
    each_further: Decimal

    def of_family(self, size: int) -> Decimal:
        """Dollars a year for a family of ``size``."""
        return self.one_person + (size - 1) * self.each_further


@dataclass(frozen=True, slots=True)
class FeeClass:
    """Incomes above and up to a percent of poverty (``to`` None: no end), and what is paid there.

    ``value`` is dollars where flat, otherwise percent of the charge.
    """

    above: Decimal
    to: Decimal | None
    is_percent: bool
    value: Decimal

    @property
    def name(self) -> str:
        """The class as it is called: ``100-150``, ``over 200``."""
        return f"over {self.above:f}" if self.to is None else f"{self.above:f}-{self.to:f}"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule: the nominal charge for the poorest (0 for a full discount) and the classes above them.

    ``value_is_discount``: percents say what is taken off, not what is paid.
    """

    nominal: Decimal
    classes: tuple[FeeClass, ...]
    nominal_is_percent: bool = False
    value_is_discount: bool = False

    def pays(self, charge: Decimal, fee: FeeClass) -> Decimal:
        """What a patient of a class pays of a charge, never more than the charge."""
        if not fee.is_percent:
            return min(charge, cents(fee.value))
        percent = 100 - fee.value if self.value_is_discount else fee.value
        return min(charge, cents(charge * percent / 100))

    def partial(self) -> list[FeeClass]:
        """The classes between the full discount and none, from the poorest up."""
        found = [one for one in self.classes if one.to is None or one.to > FULL_DISCOUNT]
        return sorted((one for one in found if one.above < NO_DISCOUNT), key=lambda one: one.above)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of the manual that fails."""

    rule: str
    severity: str
    message: str


@dataclass(frozen=True, slots=True)
class Fee:
    """What the patient pays, out of what the patient would otherwise owe, and the class that says so."""

    percent: Decimal
    fee_class: str
    pays: Decimal
    discount: Decimal
    why: str


def guideline_on(guidelines: Sequence[Guideline], on: date) -> Guideline | None:
    """The guideline in force on a day, or None before the first."""
    found = [one for one in guidelines if one.first <= on]
    return max(found, key=lambda one: one.first) if found else None


def percent_of_poverty(income: Decimal, guideline: Decimal) -> Fraction:
    """Yearly income over the guideline, in percent, exact."""
    return Fraction(income) / Fraction(guideline) * 100


def class_of(percent: Fraction, schedule: Schedule) -> FeeClass | None:
    """The partial class of an income above 100 and up to 200 percent; None where the schedule has a gap."""
    for one in schedule.partial():
        if Fraction(one.above) < percent and (one.to is None or percent <= Fraction(one.to)):
            return one
    return None


def fee(
    percent: Fraction,
    schedule: Schedule,
    charge: Decimal,
    insured_share: Decimal | None,
    *,
    is_entitled: bool,
    share_is_fixed: bool = False,
) -> Fee | None:
    """What the patient pays; None where the schedule has no class for the income.

    Args:
        insured_share: what the patient owes under a plan, or None without insurance.
        is_entitled: a determination is on file and in force; without it nothing is discounted.
        share_is_fixed: law or contract forbids to take less than the plan's share.
    """
    shown = _decimal(percent)
    owed = charge if insured_share is None else insured_share
    if percent > NO_DISCOUNT:
        return Fee(shown, f"over {NO_DISCOUNT}", owed, ZERO, "above 200 % of poverty there is no discount")
    if percent <= FULL_DISCOUNT:
        name, pays = f"0-{FULL_DISCOUNT}", _nominal(schedule, charge)
        why = f"nominal charge {schedule.nominal}" if schedule.nominal else "full discount"
    else:
        found = class_of(percent, schedule)
        if found is None:
            return None
        name, pays = found.name, schedule.pays(charge, found)
        why = f"class {found.name}: {pays} of {charge}"
    if not is_entitled:
        return Fee(shown, name, owed, ZERO, "no determination in force: nothing is discounted")
    if insured_share is not None:
        if share_is_fixed:
            return Fee(shown, name, owed, ZERO, "the plan's share may not be lowered")
        why = f"the lower of the plan's share {insured_share} and {pays}"
    lower = min(owed, pays)
    return Fee(shown, name, lower, owed - lower, why)


def check_schedule(schedule: Schedule, charge: Decimal) -> list[Finding]:
    """Checks SF4 to SF7 of the schedule itself, for this charge."""
    found: list[Finding] = []
    partial = schedule.partial()
    if schedule.nominal_is_percent:
        found.append(Finding("SF5", "error", "The nominal charge is a flat amount, not a percentage."))
    elif partial and schedule.nominal and schedule.nominal >= schedule.pays(charge, partial[0]) > 0:
        found.append(Finding("SF5", "error", "The nominal charge lies below what the first class pays."))
    if len(partial) < LEAST_CLASSES:
        message = (
            f"{len(partial)} partial classes above 100 up to 200 %; at least {LEAST_CLASSES} are needed."
        )
        found.append(Finding("SF6", "error", message))
    found += [Finding("SF6", "error", message) for message in _seams(partial)]
    paid = [schedule.pays(charge, one) for one in partial]
    if any(later < earlier for earlier, later in pairwise(paid)):
        found.append(Finding("SF6", "error", "A higher class pays less than a lower one."))
    for one in schedule.classes:
        if (
            one.to is not None
            and one.to <= FULL_DISCOUNT
            and schedule.pays(charge, one) > _nominal(schedule, charge)
        ):
            found.append(Finding("SF4", "error", f"Class {one.name} pays more than the nominal charge."))
        beyond = one.above >= NO_DISCOUNT or one.to is None or one.to > NO_DISCOUNT
        if beyond and schedule.pays(charge, one) < charge:
            found.append(
                Finding("SF7", "error", f"Class {one.name} gives a discount above 200 % of poverty.")
            )
    return found


def cents(value: Decimal) -> Decimal:
    """Half up to cents."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def _nominal(schedule: Schedule, charge: Decimal) -> Decimal:
    if schedule.nominal_is_percent:
        return min(charge, cents(charge * schedule.nominal / 100))
    return min(charge, schedule.nominal)


def _seams(partial: Sequence[FeeClass]) -> list[str]:
    """Gaps and overlaps of the classes from 100 to 200 percent."""
    found = []
    reached = FULL_DISCOUNT
    for one in partial:
        if one.above > reached:
            found.append(f"Gap from {reached:f} to {one.above:f} % of poverty.")
        if one.above < reached and not (one is partial[0] and one.above < FULL_DISCOUNT):
            found.append(f"Classes overlap from {one.above:f} to {reached:f} % of poverty.")
        reached = max(reached, NO_DISCOUNT if one.to is None else one.to)
    if partial and reached < NO_DISCOUNT:
        found.append(f"Gap from {reached:f} to {NO_DISCOUNT} % of poverty.")
    return found


def _decimal(percent: Fraction) -> Decimal:
    return cents(Decimal(percent.numerator) / Decimal(percent.denominator))
