"""Deciding what an incoming visit means for what is known: same patient or not, codable or not yet."""

from __future__ import annotations

from datetime import date

from encounters.rules.intake.incoming import (
    IncomingCoverage,
    IncomingPatient,
    IncomingVisit,
    Sex,
    VisitKind,
    VisitProgress,
)
from encounters.rules.intake.registration import SELF, address_text, subscriber_text


def patient_changes(known: IncomingPatient, said: IncomingPatient) -> dict[str, str] | None:
    """What a message changes about a patient found by record number, by column; None for another person.

    A family name changes by marriage and a birth date is mistyped, but when both differ the number was
    given to somebody else, and overwriting one person with another is the worst that intake can do.
    An empty value says nothing and changes nothing.
    """
    same_name = _folded(known.family_name) == _folded(said.family_name)
    if not same_name and known.birth_on and said.birth_on and known.birth_on != said.birth_on:
        return None
    wanted = {
        "family_name": said.family_name,
        "given_name": said.given_name,
        "birth_on": said.birth_on.isoformat() if said.birth_on else "",
        "contact": said.contact,
        "sex": said.sex.value if said.sex is not Sex.UNKNOWN else "",
        "address": address_text(said.address) if said.address else "",
    }
    have = {
        "family_name": known.family_name,
        "given_name": known.given_name,
        "birth_on": known.birth_on.isoformat() if known.birth_on else "",
        "contact": known.contact,
        "sex": known.sex.value,
        "address": address_text(known.address) if known.address else "",
    }
    return {name: value for name, value in wanted.items() if value and value != have[name]}


def coverage_changes(known: IncomingCoverage, said: IncomingCoverage) -> dict[str, str | None]:
    """What a message changes about a plan found by patient, payer and member, by column.

    An empty value says nothing.  A plan that becomes the patient's own loses its other holder.
    """
    changes: dict[str, str | None] = {
        name: value
        for name, value in (
            ("payer_identifier", said.payer_identifier),
            ("group_number", said.group_number),
            ("relationship", said.relationship),
        )
        if value and value != getattr(known, name)
    }
    if said.subscriber is not None and said.subscriber != known.subscriber:
        changes["subscriber"] = subscriber_text(said.subscriber)
    elif said.relationship == SELF and known.subscriber is not None:
        changes["subscriber"] = None
    return changes


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def visit_key(mrn: str, visit: IncomingVisit) -> str:
    """What identifies a visit whose sender gives no number; holds the MRN, so only its HMAC may be stored."""
    moment = visit.started_at.isoformat() if visit.started_at else str(visit.service_on)
    return f"{mrn}|{moment}"


def is_codable(
    *, kind: VisitKind, progress: VisitProgress, discharge_on: date | None, documents: int
) -> bool:
    """Whether a coder can start: it has happened, it is documented, and a stay is over.

    An inpatient stay is coded as of its discharge, so without that date it waits.
    """
    if documents == 0 or progress is VisitProgress.PLANNED:
        return False
    return kind is not VisitKind.INPATIENT or discharge_on is not None
