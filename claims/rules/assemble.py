"""One claim from everything that is known of a visit, or what is missing, each with where to mend it.

Nothing is made up: what the guide asks for and nobody told us is a problem of the claim.  Not carried,
because no sender tells us: admitting diagnosis, reason for the visit, hours of admission and discharge,
minutes of anesthesia, other payers, service facility.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from claims.rules.assemble_lines import Body, institutional_body, professional_body
from claims.rules.content import Address, ClaimContent, ClaimForm, Frequency, Organization, Person
from claims.rules.facts import SELF, BillType, Facts, Lack, Terms, whole
from claims.rules.x12.text import digits, plain
from claims.rules.x12.write_837 import check_one
from claims.rules.x12.write_parts import CannotWrite

LONGEST_NAME, LONGEST_GIVEN, LONGEST_MIDDLE = 60, 35, 25
LONGEST_LINE, LONGEST_CITY, LONGEST_ID, LONGEST_GROUP = 55, 30, 80, 50


@dataclass(frozen=True, slots=True)
class Assembled:
    """A claim, or as much of it as can be shown.

    ``content`` is ``None`` exactly when ``lacks`` says something.  ``bill_type`` is empty for a
    professional claim.
    """

    form: ClaimForm
    control_number: str
    bill_type: str
    content: ClaimContent | None
    body: Body
    from_on: date
    through_on: date
    lacks: tuple[Lack, ...]


def assemble(facts: Facts, terms: Terms) -> Assembled:
    """The claim of a visit; form and type of bill follow from client, visit and payer."""
    bill = bill_of(facts, terms)
    form = ClaimForm(bill.form) if bill else ClaimForm.PROFESSIONAL
    body = institutional_body(facts, bill, terms) if bill else professional_body(facts)
    place = facts.visit.place_of_service_code or terms.place_of_service.get(facts.visit.kind, "")
    lacks = [*_parties(facts, bill), *_of_visit(facts, bill, place), *body.lacks]
    content = None
    if not lacks:
        content = _content(facts, terms, form, bill, body, place)
        lacks = _cannot_be_written(content)
    first = facts.visit.service_on
    last = facts.visit.discharge_on if bill and bill.rules == "stay" else None
    return Assembled(
        form=form,
        control_number=facts.control_number,
        bill_type=f"{bill.facility_code}{facts.frequency.value}" if bill else "",
        content=None if lacks else content,
        body=body,
        from_on=first,
        through_on=last or first,
        lacks=tuple(lacks),
    )


def bill_of(facts: Facts, terms: Terms) -> BillType | None:
    """The type of bill of an institutional claim, ``None`` for a professional one."""
    payer = facts.payer.kind if facts.payer else ""
    for one in terms.bills:
        if (
            facts.visit.client_kind in one.clients
            and (not one.visits or facts.visit.kind in one.visits)
            and (not one.payers or payer in one.payers)
        ):
            return one
    return None


def _cannot_be_written(content: ClaimContent) -> list[Lack]:
    """The write models' own word, so that a claim is ready only if a file can carry it."""
    try:
        check_one(content)
    except CannotWrite as error:
        return [Lack("claim.form", error.place, f"The form cannot carry this: it {error.message}", "claim")]
    return []


def _parties(facts: Facts, bill: BillType | None) -> list[Lack]:
    """What is missing of client, payer, provider, patient and subscriber."""
    found: list[Lack] = []
    if facts.billing is None:
        found.append(Lack("profile.none", "Billing provider", "Fill in the billing profile.", "profile"))
    elif not whole(facts.billing.address) or len(facts.billing.address.postal_code) != 9:  # type: ignore[union-attr]
        words = "The billing address needs a street and a ZIP code of nine digits."
        found.append(Lack("profile.address", "Billing provider", words, "profile"))
    if facts.payer is None and facts.coverage is not None:
        words = "No payer in the set-up has the name of this coverage: add it, or add the name as an alias."
        found.append(Lack("payer.unknown", "Payer", words, "payer"))
    if facts.coverage is None:
        found.append(Lack("coverage.none", "Coverage", "The visit names no plan to bill.", "coverage"))
    else:
        found += _of_coverage(facts)
    who = "Attending provider" if bill else "Rendering provider"
    if facts.provider is None or not facts.provider.identifier:
        found.append(Lack("provider.npi", who, "The provider's NPI is missing.", "provider"))
    elif not plain(facts.provider.family_name, LONGEST_NAME):
        found.append(Lack("provider.name", who, "The provider's name is missing.", "provider"))
    return found


def _of_coverage(facts: Facts) -> list[Lack]:
    coverage = facts.coverage
    if coverage is None:
        return []
    found = _of_person(facts.patient, "Patient", "patient")
    if not plain(coverage.member_id, LONGEST_ID):
        found.append(Lack("coverage.member_id", "Coverage", "The member id is missing.", "coverage"))
    if coverage.relationship != SELF:
        if coverage.subscriber is None:
            words = "The plan is another person's, and nobody says whose."
            found.append(Lack("subscriber.none", "Subscriber", words, "coverage"))
        elif not plain(coverage.subscriber.family_name, LONGEST_NAME):
            found.append(
                Lack("subscriber.name", "Subscriber", "The name needs letters that X12 has.", "coverage")
            )
    return found


def _of_person(one: Person, place: str, code: str) -> list[Lack]:
    found = []
    if not plain(one.family_name, LONGEST_NAME):
        found.append(Lack(f"{code}.name", place, "The name needs letters that X12 has.", "patient"))
    if one.birth_on is None:
        found.append(Lack(f"{code}.birth_on", place, "The date of birth is missing.", "patient"))
    if not whole(one.address):
        found.append(Lack(f"{code}.address", place, "The address is missing or not whole.", "patient"))
    return found


def _of_visit(facts: Facts, bill: BillType | None, place: str) -> list[Lack]:
    found: list[Lack] = []
    visit = facts.visit
    if bill is None and not place:
        found.append(Lack("visit.place_of_service", "Visit", "The place of service is missing.", "visit"))
    if bill is not None and bill.rules == "stay":
        if visit.discharge_on is None:
            found.append(Lack("visit.discharge_on", "Stay", "The day of discharge is missing.", "visit"))
        if not visit.drg_code:
            found.append(Lack("visit.drg", "Stay", "The codes give no MS-DRG.", "chart"))
    if bill is not None and not (visit.discharge_status_code or bill.discharge_status_code):
        found.append(Lack("visit.discharge_status", "Stay", "The discharge status is missing.", "visit"))
    if facts.frequency != Frequency.ORIGINAL and not facts.payer_control_number:
        words = "A replacement or void names the payer's own claim number, and none has come back."
        found.append(Lack("claim.payer_control_number", "Claim", words, "claim"))
    return found


def _content(
    facts: Facts, terms: Terms, form: ClaimForm, bill: BillType | None, body: Body, place: str
) -> ClaimContent:
    coverage, payer, billing = facts.coverage, facts.payer, facts.billing
    if coverage is None or payer is None or billing is None or facts.provider is None:
        raise ValueError("A claim is made only of whole facts.")
    patient, provider = _person(facts.patient), _person(facts.provider)
    is_self = coverage.relationship == SELF
    holder = facts.patient if is_self or coverage.subscriber is None else coverage.subscriber
    parts: dict[str, Any] = _stay_parts(facts, bill) if bill else _office_parts(facts, terms, place)
    return ClaimContent(
        form=form,
        control_number=facts.control_number,
        frequency=facts.frequency,
        facility_code=bill.facility_code if bill else place,
        total_charge_amount=body.total,
        billing=_organization(billing),
        payer=Organization(plain(payer.name, LONGEST_NAME), plain(payer.payer_id, LONGEST_ID)),
        subscriber=replace(_person(holder), identifier=plain(coverage.member_id, LONGEST_ID)),
        diagnoses=body.diagnoses,
        lines=body.lines,
        payer_control_number=plain(facts.payer_control_number, LONGEST_GROUP),
        filing_code=payer.filing_code,
        relationship=coverage.relationship,
        group_number=plain(coverage.group_number, LONGEST_GROUP),
        patient=None if is_self else patient,
        rendering=None if bill else provider,
        attending=provider if bill else None,
        procedures=body.procedures,
        **parts,
    )


def _office_parts(facts: Facts, terms: Terms, place: str) -> dict[str, Any]:
    return {"admitted_on": facts.visit.service_on if place in terms.admitted_places else None}


def _stay_parts(facts: Facts, bill: BillType) -> dict[str, Any]:
    visit, is_stay = facts.visit, bill.rules == "stay"
    return {
        "drg_code": visit.drg_code if is_stay else "",
        "admitted_on": visit.service_on if is_stay else None,
        "statement_from_on": visit.service_on,
        "statement_through_on": (visit.discharge_on if is_stay else None) or visit.service_on,
        "discharge_status_code": visit.discharge_status_code or bill.discharge_status_code,
        "admission_type": bill.admission_type,
        "admission_source": bill.admission_source,
    }


def _person(one: Person) -> Person:
    return replace(
        one,
        family_name=plain(one.family_name, LONGEST_NAME),
        given_name=plain(one.given_name, LONGEST_GIVEN),
        middle_name=plain(one.middle_name, LONGEST_MIDDLE),
        address=_address(one.address),
    )


def _organization(one: Organization) -> Organization:
    return replace(
        one,
        name=plain(one.name, LONGEST_NAME),
        address=_address(one.address),
        contact_name=plain(one.contact_name, LONGEST_NAME),
        contact_phone=digits(one.contact_phone),
    )


def _address(one: Address | None) -> Address | None:
    """In the letters of X12, or nothing of one that is not whole."""
    if one is None or not whole(one):
        return None
    return Address(
        line=plain(one.line, LONGEST_LINE),
        city=plain(one.city, LONGEST_CITY),
        state=one.state.upper(),
        postal_code=digits(one.postal_code),
        line_2=plain(one.line_2, LONGEST_LINE),
    )
