"""Which diagnoses of a working set map to a condition category, and whether their words support it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from code_sets.hcc_tables import ModelYear, tables_of
from code_sets.rules.edits.claim import Finding
from code_sets.rules.entries import with_dot
from encounters.models import CodeAssignment, CodeKind, DocumentVersion, Encounter, EvidenceState
from encounters.rules.hcc_support import CitedSpan, HccDiagnosis, Judged, findings, judge
from encounters.rules.sections import SectionKind, detect_sections
from encounters.rules.text import split_lines
from encounters.selectors.hcc_tables import models_shown, support_policy

Stretch = tuple[int, int, SectionKind]
VERSIONS_KEPT = 512
# Where the sections of a version lie: offsets and kinds, no words.  A version never changes.
_known: dict[uuid.UUID, tuple[Stretch, ...]] = {}


def payment_year(encounter: Encounter) -> int:
    """The year that is paid by the diagnoses of this one."""
    return encounter.coding_on.year + 1


def main_mapping(encounter: Encounter) -> Mapping[str, tuple[str, ...]]:
    """Diagnosis to categories, by the first model shown; empty where none is loaded."""
    model = models_shown(payment_year(encounter))[0]
    return tables_of(model).mapping if isinstance(model, ModelYear) else {}


def judged_of(
    encounter: Encounter, rows: Iterable[CodeAssignment], mapped: Mapping[str, tuple[str, ...]]
) -> list[Judged]:
    """The diagnoses that ``mapped`` knows, in claim order, each with what its words make of it.

    At most one query, for versions whose sections this process has not seen yet.
    """
    return _judged(
        encounter,
        [
            _Diagnosis(
                str(row.pk),
                row.code,
                tuple(
                    _Link(link.document_version_id, link.start, link.end, link.meat)
                    for link in row.evidence.all()
                    if link.state == EvidenceState.ANCHORED
                ),
            )
            for row in rows
            if row.kind == CodeKind.DIAGNOSIS and row.code in mapped
        ],
    )


def support_findings(encounter: Encounter, rows: Sequence[CodeAssignment]) -> list[Finding]:
    """What stands beside the codes whose category is not supported."""
    return list(findings(judged_of(encounter, rows, main_mapping(encounter)), support_policy()))


def findings_of_version(encounter: Encounter, codes: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """The same of a finished version's codes (``CodeRevision.codes``)."""
    mapped = main_mapping(encounter)
    diagnoses = [
        _Diagnosis(
            row["id"],
            row["code"],
            tuple(
                _Link(uuid.UUID(link["document_version"]), link["start"], link["end"], link.get("meat", ""))
                for link in row["evidence"]
                if link["state"] == EvidenceState.ANCHORED
            ),
        )
        for row in codes
        if row["kind"] == CodeKind.DIAGNOSIS and row["code"] in mapped
    ]
    return list(findings(_judged(encounter, diagnoses), support_policy()))


@dataclass(frozen=True, slots=True)
class _Link:
    version_id: uuid.UUID
    start: int
    end: int
    meat: str


@dataclass(frozen=True, slots=True)
class _Diagnosis:
    key: str
    code: str
    links: tuple[_Link, ...]


def _judged(encounter: Encounter, diagnoses: Sequence[_Diagnosis]) -> list[Judged]:
    stretches = _stretches_of(encounter, {link.version_id for one in diagnoses for link in one.links})
    policy = support_policy()
    return [
        judge(
            HccDiagnosis(
                key=one.key,
                code=one.code,
                shown=with_dot(one.code),
                spans=tuple(
                    CitedSpan(_kinds(stretches[link.version_id], link.start, link.end), link.meat)
                    for link in one.links
                ),
            ),
            policy,
        )
        for one in diagnoses
    ]


def _stretches_of(encounter: Encounter, wanted: set[uuid.UUID]) -> dict[uuid.UUID, tuple[Stretch, ...]]:
    known = {pk: _known[pk] for pk in wanted if pk in _known}
    missing = wanted - known.keys()
    if missing:
        for version in DocumentVersion.objects.filter(client_id=encounter.client_id, pk__in=missing):
            known[version.pk] = _remember(version)
    return known


def _kinds(stretches: Sequence[Stretch], start: int, end: int) -> tuple[SectionKind, ...]:
    """The sections a span touches, each once, in order."""
    touched = [kind for first, last, kind in stretches if first < end and last > start]
    return tuple(dict.fromkeys(touched))


def _remember(version: DocumentVersion) -> tuple[Stretch, ...]:
    lines = split_lines(version.text)
    starts = {line.number: line for line in lines}
    found = tuple(
        (starts[section.first_line].start, starts[section.last_line].end, section.kind)
        for section in detect_sections(lines)
    )
    if len(_known) >= VERSIONS_KEPT:
        _known.clear()
    _known[version.pk] = found
    return found
