"""A claim from the facts of a visit: form, type of bill, lines, and everything that can be missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from claims.rules.assemble import Assembled, assemble
from claims.rules.content import Address, ClaimForm, Frequency, Organization, Person
from claims.rules.facts import ChargeFact, CodeFact, CoverageFact, Facts, PayerFact, VisitFact, party_of
from claims.terms.assembly import assembly_terms

DAY = date(2026, 9, 15)
HOME = Address("8 Bayou Lane", "Thibodaux", "LA", "70301")
CODES = (
    CodeFact("d1", "dx", "ICD-10-CM", "E1122", poa="Y"),
    CodeFact("d2", "dx", "ICD-10-CM", "N1831", poa="1"),
)
PRICES = {"99213": "135.00", "83036": "25.00", "G0467": "250.00", "G0470": "220.00", "90834": "140.00"}
CHARGES = {(code, ""): ChargeFact(code, "", Decimal(price)) for code, price in PRICES.items()}
PAYER = PayerFact("commercial", "Sample Mutual", "SMPL1", "CI")
CLINIC = Organization(
    "Cypress Ridge", "1234567893", "721234567", "207R00000X", replace(HOME, postal_code="703010100")
)
FACTS = Facts(
    control_number="ABCDEFGHJKLMNP",
    visit=VisitFact(
        client_kind="practice",
        kind="office",
        place_of_service_code="11",
        service_on=DAY,
        discharge_on=None,
        discharge_status_code="",
        charge_amount=None,
        codes=(*CODES, CodeFact("s1", "px", "CPT", "99213", ("25",), 2, pointers=("d2", "d1"))),
    ),
    patient=Person("Núñez", "José", birth_on=date(1959, 3, 14), sex="M", address=HOME),
    coverage=CoverageFact("SM0000001", "18", "", None),
    payer=PAYER,
    billing=CLINIC,
    provider=Person("Okafor", "N", identifier="1888888884"),
    charges=CHARGES,
)


def built(facts: Facts) -> Assembled:
    return assemble(facts, assembly_terms())


def visit(**changes: Any) -> Facts:
    payer = changes.pop("payer", FACTS.payer)
    return replace(FACTS, visit=replace(FACTS.visit, **changes), payer=payer)


def services(*codes: str) -> tuple[CodeFact, ...]:
    return (
        *CODES,
        *(CodeFact(f"s{n}", "px", "HCPCS", one, pointers=("d1",)) for n, one in enumerate(codes)),
    )


def lacks(found: Assembled) -> list[str]:
    assert (found.content is None) == bool(found.lacks)
    return [one.code for one in found.lacks]


def test_an_office_visit_is_a_professional_claim() -> None:
    found = built(FACTS)
    content = found.content
    assert content is not None
    assert (found.form, found.bill_type, content.facility_code) == (ClaimForm.PROFESSIONAL, "", "11")
    line = content.lines[0]
    assert (line.charge_amount, line.units, line.pointers, line.modifiers) == (
        Decimal("270.00"),
        Decimal(2),
        (2, 1),
        ("25",),
    )
    assert content.total_charge_amount == Decimal("270.00")
    # A letter of presence stands on claims of stays alone.
    assert [(one.code, one.role, one.poa) for one in content.diagnoses] == [
        ("E1122", "principal", ""),
        ("N1831", "other", ""),
    ]
    assert (content.subscriber.family_name, content.subscriber.given_name) == ("NUNEZ", "JOSE")
    assert content.patient is None


def test_a_charge_with_the_modifier_goes_before_the_one_without() -> None:
    charges = CHARGES | {("99213", "25"): ChargeFact("99213", "25", Decimal("150.00"))}
    assert built(replace(FACTS, charges=charges)).body.total == Decimal("300.00")


def test_another_persons_plan_names_both() -> None:
    holder = Person("Theriot", "Ann", birth_on=date(1960, 1, 1), sex="F", address=HOME)
    content = built(replace(FACTS, coverage=CoverageFact("SM1", "19", "G1", holder))).content
    assert content is not None
    assert content.patient is not None
    assert (content.subscriber.family_name, content.patient.family_name) == ("THERIOT", "NUNEZ")
    assert (content.subscriber.identifier, content.relationship, content.group_number) == ("SM1", "19", "G1")


@pytest.mark.parametrize(
    ("facts", "code", "where"),
    [
        (replace(FACTS, billing=None), "profile.none", "profile"),
        (replace(FACTS, billing=replace(CLINIC, address=HOME)), "profile.address", "profile"),
        (replace(FACTS, payer=None), "payer.unknown", "payer"),
        (replace(FACTS, coverage=CoverageFact("", "18", "", None)), "coverage.member_id", "coverage"),
        (replace(FACTS, coverage=CoverageFact("SM1", "19", "", None)), "subscriber.none", "coverage"),
        (replace(FACTS, patient=replace(FACTS.patient, birth_on=None)), "patient.birth_on", "patient"),
        (
            replace(FACTS, patient=replace(FACTS.patient, address=replace(HOME, line=""))),
            "patient.address",
            "patient",
        ),
        (replace(FACTS, patient=replace(FACTS.patient, family_name="李")), "patient.name", "patient"),
        (replace(FACTS, provider=Person("Okafor")), "provider.npi", "provider"),
        (replace(FACTS, charges={}), "line.charge", "charges"),
        (visit(place_of_service_code="", kind="telehealth"), "visit.place_of_service", "visit"),
        (visit(codes=FACTS.visit.codes[2:]), "diagnosis.none", "chart"),
        (visit(codes=CODES), "line.none", "chart"),
        (replace(FACTS, frequency=Frequency.REPLACEMENT), "claim.payer_control_number", "claim"),
        (replace(FACTS, payer=replace(PAYER, filing_code="??")), "claim.form", "claim"),
    ],
)
def test_each_thing_that_is_missing_is_told_where_it_is_mended(facts: Facts, code: str, where: str) -> None:
    found = built(facts)
    assert code in lacks(found)
    assert {one.where for one in found.lacks if one.code == code} == {where}


def test_a_visit_without_a_plan_lacks_that_alone() -> None:
    assert lacks(built(replace(FACTS, coverage=None, payer=None))) == ["coverage.none"]


def test_days_are_the_clients_as_soon_as_one_thing_is() -> None:
    assert party_of(built(visit(codes=CODES)).lacks) == "vendor"
    assert party_of(built(replace(visit(codes=CODES), billing=None)).lacks) == "client"


def fqhc(*codes: str, payer: str = "medicare", place: str = "11") -> Facts:
    return visit(
        client_kind="fqhc",
        codes=services(*codes),
        place_of_service_code=place,
        payer=replace(PAYER, kind=payer),
    )


def test_a_health_center_bills_medicare_with_payment_code_and_qualifying_line() -> None:
    found = built(fqhc("83036", "99213", "G0467"))
    assert (found.form, found.bill_type) == (ClaimForm.INSTITUTIONAL, "771")
    assert [(one.code, one.revenue_code) for one in found.body.lines] == [
        ("G0467", "0521"),
        ("99213", "0521"),
        ("83036", "0521"),
    ]
    content = found.content
    assert content is not None
    assert content.attending is not None
    assert (content.statement_from_on, content.discharge_status_code, content.drg_code) == (DAY, "01", "")
    assert [one.poa for one in content.diagnoses] == ["", ""]


def test_two_visits_of_a_day_each_have_their_line_and_revenue_code() -> None:
    found = built(fqhc("G0467", "G0470", "99213", "90834"))
    assert [(one.code, one.revenue_code) for one in found.body.lines] == [
        ("G0467", "0521"),
        ("99213", "0521"),
        ("G0470", "0900"),
        ("90834", "0900"),
    ]
    assert lacks(found) == []


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        (("99213",), "fqhc.payment_code"),
        (("G0467",), "fqhc.qualifying_line"),
        (("G0467", "83036"), "fqhc.qualifying_line"),
        # One service cannot make two visits.
        (("G0467", "G0470", "99213"), "fqhc.qualifying_line"),
    ],
)
def test_what_would_come_back_unpaid_is_stopped(codes: tuple[str, ...], code: str) -> None:
    assert lacks(built(fqhc(*codes))) == [code]


def test_a_health_center_bills_others_differently() -> None:
    supplement = built(fqhc("G0467", "99213", payer="medicare_advantage"))
    assert [(one.code, one.revenue_code) for one in supplement.body.lines] == [
        ("G0467", "0519"),
        ("99213", "0521"),
    ]
    at_home = built(fqhc("G0467", "99213", place="12"))
    assert [one.revenue_code for one in at_home.body.lines] == ["0522", "0522"]
    assert built(fqhc("99213", payer="medicaid")).form == ClaimForm.PROFESSIONAL


@pytest.mark.parametrize(("frequency", "bill"), [(Frequency.REPLACEMENT, "777"), (Frequency.VOID, "778")])
def test_corrections_of_a_health_center_have_their_type_of_bill(frequency: Frequency, bill: str) -> None:
    facts = replace(fqhc("G0467", "99213"), frequency=frequency, payer_control_number="ICN1")
    found = built(facts)
    assert (found.bill_type, lacks(found)) == (bill, [])
    assert found.content is not None
    assert found.content.payer_control_number == "ICN1"


def stay(**changes: Any) -> Facts:
    values: dict[str, Any] = {
        "client_kind": "hospital",
        "kind": "inpatient",
        "place_of_service_code": "21",
        "discharge_on": date(2026, 9, 18),
        "discharge_status_code": "06",
        "charge_amount": Decimal("18250.40"),
        "drg_code": "470",
        "codes": (*CODES, CodeFact("p1", "px", "ICD-10-PCS", "0DTJ4ZZ", performed_on=date(2026, 9, 16))),
    }
    return visit(**(values | changes))


def test_a_stay_carries_its_group_letters_and_procedures() -> None:
    content = built(stay()).content
    assert content is not None
    assert (content.facility_code, content.drg_code, content.discharge_status_code) == ("11", "470", "06")
    assert (content.admitted_on, content.statement_through_on) == (DAY, date(2026, 9, 18))
    # 1 stands for a condition that needs no letter; a file has nothing for it.
    assert [one.poa for one in content.diagnoses] == ["Y", ""]
    assert [(one.code, one.performed_on) for one in content.procedures] == [("0DTJ4ZZ", date(2026, 9, 16))]
    assert [(one.revenue_code, one.units, one.charge_amount) for one in content.lines] == [
        ("0100", Decimal(3), Decimal("18250.40"))
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"charge_amount": None}, "stay.charge"),
        ({"discharge_on": None}, "visit.discharge_on"),
        ({"discharge_status_code": ""}, "visit.discharge_status"),
        ({"drg_code": ""}, "visit.drg"),
        ({"codes": (*CODES, CodeFact("p1", "px", "ICD-10-PCS", "0DTJ4ZZ"))}, "procedure.day"),
        ({"codes": (replace(CODES[0], poa=""),)}, "diagnosis.poa"),
    ],
)
def test_a_stay_says_what_it_lacks(changes: dict[str, Any], code: str) -> None:
    assert lacks(built(stay(**changes))) == [code]


def test_a_hospital_visit_needs_the_revenue_code_of_each_charge() -> None:
    facts = stay(kind="emergency", codes=services("99213"), discharge_status_code="")
    assert lacks(built(facts)) == ["line.revenue_code"]
    charges = {("99213", ""): ChargeFact("99213", "", Decimal("400.00"), "0450")}
    found = built(replace(facts, charges=charges))
    assert (found.bill_type, lacks(found)) == ("131", [])
    assert found.content is not None
    assert found.content.admission_type == "1"
