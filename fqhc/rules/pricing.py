"""What Medicare pays for an FQHC claim, line by line, with every amount's reckoning.

The algorithm of the CMS FQHC Pricer (package gov.cms.fiss.pricers.fqhc.core, read 2026-11-23): rate of the
day with two roundings, add-on, lesser of charges and rate for each type of visit, Medicare Advantage wrap,
tribal rate, coinsurance with the preventive carve-out, Maryland Primary Care Program.  Amounts are dollars,
rounded half up to cents wherever the pricer rounds.

Rounding in two steps: the add-on factor meets the rate that was rounded already.  207.72 x 0.980 = 203.57,
x 1.3416 = 273.11; in one step it would be 273.10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, NamedTuple

CENT: Final = Decimal("0.01")
ZERO: Final = Decimal("0.00")
MODIFIER_UNRELATED: Final = "59"
REVENUE_MEDICARE_ADVANTAGE: Final = "0519"
#: Within the day, the code that stands for the visit when several of one type were billed.
_PRECEDENCE: Final = {"G0468": 0, "G0466": 1, "G0469": 1}


class VisitType(StrEnum):
    """What the day's charges are compared for."""

    MEDICAL = "medical"
    MENTAL = "mental"
    UNRELATED = "modifier_59"
    INTENSIVE = "intensive_outpatient"

    # An enumeration hashes in Python; these are keys of every line priced.
    __hash__ = str.__hash__


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of a day.  ``tribal`` replaces base, GAF and add-on; ``iop`` is (up to three, four or more)."""

    base: Decimal
    gaf: Decimal
    addon_factor: Decimal
    coinsurance_rate: Decimal
    tribal: Decimal | None = None
    iop: tuple[Decimal | None, Decimal | None] = (None, None)


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """A payment code: its visit and whether the add-on applies."""

    visit: VisitType
    add_on: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the claim.  ``ma_plan_amount``: what the Medicare Advantage plan pays for it."""

    number: int
    hcpcs: str
    revenue_code: str
    charge: Decimal
    service_on: date | None = None
    modifiers: tuple[str, ...] = ()
    coinsurance_applies: bool = True
    ma_plan_amount: Decimal | None = None
    iop_services: int | None = None


class Step(NamedTuple):
    """One amount of the reckoning: what it is, how it came about, what it is.

    The formula is put together only when it is read: millions of lines are priced without anybody looking.
    """

    line: int
    step: str
    template: str
    parts: tuple[object, ...]
    value: Decimal

    @property
    def formula(self) -> str:
        """The reckoning in words and numbers."""
        return self.template.format(*self.parts)


class Priced(NamedTuple):
    """A priced line; ``return_code`` and ``indicator`` are those of the CMS Pricer."""

    number: int
    indicator: str
    pps_rate: Decimal
    add_on: Decimal
    payment: Decimal
    coinsurance: Decimal
    medicare: Decimal
    return_code: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What the pricer needs beside the lines.

    ``outside``: codes paid outside the per diem with their indicator. ``mdpcp``: the program's percentage as
    a fraction, or None outside the program; ``mdpcp_known`` the percentages there are.
    """

    rates: Mapping[date | None, Rates]
    codes: Mapping[str, PaymentCode]
    outside: Mapping[str, str]
    mdpcp: Decimal | None = None
    mdpcp_known: frozenset[Decimal] = frozenset()


class Day(NamedTuple):
    """The summary of one day's lines."""

    charges: Mapping[VisitType, Decimal]
    paid: Mapping[VisitType, int]
    carved_out: Decimal
    has_carve_out: bool
    has_other_packaged: bool


def round2(amount: Decimal) -> Decimal:
    """Cents, half up."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def price(lines: Sequence[Line], claim: Claim) -> list[Priced]:
    """Price a claim; the lines come back in the order given."""
    days: dict[date | None, list[Line]] = {}
    for line in lines:
        days.setdefault(line.service_on, []).append(line)
    summaries = {on: summarize(of_day, claim) for on, of_day in days.items()}
    return [_line(line, summaries[line.service_on], claim.rates[line.service_on], claim) for line in lines]


def summarize(lines: Sequence[Line], claim: Claim) -> Day:
    """Charges by type of visit, which line is paid for each, and what is packaged beside them."""
    charges: dict[VisitType, Decimal] = {}
    paid: dict[VisitType, Line] = {}
    packaged = []
    for line in lines:
        visit = visit_type(line, claim.codes)
        if visit is None:
            if line.hcpcs not in claim.outside:
                packaged.append(line)
            continue
        charges[visit] = charges.get(visit, ZERO) + line.charge
        stands = paid.get(visit)
        if stands is None or _rank(line) < _rank(stands):
            paid[visit] = line
    if VisitType.INTENSIVE in paid:
        # A mental health visit and intensive outpatient services of one day are one payment.
        paid.pop(VisitType.MENTAL, None)
    free = [line.charge for line in packaged if not line.coinsurance_applies]
    return Day(
        charges=charges,
        paid={visit: line.number for visit, line in paid.items()},
        carved_out=sum(free, ZERO),
        has_carve_out=bool(free),
        has_other_packaged=len(free) < len(packaged),
    )


def visit_type(line: Line, codes: Mapping[str, PaymentCode]) -> VisitType | None:
    """The visit a line bills, or None for a line that bills none."""
    if line.iop_services is not None:
        return VisitType.INTENSIVE
    code = codes.get(line.hcpcs)
    if code is None:
        return None
    return VisitType.UNRELATED if MODIFIER_UNRELATED in line.modifiers else code.visit


def _rank(line: Line) -> int:
    return _PRECEDENCE.get(line.hcpcs, 2)


def _line(line: Line, day: Day, rates: Rates, claim: Claim) -> Priced:
    visit = visit_type(line, claim.codes)
    if visit is None:
        return _not_a_visit(line, day, claim)
    if day.paid.get(visit) != line.number:
        return _unpaid(line, "12", "09", "another line of the day stands for this visit")
    if claim.mdpcp is not None and claim.mdpcp not in claim.mdpcp_known:
        code = "24" if claim.mdpcp == 0 else "23"
        return _unpaid(line, _indicator(line, rates, claim), code, "program percentage {}", claim.mdpcp)
    return _visit(line, visit, day, rates, claim)


def _not_a_visit(line: Line, day: Day, claim: Claim) -> Priced:
    outside = claim.outside.get(line.hcpcs)
    if outside is not None:
        return _unpaid(line, outside, "08", "paid outside the per diem")
    if day.paid:
        return _unpaid(line, "12", "09", "packaged with the day's visit")
    return _unpaid(line, "11", "08", "no payment code stands on this day")


def _unpaid(line: Line, indicator: str, code: str, why: str, *parts: object) -> Priced:
    step = Step(line.number, "payment", why, parts, ZERO)
    return Priced(line.number, indicator, ZERO, ZERO, ZERO, ZERO, ZERO, code, (step,))


class Ledger:
    """The steps of one line, in the order they were reckoned."""

    __slots__ = ("line", "steps")

    def __init__(self, line: int) -> None:
        self.line = line
        self.steps: list[Step] = []

    def note(self, step: str, value: Decimal, template: str, *parts: object) -> Decimal:
        """Keep a step and answer its value."""
        self.steps.append(Step(self.line, step, template, parts, value))
        return value


def _visit(line: Line, visit: VisitType, day: Day, rates: Rates, claim: Claim) -> Priced:
    ledger = Ledger(line.number)
    rate, add_on = _rate(line, rates, claim, ledger)
    if line.revenue_code == REVENUE_MEDICARE_ADVANTAGE:
        payment, code = _advantage(line, rate, ledger)
        coinsurance = ledger.note("coinsurance", ZERO, "none on a Medicare Advantage wrap")
    else:
        charges = day.charges[visit]
        payment = ledger.note(
            "payment", min(charges, rate), "lesser of charges {} and rate {}", charges, rate
        )
        if charges < rate and add_on:
            add_on = ledger.note("add_on", ZERO, "none where charges are paid")
        code = _return_code(line, charges < rate, add_on, day, rates)
        coinsurance = _coinsurance(line, visit, payment, day, rates, ledger)
    payment = _program(line, payment, coinsurance, claim, ledger)
    medicare = ledger.note("medicare", payment - coinsurance, "{} - {}", payment, coinsurance)
    indicator = _indicator(line, rates, claim)
    return Priced(
        line.number, indicator, rate, add_on, payment, coinsurance, medicare, code, tuple(ledger.steps)
    )


def _indicator(line: Line, rates: Rates, claim: Claim) -> str:
    if line.iop_services is not None:
        return "16" if line.revenue_code == REVENUE_MEDICARE_ADVANTAGE else "15"
    if rates.tribal is not None:
        return "14"
    return "13" if claim.codes[line.hcpcs].add_on else "10"


def _rate(line: Line, rates: Rates, claim: Claim, ledger: Ledger) -> tuple[Decimal, Decimal]:
    """The rate of the visit and the part of it that is the add-on."""
    if line.iop_services is not None:
        per_diem = rates.iop[0 if line.iop_services <= 3 else 1]
        if per_diem is None:
            raise ValueError("The per diem of intensive outpatient services is checked before pricing.")
        return ledger.note("pps_rate", per_diem, "per diem for {} services", line.iop_services), ZERO
    if rates.tribal is not None:
        return ledger.note("pps_rate", round2(rates.tribal), "tribal rate, no GAF, no add-on"), ZERO
    adjusted = round2(rates.base * rates.gaf)
    before = ledger.note("adjusted_rate", adjusted, "round2({} x {})", rates.base, rates.gaf)
    if not claim.codes[line.hcpcs].add_on:
        return ledger.note("pps_rate", before, "adjusted rate"), ZERO
    rate = round2(before * rates.addon_factor)
    ledger.note("pps_rate", rate, "round2({} x {})", before, rates.addon_factor)
    return rate, ledger.note("add_on", abs(rate - before), "|{} - {}|", rate, before)


def _advantage(line: Line, rate: Decimal, ledger: Ledger) -> tuple[Decimal, str]:
    """The wrap beside a Medicare Advantage plan; charges are not compared (CMS Pricer)."""
    plan = line.ma_plan_amount
    if plan is None or plan <= 0:
        return ledger.note("payment", ZERO, "the plan's amount is missing or zero"), "17"
    if rate > plan:
        return ledger.note("payment", rate - plan, "rate {} - plan {}", rate, plan), "06"
    return ledger.note("payment", ZERO, "plan {} reaches the rate {}", plan, rate), "07"


def _return_code(line: Line, by_charges: bool, add_on: Decimal, day: Day, rates: Rates) -> str:
    if rates.tribal is not None:
        return "22" if by_charges else "21"
    if day.has_carve_out or not line.coinsurance_applies:
        return "04" if by_charges else "03"
    if by_charges:
        return "02"
    return "05" if add_on else "01"


def _coinsurance(
    line: Line, visit: VisitType, payment: Decimal, day: Day, rates: Rates, ledger: Ledger
) -> Decimal:
    rate = rates.coinsurance_rate
    if not line.coinsurance_applies:
        return ledger.note("coinsurance", ZERO, "does not apply to this line")
    if day.has_carve_out and not day.has_other_packaged:
        return ledger.note("coinsurance", ZERO, "only preventive services are packaged")
    if not day.has_carve_out or _carved_elsewhere(visit, day):
        return ledger.note("coinsurance", round2(payment * rate), "round2({} x {})", payment, rate)
    if payment > day.carved_out:
        due = round2((payment - day.carved_out) * rate)
        template = "round2(({} - preventive {}) x {})"
        return ledger.note("coinsurance", due, template, payment, day.carved_out, rate)
    return ledger.note("coinsurance", ZERO, "preventive {} reaches the payment", day.carved_out)


def _carved_elsewhere(visit: VisitType, day: Day) -> bool:
    """Whether another visit of the day already bears the preventive carve-out."""
    bearers = {
        VisitType.MENTAL: (VisitType.MEDICAL,),
        VisitType.UNRELATED: (VisitType.MEDICAL, VisitType.MENTAL),
        VisitType.INTENSIVE: (VisitType.MEDICAL, VisitType.UNRELATED),
    }
    return any(other in day.paid for other in bearers.get(visit, ()))


def _program(line: Line, payment: Decimal, coinsurance: Decimal, claim: Claim, ledger: Ledger) -> Decimal:
    """The Maryland Primary Care Program pays part of its visits in advance."""
    medical = line.hcpcs in ("G0466", "G0467", "G0468") and line.revenue_code.startswith("052")
    if claim.mdpcp is None or not medical:
        return payment
    share = payment - coinsurance
    reduction = round2(share * claim.mdpcp)
    ledger.note("mdpcp_reduction", reduction, "round2({} x {})", share, claim.mdpcp)
    left = coinsurance + share - reduction
    return ledger.note("payment", left, "{} + {} - {}", coinsurance, share, reduction)
