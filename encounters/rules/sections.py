"""Sections of a note, found by their headings.

Heuristic and deterministic: a known heading (alone on its line, or run in as ``PMH: asthma``), a markdown
heading, or an unknown line in capitals.  Body systems (``HEENT:``, ``Abdomen:``) stay inside the section
they are listed in.  Vocabulary: headings counted in public corpora (aci-bench, MTSamples, primock57).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from encounters.rules.text import Line

LONGEST_HEADING: Final = 72


class SectionKind(StrEnum):
    """What a section of a note is for; an auditor reads the same words differently in each."""

    UNTITLED = "untitled"
    CHIEF_COMPLAINT = "chief_complaint"
    HISTORY = "history"
    PAST_HISTORY = "past_history"
    PROBLEM_LIST = "problem_list"
    FAMILY_HISTORY = "family_history"
    SOCIAL_HISTORY = "social_history"
    MEDICATIONS = "medications"
    ALLERGIES = "allergies"
    REVIEW_OF_SYSTEMS = "review_of_systems"
    VITALS = "vitals"
    EXAMINATION = "examination"
    RESULTS = "results"
    DIAGNOSES = "diagnoses"
    ASSESSMENT = "assessment"
    PROCEDURE = "procedure"
    COURSE = "course"
    ADDENDUM = "addendum"
    SIGNATURE = "signature"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Section:
    """Lines ``first_line`` to ``last_line`` (numbers, both included), the heading's own line among them.

    ``heading_alone`` says that the first line holds the heading and nothing else.
    """

    title: str
    first_line: int
    last_line: int
    kind: SectionKind
    heading_alone: bool = False


# "|"-separated so that the list reads as the headings do; keys are normalised by _normal().
_VOCABULARY: Final[dict[SectionKind, str]] = {
    SectionKind.CHIEF_COMPLAINT: (
        "chief complaint|chief complaints|cc|presenting complaint|reason for visit"
        "|reason for consultation|reason for exam|reason for admission|pc"
    ),
    SectionKind.HISTORY: (
        "history of present illness|history of the present illness|hpi|hpc|subjective|s|history"
        "|history of presenting complaint|present illness|interval history|clinical history"
        "|brief history|history of injury|hx"
    ),
    SectionKind.PAST_HISTORY: (
        "past history|past medical history|pmh|pmhx|medical history|past surgical history|psh"
        "|surgical history|past medical and surgical history|past medical surgical history"
        "|past psychiatric history|obstetric history|gynecologic history|ob history"
        "|past ocular history"
    ),
    SectionKind.PROBLEM_LIST: "problem list|active problems|problems|active problem list|chronic problems",
    SectionKind.FAMILY_HISTORY: "family history|fh|fhx|family medical history",
    SectionKind.SOCIAL_HISTORY: "social history|sh|shx|habits|social",
    SectionKind.MEDICATIONS: (
        "medications|current medications|meds|medication|dh|drug history|home medications"
        "|medication list|discharge medications|current meds|medications on admission"
    ),
    SectionKind.ALLERGIES: "allergies|allergy|drug allergies|allergies and intolerances",
    SectionKind.REVIEW_OF_SYSTEMS: "review of systems|ros",
    SectionKind.VITALS: "vitals|vital signs|vitals reviewed|vs",
    SectionKind.EXAMINATION: (
        "physical exam|physical examination|exam|examination|objective|o|o e|on examination|pe"
        "|mental status examination|mental status exam|neurologic examination"
        "|neurological examination"
    ),
    SectionKind.RESULTS: (
        "results|data reviewed|data|labs|laboratory data|laboratory|imaging|radiology|findings"
        "|diagnostic studies|diagnostics|studies|laboratory studies|lab results|investigations"
        "|ekg|ecg|laboratory and data|x rays|diagnostic data|test results"
    ),
    SectionKind.DIAGNOSES: (
        "preoperative diagnosis|preoperative diagnoses|postoperative diagnosis"
        "|postoperative diagnoses|diagnosis|diagnoses|final diagnosis|final diagnoses"
        "|discharge diagnosis|discharge diagnoses|admission diagnosis|admitting diagnosis"
        "|admission diagnoses|pre op diagnosis|post op diagnosis|principal diagnosis"
        "|secondary diagnoses|admitting diagnoses"
    ),
    SectionKind.ASSESSMENT: (
        "assessment|assessment and plan|a p|a and p|ap|plan|impression|imp|impression and plan|a"
        "|p|impressions|recommendations|recommendation|instructions|follow up|conclusion"
        "|assessment plan|assessment and recommendations|impression plan|plan of care"
        "|medical decision making|mdm|discussion|disposition"
    ),
    SectionKind.PROCEDURE: (
        "procedure|procedures|procedure performed|procedures performed|procedure in detail"
        "|description of procedure|operative procedure|operation performed|operation|operations"
        "|details of procedure|procedure details|title of operation|operative findings|technique"
        "|indications|indication|indications for procedure|indication for procedure|anesthesia"
        "|complications|estimated blood loss|ebl|specimens|specimen|drains|name of procedure"
        "|operative report|procedure note|description of operation"
    ),
    SectionKind.COURSE: (
        "hospital course|course|emergency department course|ed course|brief hospital course"
        "|hospital course and treatment|condition on discharge|discharge instructions"
        "|discharge condition"
    ),
    SectionKind.ADDENDUM: "addendum|late entry|amendment",
    SectionKind.SIGNATURE: "signature|signed|electronically signed|electronically signed by|attestation",
}
_BODY_SYSTEMS_WORDS: Final = (
    "heent|neck|abdomen|chest|lungs|heart|skin|general|constitutional|cardiovascular|respiratory|extremities"
    "|musculoskeletal|msk|neurologic|neurological|neuro|psychiatric|gastrointestinal|genitourinary|gu|gi"
    "|back|pelvic|rectal|eyes|ears|nose|throat|breasts|genitalia|lymphatic|endocrine|hematologic|cardiac"
    "|pulmonary|vascular|integumentary|head|mouth|cv|resp|abd|ext|cns"
)
_BODY_SYSTEMS: Final = frozenset(_BODY_SYSTEMS_WORDS.split("|"))
_KIND_OF: Final = {name: kind for kind, names in _VOCABULARY.items() for name in names.split("|")}

_MARKDOWN = re.compile(r"^(#{1,6}\s+|\*\*|__|=+\s+|-{3,}\s+)(.+?)(?:\s*#+|\*\*:?|__:?|\s+=+|\s+-{3,})?\s*$")
_RUN_IN = re.compile(r"^(?:\*\*|__)?([^\W\d_][\w /&()'.-]{0,60}?)(?:\*\*|__)?\s*[:;](?:\*\*|__)?(?:[\s,]|$)")
_QUALIFIED = re.compile(r"^([A-Za-z][A-Za-z /&]{1,60}?)\s*(?:,|\(|\s[-\u2013\u2014])\s*\S")


def detect_sections(lines: tuple[Line, ...]) -> tuple[Section, ...]:
    """Partition ``lines`` into sections in order; every line lies in exactly one.

    Lines before the first heading, or a note without headings, form one section of kind ``untitled`` with
    an empty title.
    """
    if not lines:
        return ()
    heads: list[tuple[int, str, SectionKind, bool]] = []
    for index, line in enumerate(lines):
        isolated = index == 0 or lines[index - 1].is_blank
        found = None if line.is_blank else _heading(line.text, isolated)
        if found is not None:
            heads.append((line.number, *found))
    if not heads or heads[0][0] != lines[0].number:
        heads.insert(0, (lines[0].number, "", SectionKind.UNTITLED, False))
    ends = [number - 1 for number, *_ in heads[1:]] + [lines[-1].number]
    return tuple(
        Section(title, number, end, kind, alone)
        for (number, title, kind, alone), end in zip(heads, ends, strict=True)
    )


def section_at(sections: tuple[Section, ...], line_number: int) -> Section | None:
    """The section holding a line, or ``None`` for a number outside the note."""
    for section in sections:
        if section.first_line <= line_number <= section.last_line:
            return section
    return None


def _heading(text: str, isolated: bool) -> tuple[str, SectionKind, bool] | None:
    """``(title, kind, heading alone)`` when the line opens a section."""
    stripped = text.strip()
    markdown = _MARKDOWN.match(stripped)
    title = (markdown.group(2) if markdown else stripped).strip(" :;,*_#").strip()
    if title and len(title) <= LONGEST_HEADING:
        kind = _KIND_OF.get(_normal(title))
        if kind is not None:
            return title, kind, True
        if markdown and markdown.group(1)[0] in "#=" and _normal(title) not in _BODY_SYSTEMS:
            return title, SectionKind.OTHER, True
    return _run_in(stripped) or _qualified(stripped, isolated) or _capitals(stripped, title, isolated)


def _run_in(stripped: str) -> tuple[str, SectionKind, bool] | None:
    found = _RUN_IN.match(stripped)
    if found is None:
        return None
    title = found.group(1).strip()
    kind = _KIND_OF.get(_normal(title))
    if kind is None:
        return None
    return title, kind, not stripped[found.end() :].strip(" ,*_")


def _qualified(stripped: str, isolated: bool) -> tuple[str, SectionKind, bool] | None:
    """``Medications, reconciled 11/19/2026`` after a blank line: a known heading with a remark."""
    if not isolated or len(stripped) > LONGEST_HEADING or stripped[-1] in ".;,":
        return None
    found = _QUALIFIED.match(stripped)
    kind = _KIND_OF.get(_normal(found.group(1))) if found else None
    if kind is None or len(_normal(found.group(1) if found else "")) < 4:
        return None
    return stripped.rstrip(":"), kind, True


def _capitals(stripped: str, title: str, isolated: bool) -> tuple[str, SectionKind, bool] | None:
    """An unknown heading in capitals, alone on its line."""
    letters = [char for char in title if char.isalpha()]
    if not (
        4 <= len(title) <= LONGEST_HEADING
        and len(letters) >= 4
        and title == title.upper()
        and title != title.lower()
    ):
        return None
    if any(char.isdigit() for char in title) or title[-1] in ".!?" or "," in title or not title[0].isalpha():
        return None
    if _normal(title) in _BODY_SYSTEMS:
        return None
    named = stripped.endswith(":") or (isolated and (" " in title or len(letters) >= 10))
    return (title, SectionKind.OTHER, True) if named else None


def _normal(title: str) -> str:
    return " ".join(re.sub(r"[^a-z]+", " ", title.casefold().replace("&", " and ")).split())
