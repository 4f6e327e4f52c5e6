"""What a claim is made of, as the database holds it; nothing here was judged yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from claims.rules.content import Address, Frequency, Organization, Person

SELF = "18"


@dataclass(frozen=True, slots=True)
class CodeFact:
    """One code of the finished version, in claim order within its kind (``dx`` or ``px``).

    ``pointers``: keys of diagnoses.  ``performed_on``: day of a procedure, where a cited report says it.
    """

    key: str
    kind: str
    system: str
    code: str
    modifiers: tuple[str, ...] = ()
    units: int = 1
    poa: str = ""
    pointers: tuple[str, ...] = ()
    performed_on: date | None = None


@dataclass(frozen=True, slots=True)
class ChargeFact:
    """What the client charges on the day of the visit for a code, with a modifier or without."""

    code: str
    modifier: str
    amount: Decimal
    revenue_code: str = ""


@dataclass(frozen=True, slots=True)
class VisitFact:
    """The visit: ``kind`` and ``client_kind`` are the values of the database columns.

    ``charge_amount``: of the whole account, as the sender told it; ``drg_code`` three digits or empty.
    """

    client_kind: str
    kind: str
    place_of_service_code: str
    service_on: date
    discharge_on: date | None
    discharge_status_code: str
    charge_amount: Decimal | None
    codes: tuple[CodeFact, ...]
    drg_code: str = ""


@dataclass(frozen=True, slots=True)
class CoverageFact:
    """Whose plan it is.  ``subscriber`` is ``None`` when the patient is, or when the sender named nobody."""

    member_id: str
    relationship: str
    group_number: str
    subscriber: Person | None


@dataclass(frozen=True, slots=True)
class PayerFact:
    """The payer as the client's set-up knows it."""

    kind: str
    name: str
    payer_id: str
    filing_code: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it.  ``None`` where the database has nothing; problems are told, never raised."""

    control_number: str
    visit: VisitFact
    patient: Person
    coverage: CoverageFact | None
    payer: PayerFact | None
    billing: Organization | None
    provider: Person | None
    charges: Mapping[tuple[str, str], ChargeFact]
    frequency: Frequency = Frequency.ORIGINAL
    payer_control_number: str = ""


@dataclass(frozen=True, slots=True)
class BillType:
    """A row of ``bill_types.toml``: which claims it is for, and what they state.

    ``rules``: ``fqhc``, ``stay`` or ``outpatient``.  ``form``: ``837I``.
    """

    clients: frozenset[str]
    visits: frozenset[str]
    payers: frozenset[str]
    form: str
    facility_code: str
    rules: str
    admission_type: str
    admission_source: str
    discharge_status_code: str


@dataclass(frozen=True, slots=True)
class FqhcTerms:
    """Payment codes by kind of visit, services that qualify for each, and revenue codes."""

    kinds: Mapping[str, str]
    qualifying: Mapping[str, frozenset[str]]
    revenue: Mapping[str, str]
    revenue_by_place: Mapping[str, str]
    supplement_revenue: str
    supplement_payers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Terms:
    """What assembly is told by data."""

    bills: tuple[BillType, ...]
    stay_revenue_code: str
    place_of_service: Mapping[str, str]
    admitted_places: frozenset[str]
    external_cause: tuple[str, ...]
    exempt_poa: str
    fqhc: FqhcTerms


@dataclass(frozen=True, slots=True)
class Lack:
    """What keeps a claim from being written.

    Attributes:
        code: stable, as ``patient.address``.
        place: where on the claim, in words: "Patient", "Line 2, 83036".
        message: what is wrong and what to do; no patient data.
        where: it is mended at: ``patient``, ``provider``, ``visit`` and ``coverage`` by the sender of the
            chart, ``payer``, ``charges`` and ``profile`` in the set-up, ``chart`` by the coder, ``claim``
            here.
    """

    code: str
    place: str
    message: str
    where: str


MENDED_BY_VENDOR = frozenset({"chart", "claim"})
"""What our coders can mend; everything else is the client's."""


def party_of(lacks: tuple[Lack, ...]) -> str:
    """Whose days these are: the client's as soon as one of them is for the client to mend."""
    return "vendor" if all(one.where in MENDED_BY_VENDOR for one in lacks) else "client"


def whole(address: Address | None) -> bool:
    """Whether an address has everything but a second line."""
    return address is not None and all(
        (address.line, len(address.city) > 1, len(address.state) == 2, len(address.postal_code) in (5, 9))
    )
