"""Loop 2300 of an institutional claim (005010X223A2)."""

from __future__ import annotations

from typing import Any, Final

from x12sdk.v5010.x12_837_005010X223A3.loops import Loop2300

from claims.rules.content import ClaimContent, Diagnosis, ServiceLine
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
    period,
    person_name,
    procedure,
    references,
    taxonomy,
    ymd,
)

MOST_LINES, MOST_OTHER_DIAGNOSES, MOST_PROCEDURES = 50, 24, 25
MOST_REASONS, MOST_CAUSES = 3, 12
_QUALIFIERS: Final = {
    "principal": "ABK",
    "admitting": "ABJ",
    "reason_for_visit": "APR",
    "external_cause": "ABN",
    "other": "ABF",
}
_MOST: Final = {
    "principal": 1,
    "admitting": 1,
    "reason_for_visit": MOST_REASONS,
    "external_cause": MOST_CAUSES,
    "other": MOST_OTHER_DIAGNOSES,
}
_IN_DAYS: Final = ("01", "02")
"""First digits of revenue codes 0100 to 0219, room and board: counted in days, every other in units."""


def institutional(content: ClaimContent) -> Loop2300:
    """The claim's own loop.

    Raises:
        CannotWrite: more lines or codes than the form has, or no statement dates, type of admission or
            discharge status.
    """
    first, last = content.statement_from_on, content.statement_through_on
    if first is None or last is None:
        raise CannotWrite(content.control_number, "statement dates", "are missing.")
    _refuse_what_does_not_fit(content)
    dates = [period("434", first, last)]
    if content.admitted_on is not None:
        dates.append(day_or_period("435", content.admitted_on, None))
    parties: dict[str, Any] = {}
    if content.attending is not None:
        name = {"nm1_segment": person_name("71", content.attending, "XX")}
        parties["loop_2310a"] = {**name, **taxonomy("AT", content.attending.taxonomy_code)}
    if content.rendering is not None:
        parties["loop_2310d"] = {"nm1_segment": person_name("82", content.rendering, "XX")}
    if content.service_facility is not None:
        place = {"nm1_segment": organization_name("77", content.service_facility, "XX")}
        parties["loop_2310e"] = {**place, **address_fields(content.service_facility.address)}
    return Loop2300.model_validate(
        {
            "clm_segment": _clm(content),
            "dtp_segment": dates,
            "cl1_segment": {
                "admission_type_code": content.admission_type,
                "admission_source_code": content.admission_source or None,
                "patient_status_code": content.discharge_status_code,
            },
            "ref_segment": references(content) or None,
            "hi_segment": _codes(content),
            **parties,
            "loop_2400": [_line(one) for one in content.lines],
        }
    )


def _clm(content: ClaimContent) -> Fields:
    return {
        "patient_control_number": content.control_number,
        "total_claim_charge_amount": number(content.total_charge_amount),
        "health_care_service_location_information": f"{content.facility_code}:A:{content.frequency.value}",
        "provider_accept_assignment_code": "A",
        "benefit_assignment_certification_indicator": "Y",
        "release_of_information_code": "Y",
    }


def _codes(content: ClaimContent) -> list[Fields]:
    """HI segments in the order of the guide: each kind of code begins its own segment."""
    found: list[Fields] = []
    for role in ("principal", "admitting", "reason_for_visit", "external_cause"):
        found += code_sets([_diagnosis(one) for one in content.diagnoses if one.role == role])
    if content.drg_code:
        found += code_sets([["DR", content.drg_code]])
    found += code_sets([_diagnosis(one) for one in content.diagnoses if one.role == "other"])
    procedures = [
        [
            "BBR" if place == 0 else "BBQ",
            one.code,
            *(["D8", ymd(one.performed_on)] if one.performed_on else []),
        ]
        for place, one in enumerate(content.procedures)
    ]
    return found + code_sets(procedures[:1]) + code_sets(procedures[1:])


def _diagnosis(one: Diagnosis) -> list[str]:
    return diagnosis(_QUALIFIERS[one.role], one.code, one.poa)


def _line(line: ServiceLine) -> Fields:
    fields: dict[str, Any] = {
        "lx_segment": {"assigned_number": str(line.number)},
        "sv2_segment": {
            "service_line_revenue_code": line.revenue_code,
            "composite_medical_procedure_identifier": (
                procedure(line.code, line.modifiers) if line.code else None
            ),
            "line_item_charge_amount": number(line.charge_amount),
            "measurement_code": "DA" if line.revenue_code.startswith(_IN_DAYS) else "UN",
            "service_unit_count": number(line.units),
        },
        "ref_segment": line_number(line.number),
    }
    if line.service_on is not None:
        fields["dtp_segment"] = day_or_period("472", line.service_on, None)
    return fields


def _refuse_what_does_not_fit(content: ClaimContent) -> None:
    which = content.control_number
    if not 1 <= len(content.lines) <= MOST_LINES:
        raise CannotWrite(which, "lines", f"an institutional claim has 1 to {MOST_LINES} here.")
    if len(content.procedures) > MOST_PROCEDURES:
        raise CannotWrite(which, "procedures", f"an institutional claim has at most {MOST_PROCEDURES}.")
    for role, most in _MOST.items():
        if sum(one.role == role for one in content.diagnoses) > most:
            raise CannotWrite(which, f"diagnoses ({role})", f"an institutional claim has at most {most}.")
    if not content.admission_type or not content.discharge_status_code:
        raise CannotWrite(which, "CL1", "type of admission and discharge status are missing.")
    for line in content.lines:
        if not line.revenue_code:
            raise CannotWrite(which, f"line {line.number}", "has no revenue code.")
        if line.service_through_on not in (None, line.service_on):
            raise CannotWrite(which, f"line {line.number}", "an institutional line carries one day.")
