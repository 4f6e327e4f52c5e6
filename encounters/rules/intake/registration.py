"""What a claim asks of registration: an address that the post would take, and whose plan it is.

Only what is whole is taken: an address without its city is none, and never replaces a whole one.  Senders'
words become the codes of X12 data element 1069 (individual relationship code), as SBR02 and PAT01 carry it.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

from encounters.rules.intake.incoming import (
    IncomingAddress,
    IncomingCoverage,
    IncomingPatient,
    IncomingSubscriber,
    Sex,
)
from encounters.rules.intake.problems import Problem, warn
from encounters.rules.intake.values import CONTROL

SELF = "18"
UNKNOWN = "21"
LONGEST_LINE = 55
LONGEST_CITY = 30
LONGEST_NAME = 120
LONGEST_GROUP = 50
LONGEST_PAYER_ID = 80

_US = ("", "US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA")
_POSTAL = re.compile(r"(\d{4,5})(?:[- ]?(\d{4}))?", re.ASCII)
_STATE = re.compile(r"[A-Z]{2}", re.ASCII)

# X12's codes that 837 takes for a patient, and 18 for who is the subscriber.
_CODES = (SELF, "01", "19", "20", UNKNOWN, "39", "40", "53", "G8")
_WORDS = {
    "self": SELF,
    "spouse": "01",
    "child": "19",
    "employee": "20",
    "unknown": UNKNOWN,
    "partner": "53",
    "life partner": "53",
    "common": "53",
    "other": "G8",
    "parent": "G8",
    # FHIR subscriber-relationship: the patient was hurt, the plan is somebody's liability.
    "injured": "G8",
}
"""Relationship of the patient to the subscriber, in words of CSV and of FHIR."""

# HL7 v2 IN1-17 states the relation of the insured to the patient.  By the book a child's insured is PAR; many
# senders write CHD, the patient's own part.  Nobody is insured by a child, so both say child.
_HL7 = {
    "SEL": SELF,
    "SPO": "01",
    "DOM": "53",
    **dict.fromkeys(("PAR", "MTH", "FTH", "CHD", "NCH", "SCH", "FCH"), "19"),
    **dict.fromkeys(("EMR", "EME"), "20"),
    **dict.fromkeys(
        (
            *("ASC", "BRO", "CGV", "DEP", "EMC", "EXF", "FND", "GCH", "GRD", "GRP", "MGR", "NON", "OAD"),
            *("OTH", "OWN", "SIB", "SIS", "TRA", "WRD"),
        ),
        "G8",
    ),
    "UNK": UNKNOWN,
}


def relationship(said: str, *, is_hl7: bool = False) -> str:
    """The code of a sender's word or code for whose plan it is; empty for a word we do not know.

    ``is_hl7`` reads the codes of HL7 table 0063 as well.
    """
    word = said.strip()
    code = word.upper()
    if code == "1":
        code = "01"  # a spreadsheet drops the zero
    if code in _CODES:
        return code
    if is_hl7 and code in _HL7:
        return _HL7[code]
    return _WORDS.get(word.casefold().replace("_", " "), "")


def address(
    *, line: str, city: str, state: str, postal_code: str, line_2: str = "", country: str = ""
) -> IncomingAddress | None:
    """A whole address in the United States in the form claims carry it, or None.

    The postal code loses its hyphen and gets back a leading zero that a spreadsheet dropped.
    """
    line, line_2, city = (" ".join(one.split()) for one in (line, line_2, city))
    state = state.strip().upper()
    match = _POSTAL.fullmatch(postal_code.strip())
    if country.strip().upper() not in _US or not line or not city or match is None:
        return None
    if not _STATE.fullmatch(state) or CONTROL.search(line + line_2 + city):
        return None
    if max(len(line), len(line_2)) > LONGEST_LINE or len(city) > LONGEST_CITY:
        return None
    return IncomingAddress(line, city, state, match[1].zfill(5) + (match[2] or ""), line_2)


def person(
    *, family_name: str, given_name: str, birth_on: date | None, sex: Sex, lives: IncomingAddress | None
) -> IncomingSubscriber | None:
    """Who holds the plan, or None where no usable family name is said."""
    family_name, given_name = family_name.strip(), given_name.strip()
    if not family_name or max(len(family_name), len(given_name)) > LONGEST_NAME:
        return None
    if CONTROL.search(family_name + given_name):
        return None
    return IncomingSubscriber(family_name, given_name, birth_on, sex, lives)


def held_by(
    said: IncomingCoverage,
    code: str,
    holder: IncomingSubscriber | None,
    patient: IncomingPatient,
    place: str,
    problems: list[Problem],
) -> IncomingCoverage:
    """The plan with whose it is: by the sender's code, else by the name of its holder.

    Another person's name without a usable code says only that it is not the patient's own plan.
    """
    if not code:
        code = SELF if _same_person(holder, patient) else UNKNOWN
        if holder is None:
            return said
    if code == SELF:
        return replace(said, relationship=SELF)
    if holder is None:
        problems.append(warn("subscriber_incomplete", place, "subscriber"))
    return replace(said, relationship=code, subscriber=holder)


def _same_person(subscriber: IncomingSubscriber | None, patient: IncomingPatient) -> bool:
    """Whether the holder who is named is the patient: same name, and no other birth date."""
    if subscriber is None:
        return True
    names = (subscriber.family_name.casefold(), subscriber.given_name.casefold())
    if names != (patient.family_name.casefold(), patient.given_name.casefold()):
        return False
    return not (patient.birth_on and subscriber.birth_on) or patient.birth_on == subscriber.birth_on


def short_code(said: str, longest: int) -> str:
    """A group or payer number as said, or empty when it cannot be one."""
    text = said.strip()
    return text if len(text) <= longest and not CONTROL.search(text) else ""


def address_text(one: IncomingAddress) -> str:
    """The address as the sealed column holds it; equal addresses give equal texts."""
    return json.dumps(_address_facts(one), sort_keys=True, separators=(",", ":"))


def subscriber_text(one: IncomingSubscriber) -> str:
    """The person as the sealed column holds it; equal people give equal texts."""
    facts = {
        "family_name": one.family_name,
        "given_name": one.given_name,
        "birth_on": one.birth_on.isoformat() if one.birth_on else "",
        "sex": one.sex.value,
        "address": _address_facts(one.address) if one.address else None,
    }
    return json.dumps(facts, sort_keys=True, separators=(",", ":"))


def read_address(text: str | None) -> IncomingAddress | None:
    """The address of a sealed column again; None for an empty one."""
    return _address(json.loads(text)) if text else None


def read_subscriber(text: str | None) -> IncomingSubscriber | None:
    """The person of a sealed column again; None for an empty one."""
    if not text:
        return None
    facts = json.loads(text)
    return IncomingSubscriber(
        facts["family_name"],
        facts["given_name"],
        date.fromisoformat(facts["birth_on"]) if facts["birth_on"] else None,
        Sex(facts["sex"]),
        _address(facts["address"]) if facts["address"] else None,
    )


def _address_facts(one: IncomingAddress) -> dict[str, str]:
    return {
        "line": one.line,
        "line_2": one.line_2,
        "city": one.city,
        "state": one.state,
        "postal_code": one.postal_code,
    }


def _address(facts: dict[str, Any]) -> IncomingAddress:
    return IncomingAddress(
        facts["line"], facts["city"], facts["state"], facts["postal_code"], facts["line_2"]
    )
