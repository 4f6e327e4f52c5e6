"""One claim as data: what an 837 carries, whoever writes or reads it.

The writer of 837 files takes it, the reader gives it, and it is stored sealed with the claim, so that what
was sent can be shown and compared years later.  Money is Decimal in dollars, codes are without dots.  What a
claim does not carry is the empty text, an empty tuple or ``None``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints


class ClaimForm(StrEnum):
    """Which transaction carries the claim; the values are those of the database column."""

    PROFESSIONAL = "837P"
    INSTITUTIONAL = "837I"


class Frequency(StrEnum):
    """Claim frequency code (CLM05-3), the last character of the type of bill."""

    ORIGINAL = "1"
    REPLACEMENT = "7"
    VOID = "8"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address.  ``postal_code``: five or nine digits, no hyphen."""

    line: str
    city: str
    state: str
    postal_code: str
    line_2: str = ""


@dataclass(frozen=True, slots=True)
class Organization:
    """A provider organization, payer, submitter or receiver.

    ``identifier`` is the NPI of a provider, the payer's id, or the submitter's or receiver's electronic id.
    """

    name: str
    identifier: str
    tax_id: str = ""
    taxonomy_code: str = ""
    address: Address | None = None
    contact_name: str = ""
    contact_phone: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A patient, a subscriber or a provider.  ``sex`` is F, M or U; ``identifier``: member id or NPI."""

    family_name: str
    given_name: str = ""
    middle_name: str = ""
    identifier: str = ""
    birth_on: date | None = None
    sex: str = ""
    address: Address | None = None
    taxonomy_code: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis, without its dot.

    ``role``: principal, other, admitting, reason_for_visit or external_cause; the first of a professional
    claim is its principal.  ``key``: our code assignment, empty for a claim that was read.
    """

    code: str
    role: str = "other"
    poa: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    """One ICD-10-PCS procedure of an institutional claim, the first is the principal one."""

    code: str
    performed_on: date | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service line.  ``pointers``: numbers of diagnoses from 1, professional claims only."""

    number: int
    code: str
    charge_amount: Decimal
    units: Decimal
    service_on: date | None
    modifiers: tuple[str, ...] = ()
    pointers: tuple[int, ...] = ()
    revenue_code: str = ""
    place_of_service_code: str = ""
    service_through_on: date | None = None
    rendering_npi: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class ClaimContent:
    """Everything of one claim.

    Attributes:
        control_number: ours (CLM01), returned by every acknowledgement and remittance.
        facility_code: place of service, or the first two digits of the type of bill (``77`` of ``771``).
        payer_control_number: the payer's own number of the claim that a replacement or void is about.
        filing_code: SBR09, as MB, MC, CI.  ``payer_order``: P, S or T.
        relationship: 18 when the patient is the subscriber, else the code of PAT01; then ``patient`` is set.
        attending, rendering: people with an NPI; ``service_facility`` where it is not the billing provider.
        admitted_on, statement_from_on, statement_through_on, discharge_status_code, admission_type: 837I.
    """

    form: ClaimForm
    control_number: str
    frequency: Frequency
    facility_code: str
    total_charge_amount: Decimal
    billing: Organization
    payer: Organization
    subscriber: Person
    diagnoses: tuple[Diagnosis, ...]
    lines: tuple[ServiceLine, ...]
    payer_control_number: str = ""
    filing_code: str = ""
    payer_order: str = "P"
    relationship: str = "18"
    group_number: str = ""
    patient: Person | None = None
    rendering: Person | None = None
    attending: Person | None = None
    service_facility: Organization | None = None
    procedures: tuple[Procedure, ...] = ()
    drg_code: str = ""
    admitted_on: date | None = None
    statement_from_on: date | None = None
    statement_through_on: date | None = None
    discharge_status_code: str = ""
    admission_type: str = ""
    admission_source: str = ""
    prior_authorization: str = ""


def to_json(content: ClaimContent) -> str:
    """The claim as JSON text, for the sealed column: amounts as texts, dates in ISO form."""
    return json.dumps(content, default=_plain, separators=(",", ":"))


def from_json(text: str) -> ClaimContent:
    """The claim again.

    Raises:
        ValueError, KeyError: the text is not what :func:`to_json` wrote.
    """
    found: ClaimContent = _read(ClaimContent, json.loads(text))
    return found


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        # Shallow; what lies in it comes here in turn.  ``asdict`` copies deeply and takes ten times as long.
        return {one.name: getattr(value, one.name) for one in fields(value)}
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} does not belong in a claim.")


def _read(kind: Any, value: Any) -> Any:
    """A stored value as the kind that its field declares."""
    if value is None:
        return None
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], one) for one in value)
    options = [one for one in get_args(kind) if one is not type(None)]
    if options:
        return _read(options[0], value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{one.name: _read(hints[one.name], value[one.name]) for one in fields(kind)})
    if kind is Decimal:
        return Decimal(value)
    if kind is date:
        return date.fromisoformat(value)
    return kind(value)
