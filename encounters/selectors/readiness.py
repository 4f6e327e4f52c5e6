"""What stands between an encounter's codes and their final version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from code_sets.poa_exempt import PoaExempt, poa_exempt_on
from code_sets.rules.entries import with_dot
from code_sets.selectors import check_assignable
from coding_ops.core.errors import Refused
from encounters.models import (
    CodeAssignment,
    CodeKind,
    DocumentVersion,
    Encounter,
    EncounterKind,
    EncounterStatus,
    EvidenceState,
    Pend,
)
from encounters.rules.readiness import Assignment, EncounterFacts, Readiness, Setting, judge
from encounters.selectors.edits import LiveEdits, edits_of, needs_note

SETTINGS = {
    EncounterKind.INPATIENT: Setting.INPATIENT,
    EncounterKind.OUTPATIENT: Setting.OUTPATIENT,
    EncounterKind.EMERGENCY: Setting.OUTPATIENT,
    EncounterKind.OBSERVATION: Setting.OUTPATIENT,
}


def setting_of(encounter: Encounter) -> Setting:
    """The kind of claim the codes go to."""
    return SETTINGS.get(EncounterKind(encounter.kind), Setting.PROFESSIONAL)


def assignments_of(encounter: Encounter) -> list[CodeAssignment]:
    """The working set with its evidence, in claim order: two queries."""
    return list(
        CodeAssignment.objects.filter(client_id=encounter.client_id, encounter=encounter)
        .prefetch_related("evidence")
        .order_by("kind", "position")
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """What stands between a working set and its final version, and what the edits made of it."""

    readiness: Readiness
    edits: LiveEdits


def readiness_of(
    encounter: Encounter, assignments: Sequence[CodeAssignment] | None = None, *, lock: str = ""
) -> Readiness:
    """Judges the working set as it lies in the database.

    ``lock`` says in words who holds the chart; empty when the person asking does.
    """
    return judged(encounter, assignments, lock=lock).readiness


def judged(
    encounter: Encounter, assignments: Sequence[CodeAssignment] | None = None, *, lock: str = ""
) -> Judged:
    """As ``readiness_of``, with the findings of the claim edits themselves."""
    rows = assignments_of(encounter) if assignments is None else assignments
    texts = newest_texts(encounter, with_text=needs_note(rows))
    edits = edits_of(encounter, rows, setting_of(encounter), note="\n".join(texts))
    pend = Pend.objects.filter(
        client_id=encounter.client_id, encounter=encounter, closed_at__isnull=True
    ).first()
    facts = EncounterFacts(
        status=encounter.status,
        setting=setting_of(encounter),
        has_readable_document=bool(texts),
        open_pend=pend.get_reason_display().lower() if pend else "",
        lock=lock,
    )
    if encounter.status == EncounterStatus.PENDED and not facts.open_pend:
        raise Refused(
            "The encounter is on hold, but no open hold was found. Report this.", code="pend.absent"
        )
    exempt = poa_exempt_on(encounter.coding_on) if facts.setting is Setting.INPATIENT else None
    checked = edits.releases["icd-10-cm"] is not None
    codes = [_judged(encounter, row, exempt, checked) for row in rows]
    return Judged(judge(codes, facts, edits.findings), edits)


def newest_texts(encounter: Encounter, *, with_text: bool) -> list[str]:
    """The newest version of each document of the chart; empty texts when only their number matters."""
    newest = (
        DocumentVersion.objects.filter(client_id=encounter.client_id, document__encounter=encounter)
        .order_by("document_id", "-number")
        .distinct("document_id")
    )
    if with_text:
        return [version.text for version in newest.only("id", "client_id", "text")]
    return ["" for _ in newest.values_list("pk")]


def _judged(encounter: Encounter, row: CodeAssignment, exempt: PoaExempt | None, checked: bool) -> Assignment:
    """``checked``: the edits look whether diagnoses are of their release, which may be a pinned one."""
    links = list(row.evidence.all())
    anchored = sum(1 for link in links if link.state == EvidenceState.ANCHORED)
    return Assignment(
        key=str(row.pk),
        system=row.system,
        shown=shown_code(row),
        kind=row.kind,
        position=row.position,
        anchored_count=anchored,
        lost_count=len(links) - anchored,
        exception_reason=row.exception_reason,
        exception_note=row.exception_note,
        pointers=tuple(str(pointer) for pointer in row.pointers),
        modifiers=tuple(row.modifiers),
        units=row.service_unit_quantity,
        poa=row.present_on_admission,
        is_poa_exempt=None if exempt is None else exempt.holds(row.code, encounter.coding_on),
        not_assignable="" if checked and row.kind == CodeKind.DIAGNOSIS else _objection(encounter, row),
    )


def is_poa_exempt(encounter: Encounter, row: CodeAssignment) -> bool:
    """Whether CMS's list for the day of discharge holds this diagnosis of a stay."""
    if setting_of(encounter) is not Setting.INPATIENT or row.kind != CodeKind.DIAGNOSIS:
        return False
    listed = poa_exempt_on(encounter.coding_on)
    return listed is not None and listed.holds(row.code, encounter.coding_on)


def shown_code(row: CodeAssignment) -> str:
    """The code as people read it: diagnoses with their dot."""
    return with_dot(row.code) if row.kind == CodeKind.DIAGNOSIS else row.code


def _objection(encounter: Encounter, row: CodeAssignment) -> str:
    """The release's objection in words; the day is the encounter's, whatever release it was entered under."""
    try:
        verdict = check_assignable(row.system, row.code, encounter.coding_on)
    except Refused as error:
        return error.message
    return "" if verdict.ok else verdict.reason
