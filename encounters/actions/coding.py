"""What a coder does to a code set.  Each act holds the lease, leaves one numbered change and one event."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from code_sets.rules.entries import with_dot, without_dot
from code_sets.selectors import check_assignable
from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import InvalidInput, NotFound, Refused
from coding_ops.tenancy.actor import Actor
from encounters.actions.changes import code_set, note_change
from encounters.actions.leases import require_lease
from encounters.models import (
    CodeAssignment,
    CodeKind,
    DocumentVersion,
    Encounter,
    EncounterKind,
    EvidenceLink,
    EvidenceState,
    ExceptionReason,
)
from encounters.rules.anchors import make_anchor

DIAGNOSIS_SYSTEM = "ICD-10-CM"
POINTING_SYSTEMS = frozenset({"CPT", "HCPCS"})
"""Service lines point at diagnoses; an inpatient procedure stands for itself."""
CLAIM_SYSTEMS = frozenset({DIAGNOSIS_SYSTEM, "ICD-10-PCS", "CPT", "HCPCS"})
MOST_MODIFIERS = 4
MOST_POINTERS = 4


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of a document version, in code points."""

    version_id: uuid.UUID
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Attributes:
    """What may stand beside a code; ``None`` leaves it as it is."""

    modifiers: tuple[str, ...] | None = None
    service_unit_quantity: int | None = None
    present_on_admission: str | None = None
    pointers: tuple[uuid.UUID, ...] | None = None


def _begin(actor: Actor, encounter: Encounter, fence: int) -> list[dict[str, Any]]:
    require_lease(actor=actor, encounter=encounter, fence=fence, now=timezone.now())
    return code_set(encounter)


def _end(
    actor: Actor,
    encounter: Encounter,
    verb: Verb,
    before: list[dict[str, Any]],
    facts: dict[str, Any],
    reason: str = "",
) -> None:
    change = note_change(actor=actor, encounter=encounter, verb=verb, before=before)
    record_event(
        actor=actor, verb=verb, subject=encounter, reason=reason, facts={**facts, "change": change.number}
    )


@transaction.atomic
def assign_code(
    *,
    actor: Actor,
    encounter: Encounter,
    fence: int,
    system: str,
    code: str,
    evidence: Sequence[Words] = (),
    attributes: Attributes | None = None,
) -> CodeAssignment:
    """Adds a code at the end of its kind, with the words that support it.

    A service line without pointers points at the first four diagnoses; an inpatient diagnosis starts as
    present on admission only when the coder says so.

    Raises:
        Refused: not in force on the coding date, a header, expired, or on the chart already.
        InvalidInput: the words lie outside the document, or are empty.
        Conflict: the chart is no longer held.
    """
    before = _begin(actor, encounter, fence)
    if system not in CLAIM_SYSTEMS:
        raise InvalidInput("Choose one of the code systems of a claim.", code="code.system")
    plain = without_dot(code)
    verdict = check_assignable(system, plain, encounter.coding_on)
    if not verdict.ok:
        raise Refused(verdict.reason, code="code.not_assignable")
    kind = CodeKind.DIAGNOSIS if system == DIAGNOSIS_SYSTEM else CodeKind.SERVICE
    if kind == CodeKind.DIAGNOSIS and any(row["code"] == plain and row["kind"] == kind for row in before):
        raise Refused(f"{with_dot(plain)} is on this chart already.", code="code.duplicate")
    assignment = CodeAssignment(
        client_id=encounter.client_id,
        encounter=encounter,
        kind=kind,
        system=system,
        code=plain,
        title=verdict.title,
        release_id=verdict.release,
        position=1 + sum(1 for row in before if row["kind"] == kind),
        created_by_id=actor.person_id,
    )
    if system in POINTING_SYSTEMS:
        assignment.pointers = [uuid.UUID(row["id"]) for row in before if row["kind"] == CodeKind.DIAGNOSIS][
            :MOST_POINTERS
        ]
    _apply(assignment, attributes or Attributes(), before)
    assignment.save()
    _point_unpointed_services(encounter, assignment)
    for words in evidence:
        _cite(actor, encounter, assignment, words)
    _end(actor, encounter, Verb.CODE_ASSIGNED, before, {"code": assignment.code, "evidence": len(evidence)})
    return assignment


@transaction.atomic
def change_code(
    *, actor: Actor, encounter: Encounter, fence: int, assignment_id: uuid.UUID, attributes: Attributes
) -> CodeAssignment:
    """Changes what stands beside a code: modifiers, units, present-on-admission, pointers."""
    before = _begin(actor, encounter, fence)
    assignment = _assignment(encounter, assignment_id)
    _apply(assignment, attributes, before)
    assignment.save()
    facts = {
        "code": assignment.code,
        "modifiers": assignment.modifiers,
        "units": assignment.service_unit_quantity,
        "poa": assignment.present_on_admission,
    }
    _end(actor, encounter, Verb.CODE_CHANGED, before, facts)
    return assignment


@transaction.atomic
def replace_service(
    *,
    actor: Actor,
    encounter: Encounter,
    fence: int,
    assignment_id: uuid.UUID,
    system: str,
    code: str,
    evidence: Sequence[Words] = (),
) -> CodeAssignment:
    """Puts another code in a service's place: modifiers, units, pointers and evidence stay, words are added.

    Raises:
        Refused: not in force on the coding date.
        InvalidInput: the row is a diagnosis, or the words lie outside the document.
        Conflict: the chart is no longer held.
    """
    before = _begin(actor, encounter, fence)
    assignment = _assignment(encounter, assignment_id)
    if assignment.kind != CodeKind.SERVICE or system not in CLAIM_SYSTEMS - {DIAGNOSIS_SYSTEM}:
        raise InvalidInput("Only a service takes another service's place.", code="code.system")
    verdict = check_assignable(system, code, encounter.coding_on)
    if not verdict.ok:
        raise Refused(verdict.reason, code="code.not_assignable")
    was, assignment.system, assignment.code = assignment.code, system, code
    assignment.title, assignment.release_id = verdict.title, verdict.release
    assignment.save(update_fields=["system", "code", "title", "release_id"])
    for words in evidence:
        _cite(actor, encounter, assignment, words)
    facts = {"code": code, "was": was, "evidence": len(evidence)}
    _end(actor, encounter, Verb.CODE_CHANGED, before, facts)
    return assignment


@transaction.atomic
def remove_code(
    *, actor: Actor, encounter: Encounter, fence: int, assignment_id: uuid.UUID, reason: str = ""
) -> None:
    """Takes a code off the chart; later codes move up, pointers to it go.

    On a chart that has been final, the reason is required.
    """
    before = _begin(actor, encounter, fence)
    assignment = _assignment(encounter, assignment_id)
    if encounter.revision_count and not reason.strip():
        raise Refused(
            "This chart was final before: say why the code is removed.", code="code.removal_reason_missing"
        )
    EvidenceLink.objects.filter(client_id=encounter.client_id, assignment=assignment).delete()
    kind, position = assignment.kind, assignment.position
    assignment.delete()
    _close_gap(encounter, kind, position, assignment_id)
    _end(actor, encounter, Verb.CODE_REMOVED, before, {"code": assignment.code}, reason.strip())


@transaction.atomic
def move_code(
    *, actor: Actor, encounter: Encounter, fence: int, assignment_id: uuid.UUID, position: int
) -> None:
    """Moves a code to a position within its kind, counted from 1; the others make room."""
    before = _begin(actor, encounter, fence)
    assignment = _assignment(encounter, assignment_id)
    rows = list(
        CodeAssignment.objects.select_for_update()
        .filter(client_id=encounter.client_id, encounter=encounter, kind=assignment.kind)
        .order_by("position")
    )
    if not 1 <= position <= len(rows):
        raise InvalidInput(f"Position {position} is outside 1 to {len(rows)}.", code="code.position")
    rows = [row for row in rows if row.pk != assignment.pk]
    rows.insert(position - 1, assignment)
    for number, row in enumerate(rows, start=1):
        if row.position != number:
            row.position = number
            row.save(update_fields=["position"])
    _end(actor, encounter, Verb.CODES_REORDERED, before, {"code": assignment.code, "position": position})


@transaction.atomic
def cite(
    *, actor: Actor, encounter: Encounter, fence: int, assignment_id: uuid.UUID, words: Words
) -> EvidenceLink:
    """Ties words of a document to a code."""
    before = _begin(actor, encounter, fence)
    assignment = _assignment(encounter, assignment_id)
    link = _cite(actor, encounter, assignment, words)
    _end(
        actor,
        encounter,
        Verb.EVIDENCE_CITED,
        before,
        {
            "code": assignment.code,
            "version": str(link.document_version_id),
            "start": link.start,
            "end": link.end,
        },
    )
    return link


@transaction.atomic
def remove_evidence(*, actor: Actor, encounter: Encounter, fence: int, evidence_id: uuid.UUID) -> None:
    """Unties words from a code."""
    before = _begin(actor, encounter, fence)
    link = (
        EvidenceLink.objects.select_related("assignment")
        .filter(client_id=encounter.client_id, pk=evidence_id, assignment__encounter=encounter)
        .first()
    )
    if link is None:
        raise NotFound
    code = link.assignment.code
    link.delete()
    _end(actor, encounter, Verb.EVIDENCE_REMOVED, before, {"code": code})


@transaction.atomic
def record_exception(
    *,
    actor: Actor,
    encounter: Encounter,
    fence: int,
    assignment_id: uuid.UUID,
    reason: str,
    note: str,
) -> None:
    """Says why a code stands without quoted words; an empty reason takes the exception back."""
    before = _begin(actor, encounter, fence)
    assignment = _assignment(encounter, assignment_id)
    if reason and reason not in ExceptionReason.values:
        raise InvalidInput("Choose one of the listed reasons.", code="exception.reason")
    if reason and len(note.strip()) < 10:
        raise Refused("Say in a sentence why the code has no quoted evidence.", code="exception.note")
    assignment.exception_reason = reason
    assignment.exception_note = note.strip() if reason else ""
    assignment.save(update_fields=["exception_reason", "exception_note"])
    _end(actor, encounter, Verb.EXCEPTION_RECORDED, before, {"code": assignment.code, "reason": reason})


def _assignment(encounter: Encounter, assignment_id: uuid.UUID) -> CodeAssignment:
    row: CodeAssignment | None = (
        CodeAssignment.objects.select_for_update()
        .filter(client_id=encounter.client_id, encounter=encounter, pk=assignment_id)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def _cite(actor: Actor, encounter: Encounter, assignment: CodeAssignment, words: Words) -> EvidenceLink:
    version = DocumentVersion.objects.filter(
        client_id=encounter.client_id, pk=words.version_id, document__encounter=encounter
    ).first()
    if version is None:
        raise InvalidInput("The words are not in a document of this chart.", code="evidence.foreign_document")
    anchor = make_anchor(version.text, words.start, words.end)
    link: EvidenceLink
    link, _ = EvidenceLink.objects.get_or_create(
        client_id=encounter.client_id,
        assignment=assignment,
        document_version=version,
        start=anchor.start,
        end=anchor.end,
        defaults={
            "quote": anchor.exact,
            "prefix": anchor.prefix,
            "suffix": anchor.suffix,
            "state": EvidenceState.ANCHORED,
            "created_by_id": actor.person_id,
        },
    )
    return link


def _apply(assignment: CodeAssignment, wanted: Attributes, before: list[dict[str, Any]]) -> None:
    if wanted.modifiers is not None:
        modifiers = [modifier.strip().upper() for modifier in wanted.modifiers if modifier.strip()]
        if assignment.kind != CodeKind.SERVICE and modifiers:
            raise InvalidInput("Only services carry modifiers.", code="modifier.on_diagnosis")
        if len(modifiers) > MOST_MODIFIERS:
            raise InvalidInput("A service carries four modifiers at most.", code="modifier.too_many")
        wrong = [m for m in modifiers if len(m) != 2 or not m.isascii() or not m.isalnum()]
        if wrong:
            raise InvalidInput(
                f"{', '.join(wrong)}: a modifier is two letters or digits.", code="modifier.form"
            )
        if len(set(modifiers)) != len(modifiers):
            raise InvalidInput("The same modifier stands there twice.", code="modifier.twice")
        assignment.modifiers = modifiers
    if wanted.service_unit_quantity is not None:
        if not 1 <= wanted.service_unit_quantity <= 9999:
            raise InvalidInput("Units are 1 to 9999.", code="units.range")
        assignment.service_unit_quantity = wanted.service_unit_quantity
    if wanted.present_on_admission is not None:
        _apply_present_on_admission(assignment, wanted.present_on_admission)
    if wanted.pointers is not None:
        _apply_pointers(assignment, wanted.pointers, before)


def _apply_present_on_admission(assignment: CodeAssignment, typed: str) -> None:
    letter = typed.strip().upper()
    if letter not in ("", "Y", "N", "U", "W", "1"):
        raise InvalidInput("Present on admission is Y, N, U, W or 1.", code="poa.form")
    if letter and assignment.encounter.kind != EncounterKind.INPATIENT:
        raise InvalidInput("Present on admission is for inpatient stays.", code="poa.outpatient")
    if letter and assignment.kind != CodeKind.DIAGNOSIS:
        raise InvalidInput("Present on admission belongs to diagnoses.", code="poa.not_a_diagnosis")
    assignment.present_on_admission = letter


def _apply_pointers(
    assignment: CodeAssignment, pointers: tuple[uuid.UUID, ...], before: list[dict[str, Any]]
) -> None:
    if assignment.kind != CodeKind.SERVICE:
        raise InvalidInput("Only services point at diagnoses.", code="pointer.on_diagnosis")
    diagnoses = {row["id"] for row in before if row["kind"] == CodeKind.DIAGNOSIS}
    if any(str(pointer) not in diagnoses for pointer in pointers):
        raise InvalidInput("A pointer names a diagnosis that is not on this chart.", code="pointer.unknown")
    if len(pointers) > MOST_POINTERS:
        raise InvalidInput("A service points at four diagnoses at most.", code="pointer.too_many")
    assignment.pointers = list(dict.fromkeys(pointers))


def _point_unpointed_services(encounter: Encounter, added: CodeAssignment) -> None:
    """A service entered before any diagnosis points at the first one that comes."""
    if added.kind != CodeKind.DIAGNOSIS or added.position != 1:
        return
    for service in CodeAssignment.objects.filter(
        client_id=encounter.client_id, encounter=encounter, system__in=POINTING_SYSTEMS, pointers=[]
    ):
        service.pointers = [added.pk]
        service.save(update_fields=["pointers"])


def _close_gap(encounter: Encounter, kind: str, position: int, removed: uuid.UUID) -> None:
    rows = CodeAssignment.objects.filter(client_id=encounter.client_id, encounter=encounter)
    for row in rows.filter(kind=kind, position__gt=position).order_by("position"):
        row.position -= 1
        row.save(update_fields=["position"])
    for service in rows.filter(kind=CodeKind.SERVICE, pointers__contains=[removed]):
        service.pointers = [pointer for pointer in service.pointers if pointer != removed]
        service.save(update_fields=["pointers"])
