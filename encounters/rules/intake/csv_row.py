"""From one CSV row to an encounter: which column means what, and what spreadsheets do to values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from encounters.rules.intake import registration
from encounters.rules.intake.incoming import (
    DocumentKind,
    IncomingAddress,
    IncomingCoverage,
    IncomingDocument,
    IncomingEncounter,
    IncomingPatient,
    IncomingProvider,
    IncomingVisit,
    Sex,
    VisitEvent,
    VisitKind,
    VisitProgress,
    discharge_status,
)
from encounters.rules.intake.notes import NoteError, NoteSource
from encounters.rules.intake.problems import Problem, part, reject, warn
from encounters.rules.intake.registration import held_by
from encounters.rules.intake.values import money, plain_date, plain_time, procedure_code, utf8

Choice = TypeVar("Choice", bound=StrEnum)

# 1.23457E+15 and 12345.0: digits are already lost, or about to be.
_EXCEL_NUMBER = re.compile(r"\d+(?:\.\d+)?[eE]\+?\d+|\d+\.0+", re.ASCII)
_EXCEL_DATE = re.compile(r"\d{4,5}(?:\.\d+)?", re.ASCII)
_EXCEL_TEXT = re.compile(r'="([^"]*)"')
_SEXES = {"f": Sex.FEMALE, "female": Sex.FEMALE, "m": Sex.MALE, "male": Sex.MALE}
_ADDRESS = {
    "line": "address_line",
    "line_2": "address_line_2",
    "city": "city",
    "state": "state",
    "postal_code": "postal_code",
}
_OTHER_SEXES = ("", "u", "unknown", "o", "other", "x")
_STATUSES = {
    "": (VisitEvent.UPSERT, VisitProgress.UNKNOWN),
    "planned": (VisitEvent.UPSERT, VisitProgress.PLANNED),
    "open": (VisitEvent.UPSERT, VisitProgress.OPEN),
    "ended": (VisitEvent.UPSERT, VisitProgress.ENDED),
    "cancelled": (VisitEvent.CANCEL, VisitProgress.UNKNOWN),
}


class _Row:
    """One row being read: its values, trimmed, and the problems found so far."""

    def __init__(self, values: Mapping[str, str], place: str, zone: tzinfo) -> None:
        self.values = values
        self.place = place
        self.zone = zone
        self.problems: list[Problem] = []

    def where(self, column: str) -> str:
        return f"{self.place}, column {column}"

    def text(self, column: str) -> str:
        value = self.values[column].strip()
        if value[:1] == "=" and (wrapped := _EXCEL_TEXT.fullmatch(value)) is not None:
            return wrapped[1].strip()
        return value

    def identifier(self, column: str) -> str:
        value = self.text(column)
        if value and not value.isalnum() and _EXCEL_NUMBER.fullmatch(value):
            self.problems.append(reject("excel_number", self.where(column), column))
        return value

    def day(self, column: str) -> date | None:
        value = self.text(column)
        found = plain_date(value) if value else None
        if value and found is None:
            self.problems.append(reject(self._date_code(value), self.where(column), column))
        return found

    def moment(self, column: str) -> datetime | None:
        value = self.text(column)
        found = plain_time(value, self.zone) if value else None
        if value and found is None:
            self.problems.append(reject(self._date_code(value), self.where(column), column))
        return found

    def choice(self, column: str, kind: type[Choice], otherwise: Choice) -> Choice:
        value = self.text(column).lower().replace(" ", "_")
        if not value:
            return otherwise
        try:
            return kind(value)
        except ValueError:
            self.problems.append(warn("bad_choice", self.where(column), column))
            return otherwise

    def short(self, column: str, longest: int) -> str:
        value = self.identifier(column)
        found = registration.short_code(value, longest)
        if value and not found:
            self.problems.append(warn("bad_choice", self.where(column), column))
        return found

    def address(self, prefix: str) -> IncomingAddress | None:
        """The address of the columns that begin with ``prefix``; a part of one is told and left out."""
        parts = {
            name: self.text(prefix + column)
            for name, column in _ADDRESS.items()
            if self.values[prefix + column]
        }
        if not any(parts.values()):
            return None
        found = registration.address(**dict.fromkeys(_ADDRESS, "") | parts)
        if found is None:
            column = f"{prefix}address_line"
            self.problems.append(warn("address_incomplete", self.where(column), column))
        return found

    def _date_code(self, value: str) -> str:
        return "excel_date" if _EXCEL_DATE.fullmatch(value) else "bad_date"


def places_of(place: str) -> dict[str, str]:
    """Where our fields stand in a row, for the gate's problems."""
    return {name: f"{place}, column {name}" for name in _PLACED} | {"document": f"{place}, column note_text"}


_PLACED = (
    *("encounter_id", "mrn", "family_name", "given_name", "birth_on", "service_on", "contact", "specialty"),
    *("place_of_service_code", "ended_at", "discharge_on", "facility_name", "facility_npi", "attending_npi"),
    *("attending_name", "rendering_npi", "rendering_name", "payer_name", "member_id", "plan_type"),
)


def build(
    values: Mapping[str, str], place: str, zone: tzinfo, notes: NoteSource
) -> tuple[IncomingEncounter, bytes | None, list[Problem]]:
    """The encounter of a row, unchecked; the bytes of its note file, if any; and what was odd."""
    row = _Row(values, place, zone)
    event, progress = _status(row)
    document, note_bytes = _document(row, notes)
    charge, codes = _charges(row)
    patient = _patient(row)
    coverage = _coverage(row, patient)
    encounter = IncomingEncounter(
        event=event,
        patient=patient,
        visit=_visit(row, progress),
        coverage=coverage if coverage != IncomingCoverage() else None,
        documents=(document,) if document else (),
        total_charge_amount=charge,
        provider_charge_codes=codes,
    )
    return encounter, note_bytes, row.problems


def _status(row: _Row) -> tuple[VisitEvent, VisitProgress]:
    value = row.text("status").lower()
    if value not in _STATUSES:
        # Whether a visit was cancelled must not be guessed.
        row.problems.append(reject("bad_choice", row.where("status"), "status"))
    return _STATUSES.get(value, _STATUSES[""])


def _patient(row: _Row) -> IncomingPatient:
    sex = row.text("sex").lower()
    if sex not in _SEXES and sex not in _OTHER_SEXES:
        row.problems.append(warn("bad_choice", row.where("sex"), "sex"))
    return IncomingPatient(
        mrn=row.identifier("mrn"),
        family_name=row.text("family_name"),
        given_name=row.text("given_name"),
        birth_on=row.day("birth_on"),
        sex=_SEXES.get(sex, Sex.UNKNOWN),
        contact=row.text("contact"),
        address=row.address(""),
    )


def _coverage(row: _Row, patient: IncomingPatient) -> IncomingCoverage:
    """The plan, and whose it is; without a word for that, it is the patient's own."""
    said = IncomingCoverage(
        payer_name=row.text("payer_name"),
        member_id=row.identifier("member_id"),
        plan_type=row.text("plan_type"),
        payer_identifier=row.short("payer_identifier", registration.LONGEST_PAYER_ID),
        group_number=row.short("group_number", registration.LONGEST_GROUP),
    )
    word, family_name = row.text("relationship"), row.text("subscriber_family_name")
    if not word and not family_name:
        return said
    sex = _SEXES.get(row.text("subscriber_sex").lower(), Sex.UNKNOWN)
    holder = registration.person(
        family_name=family_name,
        given_name=row.text("subscriber_given_name"),
        birth_on=row.day("subscriber_birth_on"),
        sex=sex,
        lives=row.address("subscriber_"),
    )
    code = registration.relationship(word)
    if word and not code:
        row.problems.append(warn("bad_choice", row.where("relationship"), "relationship"))
    return held_by(said, code, holder, patient, row.where("subscriber_family_name"), row.problems)


def _visit(row: _Row, progress: VisitProgress) -> IncomingVisit:
    number = row.identifier("encounter_id")
    if not number:
        row.problems.append(reject("required_missing", row.where("encounter_id"), "encounter_id"))
    return IncomingVisit(
        external_id=number,
        service_on=row.day("service_on"),
        kind=row.choice("kind", VisitKind, VisitKind.OTHER),
        progress=progress,
        specialty=row.text("specialty"),
        place_of_service_code=_place_of_service(row),
        started_at=row.moment("started_at"),
        ended_at=row.moment("ended_at"),
        discharge_on=row.day("discharge_on"),
        discharge_status_code=_discharge_status(row),
        facility_name=row.text("facility_name"),
        facility_npi=row.identifier("facility_npi"),
        attending=_provider(row, "attending"),
        rendering=_provider(row, "rendering"),
    )


def _place_of_service(row: _Row) -> str:
    """Two digits; a spreadsheet drops the zero of 02, which is put back because no code has one digit."""
    value = row.text("place_of_service_code")
    if value and not (value.isascii() and value.isdigit() and len(value) <= 2):
        row.problems.append(warn("bad_choice", row.where("place_of_service_code"), "place_of_service_code"))
        return ""
    return value.zfill(2) if value else ""


def _discharge_status(row: _Row) -> str:
    """Without one the stay is grouped as discharged home, and says so."""
    said = row.text("discharge_status_code")
    code = discharge_status(said)
    if said and not code:
        row.problems.append(warn("bad_choice", row.where("discharge_status_code"), "discharge_status_code"))
    return code


def _provider(row: _Row, role: str) -> IncomingProvider | None:
    npi, name = row.identifier(f"{role}_npi"), row.text(f"{role}_name")
    return IncomingProvider(npi=npi, name=name) if npi or name else None


def _charges(row: _Row) -> tuple[Decimal | None, tuple[str, ...]]:
    written = row.text("total_charge")
    charge = money(written) if written else None
    if written and charge is None:
        row.problems.append(warn("bad_number", row.where("total_charge"), "total_charge"))
    codes: list[str] = []
    for one in row.text("provider_codes").replace(";", " ").split():
        code = procedure_code(one)
        if code is None:
            row.problems.append(warn("bad_code", row.where("provider_codes"), "provider_codes"))
        else:
            codes.append(code)
    return charge, tuple(codes)


def _document(row: _Row, notes: NoteSource) -> tuple[IncomingDocument | None, bytes | None]:
    """The note of the row: the file it names, or the text it holds (kept letter by letter, untrimmed)."""
    name = row.text("note_file")
    note_bytes: bytes | None = None
    text: str | None = row.values["note_text"]
    if name:
        try:
            note_bytes = notes.read(name)
        except NoteError as error:
            row.problems.append(part(error.code, row.where("note_file"), "document"))
            return None, None
        text = utf8(note_bytes)
        if text is None:
            row.problems.append(part("document_encoding", row.where("note_file"), "document"))
            return None, note_bytes
    elif not text:
        return None, None
    kind = row.choice("note_kind", DocumentKind, DocumentKind.OTHER)
    return (
        IncomingDocument(
            external_id=row.identifier("note_id") or name or "note",
            kind=kind,
            title=row.text("note_title") or kind.value.replace("_", " ").capitalize(),
            text=text or "",
            authored_at=row.moment("note_authored_at"),
            author=row.text("note_author"),
        ),
        note_bytes,
    )
