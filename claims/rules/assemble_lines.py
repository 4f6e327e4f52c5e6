"""Diagnoses, procedures and service lines of a claim, from the codes of a finished version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from claims.rules.content import Diagnosis, Procedure, ServiceLine
from claims.rules.facts import BillType, ChargeFact, CodeFact, Facts, FqhcTerms, Lack, Terms

PROCEDURES = "ICD-10-PCS"
MOST_DIAGNOSES, MOST_OTHER, MOST_CAUSES = 12, 24, 12
MOST_LINES, MOST_PROCEDURES, MOST_POINTERS = 50, 25, 4


@dataclass(frozen=True, slots=True)
class Body:
    """What of a claim comes from its codes, and what is missing."""

    diagnoses: tuple[Diagnosis, ...]
    procedures: tuple[Procedure, ...]
    lines: tuple[ServiceLine, ...]
    lacks: tuple[Lack, ...]

    @property
    def total(self) -> Decimal:
        """Charges of all lines, in dollars."""
        return sum((one.charge_amount for one in self.lines), Decimal(0))


def professional_body(facts: Facts) -> Body:
    """Twelve diagnoses at most, in their order; each service points at up to four of them."""
    lacks: list[Lack] = []
    coded = _of_kind(facts, "dx")[:MOST_DIAGNOSES]
    diagnoses = tuple(
        Diagnosis(one.code, "principal" if place == 0 else "other", key=one.key)
        for place, one in enumerate(coded)
    )
    if not diagnoses:
        lacks.append(Lack("diagnosis.none", "Diagnoses", "Code at least one diagnosis.", "chart"))
    numbers = {one.key: number for number, one in enumerate(coded, start=1)}
    lines = []
    for number, service in enumerate(_services(facts), start=1):
        pointers = tuple(numbers[key] for key in service.pointers if key in numbers)[:MOST_POINTERS]
        if not pointers:
            lacks.append(
                Lack(
                    "line.pointers",
                    f"Line {number}, {service.code}",
                    f"Point the service at one of the first {MOST_DIAGNOSES} diagnoses.",
                    "chart",
                )
            )
        lines.append(replace(_line(facts, service, number, lacks), pointers=pointers, revenue_code=""))
    return _body(diagnoses, (), tuple(lines), lacks)


def institutional_body(facts: Facts, bill: BillType, terms: Terms) -> Body:
    """Principal, other and external-cause diagnoses with their letters; lines under revenue codes."""
    lacks: list[Lack] = []
    diagnoses = _institutional_diagnoses(facts, bill, terms, lacks)
    if bill.rules == "stay":
        lines, procedures = _stay_lines(facts, terms, lacks), _procedures(facts, lacks)
    elif bill.rules == "fqhc":
        lines, procedures = _fqhc_lines(facts, terms.fqhc, lacks), ()
    else:
        lines, procedures = _outpatient_lines(facts, lacks), ()
    return _body(diagnoses, procedures, lines, lacks)


def _body(
    diagnoses: tuple[Diagnosis, ...],
    procedures: tuple[Procedure, ...],
    lines: tuple[ServiceLine, ...],
    lacks: list[Lack],
) -> Body:
    if not lines:
        lacks.append(Lack("line.none", "Lines", "Code at least one service.", "chart"))
    if len(lines) > MOST_LINES:
        lacks.append(
            Lack("line.too_many", "Lines", f"A claim holds {MOST_LINES} lines: split the visit.", "chart")
        )
    return Body(diagnoses, procedures, lines, tuple(lacks))


def _of_kind(facts: Facts, kind: str) -> list[CodeFact]:
    return [one for one in facts.visit.codes if one.kind == kind]


def _services(facts: Facts) -> list[CodeFact]:
    return [one for one in _of_kind(facts, "px") if one.system != PROCEDURES]


def charge_of(charges: Mapping[tuple[str, str], ChargeFact], service: CodeFact) -> ChargeFact | None:
    """The row of the code with one of its modifiers, in their order; else the row without any."""
    for modifier in (*service.modifiers, ""):
        found = charges.get((service.code, modifier))
        if found is not None:
            return found
    return None


def _line(facts: Facts, service: CodeFact, number: int, lacks: list[Lack]) -> ServiceLine:
    charge = charge_of(facts.charges, service)
    if charge is None:
        lacks.append(
            Lack(
                "line.charge",
                f"Line {number}, {service.code}",
                f"Enter what the client charges for {service.code} on {facts.visit.service_on:%m/%d/%Y}.",
                "charges",
            )
        )
    return ServiceLine(
        number=number,
        code=service.code,
        charge_amount=charge.amount * service.units if charge else Decimal(0),
        units=Decimal(service.units),
        service_on=facts.visit.service_on,
        modifiers=service.modifiers,
        revenue_code=charge.revenue_code if charge else "",
        key=service.key,
    )


def _institutional_diagnoses(
    facts: Facts, bill: BillType, terms: Terms, lacks: list[Lack]
) -> tuple[Diagnosis, ...]:
    coded = _of_kind(facts, "dx")
    if not coded:
        lacks.append(Lack("diagnosis.none", "Diagnoses", "Code at least one diagnosis.", "chart"))
    is_stay = bill.rules == "stay"
    found = [
        Diagnosis(one.code, _role(one, place, terms), _poa(one, terms) if is_stay else "", one.key)
        for place, one in enumerate(coded)
    ]
    if is_stay:
        for one, fact in zip(found, coded, strict=True):
            if not fact.poa:
                lacks.append(
                    Lack(
                        "diagnosis.poa",
                        f"Diagnosis {one.code}",
                        f"Say of {one.code} whether it was present on admission.",
                        "chart",
                    )
                )
    kept: list[Diagnosis] = []
    for role, most in (("principal", 1), ("other", MOST_OTHER), ("external_cause", MOST_CAUSES)):
        kept += [one for one in found if one.role == role][:most]
    return tuple(kept)


def _role(one: CodeFact, place: int, terms: Terms) -> str:
    if place == 0:
        return "principal"
    return "external_cause" if one.code.startswith(terms.external_cause) else "other"


def _poa(one: CodeFact, terms: Terms) -> str:
    return "" if one.poa == terms.exempt_poa else one.poa


def _procedures(facts: Facts, lacks: list[Lack]) -> tuple[Procedure, ...]:
    coded = [one for one in _of_kind(facts, "px") if one.system == PROCEDURES][:MOST_PROCEDURES]
    one_day = facts.visit.discharge_on in (None, facts.visit.service_on)
    found = []
    for one in coded:
        day = one.performed_on or (facts.visit.service_on if one_day else None)
        if day is None:
            lacks.append(
                Lack(
                    "procedure.day",
                    f"Procedure {one.code}",
                    f"Cite the report of {one.code}: its date is the day of the procedure.",
                    "chart",
                )
            )
        found.append(Procedure(one.code, day, one.key))
    return tuple(found)


def _stay_lines(facts: Facts, terms: Terms, lacks: list[Lack]) -> tuple[ServiceLine, ...]:
    """The whole account in one line, in days; the charges of a stay come with the visit, not from codes."""
    visit = facts.visit
    if visit.charge_amount is None or visit.charge_amount <= 0:
        lacks.append(Lack("stay.charge", "Lines", "Send the charges of the account with the visit.", "visit"))
    days = max((visit.discharge_on - visit.service_on).days, 1) if visit.discharge_on else 1
    amount = visit.charge_amount or Decimal(0)
    return (ServiceLine(1, "", amount, Decimal(days), None, revenue_code=terms.stay_revenue_code),)


def _outpatient_lines(facts: Facts, lacks: list[Lack]) -> tuple[ServiceLine, ...]:
    lines = tuple(_line(facts, one, number, lacks) for number, one in enumerate(_services(facts), start=1))
    for line in lines:
        if not line.revenue_code:
            lacks.append(
                Lack(
                    "line.revenue_code",
                    f"Line {line.number}, {line.code}",
                    f"Enter the revenue code of {line.code} with its charge.",
                    "charges",
                )
            )
    return lines


def _fqhc_lines(facts: Facts, terms: FqhcTerms, lacks: list[Lack]) -> tuple[ServiceLine, ...]:
    """Each payment code, the service that qualifies it next to it, then everything else.

    A payment code without such a service, or a visit without a payment code, comes back before it is ever
    paid: it is stopped here.
    """
    services = _services(facts)
    payments = [one for one in services if one.code in terms.kinds]
    rest = [one for one in services if one.code not in terms.kinds]
    if services and not payments:
        lacks.append(
            Lack(
                "fqhc.payment_code",
                "Lines",
                "A visit of a health center to Medicare needs its payment code (G0466 to G0470).",
                "chart",
            )
        )
    ordered: list[tuple[CodeFact, str]] = []
    for one in payments:
        revenue = _visit_revenue(facts, terms, terms.kinds[one.code])
        is_supplement = facts.payer is not None and facts.payer.kind in terms.supplement_payers
        ordered.append((one, terms.supplement_revenue if is_supplement else revenue))
        service = next((other for other in rest if other.code in terms.qualifying[one.code]), None)
        if service is None:
            lacks.append(
                Lack(
                    "fqhc.qualifying_line",
                    f"Payment code {one.code}",
                    f"Code the service that makes the visit one of {one.code}; none on the claim does.",
                    "chart",
                )
            )
            continue
        rest.remove(service)
        ordered.append((service, revenue))
    ordered += [(one, "") for one in rest]
    return tuple(
        _fqhc_line(facts, terms, *pair, number, lacks) for number, pair in enumerate(ordered, start=1)
    )


def _fqhc_line(
    facts: Facts, terms: FqhcTerms, service: CodeFact, revenue: str, number: int, lacks: list[Lack]
) -> ServiceLine:
    line = _line(facts, service, number, lacks)
    # What goes with a visit stands under its own revenue code where the charge names one.
    code = revenue or line.revenue_code or _visit_revenue(facts, terms, "medical")
    return replace(line, revenue_code=code)


def _visit_revenue(facts: Facts, terms: FqhcTerms, kind: str) -> str:
    if kind == "medical":
        return terms.revenue_by_place.get(facts.visit.place_of_service_code, terms.revenue[kind])
    return terms.revenue[kind]


def days_of(codes: Sequence[ServiceLine], fallback: date) -> tuple[date, date]:
    """First and last day of the lines, or ``fallback`` twice when no line has its day."""
    days = [day for one in codes for day in (one.service_on, one.service_through_on) if day is not None]
    return (min(days), max(days)) if days else (fallback, fallback)
