"""Loop 2300 of a professional claim (005010X222A1)."""

from __future__ import annotations

from typing import Any

from x12sdk.v5010.x12_837_005010X222A2.loops import Loop2300

from claims.rules.content import ClaimContent, ServiceLine
from claims.rules.x12.write_parts import (
    CannotWrite,
    Fields,
    address_fields,
    code_sets,
    day_or_period,
    diagnosis,
    line_number,
    number,
    organization_name,
    person_name,
    procedure,
    references,
    taxonomy,
)

MOST_DIAGNOSES, MOST_LINES, MOST_POINTERS = 12, 50, 4


def professional(content: ClaimContent) -> Loop2300:
    """The claim's own loop.

    Raises:
        CannotWrite: more lines, diagnoses or pointers than the form has, or a line without its day.
    """
    _refuse_what_does_not_fit(content)
    dates = [] if content.admitted_on is None else [day_or_period("435", content.admitted_on, None)]
    parties: dict[str, Any] = {}
    if content.rendering is not None:
        name = {"nm1_segment": person_name("82", content.rendering, "XX")}
        parties["loop_2310b"] = {**name, **taxonomy("PE", content.rendering.taxonomy_code)}
    if content.service_facility is not None:
        place = {"nm1_segment": organization_name("77", content.service_facility, "XX")}
        parties["loop_2310c"] = {**place, **address_fields(content.service_facility.address)}
    codes = [
        diagnosis("ABK" if place == 0 else "ABF", one.code) for place, one in enumerate(content.diagnoses)
    ]
    return Loop2300.model_validate(
        {
            "clm_segment": _clm(content),
            "dtp_segment": dates or None,
            "ref_segment": references(content) or None,
            "hi_segment": code_sets(codes),
            **parties,
            "loop_2400": [_line(content, one) for one in content.lines],
        }
    )


def _clm(content: ClaimContent) -> Fields:
    return {
        "patient_control_number": content.control_number,
        "total_claim_charge_amount": number(content.total_charge_amount),
        "health_care_service_location_information": f"{content.facility_code}:B:{content.frequency.value}",
        "provider_or_supplier_signature_indicator": "Y",
        "provider_accept_assignment_code": "A",
        "benefit_assignment_certification_indicator": "Y",
        "release_of_information_code": "Y",
    }


def _line(content: ClaimContent, line: ServiceLine) -> Fields:
    if line.service_on is None:
        raise CannotWrite(content.control_number, f"line {line.number}", "has no day of service.")
    return {
        "lx_segment": {"assigned_number": str(line.number)},
        "sv1_segment": {
            "product_service_id_qualifier": procedure(line.code, line.modifiers),
            "line_item_charge_amount": number(line.charge_amount),
            "unit_basis_measurement_code": "UN",
            "service_unit_count": number(line.units),
            "place_of_service_code": line.place_of_service_code or None,
            "composite_diagnosis_code_pointer": ":".join(str(one) for one in line.pointers),
        },
        "dtp_segment": [day_or_period("472", line.service_on, line.service_through_on)],
        "ref_segment": line_number(line.number),
    }


def _refuse_what_does_not_fit(content: ClaimContent) -> None:
    number_of, most = content.control_number, len(content.diagnoses)
    if not 1 <= most <= MOST_DIAGNOSES:
        raise CannotWrite(number_of, "diagnoses", f"a professional claim has 1 to {MOST_DIAGNOSES}.")
    if not 1 <= len(content.lines) <= MOST_LINES:
        raise CannotWrite(number_of, "lines", f"a professional claim has 1 to {MOST_LINES}.")
    for line in content.lines:
        if not 1 <= len(line.pointers) <= MOST_POINTERS or any(not 1 <= one <= most for one in line.pointers):
            raise CannotWrite(
                number_of, f"line {line.number}", f"points at 1 to {MOST_POINTERS} of the diagnoses."
            )
        if line.rendering_npi and line.rendering_npi != getattr(content.rendering, "identifier", ""):
            raise CannotWrite(
                number_of,
                f"line {line.number}",
                "another provider than the claim's needs a claim of its own.",
            )
