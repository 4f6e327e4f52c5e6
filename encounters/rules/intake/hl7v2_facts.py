"""From the segments of one HL7 v2 message to an encounter: which field means what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, tzinfo
from decimal import Decimal

from encounters.rules.intake import registration
from encounters.rules.intake.er7 import Message, Segment
from encounters.rules.intake.hl7v2_document import document_of
from encounters.rules.intake.incoming import (
    IncomingAddress,
    IncomingCoverage,
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
from encounters.rules.intake.problems import Problem, reject, warn
from encounters.rules.intake.values import hl7_date, hl7_time, is_npi, money, procedure_code, quantity

PLACES = {
    "mrn": "PID-3.1",
    "family_name": "PID-5.1",
    "given_name": "PID-5.2",
    "birth_on": "PID-7",
    "contact": "PID-13",
    "encounter_id": "PV1-19.1",
    "specialty": "PV1-10",
    "service_on": "PV1-44",
    "discharge_on": "PV1-45",
    "ended_at": "PV1-45",
    "facility_name": "PV1-3.4",
    "attending_npi": "PV1-7.1",
    "attending_name": "PV1-7.2",
    "attending_id": "PV1-7.1",
    "rendering_npi": "FT1-20.1",
    "rendering_name": "FT1-20.2",
    "rendering_id": "FT1-20.1",
    "payer_name": "IN1-4.1",
    "member_id": "IN1-49.1",
    "plan_type": "IN1-15",
    "document": "OBX-5",
    "message_key": "MSH-10",
}

# HL7 table 0004; R (recurring) is a series of outpatient visits, B (obstetrics) a stay.
_KINDS = {
    "I": VisitKind.INPATIENT,
    "B": VisitKind.INPATIENT,
    "O": VisitKind.OUTPATIENT,
    "R": VisitKind.OUTPATIENT,
    "E": VisitKind.EMERGENCY,
    "OBS": VisitKind.OBSERVATION,
    "V": VisitKind.TELEHEALTH,
}
_SEXES = {"F": Sex.FEMALE, "M": Sex.MALE}
_OTHER_SEXES = ("O", "U", "A", "N", "C", "X")
_NPI_OID = "2.16.840.1.113883.4.6"


def build(
    message: Message, event: VisitEvent, progress: VisitProgress, zone: tzinfo
) -> tuple[IncomingEncounter, list[Problem]]:
    """The encounter a message states, unchecked, with what was odd. PID and PV1 must be present."""
    pid, _ = _identity(message)
    problems: list[Problem] = []
    patient = _patient(pid, problems)
    visit = _visit(message, progress, zone, problems)
    if event is VisitEvent.CANCEL_DISCHARGE:
        visit = replace(visit, ended_at=None, discharge_on=None)
    document = document_of(message, zone, problems) if message.first("TXA") else None
    amount, codes = _charges(message, problems)
    encounter = IncomingEncounter(
        event=event,
        patient=patient,
        visit=visit,
        coverage=_coverage(message, patient, problems),
        documents=(document,) if document else (),
        total_charge_amount=amount,
        provider_charge_codes=codes,
    )
    return encounter, problems


def _identity(message: Message) -> tuple[Segment, Segment]:
    pid, pv1 = message.first("PID"), message.first("PV1")
    if pid is None or pv1 is None:
        raise ValueError("build() needs PID and PV1; the caller refuses messages without them")
    return pid, pv1


def _patient(pid: Segment, problems: list[Problem]) -> IncomingPatient:
    names = pid.repetitions(5)
    name = names[0] if names else ""
    written = pid.value(7)
    born = hl7_date(written)
    if written and born is None:
        problems.append(reject("bad_date", "PID-7", "birth_on"))
    sex = pid.value(8).upper()
    if sex and sex not in (*_SEXES, *_OTHER_SEXES):
        problems.append(warn("bad_choice", "PID-8", "sex"))
    return IncomingPatient(
        mrn=_mrn(pid),
        family_name=pid.component(name, 1),
        given_name=pid.component(name, 2),
        birth_on=born,
        sex=_SEXES.get(sex, Sex.UNKNOWN),
        contact=_contact(pid),
        address=_address(pid, 11, "address", problems),
    )


def _address(segment: Segment, position: int, field: str, problems: list[Problem]) -> IncomingAddress | None:
    """The home address (XAD.7: H), else the first that is not marked as bad."""
    listed = [one for one in segment.repetitions(position) if segment.component(one, 7).upper() != "BA"]
    if not listed:
        return None
    home = next((one for one in listed if segment.component(one, 7).upper() == "H"), listed[0])
    parts = [segment.component(home, number) for number in range(1, 7)]
    if not any(parts):
        return None
    line, line_2, city, state, postal_code, country = parts
    found = registration.address(
        line=line, line_2=line_2, city=city, state=state, postal_code=postal_code, country=country
    )
    if found is None:
        problems.append(warn("address_incomplete", segment.place(position), field))
    return found


def _mrn(pid: Segment) -> str:
    """The identifier typed MR (CX.5; some senders write the type into CX.4), else the first one.

    Versions before 2.3 send it in PID-2.
    """
    candidates = [one for one in pid.repetitions(3) if pid.component(one, 1)]
    for number in (5, 4):
        for one in candidates:
            if pid.component(one, number) == "MR":
                return pid.component(one, 1)
    return pid.component(candidates[0], 1) if candidates else pid.value(2)


def _contact(pid: Segment) -> str:
    """The first telephone number: XTN.1 (before 2.7), XTN.12, or area code and number apart."""
    for one in pid.repetitions(13):
        area, local = pid.component(one, 6), pid.component(one, 7)
        for number in (pid.component(one, 1), pid.component(one, 12), f"{area} {local}".strip()):
            if number:
                return number
    return ""


def _visit(message: Message, progress: VisitProgress, zone: tzinfo, problems: list[Problem]) -> IncomingVisit:
    pid, pv1 = _identity(message)
    service_on, assumed = _service_on(message, pv1, problems)
    return IncomingVisit(
        external_id=pv1.value(19) or pid.value(18) or pv1.value(50),
        service_on=service_on,
        service_on_assumed=assumed,
        kind=_KINDS.get(pv1.value(2).upper(), VisitKind.OTHER),
        progress=progress,
        specialty=pv1.value(10),
        started_at=_time(pv1, 44, zone, problems),
        ended_at=_time(pv1, 45, zone, problems),
        discharge_on=hl7_date(pv1.value(45)),
        discharge_status_code=discharge_status(pv1.value(36)),
        facility_name=pv1.value(3, 4) or message.segments[0].value(4),
        attending=_provider(pv1, 7),
        rendering=_rendering(message),
    )


def _time(segment: Segment, position: int, zone: tzinfo, problems: list[Problem]) -> datetime | None:
    written = segment.value(position)
    moment = hl7_time(written, zone)
    if written and moment is None:
        problems.append(reject("bad_date", segment.place(position)))
    return moment


def _service_on(message: Message, pv1: Segment, problems: list[Problem]) -> tuple[date | None, bool]:
    """The admission date, or, where PV1-44 is empty, another date of the message and True for assumed.

    A DFT charges a dated service (FT1-4), a document tells when care was given (TXA-4), and the event's
    own time (EVN-6, EVN-2) is when the visit was registered.
    """
    if pv1.value(44):
        return hl7_date(pv1.value(44)), False
    for name, position in (("FT1", 4), ("TXA", 4), ("EVN", 6), ("EVN", 2)):
        segment = message.first(name)
        found = hl7_date(segment.value(position)) if segment else None
        if segment and found:
            problems.append(warn("date_assumed", segment.place(position), "service_on"))
            return found, True
    return None, False


def _provider(segment: Segment, position: int) -> IncomingProvider | None:
    repetitions = segment.repetitions(position)
    return person(segment, repetitions[0]) if repetitions else None


def person(segment: Segment, raw: str) -> IncomingProvider | None:
    """A provider from an XCN repetition: id, family, given; NPI by its type, its authority or its shape."""
    number = segment.component(raw, 1)
    name = " ".join(part for part in (segment.component(raw, 3), segment.component(raw, 2)) if part)
    if not number and not name:
        return None
    # XCN.9 is the authority, XCN.13 the type code; the OID of the NPI registry may stand as subcomponent.
    typed = "NPI" in (segment.component(raw, 9), segment.component(raw, 13)) or _NPI_OID in raw
    if typed or is_npi(number):
        return IncomingProvider(npi=number, name=name)
    return IncomingProvider(name=name, local_id=number)


def _rendering(message: Message) -> IncomingProvider | None:
    for charge in message.all("FT1"):
        provider = _provider(charge, 20)
        if provider:
            return provider
    return None


def _coverage(message: Message, patient: IncomingPatient, problems: list[Problem]) -> IncomingCoverage | None:
    """The first insurance. IN1-49 is the insured's id; before 2.4 the policy number (IN1-36) carries it."""
    in1 = message.first("IN1")
    if in1 is None:
        return None
    coverage = IncomingCoverage(
        payer_name=in1.value(4) or in1.value(2, 2) or in1.value(2),
        member_id=in1.value(49) or in1.value(36),
        plan_type=in1.value(15),
        payer_identifier=registration.short_code(in1.value(3), registration.LONGEST_PAYER_ID),
        group_number=registration.short_code(in1.value(8), registration.LONGEST_GROUP),
    )
    coverage = _holder(in1, coverage, patient, problems)
    return coverage if coverage != IncomingCoverage() else None


def _holder(
    in1: Segment, said: IncomingCoverage, patient: IncomingPatient, problems: list[Problem]
) -> IncomingCoverage:
    """Whose plan it is: IN1-17 by word, IN1-16, 18, 19 and 43 by name, birth, address and sex."""
    word, name = in1.value(17), in1.value(16)
    if not word and not name:
        return said
    code = registration.relationship(word, is_hl7=True)
    if word and not code:
        problems.append(warn("bad_choice", in1.place(17), "relationship"))
    holder = registration.person(
        family_name=name,
        given_name=in1.value(16, 2),
        birth_on=hl7_date(in1.value(18)),
        sex=_SEXES.get(in1.value(43).upper(), Sex.UNKNOWN),
        lives=_address(in1, 19, "subscriber", problems) if code != registration.SELF else None,
    )
    return registration.held_by(said, code, holder, patient, in1.place(16), problems)


def _charges(message: Message, problems: list[Problem]) -> tuple[Decimal | None, tuple[str, ...]]:
    """Sum of the charges (type CG) less credits (CD), and the provider's own procedure codes in order.

    FT1-11 is the extended amount, FT1-12 the amount of one unit, FT1-25 the procedure, FT1-26 modifiers.
    """
    total: Decimal | None = None
    codes: list[str] = []
    for ft1 in message.all("FT1"):
        amount = _amount(ft1, problems)
        if amount is not None:
            total = (total or Decimal("0.00")) + (-amount if ft1.value(6) == "CD" else amount)
        written = ft1.value(25) or ft1.value(7)
        if not written or ft1.value(6) == "CD":
            continue
        modifiers = [ft1.component(one, 1) for one in ft1.repetitions(26)]
        code = procedure_code("-".join([written, *[one for one in modifiers if one]]))
        if code is None:
            problems.append(warn("bad_code", ft1.place(25), "provider_codes"))
        else:
            codes.append(code)
    return total, tuple(codes)


def _amount(ft1: Segment, problems: list[Problem]) -> Decimal | None:
    position = 11 if ft1.value(11) else 12
    written = ft1.value(position)
    if not written:
        return None
    raw = ft1.repetitions(position)[0].split(ft1.delimiters.component)[0]
    currency = raw.split(ft1.delimiters.subcomponent)[1:2] if ft1.delimiters.subcomponent else []
    if currency and currency[0] not in ("", "USD"):
        problems.append(warn("unknown_currency", ft1.place(position), "total_charge"))
        return None
    amount = money(written)
    if amount is None:
        problems.append(warn("bad_number", ft1.place(position), "total_charge"))
        return None
    units = quantity(ft1.value(10)) if position == 12 and ft1.value(10) else None
    return (amount * units).quantize(Decimal("0.01")) if units is not None else amount
