"""May this encounter support diagnoses for risk adjustment?  Each requirement is met, not met, or not known.

What the data say is used; what they do not say is asked of the coder, never assumed.  A fact the coder has
confirmed from the note goes before what the registration says.  Lists and sources are data
(``encounters/data/hcc_eligibility.toml``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from coding_ops.core.errors import InvalidInput


class State(StrEnum):
    """Of one requirement, and of all of them together."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Fact(StrEnum):
    """What a coder can confirm from the note."""

    FACE_TO_FACE = "face_to_face"
    SIGNATURE = "signature"
    CREDENTIAL = "credential"
    NOTE_DATE = "note_date"
    PROVIDER = "provider"


YES_NO: Final = ("yes", "no")
VALUES: Final[Mapping[Fact, tuple[str, ...]]] = {
    Fact.FACE_TO_FACE: ("in_person", "video", "audio", "none"),
    Fact.SIGNATURE: YES_NO,
    Fact.CREDENTIAL: YES_NO,
    Fact.NOTE_DATE: YES_NO,
    Fact.PROVIDER: YES_NO,
}
#: Values that rest on words of the note; the others say that something is not there.
NEEDS_WORDS: Final = frozenset(
    {(Fact.SIGNATURE, "yes"), (Fact.CREDENTIAL, "yes"), (Fact.NOTE_DATE, "yes"), (Fact.PROVIDER, "yes")}
)


@dataclass(frozen=True, slots=True)
class EligibilityTables:
    """The lists and citations of the file, codes and credentials in capitals."""

    accepted_credentials: frozenset[str]
    refused_credentials: frozenset[str]
    refused_specialties: frozenset[str]
    refused_documents: frozenset[str]
    refused_places: frozenset[str]
    in_person_kinds: frozenset[str]
    in_person_places: frozenset[str]
    telehealth_kinds: frozenset[str]
    telehealth_places: frozenset[str]
    video_modifiers: frozenset[str]
    audio_modifiers: frozenset[str]
    remote_services: frozenset[str]
    remote_modifiers: frozenset[str]
    citations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """What the data say of an encounter.

    ``services``: its codes with their modifiers; ``documents``: kinds of the documents in the chart;
    ``year``: the data collection year; ``confirmed``: values by :class:`Fact`.
    """

    on: date
    year: int
    kind: str
    place: str
    credential: str
    specialty: str
    documents: tuple[str, ...]
    services: tuple[tuple[str, tuple[str, ...]], ...] = ()
    confirmed: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement.  ``fact`` names what can be confirmed for it, empty when nothing can."""

    rule: str
    label: str
    state: State
    why: str
    citation: str
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """All requirements.  Not met as soon as one is not; met only when all are."""

    state: State
    requirements: tuple[Requirement, ...]

    @property
    def words(self) -> str:
        """One sentence for the head of the panel."""
        names = {
            state: ", ".join(r.label.lower() for r in self.requirements if r.state is state)
            for state in State
        }
        if self.state is State.NOT_MET:
            return f"Not eligible: {names[State.NOT_MET]}"
        if self.state is State.UNKNOWN:
            return f"Not known: {names[State.UNKNOWN]}"
        return "Eligible"


def check_fact(fact: str, value: str, cited: bool) -> None:
    """A fact as it may be confirmed.

    Raises:
        InvalidInput: no such fact or value, or no words for what stands in the note.
    """
    if fact not in set(Fact) or value not in VALUES[Fact(fact)]:
        raise InvalidInput("Choose one of the listed answers.", code="eligibility.value")
    if (Fact(fact), value) in NEEDS_WORDS and not cited:
        raise InvalidInput(
            "Select the words of the note that show it, then confirm.", code="eligibility.words"
        )


def eligibility(visit: Visit, tables: EligibilityTables) -> Eligibility:
    """Every requirement, judged."""
    confirmed = visit.confirmed or {}
    found = [
        _date(visit),
        _source(visit, tables),
        _face_to_face(visit, tables, confirmed.get(Fact.FACE_TO_FACE, "")),
        _provider(visit, tables, confirmed.get(Fact.PROVIDER, "")),
        *(
            _on_the_note(fact, label, confirmed.get(fact, ""))
            for fact, label in (
                (Fact.SIGNATURE, "Signature"),
                (Fact.CREDENTIAL, "Credential"),
                (Fact.NOTE_DATE, "Date on the note"),
            )
        ),
    ]
    requirements = tuple(
        Requirement(rule, label, state, why, tables.citations[rule], fact)
        for rule, label, state, why, fact in found
    )
    states = {requirement.state for requirement in requirements}
    overall = next((s for s in (State.NOT_MET, State.UNKNOWN) if s in states), State.MET)
    return Eligibility(overall, requirements)


_Found = tuple[str, str, State, str, str]


def _date(visit: Visit) -> _Found:
    state = State.MET if visit.on.year == visit.year else State.NOT_MET
    return "hcc.date", "Date in the year", state, f"{visit.on:%m/%d/%Y}, collection year {visit.year}", ""


def _source(visit: Visit, tables: EligibilityTables) -> _Found:
    rule, label = "hcc.source", "Source"
    if visit.place in tables.refused_places:
        return rule, label, State.NOT_MET, f"place of service {visit.place} is no acceptable source", ""
    if visit.specialty.upper() in tables.refused_specialties:
        return rule, label, State.NOT_MET, "diagnostic radiology is no acceptable source", ""
    if not visit.documents:
        return rule, label, State.UNKNOWN, "no document has arrived", ""
    if all(kind in tables.refused_documents for kind in visit.documents):
        named = ", ".join(sorted(set(visit.documents)))
        return rule, label, State.NOT_MET, f"the chart holds nothing but: {named}", ""
    return rule, label, State.MET, "the chart holds a note of a visit", ""


def _face_to_face(visit: Visit, tables: EligibilityTables, confirmed: str) -> _Found:
    state, why = _mode(visit, tables, confirmed)
    return "hcc.face_to_face", "Face to face", state, why, Fact.FACE_TO_FACE


def _mode(visit: Visit, tables: EligibilityTables, confirmed: str) -> tuple[State, str]:
    if confirmed:
        met = confirmed in ("in_person", "video")
        words = {
            "in_person": "confirmed: in person",
            "video": "confirmed: audio and video",
            "audio": "confirmed: audio only, which does not count",
            "none": "confirmed: not face to face (portal, telephone or record review)",
        }
        return (State.MET if met else State.NOT_MET), words[confirmed]
    modifiers = {modifier for _, ones in visit.services for modifier in ones}
    audio = modifiers & tables.audio_modifiers
    if audio:
        return State.NOT_MET, f"modifier {', '.join(sorted(audio))} says audio only, which does not count"
    remote = [
        code
        for code, ones in visit.services
        if code in tables.remote_services or tables.remote_modifiers & set(ones)
    ]
    if remote and len(remote) == len(visit.services):
        return State.NOT_MET, f"{', '.join(remote)}: no service was face to face"
    if visit.kind in tables.telehealth_kinds or visit.place in tables.telehealth_places:
        video = modifiers & tables.video_modifiers
        if video:
            return State.MET, f"modifier {', '.join(sorted(video))} says audio and video"
        return State.UNKNOWN, "telehealth: does the note say audio and video?"
    if visit.kind in tables.in_person_kinds and visit.place in tables.in_person_places:
        return State.MET, f"registered as in person, place of service {visit.place}"
    return State.UNKNOWN, "the registration does not say how the patient was seen"


def _provider(visit: Visit, tables: EligibilityTables, confirmed: str) -> _Found:
    rule, label, fact = "hcc.provider", "Provider type", Fact.PROVIDER
    if confirmed:
        met = confirmed == "yes"
        why = "confirmed: an acceptable provider" if met else "confirmed: not an acceptable provider"
        return rule, label, State.MET if met else State.NOT_MET, why, fact
    named = [part for part in visit.credential.upper().replace(".", "").replace(",", " ").split() if part]
    if any(part in tables.accepted_credentials for part in named):
        return rule, label, State.MET, f"{visit.credential} is an acceptable provider", fact
    if named and all(part in tables.refused_credentials for part in named):
        return rule, label, State.NOT_MET, f"{visit.credential} is no acceptable provider", fact
    why = f"is {visit.credential} an acceptable provider?" if named else "no credential was sent"
    return rule, label, State.UNKNOWN, why, fact


def _on_the_note(fact: Fact, label: str, confirmed: str) -> _Found:
    rule = f"hcc.{fact.value}"
    if not confirmed:
        return rule, label, State.UNKNOWN, "not looked at yet", fact
    if confirmed == "yes":
        return rule, label, State.MET, "confirmed from the note", fact
    return rule, label, State.NOT_MET, "confirmed: not on the note", fact
