"""The one gate for every format: what an encounter must hold before it may enter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from encounters.rules.intake.incoming import (
    IncomingDocument,
    IncomingEncounter,
    IncomingProvider,
    IncomingUnit,
    SourceFormat,
    VisitEvent,
)
from encounters.rules.intake.problems import Problem, Severity, part, reject, warn
from encounters.rules.intake.values import CONTROL, is_npi, is_storable

LONGEST: dict[str, int] = {
    "mrn": 64,
    "encounter_id": 80,
    "family_name": 120,
    "given_name": 120,
    "contact": 120,
    "specialty": 80,
    "place_of_service_code": 2,
    "facility_name": 120,
    "attending_name": 120,
    "attending_id": 64,
    "rendering_name": 120,
    "rendering_id": 64,
    "payer_name": 120,
    "member_id": 64,
    "plan_type": 40,
    "message_key": 120,
}
"""Code points at most, by field. Longer values are refused rather than cut: a cut MRN is another patient."""

_LONGEST_DOCUMENT_ID = 120
_LONGEST_LABEL = 120
_FIRST_YEAR = 1870  # no living patient was born earlier; catches 0201-01-01 and 1068-..


def message_key(*parts: str) -> str:
    """The sender's identity of a message from its parts; a digest of them where they are too long or odd.

    The digest keeps what matters: equal parts give equal keys, and the key fits its column.
    """
    key = "|".join(parts)
    if len(key) <= LONGEST["message_key"] and not CONTROL.search(key):
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def finish(
    *,
    source_format: SourceFormat,
    place: str,
    message_key: str,
    digest: str,
    encounter: IncomingEncounter | None,
    problems: Iterable[Problem],
    places: Mapping[str, str],
) -> IncomingUnit:
    """Checks `encounter` and closes the unit.

    `places` maps our field names to where the sender would look ("mrn" -> "PID-3.1"); other fields are
    placed at `place`. An encounter with any REJECT problem is dropped from the unit.
    """
    found = list(problems)
    if encounter is not None:
        encounter, more = _checked(encounter, places, place)
        found += more
    if any(one.severity is Severity.REJECT for one in found):
        encounter = None
    return IncomingUnit(
        place=place,
        source_format=source_format,
        message_key=message_key,
        digest=digest,
        encounter=encounter,
        problems=tuple(found),
    )


def _checked(
    encounter: IncomingEncounter, places: Mapping[str, str], place: str
) -> tuple[IncomingEncounter, list[Problem]]:
    def where(field: str) -> str:
        return places.get(field, place)

    found = [reject(code, where(field), field) for code, field in _missing(encounter)]
    found += [reject(code, where(field), field) for code, field in _malformed(encounter)]
    found += [reject(code, where(field), field) for code, field in _out_of_order(encounter)]
    visit = encounter.visit
    if not visit.external_id and not found:
        found.append(warn("visit_number_missing", where("encounter_id"), "encounter_id"))
    attending, rendering = _without_bad_npi(visit.attending), _without_bad_npi(visit.rendering)
    facility_npi = visit.facility_npi if is_npi(visit.facility_npi) else ""
    for field, before, after in (
        ("attending_npi", visit.attending, attending),
        ("rendering_npi", visit.rendering, rendering),
        ("facility_npi", visit.facility_npi, facility_npi),
    ):
        if before != after:
            found.append(warn("bad_npi", where(field), field))
    if found:
        visit = replace(visit, attending=attending, rendering=rendering, facility_npi=facility_npi)
    documents, lost = _readable(encounter.documents, where("document"))
    if found or lost:
        encounter = replace(encounter, visit=visit, documents=documents)
    return encounter, found + lost


def _missing(encounter: IncomingEncounter) -> Iterator[tuple[str, str]]:
    patient = encounter.patient
    if not patient.mrn:
        yield "required_missing", "mrn"
    if encounter.event is VisitEvent.CANCEL:
        # Taking back a visit needs to say which one, and nothing about what never happened.
        if not encounter.visit.external_id:
            yield "required_missing", "encounter_id"
        return
    if not patient.family_name:
        yield "required_missing", "family_name"
    if patient.birth_on is None:
        yield "required_missing", "birth_on"
    if encounter.visit.service_on is None:
        yield "required_missing", "service_on"


def _short_values(encounter: IncomingEncounter) -> tuple[tuple[str, str], ...]:
    patient, visit, coverage = encounter.patient, encounter.visit, encounter.coverage
    attending, rendering = visit.attending or IncomingProvider(), visit.rendering or IncomingProvider()
    return (
        ("mrn", patient.mrn),
        ("family_name", patient.family_name),
        ("given_name", patient.given_name),
        ("contact", patient.contact),
        ("encounter_id", visit.external_id),
        ("specialty", visit.specialty),
        ("place_of_service_code", visit.place_of_service_code),
        ("facility_name", visit.facility_name),
        ("attending_name", attending.name),
        ("attending_id", attending.local_id),
        ("rendering_name", rendering.name),
        ("rendering_id", rendering.local_id),
        ("payer_name", coverage.payer_name if coverage else ""),
        ("member_id", coverage.member_id if coverage else ""),
        ("plan_type", coverage.plan_type if coverage else ""),
    )


def _malformed(encounter: IncomingEncounter) -> Iterator[tuple[str, str]]:
    values = _short_values(encounter)
    # One search over all of them: rows by the hundred thousand pass here and nearly all are clean.
    dirty = CONTROL.search("".join([value for _, value in values])) is not None
    for field, value in values:
        if len(value) > LONGEST[field]:
            yield "too_long", field
        if dirty and CONTROL.search(value):
            yield "control_character", field


def _out_of_order(encounter: IncomingEncounter) -> Iterator[tuple[str, str]]:
    visit, born = encounter.visit, encounter.patient.birth_on
    if born is not None and born.year < _FIRST_YEAR:
        yield "bad_date", "birth_on"
    if visit.service_on is not None:
        if born is not None and visit.service_on < born:
            yield "dates_out_of_order", "service_on"
        if visit.discharge_on is not None and visit.discharge_on < visit.service_on:
            yield "dates_out_of_order", "discharge_on"
    if visit.started_at and visit.ended_at and visit.ended_at < visit.started_at:
        yield "dates_out_of_order", "ended_at"


def _without_bad_npi(provider: IncomingProvider | None) -> IncomingProvider | None:
    if provider is None or not provider.npi or is_npi(provider.npi):
        return provider
    # What the sender calls an NPI is still its own name for the provider, as long as it is a plain one.
    plain = provider.npi if provider.npi.isalnum() and len(provider.npi) <= LONGEST["attending_id"] else ""
    return replace(provider, npi="", local_id=provider.local_id or plain)


def _readable(
    documents: tuple[IncomingDocument, ...], place: str
) -> tuple[tuple[IncomingDocument, ...], list[Problem]]:
    kept: list[IncomingDocument] = []
    lost: list[Problem] = []
    for document in documents:
        names = document.external_id + document.parent_external_id
        if not document.text.strip():
            lost.append(part("document_empty", place, "document"))
        elif not is_storable(document.text) or CONTROL.search(names + document.title + document.author):
            lost.append(part("control_character", place, "document"))
        elif max(len(document.external_id), len(document.parent_external_id)) > _LONGEST_DOCUMENT_ID:
            lost.append(part("too_long", place, "document"))
        else:
            kept.append(_with_short_labels(document))
    return tuple(kept), lost


def _with_short_labels(document: IncomingDocument) -> IncomingDocument:
    """Titles and author names are only shown, so they are cut where an identifier would be refused."""
    if len(document.title) <= _LONGEST_LABEL and len(document.author) <= _LONGEST_LABEL:
        return document
    return replace(document, title=document.title[:_LONGEST_LABEL], author=document.author[:_LONGEST_LABEL])
