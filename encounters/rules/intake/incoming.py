"""What a client's file says, in our words, whatever format it came in.

Grain: one `IncomingUnit` for each thing a sender meant as one message: an HL7 v2 message, a FHIR Encounter
with all that points to it, a CSV row. A unit either carries an encounter or the problems that kept it out.
Nothing here knows the client: which client a file belongs to is decided by the connection it came through.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from encounters.rules.intake.problems import Problem, Severity


class SourceFormat(StrEnum):
    FHIR = "fhir"
    HL7V2 = "hl7v2"
    CSV = "csv"
    ZIP = "zip"
    GZIP = "gzip"
    UNKNOWN = "unknown"


class VisitEvent(StrEnum):
    """Whether the sender states a visit, takes it back (HL7 A11, FHIR `cancelled`) or only its end (A13).

    UPSERT never erases: an empty value means that this message does not say. CANCEL_DISCHARGE does erase
    the end of the visit.
    """

    UPSERT = "upsert"
    CANCEL = "cancel"
    CANCEL_DISCHARGE = "cancel_discharge"


class VisitKind(StrEnum):
    """The encounter's kind, in the words the encounter itself uses."""

    OFFICE = "office"
    TELEHEALTH = "telehealth"
    OUTPATIENT = "outpatient"
    EMERGENCY = "emergency"
    OBSERVATION = "observation"
    INPATIENT = "inpatient"
    SURGERY = "surgery"
    HOME = "home"
    OTHER = "other"


class VisitProgress(StrEnum):
    """`planned` visits have not happened; they are kept but are not work for a coder."""

    PLANNED = "planned"
    OPEN = "open"
    ENDED = "ended"
    UNKNOWN = "unknown"


class Sex(StrEnum):
    """Administrative sex as far as code edits use it; every other answer is unknown to them."""

    FEMALE = "F"
    MALE = "M"
    UNKNOWN = "U"


class DocumentKind(StrEnum):
    """The document's kind, in the words the document itself uses."""

    PROGRESS_NOTE = "progress_note"
    HISTORY_PHYSICAL = "history_physical"
    CONSULT = "consult"
    OPERATIVE = "operative"
    DISCHARGE_SUMMARY = "discharge_summary"
    EMERGENCY = "emergency"
    LAB = "lab"
    IMAGING = "imaging"
    ORDER = "order"
    OTHER = "other"


class DocumentRelation(StrEnum):
    """How a document stands to `parent_external_id`: itself, more of it, or in its place."""

    ORIGINAL = "original"
    ADDENDUM = "addendum"
    REPLACEMENT = "replacement"


@dataclass(frozen=True, slots=True)
class IncomingProvider:
    """A person who gave care. `npi` is empty or passes its check digit; `local_id` is the sender's own."""

    npi: str = ""
    name: str = ""
    local_id: str = ""


@dataclass(frozen=True, slots=True)
class IncomingAddress:
    """A whole address in the United States. `postal_code` is five or nine digits; `state` two letters."""

    line: str
    city: str
    state: str
    postal_code: str
    line_2: str = ""


@dataclass(frozen=True, slots=True)
class IncomingPatient:
    mrn: str
    family_name: str
    given_name: str
    birth_on: date | None
    sex: Sex = Sex.UNKNOWN
    contact: str = ""
    address: IncomingAddress | None = None


def discharge_status(said: str) -> str:
    """The two digits of a discharge status as a sender writes it, its leading zero put back; else empty."""
    text = said.strip()
    return text.zfill(2) if text.isascii() and text.isdigit() and 0 < int(text) < 100 else ""


@dataclass(frozen=True, slots=True)
class IncomingVisit:
    """One visit or stay.

    `external_id` is the sender's visit number, empty when it sends none: then match on the patient and
    `started_at` (or `service_on`), keyed by HMAC because it would hold an MRN.
    `service_on` is the date at the place of care; `service_on_assumed` tells that it stands in for a date
    the message does not state, and must not replace a stated one. `started_at` and `ended_at` always carry
    an offset. `discharge_status_code` is that of the claim (UB-04 locator 17), two digits, or empty.
    `rendering` is None unless stated; readers may fall back on `attending`.
    """

    external_id: str
    service_on: date | None
    service_on_assumed: bool = False
    kind: VisitKind = VisitKind.OTHER
    progress: VisitProgress = VisitProgress.UNKNOWN
    specialty: str = ""
    place_of_service_code: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    discharge_on: date | None = None
    discharge_status_code: str = ""
    facility_name: str = ""
    facility_npi: str = ""
    attending: IncomingProvider | None = None
    rendering: IncomingProvider | None = None


@dataclass(frozen=True, slots=True)
class IncomingSubscriber:
    """Who holds the plan where it is not the patient."""

    family_name: str
    given_name: str = ""
    birth_on: date | None = None
    sex: Sex = Sex.UNKNOWN
    address: IncomingAddress | None = None


@dataclass(frozen=True, slots=True)
class IncomingCoverage:
    """`relationship` is that of the patient to the subscriber (X12 data element 1069), empty when not said;
    `subscriber` is set only when it says somebody else than the patient."""

    payer_name: str = ""
    member_id: str = ""
    plan_type: str = ""
    payer_identifier: str = ""
    group_number: str = ""
    relationship: str = ""
    subscriber: IncomingSubscriber | None = None


@dataclass(frozen=True, slots=True)
class IncomingDocument:
    """One note. `text` is exactly what was sent: evidence offsets will count its code points."""

    external_id: str
    kind: DocumentKind
    title: str
    text: str
    authored_at: datetime | None = None
    author: str = ""
    mime: str = "text/plain"
    relation: DocumentRelation = DocumentRelation.ORIGINAL
    parent_external_id: str = ""


@dataclass(frozen=True, slots=True)
class IncomingEncounter:
    """A visit as one message states it. Amounts in US dollars, two decimals; codes without dots.

    The gate (`checking.finish`) has made sure of: MRN, family name, birth date, date of service, and dates in
    order; for a CANCEL only of the MRN and the visit number.
    """

    event: VisitEvent
    patient: IncomingPatient
    visit: IncomingVisit
    coverage: IncomingCoverage | None = None
    documents: tuple[IncomingDocument, ...] = ()
    total_charge_amount: Decimal | None = None
    provider_charge_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncomingUnit:
    """One message, bundle entry or row.

    `place` says where in the file it stands ("message 3", "Bundle.entry[3]", "row 12").
    `message_key` is the sender's own identity of the message; where the format has none (CSV rows, bundles
    without an id) it is derived from the content, so that the same content is the same message.
    `digest` is the SHA-256 (hex) of the content: same key with another digest is a conflict.
    `encounter` is None when a problem of severity REJECT is present, and in notices about the file.
    """

    place: str
    source_format: SourceFormat
    message_key: str
    digest: str
    encounter: IncomingEncounter | None
    problems: tuple[Problem, ...] = ()

    @property
    def rejected(self) -> bool:
        """True when the whole unit was kept out."""
        return any(problem.severity is Severity.REJECT for problem in self.problems)

    @property
    def is_notice(self) -> bool:
        """True when the unit only tells something about the file (an ignored column, a wrong count)."""
        return self.encounter is None and not self.rejected

    def placed_in(self, container: str) -> IncomingUnit:
        """The same unit with its places put inside a member of an archive ("member 3, message 1")."""
        return replace(
            self,
            place=f"{container}, {self.place}",
            problems=tuple(replace(one, place=f"{container}, {one.place}") for one in self.problems),
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """What intake accepts before it reads further. Sizes in bytes.

    The defaults stand for one client's daily file; an operator may raise them for a first load.
    """

    json_bytes: int = 64 * 1024 * 1024
    message_bytes: int = 32 * 1024 * 1024
    field_bytes: int = 10 * 1024 * 1024
    archive_bytes: int = 200 * 1024 * 1024
    archive_ratio: int = 100
    archive_members: int = 1_000
