"""Findings of the claim edits, tied to the codes of a working set.

The edits speak of line numbers and codes; the page, overrides and revisions speak of assignments.  The
``key`` of a finding is made of its rule and what it concerns, so that an override survives a reload, an undo
and a new release of the tables, and does not outlive a change of what it was given for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from encounters.rules.edit_policy import Terms

Level = Literal["error", "warning", "info"]
LEVELS: Final[tuple[Level, ...]] = ("error", "warning", "info")
DIAGNOSIS_RULES: Final = "icd."
UNITS_RULE: Final = "ncci.mue"
KEY_LENGTH: Final = 20


@dataclass(frozen=True, slots=True)
class RawFinding:
    """A finding as edits and client rules tell it.

    Attributes:
        lines: numbers of service lines; ``diagnoses``: positions from 1, when the rule says them.
        default_level: the level before a client's rule changed it; empty for a client's own check.
        decided_by: in words, the client's rule that decided the level; ``version_id`` is its version.
    """

    rule: str
    level: Level
    lines: tuple[int, ...]
    codes: tuple[str, ...]
    message: str
    citation: str
    satisfy: str
    bypass: tuple[str, ...] = ()
    diagnoses: tuple[int, ...] = ()
    default_level: str = ""
    decided_by: str = ""
    version_id: str = ""


@dataclass(frozen=True, slots=True)
class Stands:
    """Why a finding was let stand.  ``evidence``: ``<version>:<start>:<end>``; ``is_lost``: its words are
    not in the newest version of their document, so that an override which needs them holds no longer."""

    override_id: str
    reason: str
    note: str
    by: str
    evidence: str = ""
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class EditFinding:
    """One finding beside its line.

    Attributes:
        key: stable; names the finding on the page, in overrides and in revisions.
        assignments: ids of the codes it concerns; the first is the one it stands beside.
        terms: on what terms it may stand.
        stands: the override in force, if any.
    """

    key: str
    rule: str
    level: Level
    assignments: tuple[str, ...]
    codes: tuple[str, ...]
    message: str
    citation: str
    satisfy: str
    bypass: tuple[str, ...]
    terms: Terms
    default_level: str = ""
    decided_by: str = ""
    version_id: str = ""
    stands: Stands | None = None

    @property
    def is_open(self) -> bool:
        """Does it still ask for something: an error that was not let stand, or a warning?"""
        return self.level != "info" and not self.is_let_stand

    @property
    def is_let_stand(self) -> bool:
        """Is there an override whose words, where it needs some, are in the document still?"""
        return self.stands is not None and not self.stands.is_lost

    @property
    def blocks(self) -> bool:
        """Does it refuse finalize?"""
        return self.level == "error" and not self.is_let_stand


@dataclass(frozen=True, slots=True)
class Placing:
    """How a claim maps back: line number, diagnosis code and position to assignment id; units by line."""

    lines: Mapping[int, str]
    diagnoses: Mapping[str, str]
    positions: Mapping[int, str]
    units: Mapping[int, int]


def place(raw: RawFinding, placing: Placing) -> tuple[str, ...]:
    """Ids of the assignments a finding concerns, the one it stands beside first.

    A pair of procedures stands beside column 2, which would not be paid; a pair of diagnoses beside the one
    further down; everything else beside its first line or code.
    """
    of_codes = [placing.diagnoses[code] for code in raw.codes if code in placing.diagnoses]
    of_lines = [placing.lines[number] for number in raw.lines if number in placing.lines]
    of_places = [placing.positions[number] for number in raw.diagnoses if number in placing.positions]
    if raw.rule.startswith(DIAGNOSIS_RULES):
        # The lines of a diagnosis' finding are those that point at it, unless one of them carries its side.
        own = of_codes if of_codes and not _is_of_line(raw, placing) else [*of_lines[:1], *of_codes]
        if raw.rule == "icd.excludes1":
            order = list(placing.diagnoses.values())
            own = sorted(own, key=order.index, reverse=True)
        found = own or of_lines
    elif raw.rule in ("ncci.ptp", "modifier.59_evidence") and len(of_lines) == 2:
        found = of_lines[::-1] if raw.rule == "ncci.ptp" else of_lines
    else:
        found = [*of_lines, *of_places, *([] if of_lines or of_places else of_codes)]
    return tuple(dict.fromkeys(found))


def _is_of_line(raw: RawFinding, placing: Placing) -> bool:
    """A diagnosis' finding that names a service's code too speaks of that line."""
    return any(code not in placing.diagnoses for code in raw.codes[1:]) and raw.rule == "icd.laterality"


def key_of(raw: RawFinding, assignments: Sequence[str], placing: Placing) -> str:
    """A digest of the rule and of what it concerns; of units too, where the rule is about how many."""
    parts = [raw.rule, *sorted(assignments), *sorted(raw.codes)]
    if raw.rule == UNITS_RULE:
        parts += [f"{number}x{placing.units.get(number, 1)}" for number in sorted(raw.lines)]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:KEY_LENGTH]


def settle(
    found: Iterable[tuple[RawFinding, Terms]], placing: Placing, overrides: Mapping[str, Stands]
) -> tuple[EditFinding, ...]:
    """Findings with key, place and override; errors first, then warnings, then infos, in claim order."""
    order = {key: at for at, key in enumerate([*placing.lines.values(), *placing.positions.values()])}
    settled = list(_settled(found, placing, overrides))
    settled.sort(
        key=lambda one: (
            LEVELS.index(one.level),
            order.get(one.assignments[0], -1) if one.assignments else -1,
        )
    )
    return tuple(settled)


def _settled(
    found: Iterable[tuple[RawFinding, Terms]], placing: Placing, overrides: Mapping[str, Stands]
) -> Iterator[EditFinding]:
    seen: dict[str, int] = {}
    for raw, terms in found:
        assignments = place(raw, placing)
        key = key_of(raw, assignments, placing)
        # Two notes of one code may both ask for another code first.
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            key = f"{key}-{seen[key]}"
        finding = EditFinding(
            key=key,
            rule=raw.rule,
            level=raw.level,
            assignments=assignments,
            codes=raw.codes,
            message=raw.message,
            citation=raw.citation,
            satisfy=raw.satisfy,
            bypass=raw.bypass,
            terms=terms,
            default_level=raw.default_level,
            decided_by=raw.decided_by,
            version_id=raw.version_id,
        )
        yield replace(finding, stands=overrides.get(key)) if raw.level == "error" else finding
