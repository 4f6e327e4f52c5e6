"""What readiness judges and what it says: the codes, the encounter around them, a finding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from encounters.rules.encounter_states import EncounterStatus


class Severity(StrEnum):
    """Does the finding refuse finalize?"""

    BLOCKING = "blocking"
    WARNING = "warning"


class Setting(StrEnum):
    """What kind of claim the codes go to: it decides pointers, POA and how many diagnoses fit."""

    PROFESSIONAL = "professional"
    OUTPATIENT = "outpatient"
    INPATIENT = "inpatient"


class ExceptionReason(StrEnum):
    """Why a code may stand without quoted words; closed, and each needs an explanation beside it."""

    IMAGE_ONLY = "image_only"
    CLIENT_RULE = "client_rule"
    EXTERNAL_RECORD = "external_record"
    CHARGE_DRIVEN = "charge_driven"


# Places on the claim forms: 837P has 12 diagnoses and 4 pointers a line, 837I a principal and 24 others.
DIAGNOSES_THAT_FIT: Final = {Setting.PROFESSIONAL: 12, Setting.OUTPATIENT: 25, Setting.INPATIENT: 25}
POINTERS_THAT_FIT: Final = 4
MODIFIERS_THAT_FIT: Final = 4
LEAST_EXPLANATION: Final = 10
POA_LETTERS: Final = frozenset({"Y", "N", "U", "W", "1"})

MODIFIER_FORM: Final = re.compile(r"[A-Z0-9]{2}")
SERVICE_SYSTEMS: Final = frozenset({"CPT", "HCPCS"})


@dataclass(frozen=True, slots=True)
class Assignment:
    """One code of the working set, with what finalize needs to know of it.

    ``key`` is the caller's (page and links use it); ``shown`` is the code as people read it.  ``pointers``
    are keys of diagnoses.  ``is_poa_exempt`` is None when no list of exempt diagnoses is loaded for the day.
    ``not_assignable`` is the release's objection in words ("header", "expired on
    ..."), empty when the code is fine or its set is not loaded.
    """

    key: str
    system: str
    shown: str
    kind: str
    position: int
    anchored_count: int = 0
    lost_count: int = 0
    exception_reason: str = ""
    exception_note: str = ""
    pointers: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    units: int = 1
    poa: str = ""
    is_poa_exempt: bool | None = False
    not_assignable: str = ""

    @property
    def is_diagnosis(self) -> bool:
        """A diagnosis, not a service or procedure?"""
        return self.kind == "dx"

    @property
    def has_exception(self) -> bool:
        """A reason of the closed list, explained in at least :data:`LEAST_EXPLANATION` characters?"""
        known = self.exception_reason in set(ExceptionReason)
        return known and len(" ".join(self.exception_note.split())) >= LEAST_EXPLANATION


@dataclass(frozen=True, slots=True)
class EncounterFacts:
    """The encounter around the codes.  ``lock`` says in words who holds it, empty when the actor does."""

    status: EncounterStatus | str
    setting: Setting
    has_readable_document: bool
    open_pend: str = ""
    lock: str = ""
    undecided_count: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing missing or wrong; ``where`` is the part of the page: ``evidence``, ``pointers`` ...

    A finding of the claim edits carries its source and edition, and the ``edit_key`` that names it.
    """

    rule: str
    severity: Severity
    assignment_key: str | None
    where: str
    message: str
    how_to_fix: str
    citation: str = ""
    edit_key: str = ""


def blocks(rule: str, key: str | None, where: str, message: str, how_to_fix: str) -> Finding:
    """A finding that refuses finalize."""
    return Finding(rule, Severity.BLOCKING, key, where, message, how_to_fix)


def warns(rule: str, key: str | None, where: str, message: str, how_to_fix: str) -> Finding:
    """A finding that is shown and may be accepted."""
    return Finding(rule, Severity.WARNING, key, where, message, how_to_fix)
