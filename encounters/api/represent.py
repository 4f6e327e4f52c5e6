"""Charts as plain values for the API's answers.

The vendor's people see the working set; people outside see the newest final version, and nothing of who
coded, what was skipped, or a draft.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from coding_ops.tenancy.access import ReachedClient
from coding_ops.tenancy.actor import Actor
from encounters.access import OpenChart
from encounters.models import (
    CodeAssignment,
    CodeRevision,
    DocumentVersion,
    Encounter,
    EncounterStatus,
    EvidenceLink,
    OwnerParty,
    Patient,
    Pend,
    WorkItem,
    WorkItemState,
)
from encounters.rules.anchors import CONTEXT, Anchor, to_selectors
from encounters.rules.edit_findings import Stands
from encounters.rules.edit_policy import Evidence as EvidenceTerms
from encounters.rules.readiness import Finding, Readiness
from encounters.selectors.edits import LiveEdits
from encounters.selectors.readiness import assignments_of, judged
from encounters.selectors.release import hold_of, released_revisions

CLIENT_PARTIES = (OwnerParty.CLIENT, OwnerParty.PROVIDER)


def chart(client: ReachedClient, opened: OpenChart, actor: Actor) -> dict[str, Any]:
    """Everything of one encounter that this person may see."""
    encounter = opened.encounter
    inside = actor.is_vendor
    rows = assignments_of(encounter) if inside else []
    found = judged(encounter, rows, lock=_lock_words(opened)) if inside else None
    provider = encounter.rendering_provider
    return {
        **_visit(encounter),
        "client": client.slug,
        "coding_on": encounter.coding_on,
        "place_of_service_code": encounter.place_of_service_code,
        "patient": patient(encounter.patient),
        "provider": None if provider is None else {
            "name": provider.name,
            "npi": provider.npi,
            "professional_credential": provider.professional_credential,
        },
        "facility": encounter.facility.name if encounter.facility else "",
        "payer": encounter.coverage.payer_name if encounter.coverage else "",
        "specialty": encounter.specialty.name if encounter.specialty else "",
        "available_at": encounter.available_at,
        "documents": documents(encounter),
        "codes": codes(rows, quoted=True) if inside else final_codes(encounter),
        "hold": hold(encounter, inside=inside),
        "held_back": held_back(encounter),
        "readiness": readiness(found.readiness) if found else None,
        "edits": edits(found.edits) if found else None,
        "work": work(opened) if inside else None,
    }  # fmt: skip


def line(encounter: Encounter) -> dict[str, Any]:
    """One encounter of a list."""
    provider = encounter.rendering_provider
    return {
        **_visit(encounter),
        "patient": patient(encounter.patient),
        "provider": provider.name if provider else "",
        "facility": encounter.facility.name if encounter.facility else "",
        "specialty": encounter.specialty.name if encounter.specialty else "",
    }


def _visit(encounter: Encounter) -> dict[str, Any]:
    return {
        "id": encounter.pk,
        "visit_id": encounter.external_id,
        "status": encounter.status,
        "kind": encounter.kind,
        "service_on": encounter.service_on,
        "discharge_on": encounter.discharge_on,
        "received_at": encounter.received_at,
        "due_at": encounter.due_at,
        "final_at": encounter.final_at,
        "revision_count": encounter.revision_count,
    }


def patient(row: Patient) -> dict[str, str]:
    """Whose chart it is."""
    return {
        "family_name": row.family_name,
        "given_name": row.given_name,
        "birth_on": row.birth_on,
        "sex": row.sex,
        "mrn": row.mrn,
    }


def documents(encounter: Encounter) -> list[dict[str, Any]]:
    """The chart's documents with their versions, without a text: one query."""
    rows = (
        DocumentVersion.objects.filter(client_id=encounter.client_id, document__encounter=encounter)
        .select_related("document")
        .defer("text")
        .order_by("document__created_at", "document_id", "number")
    )
    found: dict[uuid.UUID, dict[str, Any]] = {}
    for row in rows:
        entry = found.setdefault(
            row.document_id,
            {"id": row.document_id, "title": row.document.title, "kind": row.document.kind, "versions": []},
        )
        entry["versions"].append(version_line(row))
    return list(found.values())


def version_line(row: DocumentVersion) -> dict[str, Any]:
    """One version without its text."""
    return {
        "id": row.pk,
        "number": row.number,
        "author_name": row.author_name,
        "authored_at": row.authored_at,
        "received_at": row.received_at,
        "character_count": row.character_count,
    }


# --- codes -------------------------------------------------------------------------------------------------


def codes(rows: Iterable[CodeAssignment], *, quoted: bool) -> list[dict[str, Any]]:
    """The working set; ``quoted`` with the words of the note."""
    return [
        {
            "id": row.pk,
            "kind": row.kind,
            "system": row.system,
            "code": row.code,
            "title": row.title,
            "position": row.position,
            "modifiers": row.modifiers,
            "service_unit_quantity": row.service_unit_quantity,
            "present_on_admission": row.present_on_admission,
            "pointers": row.pointers,
            "exception_reason": row.exception_reason,
            "exception_note": row.exception_note,
            "evidence": [_link(link, quoted=quoted) for link in row.evidence.all()],
        }
        for row in rows
    ]


def _link(link: EvidenceLink, *, quoted: bool) -> dict[str, Any]:
    anchor = (
        Anchor(link.start, link.end, link.quote, link.prefix, link.suffix)
        if quoted
        else Anchor(link.start, link.end, "", "", "")
    )
    return {
        "id": link.pk,
        "document_version": link.document_version_id,
        "state": link.state,
        "meat": link.meat,
        "selectors": to_selectors(anchor)[: 2 if quoted else 1],
    }


def final_codes(encounter: Encounter) -> list[dict[str, Any]]:
    """The newest final version that nobody holds, with its quotes; empty before the first."""
    newest = released_revisions(encounter).first()
    return [] if newest is None else revision_codes(newest.codes, texts_of(encounter, [newest]))


def texts_of(encounter: Encounter, revisions: Iterable[CodeRevision]) -> dict[str, str]:
    """Texts of the versions that these revisions cite, by id: one query."""
    cited = {
        link["document_version"]
        for revision in revisions
        for row in revision.codes
        for link in row["evidence"]
    }
    rows = DocumentVersion.objects.filter(
        client_id=encounter.client_id, document__encounter=encounter, pk__in=cited
    )
    return {str(row.pk): row.text for row in rows}


def revision_codes(stored: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """A stored version with its quotes, which are read from the document versions: those never change."""
    kept = (
        "id", "kind", "system", "code", "title", "position", "modifiers", "service_unit_quantity",
        "present_on_admission", "pointers", "exception_reason", "exception_note",
    )  # fmt: skip
    return [
        {name: row[name] for name in kept}
        | {"evidence": [_stored_link(link, texts) for link in row["evidence"]]}
        for row in stored
    ]


def _stored_link(link: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    start, end = link["start"], link["end"]
    text = texts[link["document_version"]]
    anchor = Anchor(
        start, end, text[start:end], text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    )
    return {
        "id": link["id"],
        "document_version": link["document_version"],
        "state": link["state"],
        "meat": link.get("meat", ""),
        "selectors": to_selectors(anchor),
    }


def readiness(found: Readiness) -> dict[str, Any]:
    """Everything between the codes and final."""
    return {
        "is_ready": found.is_ready,
        "blocking": [finding(one) for one in found.blocking],
        "warnings": [finding(one) for one in found.warnings],
        "cited_count": found.cited_count,
        "excepted_count": found.excepted_count,
        "total_count": found.total_count,
    }


def edits(found: LiveEdits) -> list[dict[str, Any]]:
    """What the claim edits find, errors first; offsets of words, never the words."""
    return [
        {
            "key": one.key,
            "rule": one.rule,
            "level": one.level,
            "assignments": list(one.assignments),
            "codes": list(one.codes),
            "message": one.message,
            "citation": one.citation,
            "satisfy": one.satisfy,
            "bypass": list(one.bypass),
            "reasons": list(one.terms.reasons) if one.level == "error" else [],
            "needs_evidence": one.terms.evidence is EvidenceTerms.REQUIRED,
            "override": _stands(one.stands) if one.stands else None,
        }
        for one in found.findings
    ]


def _stands(said: Stands) -> dict[str, Any]:
    version, start, end = said.evidence.split(":") if said.evidence else (None, None, None)
    return {
        "id": said.override_id,
        "reason": said.reason,
        "note": said.note,
        "by": said.by,
        "document_version": version,
        "start": start,
        "end": end,
        "is_lost": said.is_lost,
    }


def finding(one: Finding) -> dict[str, Any]:
    """One thing that is missing or wrong."""
    return {
        "rule": one.rule,
        "assignment": one.assignment_key,
        "where": one.where,
        "message": one.message,
        "how_to_fix": one.how_to_fix,
        "citation": one.citation,
        "edit": one.edit_key,
    }


# --- where it stands ----------------------------------------------------------------------------------------


def coding_state(encounter: Encounter) -> dict[str, Any]:
    """The working set after a change, without words of the note."""
    rows = assignments_of(encounter)
    found = judged(encounter, rows)
    fence = (
        WorkItem.objects.filter(client_id=encounter.client_id, encounter=encounter)
        .values_list("fence", flat=True)
        .first()
    )
    return {
        "id": encounter.pk,
        "status": encounter.status,
        "fence": fence or 0,
        "codes": codes(rows, quoted=False),
        "readiness": readiness(found.readiness),
        "edits": edits(found.edits),
    }


def encounter_state(encounter: Encounter) -> dict[str, Any]:
    """Where it stands now, read anew: the step was made on a locked copy."""
    fresh = Encounter.objects.get(client_id=encounter.client_id, pk=encounter.pk)
    return {
        "id": fresh.pk,
        "status": fresh.status,
        "revision_count": fresh.revision_count,
        "due_at": fresh.due_at,
    }


def hold(encounter: Encounter, *, inside: bool) -> dict[str, Any] | None:
    """What it waits for.  Outside, only what waits for the client or its provider."""
    pend = Pend.objects.filter(
        client_id=encounter.client_id, encounter=encounter, closed_at__isnull=True
    ).first()
    if pend is None or not (inside or pend.owner_party in CLIENT_PARTIES):
        return None
    return {
        "owner_party": pend.owner_party,
        "reason": pend.reason,
        "note": pend.note,
        "due_on": pend.due_on,
        "opened_at": pend.opened_at,
    }


def held_back(encounter: Encounter) -> dict[str, Any] | None:
    """Who keeps the newest final codes from going out, and since when."""
    held = hold_of(encounter) if encounter.status == EncounterStatus.FINAL else None
    if held is None:
        return None
    return {"by": held.words, "revision": held.revision_number, "since": held.held_at}


def work(opened: OpenChart) -> dict[str, Any] | None:
    """Who holds it."""
    item = opened.item
    if item is None:
        return None
    expires: datetime | None = item.lease_expires_at
    return {
        "state": item.state,
        "holder": item.holder.full_name if item.holder else "",
        "lease_expires_at": expires,
        "fence": item.fence,
        "may_code": opened.may_code,
    }


def _lock_words(opened: OpenChart) -> str:
    """Who holds it, as readiness says it; empty when this person does."""
    item = opened.item
    if opened.may_code:
        return ""
    if item is not None and item.state == WorkItemState.LEASED and item.holder is not None:
        return f"{item.holder.full_name} does"
    return "nobody does"
