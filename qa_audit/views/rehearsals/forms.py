"""What was typed into the forms of rehearsals, read: values, or what is wrong by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from coding_ops.core.errors import DomainError, InvalidInput
from edit_rules.forms import day_of
from qa_audit.actions.rehearsals import Design, NewTerms
from qa_audit.rules.rehearsal import RehearsalKind
from qa_audit.selectors.rehearsal_frame import Population

MOST_DOLLARS = Decimal("9999999999.99")
CENT = Decimal("0.01")


@dataclass(slots=True)
class Reader:
    """Reads fields one by one and gathers what is wrong."""

    posted: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The field without outer white space."""
        return self.posted.get(name, "").strip()

    def day(self, name: str, label: str, *, needed: bool = True) -> date | None:
        """A date, MM/DD/YYYY."""
        try:
            found = day_of(self.text(name))
        except InvalidInput:
            self.errors[name] = f"{label}: give a date such as 11/01/2026."
            return None
        if found is None and needed:
            self.errors[name] = f"{label}: give a date such as 11/01/2026."
        return found

    def dollars(self, name: str, label: str) -> Decimal | None:
        """Dollars with at most two decimals; ``None`` for an empty field."""
        text = self.text(name).replace(",", "").removeprefix("$")
        if not text:
            return None
        value = self._decimal(text)
        if value is None or abs(value) > MOST_DOLLARS or value != value.quantize(CENT):
            self.errors[name] = f"{label}: give dollars such as 1234.50."
            return None
        return value

    def percent(self, name: str, label: str) -> Decimal | None:
        """A percentage above 0 and below 100 as a share; ``None`` for an empty field."""
        text = self.text(name).removesuffix("%").strip()
        if not text:
            return None
        value = self._decimal(text)
        if value is None or not 0 < value < 100:
            self.errors[name] = f"{label}: give a percentage above 0 and below 100."
            return None
        return value / 100

    def whole(self, name: str, label: str) -> int | None:
        """A whole number from 1; ``None`` for an empty field."""
        text = self.text(name)
        if not text:
            return None
        if not text.isdecimal() or len(text) > 9 or int(text) < 1:
            self.errors[name] = f"{label}: give a whole number above zero."
            return None
        return int(text)

    @staticmethod
    def _decimal(text: str) -> Decimal | None:
        try:
            value = Decimal(text)
        except InvalidOperation:
            return None
        return value if value.is_finite() else None


def read_design(posted: Mapping[str, str]) -> tuple[Design | None, dict[str, str]]:
    """The design of a rehearsal."""
    reader = Reader(posted)
    kind = RehearsalKind.PAYER if reader.text("kind") == RehearsalKind.PAYER else RehearsalKind.RADV
    first, last = reader.day("first_on", "First day"), reader.day("last_on", "Last day")
    count = reader.whole("count", "Units")
    precision = reader.percent("precision", "Precision")
    expected = reader.percent("expected", "Expected error rate")
    strata = reader.whole("strata", "Strata")
    if (count is None) == (precision is None) and not {"count", "precision"} & reader.errors.keys():
        reader.errors["count"] = "Units: give a number, or a precision in its place."
    if not reader.text("name"):
        reader.errors["name"] = "Name: give one."
    if not reader.text("contract_name"):
        reader.errors["contract_name"] = "Contract: name it."
    if reader.errors or first is None or last is None:
        return None, reader.errors
    model = reader.text("model") if kind is RehearsalKind.RADV else ""
    population = Population(kind, first, last, payer=reader.text("payer"), model=model)
    design = Design(
        name=reader.text("name"),
        contract_name=reader.text("contract_name"),
        population=population,
        strata=strata or 1,
        count=count,
        precision=precision,
        expected=expected or Decimal("0.05"),
    )
    return design, {}


def read_terms(posted: Mapping[str, str]) -> tuple[NewTerms | None, dict[str, str]]:
    """How findings become dollars; rates one a line: ``37 1203.50``."""
    reader = Reader(posted)
    confidence = reader.percent("confidence", "Confidence")
    if confidence is None and "confidence" not in reader.errors:
        reader.errors["confidence"] = "Confidence: give a percentage such as 95."
    rates: dict[str, Decimal] = {}
    for line in reader.text("rates").splitlines():
        if not line.strip():
            continue
        parts = line.replace(",", "").replace("$", "").split()
        amount = Reader._decimal(parts[1]) if len(parts) == 2 else None
        fits = amount is not None and 0 <= amount <= MOST_DOLLARS and amount == amount.quantize(CENT)
        if amount is None or not fits or not parts[0].isdecimal() or len(parts[0]) > 4:
            reader.errors["rates"] = (
                "Rates: give a category and its dollars on each line, such as 37 1203.50."
            )
            break
        rates[str(int(parts[0]))] = amount
    if rates and not reader.text("rates_source"):
        reader.errors["rates_source"] = "Source of the rates: say where they come from."
    if reader.errors or confidence is None:
        return None, reader.errors
    is_on = reader.text("extrapolated") == "1"
    return NewTerms(is_on, confidence, rates, reader.text("rates_source")), {}


def error_of(error: DomainError, default: str = "") -> dict[str, str]:
    """A refusal as an error of the form, at the field it is about."""
    return {str(error.details.get("path") or default): error.message}
