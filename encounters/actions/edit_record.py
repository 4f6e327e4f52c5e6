"""What a finished version keeps of its edits: releases, findings with what became of each, lifted edits.

A finding that was mended is absent: it was not there any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from code_sets.rules.edits.claim import Passed
from coding_ops.tenancy.actor import Actor
from edit_rules.actions.outcomes import NewOutcome, record_outcomes
from edit_rules.models import Outcome
from encounters.models import CodeAssignment, CodeRevision, Encounter
from encounters.rules.edit_findings import EditFinding
from encounters.selectors.edits import LiveEdits

BECAME = {"error": "overridden", "warning": "accepted", "info": "told"}


def pins_of(encounter: Encounter, edits: LiveEdits, now: datetime) -> dict[str, Any]:
    """What a finished version is pinned to: its tables, and the client's rules as they are known now."""
    if encounter.pinned_releases is not None:
        pins: dict[str, Any] = encounter.pinned_releases
        return pins
    return {"tables": dict(edits.releases), "rules_known_at": now.isoformat()}


def record_of(edits: LiveEdits, rows: Sequence[CodeAssignment], pins: dict[str, Any]) -> dict[str, Any]:
    """As plain JSON values; words of the note by version and offsets only."""
    return {
        **pins,
        "findings": [_finding(one) for one in edits.findings],
        "passed": [_passed(one, assignments, edits, rows) for one, assignments in edits.passed],
    }


def keep_outcomes(
    *,
    actor: Actor,
    encounter: Encounter,
    revision: CodeRevision,
    edits: LiveEdits,
    rows: Sequence[CodeAssignment],
) -> None:
    """Counts what became of each finding, for the rules' own page."""
    lines = {str(row.pk): row.position for row in rows if row.kind == "px"}
    outcomes = [
        NewOutcome(
            rule=one.rule,
            level=one.level,
            outcome=Outcome.OVERRIDDEN if one.is_let_stand else Outcome.FIRED,
            codes=one.codes,
            service_lines=tuple(lines[key] for key in one.assignments if key in lines),
            version_id=one.version_id,
            reason=one.stands.reason if one.stands and one.is_let_stand else "",
        )
        for one in edits.findings
    ]
    outcomes += [
        NewOutcome(
            rule=one.rule,
            level="error",
            outcome=Outcome.LIFTED,
            codes=one.codes,
            service_lines=tuple(lines[key] for key in assignments),
            reason=one.modifier,
        )
        for one, assignments in edits.passed
    ]
    if outcomes:
        record_outcomes(
            actor=actor,
            client_id=encounter.client_id,
            encounter_id=encounter.pk,
            revision_number=revision.number,
            outcomes=outcomes,
        )


def _finding(one: EditFinding) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "key": one.key,
        "rule": one.rule,
        "level": one.level,
        "became": BECAME[one.level],
        "assignments": list(one.assignments),
        "codes": list(one.codes),
        "message": one.message,
        "citation": one.citation,
        "decided_by": one.decided_by,
    }
    if one.stands is not None:
        said = one.stands
        kept |= {
            "override": said.override_id,
            "reason": said.reason,
            "note": said.note,
            "by": said.by,
            "evidence": said.evidence,
        }
    return kept


def _passed(
    one: Passed, assignments: tuple[str, ...], edits: LiveEdits, rows: Sequence[CodeAssignment]
) -> dict[str, Any]:
    """An edit that a modifier lifted, with the words that the line which carries it stands on."""
    pair = [row for row in rows if str(row.pk) in assignments]
    carrier = next((row for row in pair if one.modifier in row.modifiers), None)
    shown = next(
        (
            finding.stands
            for finding in edits.findings
            if finding.stands is not None and set(finding.assignments) == set(assignments)
        ),
        None,
    )
    return {
        "rule": one.rule,
        "codes": list(one.codes),
        "modifier": one.modifier,
        "assignments": list(assignments),
        "evidence_links": [str(link.pk) for link in carrier.evidence.all()] if carrier else [],
        "override": shown.override_id if shown else "",
        "evidence": shown.evidence if shown else "",
    }
