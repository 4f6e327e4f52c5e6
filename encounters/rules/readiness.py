"""What stands between a code set and its final version: said all at once, each with its place and its remedy.

Rule ids are stable: tests, reports and the page's links use them.  ``blocking`` findings refuse finalize,
``warning`` findings are shown and may be accepted.  Whether codes conflict with each other (NCCI, Excludes1,
age, sex) is the edits' business; what they found is handed in and counted here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from encounters.rules.edit_findings import EditFinding
from encounters.rules.encounter_states import EncounterStatus, Verb, verbs_from
from encounters.rules.readiness_codes import code_findings
from encounters.rules.readiness_facts import (
    DIAGNOSES_THAT_FIT,
    Assignment,
    EncounterFacts,
    ExceptionReason,
    Finding,
    Setting,
    Severity,
    blocks,
    warns,
)

__all__ = [
    "Assignment",
    "EncounterFacts",
    "ExceptionReason",
    "Finding",
    "Readiness",
    "Setting",
    "Severity",
    "judge",
]


@dataclass(frozen=True, slots=True)
class Readiness:
    """All findings; blocking ones in the order of the page.  Counts are of codes.

    ``cited_count`` have words in the current document, ``excepted_count`` a recorded exception instead.
    """

    blocking: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    cited_count: int
    excepted_count: int
    total_count: int
    undecided_count: int

    @property
    def is_ready(self) -> bool:
        """May it be finalized?"""
        return not self.blocking


SAID_BY_EDITS: Final = {
    "code.not_assignable": frozenset({"icd.invalid", "icd.not_billable", "code.not_in_release"}),
    "pointers.missing": frozenset({"pointer.missing"}),
    "pointers.too_many": frozenset({"pointer.missing"}),
    "modifiers.form": frozenset({"modifier.invalid"}),
    "modifiers.duplicate": frozenset({"modifier.invalid"}),
    "modifiers.too_many": frozenset({"modifier.invalid"}),
    "modifiers.not_taken": frozenset({"modifier.invalid"}),
}
"""What the edits say better, with source and edition: one thing is counted once."""


def judge(
    assignments: Sequence[Assignment], facts: EncounterFacts, edits: Sequence[EditFinding] = ()
) -> Readiness:
    """Everything between these codes and finalize.  ``edits``: what the claim edits found."""
    codes = sorted(assignments, key=lambda a: (not a.is_diagnosis, a.position, a.key))
    findings = [*_encounter(facts), *_set(codes, facts)]
    diagnoses = {a.key: a for a in codes if a.is_diagnosis}
    for code in codes:
        findings.extend(code_findings(code, diagnoses, facts))
    findings = [*_not_said_by(edits, findings), *_of_edits(edits)]
    return Readiness(
        blocking=tuple(f for f in findings if f.severity is Severity.BLOCKING),
        warnings=tuple(f for f in findings if f.severity is Severity.WARNING),
        cited_count=sum(code.anchored_count > 0 for code in codes),
        excepted_count=sum(code.anchored_count == 0 and code.has_exception for code in codes),
        total_count=len(codes),
        undecided_count=facts.undecided_count,
    )


def _not_said_by(edits: Sequence[EditFinding], findings: Sequence[Finding]) -> Iterator[Finding]:
    said = {(one.assignments[0], one.rule) for one in edits if one.assignments}
    for finding in findings:
        better = SAID_BY_EDITS.get(finding.rule, frozenset())
        if not any((finding.assignment_key, rule) in said for rule in better):
            yield finding


def _of_edits(edits: Sequence[EditFinding]) -> Iterator[Finding]:
    for one in edits:
        if one.is_open:
            yield Finding(
                rule=one.rule,
                severity=Severity.BLOCKING if one.blocks else Severity.WARNING,
                assignment_key=one.assignments[0] if one.assignments else None,
                where="edits",
                message=one.message,
                how_to_fix=one.satisfy,
                citation=one.citation,
                edit_key=one.key,
            )


# --- the encounter ------------------------------------------------------------------------------------


def _encounter(facts: EncounterFacts) -> Iterator[Finding]:
    if facts.open_pend:
        yield blocks(
            "encounter.pended",
            None,
            "status",
            f"The chart is on hold: {facts.open_pend}.",
            "Close the hold first.",
        )
    elif Verb.FINALIZE not in verbs_from(facts.status):
        yield blocks(
            "encounter.status",
            None,
            "status",
            f"The encounter is {EncounterStatus(facts.status).value}: not ready to be finalized.",
            "Reopen it with a reason if it is final; otherwise wait until it is ready.",
        )
    if facts.lock:
        yield blocks(
            "encounter.locked",
            None,
            "status",
            f"You do not hold this chart: {facts.lock}.",
            "Take the chart again.",
        )
    if not facts.has_readable_document:
        yield blocks(
            "document.missing",
            None,
            "documents",
            "No readable document has arrived.",
            "Put the chart on hold for the client, reason: a note is missing.",
        )
    if facts.undecided_count:
        count = facts.undecided_count
        yield warns(
            "suggestions.undecided",
            None,
            "suggestions",
            f"{count} suggestion{'s are' if count > 1 else ' is'} not decided.",
            "Accept or dismiss each.",
        )


# --- the set ------------------------------------------------------------------------------------------


def _set(codes: Sequence[Assignment], facts: EncounterFacts) -> Iterator[Finding]:
    diagnoses = [code for code in codes if code.is_diagnosis]
    if not diagnoses:
        yield blocks(
            "diagnosis.missing",
            None,
            "codes",
            "There is no diagnosis.",
            "Add the reason for the visit as a diagnosis.",
        )
    fit = DIAGNOSES_THAT_FIT[facts.setting]
    if len(diagnoses) > fit:
        yield blocks(
            "diagnosis.too_many",
            diagnoses[fit].key,
            "codes",
            f"There are {len(diagnoses)} diagnoses; the claim has room for {fit}.",
            f"Remove or leave out those after position {fit}.",
        )
    yield from _positions(codes)
    yield from _duplicates(codes)


def _positions(codes: Sequence[Assignment]) -> Iterator[Finding]:
    for is_diagnosis, noun in ((True, "diagnoses"), (False, "services")):
        group = [code for code in codes if code.is_diagnosis is is_diagnosis]
        for expected, code in enumerate(group, start=1):
            if code.position != expected:
                yield blocks(
                    "position.gap",
                    code.key,
                    "position",
                    f"The {noun} are not numbered 1 to {len(group)}: {code.shown} is at {code.position}.",
                    "Move the code up or down once to number them anew.",
                )
                break


def _duplicates(codes: Sequence[Assignment]) -> Iterator[Finding]:
    seen: dict[tuple[str, str, str, tuple[str, ...]], Assignment] = {}
    for code in codes:
        # A diagnosis is reported once (ICD-10-CM guidelines I.B.12); a service line also by its modifiers.
        modifiers = () if code.is_diagnosis else tuple(sorted(code.modifiers))
        identity = (code.kind, code.system, code.shown.replace(".", ""), modifiers)
        first = seen.setdefault(identity, code)
        if first is not code:
            remedy = (
                "Remove one."
                if code.is_diagnosis
                else "Remove one, raise the units, or tell them apart by a modifier."
            )
            yield blocks(
                "code.duplicate",
                code.key,
                "codes",
                f"{code.shown} is there twice, at {first.position} and {code.position}.",
                remedy,
            )
