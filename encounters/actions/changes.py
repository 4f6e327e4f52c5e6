"""Each change of a code set is numbered and keeps what it takes to go back.

A change remembers the whole set as it was: codes, attributes, evidence by version and offsets.  The quoted
words are not copied; they are read again from the document version, which never changes.  An act on something
beside the codes remembers that too: ``{"codes": …, "edits": …}``.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from coding_ops.audit.models import Verb
from coding_ops.audit.record import record_event
from coding_ops.core.errors import Refused
from coding_ops.tenancy.actor import Actor
from encounters.actions.cited_state import restore_beside
from encounters.actions.edit_state import restore_edits
from encounters.actions.leases import require_lease
from encounters.models import CodeAssignment, CodingChange, DocumentVersion, Encounter, EvidenceLink
from encounters.rules.anchors import make_anchor

FIELDS = (
    "kind",
    "system",
    "code",
    "title",
    "release_id",
    "position",
    "modifiers",
    "service_unit_quantity",
    "present_on_admission",
    "exception_reason",
    "exception_note",
    "created_by_id",
)
EVIDENCE_FIELDS = ("start", "end", "state", "meat", "created_by_id")


def code_set(encounter: Encounter) -> list[dict[str, Any]]:
    """The encounter's codes with attributes and evidence, in claim order, as plain JSON values."""
    assignments = (
        CodeAssignment.objects.filter(client_id=encounter.client_id, encounter=encounter)
        .prefetch_related("evidence")
        .order_by("kind", "position")
    )
    return [
        {field: getattr(row, field) for field in FIELDS}
        | {
            "id": str(row.pk),
            "pointers": [str(pointer) for pointer in row.pointers],
            "evidence": [
                {field: getattr(link, field) for field in EVIDENCE_FIELDS}
                | {"id": str(link.pk), "document_version": str(link.document_version_id)}
                for link in row.evidence.all()
            ],
        }
        for row in assignments
    ]


def note_change(
    *, actor: Actor, encounter: Encounter, verb: Verb, before: list[dict[str, Any]] | dict[str, Any]
) -> CodingChange:
    """Numbers the change that was just made; ``before`` is ``code_set`` as it was, alone or among others."""
    newest = CodingChange.objects.filter(client_id=encounter.client_id, encounter=encounter).aggregate(
        newest=Max("number")
    )["newest"]
    change: CodingChange = CodingChange.objects.create(
        client_id=encounter.client_id,
        encounter=encounter,
        number=(newest or 0) + 1,
        verb=verb.value,
        before=before,
        made_by_id=actor.person_id,
    )
    return change


@transaction.atomic
def undo(*, actor: Actor, encounter: Encounter, fence: int) -> CodingChange:
    """Takes back the newest change that this coder made in this lease and has not taken back yet.

    Raises:
        Refused: there is nothing to take back.
        Conflict: the chart is no longer held.
    """
    item = require_lease(actor=actor, encounter=encounter, fence=fence, now=timezone.now())
    change: CodingChange | None = (
        CodingChange.objects.select_for_update()
        .filter(
            client_id=encounter.client_id,
            encounter=encounter,
            undone_at__isnull=True,
            made_by_id=actor.person_id,
            made_at__gte=item.leased_at,
        )
        .first()
    )
    if change is None:
        raise Refused("There is nothing to undo.", code="undo.nothing")
    before = change.before if isinstance(change.before, dict) else {"codes": change.before}
    _restore(encounter, before["codes"])
    if "edits" in before:
        restore_edits(actor, encounter, before["edits"])
    restore_beside(encounter, before)
    change.undone_at = timezone.now()
    change.save(update_fields=["undone_at"])
    record_event(
        actor=actor,
        verb=Verb.CHANGE_UNDONE,
        subject=encounter,
        facts={"change": change.number, "verb": change.verb},
    )
    return change


def _restore(encounter: Encounter, wanted: list[dict[str, Any]]) -> None:
    rows = {
        str(row.pk): row
        for row in CodeAssignment.objects.filter(client_id=encounter.client_id, encounter=encounter)
    }
    keep = {entry["id"] for entry in wanted}
    for row_id, row in rows.items():
        if row_id not in keep:
            EvidenceLink.objects.filter(client_id=encounter.client_id, assignment=row).delete()
            row.delete()
    for entry in wanted:
        row = rows.get(entry["id"]) or CodeAssignment(
            id=uuid.UUID(entry["id"]), client_id=encounter.client_id, encounter=encounter
        )
        values = {field: entry[field] for field in FIELDS}
        values["pointers"] = [uuid.UUID(pointer) for pointer in entry["pointers"]]
        if row._state.adding or any(getattr(row, field) != value for field, value in values.items()):
            for field, value in values.items():
                setattr(row, field, value)
            row.save()
        _restore_evidence(row, entry["evidence"])


def _restore_evidence(row: CodeAssignment, wanted: list[Mapping[str, Any]]) -> None:
    links = {
        str(link.pk): link for link in EvidenceLink.objects.filter(client_id=row.client_id, assignment=row)
    }
    keep = {entry["id"] for entry in wanted}
    EvidenceLink.objects.filter(
        client_id=row.client_id, pk__in=[link_id for link_id in links if link_id not in keep]
    ).delete()
    for entry in wanted:
        meat = entry.get("meat", "")
        standing = links.get(entry["id"])
        if standing is not None:
            if standing.meat != meat:
                standing.meat = meat
                standing.save(update_fields=["meat"])
            continue
        version = DocumentVersion.objects.get(client_id=row.client_id, pk=entry["document_version"])
        anchor = make_anchor(version.text, entry["start"], entry["end"])
        EvidenceLink.objects.create(
            id=uuid.UUID(entry["id"]),
            client_id=row.client_id,
            assignment=row,
            document_version=version,
            start=anchor.start,
            end=anchor.end,
            quote=anchor.exact,
            prefix=anchor.prefix,
            suffix=anchor.suffix,
            state=entry["state"],
            meat=meat,
            created_by_id=entry["created_by_id"],
        )
