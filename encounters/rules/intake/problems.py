"""What can be wrong with a received file, said without repeating any of its content.

A problem names a place (segment and field, JSON path, row and column), a field of ours, a code and a fixed
sentence. The sentence comes from `MEANINGS` and is never built from the payload, and places are built from
structure and numbers only, so no problem can carry a name, a number or a word of a patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much is lost: the whole unit, a part of it (one document), or nothing that coding needs."""

    REJECT = "reject"
    PART = "part"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a unit, or a part of it, was not taken as sent."""

    severity: Severity
    place: str
    field: str
    code: str
    message: str


MEANINGS: dict[str, str] = {
    # the file
    "empty_file": "The file holds no data.",
    "unknown_format": "The file is neither FHIR JSON, HL7 v2, CSV nor a zip of these.",
    "ccda_unsupported": "C-CDA and other XML documents are not read yet.",
    "x12_unsupported": "X12 files (837, 835, 277CA, 999) are claims and answers: send them on Claims, Files.",
    "pdf_unsupported": "PDF files carry no text that codes can be tied to.",
    "encoding_utf16": "The file is UTF-16. Save it as UTF-8 and send it again.",
    "encoding": "The bytes are not valid in the declared character set (UTF-8 unless declared).",
    "too_large": "The file, message, row or field is larger than the limit.",
    "too_deep": "The JSON is nested deeper than any real resource.",
    # archives
    "archive_damaged": "The archive is damaged, encrypted or uses a method other than store and deflate.",
    "archive_bomb": "The archive unpacks to more than the allowed size or ratio.",
    "archive_members": "The archive holds more members than allowed.",
    "archive_path": "A member's name is absolute, leaves the archive, is a link, or appears twice.",
    "archive_nested": "Archives inside archives are not opened.",
    "archive_no_data": "The archive holds no encounters CSV and no FHIR or HL7 file.",
    "archive_ambiguous": "The archive holds several CSV files and none is named encounters.csv.",
    # structure
    "invalid_json": "The text is not valid JSON (RFC 8259).",
    "invalid_resource": "The element does not follow FHIR R4.",
    "not_fhir": "The JSON is not a FHIR resource.",
    "header_incomplete": "The message header (MSH) is cut short or names no delimiters.",
    "control_id_missing": "MSH-10 (message control id) is empty.",
    "unsupported_version": "The HL7 version (MSH-12) is not 2.x.",
    "unsupported_type": "This message type carries no encounter and is not read.",
    "unsupported_event": "This event withdraws or changes a person or document; a person must decide.",
    "identity_change": "Merge, move and link events change identities; a person must decide.",
    "version_missing": "MSH-12 (version) is empty; read as 2.x.",
    "not_production": "MSH-11 marks the message as training or debugging.",
    "segment_missing": "A segment that the message needs is missing.",
    "segment_broken": "A line break inside a segment was kept as text.",
    "outside_message": "There are bytes before the first message header.",
    "batch_count": "The count in the batch trailer differs from the messages received.",
    "missing_columns": "Required columns are missing from the header row.",
    "duplicate_column": "A column appears twice in the header row.",
    "unknown_column": "A column of the header row is not known and is ignored.",
    "wrong_column_count": "The row has more or fewer fields than the header; check quotes and delimiters.",
    "csv_syntax": "The row is not valid CSV (quotes).",
    # facts
    "required_missing": "A required value is empty.",
    "visit_number_missing": "There is no visit number; the visit is matched by patient and start instead.",
    "bad_date": "The value is not a full date or time in a documented form.",
    "bad_number": "The value is not a number in a documented form.",
    "bad_choice": "The value is not one of the documented choices.",
    "bad_npi": "The NPI fails its check digit and is left out.",
    "bad_code": "The value is not shaped like a procedure code.",
    "excel_number": "A spreadsheet rewrote this identifier as a number. Format the column as text.",
    "excel_date": "A spreadsheet wrote this date as a serial number. Format the column as a date.",
    "too_long": "The value is longer than the limit.",
    "control_character": "The value holds control characters or broken Unicode.",
    "dates_out_of_order": "The dates contradict each other (end before start, or service before birth).",
    "date_assumed": "The date of service was taken from another date of the message.",
    "address_incomplete": "The address is not a whole one in the United States and is left out.",
    "subscriber_incomplete": "The plan is somebody else's, and no usable name says whose.",
    "unknown_currency": "The amount is not in US dollars and is left out.",
    # what is known already
    "message_conflict": "A message with this number came before with other content.",
    "patient_mismatch": "The record number belongs to a patient of another name and birth date.",
    "visit_of_another_patient": "The visit number belongs to a visit of another patient.",
    "visit_unknown": "The visit that is taken back was never received.",
    "visit_cancelled": "The visit was taken back before, and this message does not state it again.",
    "visit_final": "The visit's codes are final; a person must decide what this changes.",
    # FHIR links
    "no_encounter": "The file holds no Encounter resource.",
    "patient_missing": "The Encounter's patient is not in the file.",
    "reference_missing": "A referenced resource is not in the file; what it would add is left out.",
    "document_without_encounter": "The document names no encounter of this file.",
    "document_withdrawn": "The document is superseded or entered in error and is not taken.",
    # documents
    "document_without_text": "The message announces a document but carries no text.",
    "document_not_text": "The document is not plain text (PDF, image, RTF, XML, ...).",
    "document_not_inline": "The document is a link, not inline text.",
    "document_html": "The HTML document uses more than paragraphs, lists, emphasis and line breaks.",
    "document_encoding": "The document's text can't be decoded.",
    "document_empty": "The document holds no text.",
    "note_missing": "The note file named in the row was not found.",
    "note_path": "The note file's name leaves the folder of notes.",
}
"""Every code with its sentence. docs/intake.md lists the same codes; a test compares the two."""


def problem(severity: Severity, code: str, place: str, field: str = "") -> Problem:
    """A problem with its fixed sentence. `code` is a key of `MEANINGS` (KeyError otherwise)."""
    return Problem(severity=severity, place=place, field=field, code=code, message=MEANINGS[code])


def reject(code: str, place: str, field: str = "") -> Problem:
    """A problem that keeps the whole unit out."""
    return problem(Severity.REJECT, code, place, field)


def part(code: str, place: str, field: str = "") -> Problem:
    """A problem that keeps one document out while the rest of the unit is taken."""
    return problem(Severity.PART, code, place, field)


def warn(code: str, place: str, field: str = "") -> Problem:
    """A problem worth telling that keeps nothing out which coding needs."""
    return problem(Severity.WARN, code, place, field)
