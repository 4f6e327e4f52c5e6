"""The parts that professional and institutional claims share, as fields of the write models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from x12sdk.v5010.segments import DmgSegment

from claims.rules.content import Address, ClaimContent, Organization, Person
from claims.rules.x12.parts import Problem
from claims.rules.x12.text import DELIMITERS

Fields = Mapping[str, Any]


class CannotWrite(ValueError):
    """A claim that no file can carry.

    Attributes:
        control_number: which claim.
        place: loop or segment and field; never a value.
    """

    def __init__(self, control_number: str, place: str, message: str) -> None:
        super().__init__(f"Claim {control_number}: {place}: {message}")
        self.control_number = control_number
        self.place = place
        self.message = message

    @property
    def problem(self) -> Problem:
        """As every other problem of a file."""
        return Problem("claim.form", self.place, f"The form cannot carry this: it {self.message}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends a file to whom, and its numbers.

    Attributes:
        sender_id, receiver_id: ISA06 and ISA08, at most 15 characters, qualifier ZZ; also GS02 and GS03.
        submitter: name, electronic id and contact (loop 1000A); ``receiver``: name and id (loop 1000B).
        interchange_number: ISA13, 1 to 999999999; the group takes the same number.
        made_at: local time of the sender.
        is_test: ISA15 T, else P.
    """

    sender_id: str
    receiver_id: str
    submitter: Organization
    receiver: Organization
    interchange_number: int
    made_at: datetime
    is_test: bool


class Demographics(DmgSegment):
    """DMG of a person whose sex may be unknown, which the guide has (``U``) and the model has not."""

    gender_code: Literal["F", "M", "U"] | None = None  # type: ignore[assignment]


def ymd(day: date) -> str:
    """``CCYYMMDD``."""
    return day.strftime("%Y%m%d")


def number(value: Decimal) -> Decimal:
    """An amount or quantity without the zeros at its end that the standard forbids."""
    return value.normalize() if value else Decimal(0)


def organization_name(
    role: str, one: Organization, qualifier: str, *, entity_type: str = "2"
) -> dict[str, str | None]:
    """Fields of an NM1 of an organization; without an identifier there is no qualifier either."""
    return {
        "entity_identifier_code": role,
        "entity_type_qualifier": entity_type,
        "name_last_or_organization_name": one.name,
        "identification_code_qualifier": qualifier if one.identifier else None,
        "identification_code": one.identifier or None,
    }


def person_name(role: str, one: Person, qualifier: str) -> dict[str, str | None]:
    """Fields of an NM1 of a person."""
    return {
        "entity_identifier_code": role,
        "entity_type_qualifier": "1",
        "name_last_or_organization_name": one.family_name,
        "name_first": one.given_name or None,
        "name_middle": one.middle_name or None,
        "identification_code_qualifier": qualifier if one.identifier else None,
        "identification_code": one.identifier or None,
    }


def address_fields(address: Address | None) -> dict[str, Fields]:
    """N3 and N4, or nothing."""
    if address is None:
        return {}
    return {
        "n3_segment": {
            "address_information_1": address.line,
            "address_information_2": address.line_2 or None,
        },
        "n4_segment": {
            "city_name": address.city,
            "state_province_code": address.state,
            "postal_code": address.postal_code,
        },
    }


def demographics(one: Person) -> dict[str, Demographics]:
    """DMG, or nothing when the birth date is not carried."""
    if one.birth_on is None:
        return {}
    fields = {
        "date_time_period_format_qualifier": "D8",
        "date_time_period": ymd(one.birth_on),
        "gender_code": one.sex or "U",
    }
    return {"dmg_segment": Demographics.model_validate(fields)}


def taxonomy(role: str, code: str) -> dict[str, Fields]:
    """PRV with a taxonomy code, or nothing."""
    if not code:
        return {}
    return {
        "prv_segment": {
            "provider_code": role,
            "reference_identification_qualifier": "PXC",
            "reference_identification": code,
        }
    }


def references(content: ClaimContent) -> list[Fields]:
    """REF of loop 2300: prior authorization, and the payer's number of the claim this one is about."""
    found = [("G1", content.prior_authorization), ("F8", content.payer_control_number)]
    return [
        {"reference_identification_qualifier": qualifier, "reference_identification": value}
        for qualifier, value in found
        if value
    ]


def day_or_period(qualifier: str, first: date, last: date | None) -> Fields:
    """A DTP of one day (D8), or of a period (RD8) when it ends on another day."""
    if last is None or last == first:
        return {
            "date_time_qualifier": qualifier,
            "date_time_period_format_qualifier": "D8",
            "date_time_period": ymd(first),
        }
    return period(qualifier, first, last)


def period(qualifier: str, first: date, last: date) -> Fields:
    """A DTP of a period, also of a single day."""
    return {
        "date_time_qualifier": qualifier,
        "date_time_period_format_qualifier": "RD8",
        "date_time_period": f"{ymd(first)}-{ymd(last)}",
    }


def procedure(code: str, modifiers: tuple[str, ...]) -> str:
    """SV101 or SV202: a HCPCS code with its modifiers."""
    return ":".join(("HC", code, *modifiers))


def diagnosis(qualifier: str, code: str, poa: str = "") -> list[str]:
    """One composite of HI; the present-on-admission letter is its ninth component."""
    return [qualifier, code] if not poa else [qualifier, code, "", "", "", "", "", "", poa]


def code_sets(codes: list[list[str]], each: int = 12) -> list[Fields]:
    """HI segments of at most ``each`` codes."""
    return [
        {f"health_care_code_{place}": one for place, one in enumerate(codes[start : start + each], start=1)}
        for start in range(0, len(codes), each)
    ]


def line_number(number_of: int) -> list[Fields]:
    """REF 6R of a line: the payer returns it with what it decided of the line."""
    return [
        {"reference_identification_qualifier": "6R", "reference_identification": str(number_of)},
    ]


def refuse_delimiters(control_number: str, values: object) -> None:
    """Stop a text that would end its element early.  ``values``: a claim, or parts of an envelope.

    Raises:
        CannotWrite: names the field, never its value.
    """
    for place, value in _texts(values, ""):
        if any(one in value for one in DELIMITERS) or not value.isascii() or not value.isprintable():
            raise CannotWrite(control_number, place, "holds a character that X12 cannot carry.")


def _texts(value: object, place: str) -> list[tuple[str, str]]:
    """Every text of a claim with its dotted place."""
    if isinstance(value, str):
        return [(place, value)]
    if isinstance(value, (tuple, list)):
        return [pair for index, one in enumerate(value, 1) for pair in _texts(one, f"{place}[{index}]")]
    names = getattr(value, "__dataclass_fields__", None)
    if names is None:
        return []
    return [pair for name in names for pair in _texts(getattr(value, name), f"{place}.{name}".lstrip("."))]
